"""Compiled version of `napari_lns.stimuli.contours.find_room`.

A single stimulus is drawn without numba, which takes long to load. A world draws thousands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns._compile import compile_function

__all__ = ["find_room"]

Places = NDArray[np.float64]


@compile_function(nogil=True)
def find_room(candidates: Places, places: Places, gap: float) -> NDArray[np.bool_]:
    """Return which candidates (n, 2) keep the gap to all `places` and to earlier candidates."""
    has_room = np.ones(len(candidates), np.bool_)
    accepted = np.empty(len(candidates), np.bool_)
    for index in range(len(candidates)):
        for other in range(len(places)):
            if _clash(candidates, index, places, other, gap):
                has_room[index] = False
                break
        accepted[index] = has_room[index]
        for other in range(index):
            if not accepted[index]:
                break
            accepted[index] = not (
                has_room[other] and _clash(candidates, index, candidates, other, gap)
            )
    return accepted


@compile_function(nogil=True)
def _clash(some: Places, one: int, others: Places, other: int, gap: float) -> bool:
    """Return whether two positions are closer than the gap."""
    dx, dy = some[one, 0] - others[other, 0], some[one, 1] - others[other, 1]
    if abs(dx) > gap or abs(dy) > gap:  # true for most, and faster than a root
        return False
    return bool(np.sqrt(dx * dx + dy * dy) < gap)
