"""`Estimate`: what a method has found so far, and what the methods share.

The features of pixels are only made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.segmentation.lns.source import Source, explain_memory_errors

__all__ = ["Estimate", "Moments", "allocate_outputs", "batches", "to_device_of"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """The result after some decodes.

    Parameters
    ----------
    done, total
        Samples, or latent units.
    variance
        (h, w), mean over channels; None while there are fewer than two outputs.
    features
        Makes the pixels' features (h · w, d), outputs or derivatives having been averaged over
        neighbourhoods of the odd side that it is given.
    outputs
        The noisy outputs so far, (done, 3, h, w); None for the exact limit.
    """

    done: int
    total: int
    variance: Tensor | None
    features: Callable[[int], Tensor]
    outputs: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over outputs less the noise-free one: nothing large to cancel, even in float32."""

    count: int = 0
    total: Tensor | float = 0.0
    squares: Tensor | float = 0.0

    def add(self, deviations: Tensor) -> Moments:
        """Add outputs' deviations (n, 3, h, w)."""
        return Moments(
            self.count + len(deviations),
            self.total + deviations.sum(0),
            self.squares + deviations.square().sum(0),
        )

    @property
    def variance(self) -> Tensor | None:
        """(h, w), mean over channels; None of fewer than two outputs."""
        if self.count < 2 or isinstance(self.total, float):
            return None
        variance = (self.squares - self.total.square() / self.count) / (self.count - 1)
        return variance.clamp(min=0).mean(0)


def batches(count: int, batch: int) -> Iterator[tuple[int, int]]:
    """Yield the start and the length of each batch."""
    for start in range(0, count, batch):
        yield start, min(batch, count - start)


def allocate_outputs(source: Source, samples: int) -> Tensor:
    """Return an empty tensor for so many outputs."""
    with explain_memory_errors(f"{samples} outputs"):
        return source.reconstruction.new_empty(samples, *source.reconstruction.shape)


def to_device_of(like: Tensor, draws: NDArray[np.float32]) -> Tensor:
    """Return draws as a tensor on the device of another."""
    return torch.from_numpy(draws).to(like.device)
