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
        x, y = thrown[index]
        for other in range(len(placed)):
            dx, dy = x - placed[other, 0], y - placed[other, 1]
            if np.sqrt(dx * dx + dy * dy) < gap:
                free[index] = False
                break
        kept[index] = free[index]
        for other in range(index):
            if not kept[index]:
                break
            dx, dy = x - thrown[other, 0], y - thrown[other, 1]
            kept[index] = not (free[other] and np.sqrt(dx * dx + dy * dy) < gap)
    return kept
