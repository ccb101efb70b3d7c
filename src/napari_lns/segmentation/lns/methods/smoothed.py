"""Regression of outputs on their noise."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.models.running import disable_reduced_precision
from napari_lns.segmentation.lns.averaging import Average
from napari_lns.segmentation.lns.estimates import (
    Estimate,
    Moments,
    allocate_outputs,
    batches,
    move_to_device,
)
from napari_lns.segmentation.lns.features import channel_directions
from napari_lns.segmentation.lns.method import Method, Sampling
from napari_lns.segmentation.lns.noise import Noise
from napari_lns.segmentation.lns.noise_kind import NOISE_KINDS
from napari_lns.segmentation.lns.source import Source

__all__ = ["Smoothed", "smoothed"]


class Smoothed(Method):
    """Regress outputs on noise and its negative; this estimates the smoothed decoder's Jacobian."""

    def check(self, samples: int, noise_kind: str) -> None:
        """Raise ValueError for non-Gaussian noise or an odd number of samples."""
        if not NOISE_KINDS[noise_kind].can_smooth:
            raise ValueError(
                f"noise_kind is {noise_kind!r}: the smoothed method supports only Gaussian noise"
            )
        if samples % 2:
            raise ValueError(
                f"samples is {samples}: the smoothed method draws noise in pairs, so it must be "
                "even"
            )

    def check_units(self, samples: int, units: int) -> None:
        """Raise ValueError for fewer than two samples for each latent unit."""
        if samples < 2 * units:
            raise ValueError(
                f"samples is {samples}: the smoothed method needs at least {2 * units}, two "
                f"for each of the {units} latent units"
            )

    def estimates(self, source: Source, noise: Noise, sampling: Sampling) -> Iterator[Estimate]:
        """Yield an estimate after every batch."""
        samples, generator = sampling.samples, sampling.generator
        spread = noise.unit_sigmas(source.activity)
        outputs = allocate_outputs(source, samples)
        draws = np.empty((samples // 2, *source.units), np.float32)
        moments = Moments()
        for done, pairs in batches(samples // 2, max(1, sampling.batch // 2)):
            draws[done : done + pairs] = noise.draws(generator, pairs, source.units)
            moved = move_to_device(spread, draws[done : done + pairs]) * spread
            both = torch.stack([source.activity + moved, source.activity - moved], 1).flatten(0, 1)
            here = slice(2 * done, 2 * (done + pairs))
            outputs[here] = source.images(both)
            moments = moments.add(outputs[here] - source.reconstruction)
            so_far = outputs[: here.stop]
            regress = partial(_regress, so_far, draws[: done + pairs])
            yield Estimate(here.stop, samples, moments.variance, regress, so_far)


smoothed = Smoothed()


def _regress(outputs: Tensor, draws: NDArray[np.float32], average: Average) -> Tensor:
    halves = (outputs[0::2] - outputs[1::2]) / 2
    solve = np.linalg.pinv(draws.reshape(len(draws), -1).astype(np.float64))
    weights = move_to_device(outputs, solve.astype(np.float32))
    with disable_reduced_precision():
        coefficients = weights @ halves.flatten(1)
    return channel_directions(average(coefficients.reshape(-1, *halves.shape[1:])))
