"""Compiled layout of paths of elements and of the distractors around them.

A single stimulus is laid out without numba, which takes long to load (see
`napari_lns.stimuli.contours`). A world lays out thousands.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from napari_lns._compile import compile_function

__all__ = ["lay_path", "scatter"]

Places = NDArray[np.float64]
Numbers = NDArray[np.float64]


@compile_function(nogil=True)
def lay_path(heading: float, turns: Numbers, spacing: float, room: float) -> tuple[Places, Numbers]:
    """Lay a path, and return the positions of its elements and the directions of its segments.

    If a turn would make the path meet itself, it is made in the other direction.

    Parameters
    ----------
    heading
        Direction of the first segment, in degrees.
    turns
        Change of direction from each segment to the next, in degrees.
    spacing
        Length of the segments. An element lies in the middle of each.
    room
        Distance to the earlier elements below which a turn is made in the other direction.

    Returns
    -------
    places : (n + 1, 2) array
        Positions, with their mean at the origin.
    headings : (n + 1,) array
        Directions, in degrees.
    """
    places, headings = np.zeros((len(turns) + 1, 2)), np.empty(len(turns) + 1)
    headings[0] = heading
    for index in range(1, len(places)):
        old, turn = headings[index - 1], turns[index - 1]
        x, y, nearest = _step(places, index, old, old + turn, spacing)
        headings[index] = old + turn
        if nearest < room:
            other_x, other_y, other_nearest = _step(places, index, old, old - turn, spacing)
            if other_nearest > nearest:
                x, y, headings[index] = other_x, other_y, old - turn
        places[index, 0], places[index, 1] = x, y
    places[:, 0] -= places[:, 0].mean()
    places[:, 1] -= places[:, 1].mean()
    return places, headings


@compile_function(nogil=True)
def _step(places, index, old, new, spacing):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the middle of the next segment, and its distance to the nearest earlier one."""
    old, new = math.radians(old), math.radians(new)
    x = places[index - 1, 0] + spacing / 2 * (math.cos(old) + math.cos(new))
    y = places[index - 1, 1] + spacing / 2 * (math.sin(old) + math.sin(new))
    nearest = math.inf
    for other in range(index):
        nearest = min(nearest, math.hypot(x - places[other, 0], y - places[other, 1]))
    return x, y, nearest


@compile_function(nogil=True)
def scatter(candidates: Places, occupied: Places, gap: float) -> Places:
    """Return the candidates that keep a gap to all occupied places and to earlier candidates.

    Accepted candidates are sorted into square cells with a diagonal of one gap, so that a cell
    holds one of them, and only the nearest cells have to be searched.

    Parameters
    ----------
    candidates, occupied : (n, 2) arrays
        Positions.
    gap
        Least distance of two places.

    Returns
    -------
    (m, 2) array
        The accepted candidates, in their order.
    """
    cell = gap / math.sqrt(2.0)
    reach = np.abs(candidates).max()
    side = int(2 * reach / cell) + 1
    cells = np.full((side, side), -1)
    squared_gap = gap * gap  # squares are faster to compare than distances
    places, count = np.empty_like(candidates), 0
    for index in range(len(candidates)):
        x, y = candidates[index]
        if not _is_far(x, y, occupied, squared_gap):
            continue
        column, row = int((x + reach) / cell), int((y + reach) / cell)
        free = True
        for i in range(max(0, column - 2), min(side, column + 3)):
            for j in range(max(0, row - 2), min(side, row + 3)):
                other = cells[i, j]
                if other >= 0 and free:
                    across, up = x - places[other, 0], y - places[other, 1]
                    free = across * across + up * up >= squared_gap
        if free:
            places[count] = candidates[index]
            cells[column, row] = count
            count += 1
    return places[:count]


@compile_function(nogil=True)
def _is_far(x: float, y: float, places: Places, squared_gap: float) -> bool:
    """Return whether a position is at least a gap away from all places."""
    for index in range(len(places)):
        across, up = x - places[index, 0], y - places[index, 1]
        if across * across + up * up < squared_gap:
            return False
    return True
