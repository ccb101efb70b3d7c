"""What the criteria with all pairs of pixels share: a sample of the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["sample"]

SAMPLE = 1024
"""Pixels that the criteria with all pairs are computed on: their cost grows with the square."""


def sample(count: int) -> NDArray[np.intp]:
    """Choose at most `SAMPLE` of so many pixels, the same each time."""
    if count <= SAMPLE:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, SAMPLE, replace=False))
