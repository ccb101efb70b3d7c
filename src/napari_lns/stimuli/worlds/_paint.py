"""Compiled painting of surfaces from back to front.

A surface is one row of `DTYPE`. Lengths are shares of the image's side. x points right and y up
from the image's centre. Angles are counter-clockwise, in radians. A pixel is painted by the signed
distance of its centre to the outline, and labelled if its centre lies inside.

Compiled functions take rows of `DTYPE`, for which no annotation exists; all but `paint` are
untyped.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from napari_lns._compile import compile_function

__all__ = ["BOX", "DISC", "DTYPE", "GABOR", "POLYGON", "RING", "WAVE", "paint"]

DISC, RING, BOX, POLYGON, GABOR, WAVE = range(6)

DTYPE = np.dtype(
    [
        ("kind", np.int32),
        ("label", np.int32),  # -1 leaves the labels as they are
        ("x", np.float32),  # middle
        ("y", np.float32),
        ("angle", np.float32),
        ("width", np.float32),  # diameter of discs, of the middle line of rings and of Gabors
        ("height", np.float32),  # line width of rings
        ("opening", np.float32),  # of the sector cut out of discs and rings; a wave's amplitude
        ("direction", np.float32),  # of that sector
        ("period", np.float32),  # of stripes, 0 for none
        ("phase", np.float32),  # of stripes, in periods, along their normal; of waves, in turns
        ("share", np.float32),  # of a stripe in its period; of two periods against three in waves
        ("first", np.int32),  # edge of polygons, in the list of edges
        ("edges", np.int32),
        ("red", np.float32),
        ("green", np.float32),
        ("blue", np.float32),
        ("opacity", np.float32),
    ],
    align=True,
)

_PEAK = 0.698  # of a sine under a Gaussian whose width is a quarter of the wavelength
_FAR = 1e9


@compile_function(nogil=True)
def paint(
    image: NDArray[np.float32],
    labels: NDArray[np.int32],
    surfaces: NDArray[np.void],
    edges: NDArray[np.float32],
) -> None:
    """Paint surfaces over an image (3, side, side) and label the pixels whose centres they cover.

    Parameters
    ----------
    image, labels
        Image and labels of the background; changed in place.
    surfaces
        Rows of `DTYPE`, from back to front.
    edges
        The edges (n, 4) of all polygons: x and y of their start and end.
    """
    side = labels.shape[0]
    squares = np.empty((side, side), np.float32)  # of distances to the outlines of polygons
    flips = np.empty((side, side), np.bool_)  # where a row enters or leaves a polygon
    for index in range(len(surfaces)):
        each = surfaces[index]
        if each.kind == POLYGON:
            _paint_polygon(image, labels, each, edges, squares, flips)
        elif each.kind == GABOR:
            _add_gabor(image, labels, each)
        else:
            _paint_shape(image, labels, each)


@compile_function(nogil=True, inline="always")
def _cover(image, labels, row, column, share, each):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Paint a share of a pixel."""
    weight = each.opacity * share
    image[0, row, column] += weight * (each.red - image[0, row, column])
    image[1, row, column] += weight * (each.green - image[1, row, column])
    image[2, row, column] += weight * (each.blue - image[2, row, column])


