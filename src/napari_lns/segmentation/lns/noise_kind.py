"""`NoiseKind`: a distribution of noise; `NOISE_KINDS` lists the kinds.

This module imports no torch, so that a widget can list the kinds at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns._registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["NOISE_KINDS", "NoiseKind"]


@dataclass(frozen=True)
class NoiseKind:
    """A distribution of independent noise with mean zero on every unit of a layer.

    Parameters
    ----------
    draw
        ``f(generator, shape)``, which returns float32 draws of standard deviation 1.
    scale
        ``f(activity)``, which returns the factor on σ for each unit; None for a factor of 1.
    can_smooth
        Whether the smoothed method is valid for it, as for Gaussian noise of one σ.

    Examples
    --------
    >>> NOISE_KINDS["uniform"].draw(np.random.default_rng(0), (2, 3)).shape
    (2, 3)
    """

    draw: Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float32]]
    scale: Callable[[Tensor], Tensor] | None = None
    can_smooth: bool = False


NOISE_KINDS = Registry(
    "kind of noise",
    NoiseKind,
    package="napari_lns.segmentation.lns.noises",
    group="napari_lns.noise_kinds",
    first="gaussian",
)
