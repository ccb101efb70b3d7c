"""Compiled painting of surfaces, back to front, each only in the window that it can reach.

A surface is one row of `DTYPE`. Lengths are shares of the image's side; x points right and y up
from the middle of the image; angles are radians, counter-clockwise.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["BOX", "DISC", "DTYPE", "EVERYWHERE", "GABOR", "POLYGON", "RING", "WAVE", "paint"]

DISC, RING, BOX, POLYGON, EVERYWHERE, GABOR, WAVE = range(7)

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
        ("first", np.int32),  # corner of polygons, in the list of corners
        ("corners", np.int32),
        ("red", np.float32),
        ("green", np.float32),
        ("blue", np.float32),
        ("opacity", np.float32),
    ],
    align=True,
)

_PEAK = 0.698  # of a sine under a Gaussian whose width is a quarter of the wavelength


@njit(cache=True, nogil=True)
def paint(
    image: NDArray[np.float32],
    labels: NDArray[np.int32],
    surfaces: NDArray[np.void],
    corners: NDArray[np.float32],
) -> None:
    """Paint surfaces over an image (3, side, side) and label the pixels whose middle they cover.

    Parameters
    ----------
    image, labels
        What lies behind; changed in place.
    surfaces
        Rows of `DTYPE`, from back to front.
    corners
        The corners (n, 2) of all polygons.
    """
    side = labels.shape[0]
    for index in range(len(surfaces)):
        each = surfaces[index]
        top, bottom, left, right = _window(each, corners, side)
        cosine, sine = math.cos(each.angle), math.sin(each.angle)
        for row in range(top, bottom):
            v = 0.5 - (row + 0.5) / side
            for column in range(left, right):
                u = (column + 0.5) / side - 0.5
                du, dv = u - each.x, v - each.y
                along, up = cosine * du + sine * dv, cosine * dv - sine * du
                if each.kind == GABOR:
                    if math.hypot(along, up) < each.width / 2:
                        labels[row, column] = each.label if each.label >= 0 else labels[row, column]
                    value = _gabor(along, up, each.width) * each.opacity
                    image[0, row, column] += value * each.red
                    image[1, row, column] += value * each.green
                    image[2, row, column] += value * each.blue
                    continue
                distance = _distance(each, corners, u, v, along, up)
                if distance * side >= 0.5:
                    continue
                if distance < 0 and each.label >= 0:
                    labels[row, column] = each.label
                covered = each.opacity * min(1.0, 0.5 - distance * side)
                image[0, row, column] += covered * (each.red - image[0, row, column])
                image[1, row, column] += covered * (each.green - image[1, row, column])
                image[2, row, column] += covered * (each.blue - image[2, row, column])


@njit(cache=True, nogil=True)
def _window(each, corners, side):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the rows and columns, ends excluded, that a surface can reach."""
    if each.kind == EVERYWHERE:
        return 0, side, 0, side
    low_x = high_x = each.x
    low_y = high_y = each.y
    if each.kind == POLYGON:
        low_x, high_x, low_y, high_y = 1e9, -1e9, 1e9, -1e9
        for corner in range(each.first, each.first + each.corners):
            low_x, high_x = min(low_x, corners[corner, 0]), max(high_x, corners[corner, 0])
            low_y, high_y = min(low_y, corners[corner, 1]), max(high_y, corners[corner, 1])
        reach = 0.0
    elif each.kind == BOX:
        reach = math.hypot(each.width, each.height) / 2
    elif each.kind == WAVE:
        sine, cosine = abs(math.sin(each.angle)), abs(math.cos(each.angle))
        across, along = each.width / 2 + abs(each.opening), each.height / 2
        low_x, high_x = (
            each.x - cosine * across - sine * along,
            each.x + cosine * across + sine * along,
        )
        low_y, high_y = (
            each.y - sine * across - cosine * along,
            each.y + sine * across + cosine * along,
        )
        reach = 0.0
    elif each.kind == RING:
        reach = (each.width + each.height) / 2
    else:
        reach = each.width / 2
    top = int(math.floor((0.5 - high_y - reach) * side)) - 1
    bottom = int(math.ceil((0.5 - low_y + reach) * side)) + 1
    left = int(math.floor((low_x - reach + 0.5) * side)) - 1
    right = int(math.ceil((high_x + reach + 0.5) * side)) + 1
    return max(0, top), min(side, bottom), max(0, left), min(side, right)


@njit(cache=True, nogil=True)
def _distance(each, corners, u, v, along, up):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the signed distance to a surface's outline, negative inside."""
    if each.kind == DISC or each.kind == RING:
        distance = math.hypot(along, up) - each.width / 2
        if each.kind == RING:
            distance = abs(distance) - each.height / 2
        if each.opening > 0:
            cosine, sine = math.cos(each.direction), math.sin(each.direction)
            ahead, aside = cosine * along + sine * up, cosine * up - sine * along
            half = each.opening / 2
            distance = max(distance, ahead * math.sin(half) - abs(aside) * math.cos(half))
    elif each.kind == BOX:
        across, high = abs(along) - each.width / 2, abs(up) - each.height / 2
        distance = math.hypot(max(across, 0.0), max(high, 0.0)) + min(max(across, high), 0.0)
    elif each.kind == WAVE:
        distance = _wave(each, along, up)
    elif each.kind == POLYGON:
        distance = _polygon(corners, each.first, each.corners, u, v)
    else:
        distance = -1.0
    if each.period > 0 and each.kind != WAVE:
        turns = up / each.period - each.phase
        stripe = (abs(turns - math.floor(turns + 0.5)) - each.share / 2) * each.period
        distance = max(distance, stripe)
    return distance


@njit(cache=True, nogil=True)
def _polygon(corners, first, count, u, v):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the signed distance to a simple polygon."""
    nearest, inside = 1e9, False
    x0, y0 = corners[first + count - 1, 0], corners[first + count - 1, 1]
    for corner in range(first, first + count):
        x1, y1 = corners[corner, 0], corners[corner, 1]
        dx, dy = x1 - x0, y1 - y0
        squared = dx * dx + dy * dy
        place = ((u - x0) * dx + (v - y0) * dy) / squared if squared > 0 else 0.0
        place = min(1.0, max(0.0, place))
        away = (u - x0 - place * dx) ** 2 + (v - y0 - place * dy) ** 2
        nearest = min(nearest, away)
        if (y1 > v) != (y0 > v) and u < (x0 - x1) * (v - y1) / (y0 - y1) + x1:
            inside = not inside
        x0, y0 = x1, y1
    distance = math.sqrt(nearest)
    return -distance if inside else distance


@njit(cache=True, nogil=True)
def _gabor(along, up, diameter):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return a Gabor patch in sine phase, of amplitude 1."""
    wave = math.sin(2 * math.pi * up / (0.8 * diameter))
    return wave * math.exp(-(along**2 + up**2) / (2 * (diameter / 5) ** 2)) / _PEAK


@njit(cache=True, nogil=True)
def _wave(each, along, up):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the distance to an upright wavy line of two and three periods in a turn."""
    turns = up / each.height + each.phase
    two, three = 4 * math.pi * turns, 6 * math.pi * turns
    wave = each.share * math.sin(two) + (1 - each.share) * math.sin(three)
    slope = 4 * math.pi * each.share * math.cos(two)
    slope += 6 * math.pi * (1 - each.share) * math.cos(three)
    steep = math.hypot(1.0, each.opening / each.height * slope)
    line = abs(along - each.opening * wave) / steep - each.width / 2
    return max(line, abs(up) - each.height / 2)