@compile_function(nogil=True)
def _paint_shape(image, labels, each):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Paint a surface whose signed distance `_distance` computes."""
    side = labels.shape[0]
    top, bottom, left, right = _window(each, side)
    cosine, sine = math.cos(each.angle), math.sin(each.angle)
    for row in range(top, bottom):
        dv = 0.5 - (row + 0.5) / side - each.y
        for column in range(left, right):
            du = (column + 0.5) / side - 0.5 - each.x
            distance = side * _distance(each, cosine * du + sine * dv, cosine * dv - sine * du)
            if distance >= 0.5:
                continue
            if distance < 0 and each.label >= 0:
                labels[row, column] = each.label
            _cover(image, labels, row, column, min(1.0, 0.5 - distance), each)


@compile_function(nogil=True)
def _paint_polygon(image, labels, each, edges, squares, flips):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Paint a polygon by the even-odd rule; only pixels along its outlines need distances."""
    side = labels.shape[0]
    half, end = side / 2 - 0.5, each.first + each.edges
    low_x, high_x, low_y, high_y = _FAR, -_FAR, _FAR, -_FAR
    for edge in range(each.first, end):
        x, y = half + side * edges[edge, 0], half - side * edges[edge, 1]
        low_x, high_x, low_y, high_y = min(low_x, x), max(high_x, x), min(low_y, y), max(high_y, y)
    top, bottom = max(0, math.ceil(low_y - 0.5)), min(side, math.floor(high_y + 0.5) + 1)
    left, right = max(0, math.ceil(low_x - 0.5)), min(side, math.floor(high_x + 0.5) + 1)
    if top >= bottom or left >= right:
        return
    squares[top:bottom, left:right] = _FAR
    flips[top:bottom, left:right] = False
    for edge in range(each.first, end):
        x0, y0 = half + side * edges[edge, 0], half - side * edges[edge, 1]
        x1, y1 = half + side * edges[edge, 2], half - side * edges[edge, 3]
        _trace(squares, flips, (x0, y0, x1, y1), (top, bottom, left, right))
    for row in range(top, bottom):
        inside = False
        for column in range(left, right):
            inside ^= flips[row, column]
            near = squares[row, column] < 0.25
            if not (inside or near):
                continue
            if inside and each.label >= 0:
                labels[row, column] = each.label
            away = math.sqrt(squares[row, column]) if near else 0.5
            _cover(image, labels, row, column, 0.5 + away if inside else 0.5 - away, each)


@compile_function(nogil=True)
def _trace(squares, flips, edge, window):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Store the distances to one edge within half a pixel of it, and its crossings of rows."""
    x0, y0, x1, y1 = edge
    top, bottom, left, right = window
    dx, dy = x1 - x0, y1 - y0
    squared_length = dx * dx + dy * dy
    first = max(top, math.ceil(min(y0, y1) - 0.5))
    final = min(bottom, math.floor(max(y0, y1) + 0.5) + 1)
    for row in range(first, final):
        start, end = 0.0, 1.0  # of the part of the edge within half a pixel of the row
        if dy != 0:
            one, other = (row - 0.5 - y0) / dy, (row + 0.5 - y0) / dy
            start, end = max(0.0, min(one, other)), min(1.0, max(one, other))
        begin, stop = x0 + start * dx, x0 + end * dx
        for column in range(
            max(left, math.ceil(min(begin, stop) - 0.5)),
            min(right, math.floor(max(begin, stop) + 0.5) + 1),
        ):
            place = (
                ((column - x0) * dx + (row - y0) * dy) / squared_length
                if squared_length > 0
                else 0.0
            )
            place = min(1.0, max(0.0, place))
            across, along = column - x0 - place * dx, row - y0 - place * dy
            squares[row, column] = min(squares[row, column], across * across + along * along)
        if (y0 < row) != (y1 < row):
            crossing = max(left, math.ceil(x0 + (row - y0) / dy * dx))
            if crossing < right:
                flips[row, crossing] ^= True


@compile_function(nogil=True)
def _add_gabor(image, labels, each):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Add a Gabor patch in sine phase, of amplitude 1.

    The wave and its envelope are products of functions of the row and of the column.
    """
    side = labels.shape[0]
    top, bottom, left, right = _window(each, side)
    wave = 2 * math.pi / (0.8 * each.width)
    up, across = wave * math.cos(each.angle), -wave * math.sin(each.angle)
    narrow = -1 / (2 * (each.width / 5) ** 2)
    sines, cosines = np.empty(right - left), np.empty(right - left)
    for column in range(left, right):
        du = (column + 0.5) / side - 0.5 - each.x
        envelope = math.exp(narrow * du * du)
        sines[column - left] = math.sin(across * du) * envelope
        cosines[column - left] = math.cos(across * du) * envelope
    for row in range(top, bottom):
        dv = 0.5 - (row + 0.5) / side - each.y
        envelope = each.opacity / _PEAK * math.exp(narrow * dv * dv)
        sine, cosine = math.sin(up * dv) * envelope, math.cos(up * dv) * envelope
        for column in range(left, right):
            du = (column + 0.5) / side - 0.5 - each.x
            if each.label >= 0 and du * du + dv * dv < each.width * each.width / 4:
                labels[row, column] = each.label
            value = sine * cosines[column - left] + cosine * sines[column - left]
            image[0, row, column] += value * each.red
            image[1, row, column] += value * each.green
            image[2, row, column] += value * each.blue


