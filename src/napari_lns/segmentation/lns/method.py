"""`Method`: a way to estimate which pixels covary; `METHODS` lists the methods.

This module imports no torch, so that a widget can list the methods at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from napari_lns._registry import Registry

if TYPE_CHECKING:
    from napari_lns.segmentation.lns.estimates import Estimate
    from napari_lns.segmentation.lns.noise import Noise
    from napari_lns.segmentation.lns.source import Source

__all__ = ["METHODS", "Method", "Sampling"]


@dataclass(frozen=True, eq=False)
class Sampling:
    """How noisy outputs are drawn.

    Parameters
    ----------
    samples
        Number of noisy outputs.
    batch
        Number of images decoded at once.
    generator
        Random generator of the noise.
    """

    samples: int
    batch: int
    generator: np.random.Generator


class Method(ABC):
    """A way to estimate from a decoder which pixels covary.

    Attributes
    ----------
    has_draws
        Whether it draws noise, so that a run can be repeated with other draws.
    has_differences
        Whether its features are differences of noisy outputs, which can be resampled.
    takes_any_layer
        Whether noise can be added to layers other than the latent one.

    Examples
    --------
    >>> METHODS["exact"].has_draws
    False
    """

    has_draws: ClassVar[bool] = True
    has_differences: ClassVar[bool] = False
    takes_any_layer: ClassVar[bool] = False

    def check(self, samples: int, noise_kind: str) -> None:  # noqa: B027  most allow all
        """Raise ValueError for numbers of samples or kinds of noise that it does not support."""

    def check_units(self, samples: int, units: int) -> None:  # noqa: B027
        """Raise ValueError for fewer samples than it needs for a number of latent units."""

    @abstractmethod
    def estimates(self, source: Source, noise: Noise, sampling: Sampling) -> Iterator[Estimate]:
        """Yield the estimate after every batch.

        Parameters
        ----------
        source
            The noisy layer and the rest of the network.
        noise
            The noise.
        sampling
            How outputs are drawn.
        """


METHODS = Registry(
    "method",
    Method,  # type: ignore[type-abstract]
    package="napari_lns.segmentation.lns.methods",
    group="napari_lns.methods",
    first="sampled",
)
