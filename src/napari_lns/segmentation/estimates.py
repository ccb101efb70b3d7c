"""The three ways to ask a decoder which pixels covary: sampled, smoothed, exact.

Each is an iterator that gives an `Estimate` after every batch of decodes; the features of pixels
are only made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.segmentation.features import channel_directions, differences, raw_values
from napari_lns.segmentation.noise import Noise
from napari_lns.segmentation.ready import plain_float32
from napari_lns.segmentation.settings import OUTPUT
from napari_lns.segmentation.source import Source, enough_memory

__all__ = ["Estimate", "exact", "sampled", "smoothed"]


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
        Makes the pixels' features (h · w, d).
    outputs
        The noisy outputs so far, (done, 3, h, w); None for the exact limit.
    """

    done: int
    total: int
    variance: Tensor | None
    features: Callable[[], Tensor]
    outputs: Tensor | None = None


def sampled(
    source: Source, noise: Noise, *, samples: int, generator: np.random.Generator, batch: int
) -> Iterator[Estimate]:
    """Decode under fresh noise: features are the directions from each output to the next.

    Noise on the output itself is the paper's control: there, features are the raw values.
    """
    vectors = raw_values if source.layer == OUTPUT else differences
    spread = noise.spread(source.activity)
    outputs = _room(source, samples)
    moments = _Moments()
    for done, count in _batches(samples, batch):
        draws = _on(spread, noise.draws(generator, count, source.units))
        outputs[done : done + count] = source.images(source.activity + draws * spread)
        moments = moments.with_more(outputs[done : done + count] - source.redrawn)
        so_far = outputs[: done + count]
        yield Estimate(done + count, samples, moments.variance, partial(vectors, so_far), so_far)


def smoothed(
    source: Source, noise: Noise, *, samples: int, generator: np.random.Generator, batch: int
) -> Iterator[Estimate]:
    """Regress outputs on noises and their negatives: the Jacobian of the smoothed decoder."""
    spread = noise.spread(source.activity)
    outputs = _room(source, samples)
    draws = np.empty((samples // 2, *source.units), np.float32)
    moments = _Moments()
    for done, pairs in _batches(samples // 2, max(1, batch // 2)):
        draws[done : done + pairs] = noise.draws(generator, pairs, source.units)
        moved = _on(spread, draws[done : done + pairs]) * spread
        both = torch.stack([source.activity + moved, source.activity - moved], 1).flatten(0, 1)
        here = slice(2 * done, 2 * (done + pairs))
        outputs[here] = source.images(both)
        moments = moments.with_more(outputs[here] - source.redrawn)
        so_far = outputs[: here.stop]
        regress = partial(_regressed, so_far, draws[: done + pairs])
        yield Estimate(here.stop, samples, moments.variance, regress, so_far)


def exact(source: Source, noise: Noise, *, batch: int) -> Iterator[Estimate]:
    """Take the decoder's derivative by forward-mode products: no noise, no chance."""
    spread = noise.spread(source.activity).flatten()
    columns: list[Tensor] = []
    variance = torch.zeros_like(source.redrawn[0])
    for done, count in _batches(len(spread), batch):
        directions = spread.new_zeros(count, len(spread))
        directions.diagonal(done).copy_(spread[done : done + count])
        columns.append(source.derivatives(directions.reshape(count, *source.units)))
        variance = variance + columns[-1].square().mean(1).sum(0)
        so_far = partial(_stacked, tuple(columns))
        yield Estimate(done + count, len(spread), variance, so_far)


@dataclass(frozen=True, eq=False)
class _Moments:
    """Sums over outputs less the noise-free one: nothing large to cancel, even in float32."""

    count: int = 0
    total: Tensor | float = 0.0
    squares: Tensor | float = 0.0

    def with_more(self, deviations: Tensor) -> _Moments:
        return _Moments(
            self.count + len(deviations),
            self.total + deviations.sum(0),
            self.squares + deviations.square().sum(0),
        )

    @property
    def variance(self) -> Tensor | None:
        if self.count < 2 or isinstance(self.total, float):
            return None
        spread = (self.squares - self.total.square() / self.count) / (self.count - 1)
        return spread.clamp(min=0).mean(0)


def _batches(count: int, batch: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, batch):
        yield start, min(batch, count - start)


def _room(source: Source, samples: int) -> Tensor:
    with enough_memory(f"{samples} outputs"):
        return source.redrawn.new_empty(samples, *source.redrawn.shape)


def _on(like: Tensor, draws: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(draws).to(like.device)


def _regressed(outputs: Tensor, draws: NDArray[np.float32]) -> Tensor:
    halves = (outputs[0::2] - outputs[1::2]) / 2
    solve = np.linalg.pinv(draws.reshape(len(draws), -1).astype(np.float64))
    weights = _on(outputs, solve.astype(np.float32))
    with plain_float32():
        coefficients = weights @ halves.flatten(1)
    return channel_directions(coefficients.reshape(-1, *halves.shape[1:]))


def _stacked(columns: tuple[Tensor, ...]) -> Tensor:
    return channel_directions(torch.cat(columns))
