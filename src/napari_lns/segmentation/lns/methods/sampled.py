"""Differences of noisy outputs, as in the paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from torch import Tensor

from napari_lns.segmentation.lns.averaging import Average
from napari_lns.segmentation.lns.estimates import (
    Estimate,
    Moments,
    allocate_outputs,
    batches,
    move_to_device,
)
from napari_lns.segmentation.lns.features import differences, raw_values
from napari_lns.segmentation.lns.layer_names import OUTPUT
from napari_lns.segmentation.lns.method import Method, Sampling
from napari_lns.segmentation.lns.noise import Noise
from napari_lns.segmentation.lns.source import Source

__all__ = ["Sampled", "sampled"]


class Sampled(Method):
    """Decode with independent noise; features are the directions from each output to the next.

    For the paper's control, noise on the output itself, features are the raw values.
    """

    has_differences = True
    takes_any_layer = True

    def estimates(self, source: Source, noise: Noise, sampling: Sampling) -> Iterator[Estimate]:
        """Yield an estimate after every batch."""
        vectors = raw_values if source.layer == OUTPUT else differences
        spread = noise.unit_sigmas(source.activity)
        outputs = allocate_outputs(source, sampling.samples)
        moments = Moments()
        for done, count in batches(sampling.samples, sampling.batch):
            draws = move_to_device(spread, noise.draws(sampling.generator, count, source.units))
            outputs[done : done + count] = source.images(source.activity + draws * spread)
            moments = moments.add(outputs[done : done + count] - source.reconstruction)
            so_far = outputs[: done + count]
            compare = partial(_compare, vectors, so_far)
            yield Estimate(done + count, sampling.samples, moments.variance, compare, so_far)


sampled = Sampled()


def _compare(vectors: Callable[[Tensor], Tensor], outputs: Tensor, average: Average) -> Tensor:
    return vectors(average(outputs))
