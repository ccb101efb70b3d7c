"""Compiled search for room among elements, beside that of `napari_lns.stimuli.contours`.

The stimulus itself is drawn without numba, which takes long to load; a world draws thousands.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["find_room"]

Places = NDArray[np.float64]


@njit(cache=True, nogil=True)
def find_room(thrown: Places, placed: Places, gap: float) -> NDArray[np.bool_]:
    """Return which of the thrown places (n, 2) keep the gap to all placed and earlier ones."""
    free = np.ones(len(thrown), np.bool_)
    kept = np.empty(len(thrown), np.bool_)
    for index in range(len(thrown)):
        for other in range(len(placed)):
            if _clash(thrown, index, placed, other, gap):
                free[index] = False
                break
        kept[index] = free[index]
        for other in range(index):
            if not kept[index]:
                break
            kept[index] = not (free[other] and _clash(thrown, index, thrown, other, gap))
    return kept


@njit(cache=True, nogil=True)
def _clash(some: Places, one: int, others: Places, other: int, gap: float) -> bool:
    """Return whether two places lie nearer than the gap."""
    dx, dy = some[one, 0] - others[other, 0], some[one, 1] - others[other, 1]
    if abs(dx) > gap or abs(dy) > gap:  # most do, and a root takes long
        return False
    return bool(np.sqrt(dx * dx + dy * dy) < gap)
