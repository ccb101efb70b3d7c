"""A kind of noise: every unit is moved by σ, up or down."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation import NoiseKind

__all__ = ["SIGNS"]


def draw(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw the sign alone."""
    return generator.choice(np.float32([-1, 1]), shape)


SIGNS = NoiseKind(draw)
