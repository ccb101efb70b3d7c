"""Gaussian noise, the paper's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.lns.noise_kind import NoiseKind

__all__ = ["gaussian", "standard_normal"]


def standard_normal(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Draw Gaussian noise of standard deviation 1."""
    return generator.standard_normal(shape, np.float32)


gaussian = NoiseKind(standard_normal, can_smooth=True)
