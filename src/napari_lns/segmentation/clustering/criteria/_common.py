"""Helper shared by criteria that compare all pairs of pixels: a sample of the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["sample"]

SAMPLE = 1024
"""Number of pixels for criteria that compare all pairs, whose cost grows with its square."""


def sample(count: int) -> NDArray[np.intp]:
    """Choose at most `SAMPLE` of a number of pixels, always the same ones."""
    if count <= SAMPLE:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, SAMPLE, replace=False))