@compile_function(nogil=True)
def _window(each, side):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the window of a surface: first row, end of rows, first column, end of columns."""
    if each.kind == BOX or each.kind == WAVE:
        cosine, sine = abs(math.cos(each.angle)), abs(math.sin(each.angle))
        width = each.width + (2 * abs(each.opening) if each.kind == WAVE else 0.0)
        reach_x = (cosine * width + sine * each.height) / 2
        reach_y = (sine * width + cosine * each.height) / 2
    else:
        reach_x = reach_y = (each.width + (each.height if each.kind == RING else 0.0)) / 2
    top = math.floor((0.5 - each.y - reach_y) * side) - 1
    bottom = math.ceil((0.5 - each.y + reach_y) * side) + 1
    left = math.floor((each.x - reach_x + 0.5) * side) - 1
    right = math.ceil((each.x + reach_x + 0.5) * side) + 1
    top, left = max(0, top), max(0, left)
    return top, max(top, min(side, bottom)), left, max(left, min(side, right))


@compile_function(nogil=True)
def _distance(each, along, up):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the signed distance to a surface's outline, negative inside."""
    if each.kind == BOX:
        across, high = abs(along) - each.width / 2, abs(up) - each.height / 2
        distance = max(across, high)
        if across > 0 and high > 0:
            distance = math.sqrt(across * across + high * high)
    elif each.kind == WAVE:
        return _wave(each, along, up)
    else:
        distance = math.sqrt(along * along + up * up) - each.width / 2
        if each.kind == RING:
            distance = abs(distance) - each.height / 2
        if each.opening > 0:
            cosine, sine = math.cos(each.direction), math.sin(each.direction)
            ahead, aside = cosine * along + sine * up, cosine * up - sine * along
            half = each.opening / 2
            distance = max(distance, ahead * math.sin(half) - abs(aside) * math.cos(half))
    if each.period > 0:
        turns = up / each.period - each.phase
        stripe = (abs(turns - math.floor(turns + 0.5)) - each.share / 2) * each.period
        distance = max(distance, stripe)
    return distance


@compile_function(nogil=True)
def _wave(each, along, up):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the distance to an upright wavy line, a sum of waves of two and three periods."""
    beyond = max(abs(up) - each.height / 2, abs(along) - abs(each.opening) - each.width / 2)
    if beyond > each.width:  # far away, where the shape of the line is irrelevant
        return beyond
    turn = 2 * math.pi * (up / each.height + each.phase)
    sine, cosine = math.sin(turn), math.cos(turn)
    sine_two, cosine_two = 2 * sine * cosine, 1 - 2 * sine * sine
    sine_three = sine * cosine_two + cosine * sine_two
    cosine_three = cosine * cosine_two - sine * sine_two
    wave = each.share * sine_two + (1 - each.share) * sine_three
    slope = 4 * math.pi * each.share * cosine_two + 6 * math.pi * (1 - each.share) * cosine_three
    steep = math.sqrt(1.0 + (each.opening / each.height * slope) ** 2)
    line = abs(along - each.opening * wave) / steep - each.width / 2
    return max(line, abs(up) - each.height / 2)
