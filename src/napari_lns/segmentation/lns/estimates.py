"""`Estimate`: the intermediate result of a method, and helpers that the methods share.

Pixel features are computed on demand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.segmentation.lns.averaging import Average
from napari_lns.segmentation.lns.source import Source, explain_memory_errors

__all__ = ["Estimate", "Moments", "allocate_outputs", "batches", "move_to_device"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """Intermediate result of a method.

    Parameters
    ----------
    done, total
        Completed and total number of samples, or of latent units.
    variance
        (h, w), mean over channels; None for fewer than two outputs.
    features
        Function that averages outputs or derivatives, compares pixels, and returns the pixel
        features (h · w, d); it takes the function that averages.
    outputs
        Noisy outputs so far, (done, 3, h, w); None for the exact limit.
    """

    done: int
    total: int
    variance: Tensor | None
    features: Callable[[Average], Tensor]
    outputs: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over deviations of outputs from the noise-free one, accurate even in float32."""

    count: int = 0
    total: Tensor | float = 0.0
    squares: Tensor | float = 0.0

    def add(self, deviations: Tensor) -> Moments:
        """Return the moments with further deviations (n, 3, h, w)."""
        return Moments(
            self.count + len(deviations),
            self.total + deviations.sum(0),
            self.squares + deviations.square().sum(0),
        )

    @property
    def variance(self) -> Tensor | None:
        """Variance (h, w), mean over channels; None for fewer than two outputs."""
        if self.count < 2 or isinstance(self.total, float):
            return None
        variance = (self.squares - self.total.square() / self.count) / (self.count - 1)
        return variance.clamp(min=0).mean(0)


def batches(count: int, batch: int) -> Iterator[tuple[int, int]]:
    """Yield the start and the length of each batch."""
    for start in range(0, count, batch):
        yield start, min(batch, count - start)


def allocate_outputs(source: Source, samples: int) -> Tensor:
    """Return an uninitialised tensor for a number of outputs."""
    with explain_memory_errors(f"{samples} outputs"):
        return source.reconstruction.new_empty(samples, *source.reconstruction.shape)


def move_to_device(like: Tensor, draws: NDArray[np.float32]) -> Tensor:
    """Return noise draws as a tensor on the device of another tensor."""
    return torch.from_numpy(draws).to(like.device)
