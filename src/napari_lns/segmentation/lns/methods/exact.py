"""The decoder's derivative, the small-noise limit of the other methods."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from napari_lns.segmentation.lns.averaging import Average
from napari_lns.segmentation.lns.estimates import Estimate, batches
from napari_lns.segmentation.lns.features import channel_directions
from napari_lns.segmentation.lns.method import Method, Sampling
from napari_lns.segmentation.lns.noise import Noise
from napari_lns.segmentation.lns.source import Source

__all__ = ["Exact", "exact"]


class Exact(Method):
    """Compute the decoder's derivative by forward-mode differentiation, without noise."""

    has_draws = False

    def estimates(self, source: Source, noise: Noise, sampling: Sampling) -> Iterator[Estimate]:
        """Yield an estimate after every batch."""
        spread = noise.unit_sigmas(source.activity).flatten()
        columns: list[Tensor] = []
        variance = torch.zeros_like(source.reconstruction[0])
        for done, count in batches(len(spread), sampling.batch):
            directions = spread.new_zeros(count, len(spread))
            directions.diagonal(done).copy_(spread[done : done + count])
            columns.append(source.derivatives(directions.reshape(count, *source.units)))
            variance = variance + columns[-1].square().mean(1).sum(0)
            so_far = partial(_stack, tuple(columns))
            yield Estimate(done + count, len(spread), variance, so_far)


exact = Exact()


def _stack(columns: tuple[Tensor, ...], average: Average) -> Tensor:
    return channel_directions(average(torch.cat(columns)))
