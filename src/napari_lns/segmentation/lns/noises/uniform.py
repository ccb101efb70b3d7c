"""Uniform noise of the same standard deviation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.lns.noise_kind import NoiseKind

__all__ = ["uniform"]


def _draw(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.float32(math.sqrt(3)) * (2 * generator.random(shape, np.float32) - 1)


uniform = NoiseKind(_draw)
