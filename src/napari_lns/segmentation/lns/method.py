"""`Method`: how a decoder is asked which pixels covary; `METHODS` lists the methods.

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
    """How outputs are drawn.

    Parameters
    ----------
    samples
        Number of noisy outputs.
    batch
        Images that are decoded at once.
    generator
        Draws the noise.
    """

    samples: int
    batch: int
    generator: np.random.Generator


class Method(ABC):
    """A way to ask a decoder which pixels covary, and what can be done with it.

    Attributes
    ----------
    has_draws
        Whether it draws noise, so that a run can be repeated on other draws.
    has_differences
        Whether its features are differences of noisy outputs, which can be drawn again.
    takes_any_layer
        Whether noise may go into other layers than the latent one.

    Examples
    --------
    >>> METHODS["exact"].has_draws
    False
    """

    has_draws: ClassVar[bool] = True
    has_differences: ClassVar[bool] = False
    takes_any_layer: ClassVar[bool] = False

    def check(self, samples: int, noise_kind: str) -> None:  # noqa: B027  most allow all
        """Refuse numbers of samples and kinds of noise that the method cannot take."""

    def check_units(self, samples: int, units: int) -> None:  # noqa: B027
        """Refuse fewer samples than the method needs for so many latent units."""

    @abstractmethod
    def estimates(self, source: Source, noise: Noise, sampling: Sampling) -> Iterator[Estimate]:
        """Yield what is estimated after every batch of decodes.

        Parameters
        ----------
        source
            The layer that the noise goes into, and the network that follows it.
        noise
            The noise.
        sampling
            How many outputs are drawn, by which generator, and how many at once.
        """


METHODS = Registry(
    "method",
    Method,  # type: ignore[type-abstract]
    package="napari_lns.segmentation.lns.methods",
    group="napari_lns.methods",
    first="sampled",
)
