"""Arrays of the compiled merging: the remaining groups, and tiles of groups to compare with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Groups", "Tile"]


class Groups(NamedTuple):
    """The remaining groups at places 0, 1, …, the stale ones first.

    A group is named after one of its members. `norm` is at most the squared length of `low` despite
    rounding; `gap` is Ward's distance to the nearest group.
    """

    centre: NDArray[np.float64]
    low: NDArray[np.float32]
    norm: NDArray[np.float32]
    size: NDArray[np.float64]
    name: NDArray[np.int64]
    nearest: NDArray[np.int64]
    gap: NDArray[np.float64]
    place: NDArray[np.int64]
    height: NDArray[np.float64]


class Tile(NamedTuple):
    """Groups side by side: one coordinate per row, and the terms of the distance bound by chunk."""

    low: NDArray[np.float32]
    norm: NDArray[np.float32]
    size: NDArray[np.float32]
    reach: NDArray[np.float32]
    products: NDArray[np.float32]
    chunks: NDArray[np.float32]
