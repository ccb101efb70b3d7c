"""One run of Latent Noise Segmentation: from an image and a model to groups, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.segmentation.clustering import Clustering
from napari_lns.segmentation.estimates import Estimate, exact, sampled, smoothed
from napari_lns.segmentation.features import averaged, resampled
from napari_lns.segmentation.fitting import Fitted, fitted
from napari_lns.segmentation.grouping import grouped
from napari_lns.segmentation.noise import Noise, sigma_of
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.ready import ReadyModel
from napari_lns.segmentation.segmentation import Segmentation, on_image
from napari_lns.segmentation.settings import Settings
from napari_lns.segmentation.source import Source, enough_memory, source_of
from napari_lns.segmentation.tree import number_largest_first

__all__ = ["run"]

CPU_BATCH = 16  # images of 64 × 64: more leave the cache, and take longer
GPU_BATCH = 1024
TINY = 1e-12  # below any network's error: a card may say 0

Array = NDArray[np.float32]


def run(image: Array, model: ReadyModel, settings: Settings) -> Iterator[Progress]:
    """Run, giving what has come so far after every batch; closing the iterator ends the run."""
    begun = perf_counter()
    picture = fitted(image, model.image_size, settings.fit)
    source = source_of(model, picture, settings.noise_layer)
    settings.check_units(source.activity.numel())
    settings.check_grid(*picture.grid)
    sigma = sigma_of(model.card, settings.noise, settings.relative_noise)
    noise = Noise(sigma, settings.noise_kind, settings.unit_scale)
    task = _Task(image, model, settings, picture, source, noise)
    spent = perf_counter() - begun
    for estimate, seconds in _timed(task.estimates(np.random.default_rng(settings.seed))):
        last = task.progress(estimate, spent + seconds)
        yield last
    if settings.repeats:
        yield from task.repeated(estimate, last)


@dataclass(frozen=True, eq=False)
class _Task:
    image: Array
    model: ReadyModel
    settings: Settings
    picture: Fitted
    source: Source
    noise: Noise

    @property
    def batch(self) -> int:
        if self.settings.batch is not None:
            return self.settings.batch
        most = CPU_BATCH if self.model.device.type == "cpu" else GPU_BATCH
        pixels = self.picture.images[0, 0].numel()
        return max(2, min(most, most * 64 * 64 // pixels))

    def estimates(self, generator: np.random.Generator) -> Iterator[Estimate]:
        if self.settings.method == "exact":
            return exact(self.source, self.noise, batch=self.batch)
        method = sampled if self.settings.method == "sampled" else smoothed
        return method(
            self.source,
            self.noise,
            samples=self.settings.samples,
            generator=generator,
            batch=self.batch,
        )

    def progress(self, estimate: Estimate, seconds: float) -> Progress:
        return Progress(
            estimate.done,
            estimate.total + self.settings.repeats,
            None if estimate.variance is None else self._shown(estimate.variance),
            partial(self.segmentation, estimate, seconds),
        )

    def repeated(self, estimate: Estimate, last: Progress) -> Iterator[Progress]:
        """Group again, over other noise or over the same differences drawn with replacement."""
        main = last.segmentation()
        alternatives: list[NDArray[np.int32]] = []
        for repeat in range(1, self.settings.repeats + 1):
            features = self._other_features(estimate, repeat)
            alternatives.append(self._grouped(features, main.clusters).labels)
            finish = partial(replace, main, alternatives=np.stack(alternatives))
            yield Progress(estimate.done + repeat, last.total, last.variance, finish)

    def segmentation(self, estimate: Estimate, seconds: float) -> Segmentation:
        """Group the pixels by what has come so far."""
        begun = perf_counter()
        with enough_memory(f"the features of {estimate.done} samples"):
            features = self._features(estimate.features())
        found = self._grouped(features, self.settings.clusters)
        times = {"decoding": seconds, "grouping": perf_counter() - begun}
        return Segmentation(
            image=self.image,
            labels=found.labels,
            record=self._record(found, features, times),
            grid=self.picture.grid,
            variance=None if estimate.variance is None else self._shown(estimate.variance),
            reconstruction=self._shown(self.source.redrawn.permute(1, 2, 0)),
            features=features,
            tree=found.tree,
            outputs=self._kept(estimate),
        )

    def _features(self, features: Tensor) -> Array:
        kept = averaged(features, self.picture.grid, self.settings.neighbourhood)
        return kept.contiguous().cpu().numpy()

    def _other_features(self, estimate: Estimate, repeat: int) -> Array:
        generator = np.random.default_rng((self.settings.seed, repeat))
        if self.settings.repeat_over == "samples":
            return self._features(resampled(estimate.features(), generator))
        *_, other = self.estimates(generator)
        return self._features(other.features())

    def _grouped(self, features: Array, clusters: int | str) -> Clustering:
        settings = self.settings
        found = grouped(features, clusters, settings.clusterer, settings.criterion, settings.seed)
        labels: NDArray[np.int32] = found.labels.reshape(self.picture.grid)
        if labels.shape != self.image.shape[:2]:
            labels = number_largest_first(on_image(labels, self.image.shape[:2]))
        return replace(found, labels=labels)

    def _shown(self, values: Tensor) -> Array:
        return on_image(values.cpu().numpy(), self.image.shape[:2])

    def _kept(self, estimate: Estimate) -> Array | None:
        if not self.settings.keep_outputs or estimate.outputs is None:
            return None
        return estimate.outputs.permute(0, 2, 3, 1).cpu().numpy()

    def _record(
        self, found: Clustering, features: Array, seconds: dict[str, float]
    ) -> dict[str, Any]:
        used = {
            "sigma": self.noise.sigma,
            "clusters": int(found.labels.max()),
            "grid": list(self.picture.grid),
            "batch": self.batch,
            "device": str(self.model.device),
            "threads": torch.get_num_threads(),
        }
        if found.error is not None:
            used["tree_error"] = found.error
        return {"used": used, "seconds": seconds, "warnings": self._warnings(used, features)}

    def _warnings(self, used: dict[str, Any], features: Array) -> list[str]:
        wanted, found = self.settings.clusters, used["clusters"]
        error = float(self._redrawing_error())
        usual = float(getattr(self.model.card, "error_99", float("inf")))
        told = {
            self.picture.warning: bool(self.picture.warning),
            f"the reconstruction error {error:.3g} is {error / max(usual, TINY):.3g} × the 99th "
            "percentile on this network's training images: the image is out of distribution; "
            "choose another network, or train one": error > usual,
            "the model's output does not depend on the noise: all pixels are one segment": not (
                features.any()
            ),
            f"{wanted} segments were asked for, {found} were made: the other pixels are alike": (
                wanted not in ("auto", found)
            ),
        }
        return [text for text, holds in told.items() if holds] + list(self.source.warnings)

    def _redrawing_error(self) -> Tensor:
        image = self.picture.shown(self.picture.images)[0].to(self.source.redrawn.device)
        return (image - self.source.redrawn).square().mean()


def _timed(estimates: Iterator[Estimate]) -> Iterator[tuple[Estimate, float]]:
    """Yield each estimate with the seconds spent on making them, not those between."""
    seconds = 0.0
    while True:
        begun = perf_counter()
        estimate = next(estimates, None)
        seconds += perf_counter() - begun
        if estimate is None:
            return
        yield estimate, seconds
