"""One run of Latent Noise Segmentation, from an image and a model to segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.models.assessment import assess
from napari_lns.models.running import ReadyModel
from napari_lns.segmentation.clustering import Clustering
from napari_lns.segmentation.clustering.borders import Borders
from napari_lns.segmentation.clustering.grouping import group_pixels, missing_segments_warnings
from napari_lns.segmentation.lns.averaging import (
    Average,
    average_elements,
    average_neighbours,
    find_elements,
)
from napari_lns.segmentation.lns.estimates import Estimate
from napari_lns.segmentation.lns.features import PixelFeatures, resample_differences
from napari_lns.segmentation.lns.fitting import NetworkInput, fit_image
from napari_lns.segmentation.lns.method import METHODS, Sampling
from napari_lns.segmentation.lns.noise import Noise, resolve_sigma
from napari_lns.segmentation.lns.settings import LNSSettings
from napari_lns.segmentation.lns.source import Source, explain_memory_errors, prepare_source
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation, finish_labels, resize_map

__all__ = ["pixel_features", "run"]

CPU_BATCH = 16  # images of 64 × 64 pixels; larger batches exceed the cache and are slower
GPU_BATCH = 1024

Array = NDArray[np.float32]


def run(
    image: Array, model: ReadyModel, settings: LNSSettings, clusters: int | str, seed: int
) -> Iterator[Progress]:
    """Run and yield the progress after every batch; closing the iterator ends the run."""
    start = perf_counter()
    task = _Task.create(image, model, settings, clusters, seed)
    _check_grid(clusters, *task.network_input.grid)
    setup = perf_counter() - start
    for estimate, seconds in _time_estimates(task.estimates(np.random.default_rng(seed))):
        last = task.progress(estimate, setup + seconds)
        yield last
    if settings.repeats:
        yield from task.repeat(estimate, last)


def pixel_features(
    image: Array, model: ReadyModel, settings: LNSSettings, seed: int
) -> PixelFeatures:
    """Compute the features by which `run` clusters pixels."""
    task = _Task.create(image, model, settings, 1, seed)
    *_, last = task.estimates(np.random.default_rng(seed))
    return PixelFeatures(
        task.features(last), task.network_input.grid, task.image, task.reconstruction, task.fit
    )


@dataclass(frozen=True, eq=False)
class _Task:
    image: Array
    model: ReadyModel
    settings: LNSSettings
    clusters: int | str
    seed: int
    network_input: NetworkInput
    source: Source
    noise: Noise

    @classmethod
    def create(
        cls, image: Array, model: ReadyModel, settings: LNSSettings, clusters: int | str, seed: int
    ) -> _Task:
        """Create a task: encode the image and prepare its noise."""
        network_input = fit_image(image, model.image_size, settings.fit)
        source = prepare_source(model, network_input, settings.noise_layer)
        METHODS[settings.method].check_units(settings.samples, source.activity.numel())
        sigma = resolve_sigma(model.card, settings.noise, settings.relative_noise)
        scale = None if settings.unit_scale is None else tuple(map(float, settings.unit_scale))
        noise = Noise(sigma, settings.noise_kind, scale)
        return cls(image, model, settings, clusters, seed, network_input, source, noise)

    @property
    def batch(self) -> int:
        if self.settings.batch is not None:
            return self.settings.batch
        most = CPU_BATCH if self.model.device.type == "cpu" else GPU_BATCH
        pixels = self.network_input.images[0, 0].numel()
        return max(2, min(most, most * 64 * 64 // pixels))

    @property
    def averaging(self) -> str:
        """What outputs are averaged over; a given neighbourhood takes precedence over the card."""
        if self.settings.averaging != "automatic":
            return self.settings.averaging
        if self.settings.neighbourhood is not None:
            return "neighbourhood"
        return str(getattr(self.model.card, "averaging", "neighbourhood"))

    @property
    def neighbourhood(self) -> int:
        return self._setting_or_card("neighbourhood", 1)

    @cached_property
    def average(self) -> Average:
        if self.averaging == "elements":
            image = self.network_input.crop(self.network_input.images)[0]
            elements = find_elements(image.permute(1, 2, 0).cpu().numpy())
            return partial(average_elements, elements=elements)
        return partial(average_neighbours, size=self.neighbourhood)

    @property
    def borders(self) -> Borders:
        return Borders(
            min_width=self._setting_or_card("min_width", 0),
            border_width=self._setting_or_card("border_width", 0),
        )

    def _setting_or_card(self, name: str, default: int) -> int:
        setting = getattr(self.settings, name)
        return int(getattr(self.model.card, name, default) if setting is None else setting)

    def estimates(self, generator: np.random.Generator) -> Iterator[Estimate]:
        sampling = Sampling(self.settings.samples, self.batch, generator)
        return METHODS[self.settings.method].estimates(self.source, self.noise, sampling)

    def progress(self, estimate: Estimate, seconds: float) -> Progress:
        return Progress(
            estimate.done,
            estimate.total + self.settings.repeats,
            None if estimate.variance is None else self._to_image(estimate.variance),
            partial(self.segmentation, estimate, seconds),
        )

    def repeat(self, estimate: Estimate, last: Progress) -> Iterator[Progress]:
        """Repeat the clustering with new noise or with resampled differences."""
        main = last.segmentation()
        alternatives: list[NDArray[np.int32]] = []
        for repeat in range(1, self.settings.repeats + 1):
            features = self._repeat_features(estimate, repeat)
            alternatives.append(self._group(features, main.clusters).labels)
            finish = partial(replace, main, alternatives=np.stack(alternatives))
            yield Progress(estimate.done + repeat, last.total, last.variance, finish)

    def segmentation(self, estimate: Estimate, seconds: float) -> Segmentation:
        """Cluster the pixels by the estimate so far."""
        start = perf_counter()
        features = self.features(estimate)
        clustering = self._group(features, self.clusters)
        times = {"decoding": seconds, "grouping": perf_counter() - start}
        return Segmentation(
            image=self.image,
            labels=clustering.labels,
            record=self._record(clustering, features, times),
            grid=self.network_input.grid,
            variance=None if estimate.variance is None else self._to_image(estimate.variance),
            reconstruction=self.reconstruction,
            features=features,
            tree=clustering.tree,
            outputs=self._outputs_to_keep(estimate),
        )

    def features(self, estimate: Estimate) -> Array:
        """Compute the features of the grid's pixels (n, d)."""
        with explain_memory_errors(f"the features of {estimate.done} samples"):
            return _to_numpy(estimate.features(self.average))

    @property
    def reconstruction(self) -> Array:
        """Reconstruction without noise, at the size of the image."""
        return self._to_image(self.source.reconstruction.permute(1, 2, 0))

    @property
    def fit(self) -> dict[str, Any]:
        """Record of how well the image fits the network, assessed at the network's input size."""
        image = self.network_input.crop(self.network_input.images)[0]
        pixels = (
            each.permute(1, 2, 0).cpu().numpy() for each in (image, self.source.reconstruction)
        )
        return assess(self.model.card, *pixels).record

    def _repeat_features(self, estimate: Estimate, repeat: int) -> Array:
        generator = np.random.default_rng((self.seed, repeat))
        if self.settings.repeat_over == "samples":
            features = resample_differences(estimate.features(self.average), generator)
            return _to_numpy(features)
        *_, other = self.estimates(generator)
        return self.features(other)

    def _group(self, features: Array, clusters: int | str) -> Clustering:
        settings = self.settings
        clustering = group_pixels(
            features, clusters, settings.clusterer, settings.criterion, self.seed
        )
        grid, shape = self.network_input.grid, self.image.shape[:2]
        return replace(
            clustering,
            labels=finish_labels(
                clustering.labels, clustering.tree, features, self.borders, grid, shape
            ),
        )

    def _to_image(self, values: Tensor) -> Array:
        return resize_map(values.cpu().numpy(), self.image.shape[:2])

    def _outputs_to_keep(self, estimate: Estimate) -> Array | None:
        if not self.settings.keep_outputs or estimate.outputs is None:
            return None
        return estimate.outputs.permute(0, 2, 3, 1).cpu().numpy()

    def _record(
        self, clustering: Clustering, features: Array, seconds: dict[str, float]
    ) -> dict[str, Any]:
        used = {
            "sigma": self.noise.sigma,
            "averaging": self.averaging,
            "neighbourhood": self.neighbourhood,
            **asdict(self.borders),
            "clusters": int(clustering.labels.max()),
            "grid": list(self.network_input.grid),
            "batch": self.batch,
            "device": str(self.model.device),
            "threads": torch.get_num_threads(),
        }
        if clustering.error is not None:
            used["tree_error"] = clustering.error
        warnings = self._warnings(used, features)
        return {"used": used, "seconds": seconds, "fit": self.fit, "warnings": warnings}

    def _warnings(self, used: dict[str, Any], features: Array) -> list[str]:
        messages = {
            self.network_input.warning: bool(self.network_input.warning),
            "the model's output does not depend on the noise: all pixels are one segment": not (
                features.any()
            ),
        }
        return [
            *(text for text, holds in messages.items() if holds),
            *missing_segments_warnings(self.clusters, used["clusters"]),
            *self.source.warnings,
        ]


def _to_numpy(features: Tensor) -> Array:
    return features.contiguous().cpu().numpy()


def _check_grid(clusters: int | str, height: int, width: int) -> None:
    """Raise ValueError for more segments than pixels on the grid."""
    if clusters != "auto" and int(clusters) > height * width:
        raise ValueError(
            f"clusters is {clusters}: the network represents this image by {height} × {width} "
            f"pixels, so it must be at most {height * width}"
        )


def _time_estimates(estimates: Iterator[Estimate]) -> Iterator[tuple[Estimate, float]]:
    """Yield each estimate with the total computation time in seconds."""
    seconds = 0.0
    while True:
        start = perf_counter()
        estimate = next(estimates, None)
        seconds += perf_counter() - start
        if estimate is None:
            return
        yield estimate, seconds
