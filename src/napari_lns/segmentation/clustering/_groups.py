"""What the compiled merging holds: the groups that are left, and tiles of them to compare with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Groups", "Tile"]


class Groups(NamedTuple):
    """The groups that are left, at places 0, 1, …, the stale ones first.

    A group is named after one of its members. `norm` is at most the squared length of `low`, all
    rounding allowed for; `gap` is Ward's distance to the nearest group.
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
    """Some groups side by side: a coordinate a row, then what the bound needs, by chunks."""

    low: NDArray[np.float32]
    norm: NDArray[np.float32]
    size: NDArray[np.float32]
    reach: NDArray[np.float32]
    products: NDArray[np.float32]
    chunks: NDArray[np.float32]
