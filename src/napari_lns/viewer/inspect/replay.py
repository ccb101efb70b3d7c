"""Recompute noisy outputs, effects of latent units and label uncertainty from a run's record.

A run need not store its outputs: with the same seed, the noise is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation, iter_segment
from napari_lns.segmentation.segmentation import resize_map
from napari_lns.segmentation.segmenters import SEGMENTERS
from napari_lns.viewer.own_models import chosen_model, load_trusted_model
from napari_lns.viewer.qt.run import Step

if TYPE_CHECKING:
    from napari_lns.segmentation.lns.source import Source

__all__ = [
    "iter_latent_effects",
    "iter_noisy_outputs",
    "iter_uncertainty",
    "rebuild_source",
    "why_not_rerun",
]

REPEATS = 20
BATCH = 8  # units per step
MAX_UNITS = 64  # maximum number of latent units shown

Array = NDArray[np.float32]


def why_not_rerun(segmentation: Segmentation | None) -> str:
    """Return why the network of a run cannot be run again; empty if it can."""
    if segmentation is None:
        return "There is no run yet: press Run in the Segment widget"
    record = segmentation.record
    if not _has_latent_noise(record.get("segmenter")):
        return "This method adds no noise to a latent layer: run Latent Noise Segmentation"
    return (
        ""
        if chosen_model(segmentation.record)
        else "The record names no model: run the segmentation again in Segment"
    )


def _has_latent_noise(segmenter: str | None) -> bool:
    return (
        segmenter is not None and segmenter in SEGMENTERS and SEGMENTERS[segmenter].has_latent_noise
    )


def iter_noisy_outputs(segmentation: Segmentation) -> Iterator[Step]:
    """Compute the noisy reconstructions, (N, H, W, 3), step by step; the last step has all."""
    if segmentation.outputs is not None:
        yield Step(1, 1, partial(_outputs, lambda: segmentation))
        return
    for progress in _rerun(segmentation, keep_outputs=True, repeats=0, method=_sampling_method):
        yield Step(progress.done, progress.total, partial(_outputs, progress.segmentation))


def iter_uncertainty(segmentation: Segmentation, repeats: int = REPEATS) -> Iterator[Step]:
    """Compute the share of repeated runs in which a pixel's label differs, (H, W), step by step."""
    if segmentation.alternatives is not None:
        yield Step(1, 1, lambda: segmentation.uncertainty)
        return
    for progress in _rerun(segmentation, repeats=repeats, method=_sampling_method):
        yield Step(progress.done, progress.total, partial(_uncertainty, progress.segmentation))


def iter_latent_effects(segmentation: Segmentation) -> Iterator[Step]:
    """Compute how the image changes with each latent unit, (units, H, W, 3), step by step.

    0.5 means no change. All units share one scale. At most 64 units are returned, the strongest.
    """
    import torch

    source = rebuild_source(segmentation)
    count = source.activity.numel()
    rows = torch.eye(count, device=source.activity.device).reshape(count, *source.units)
    columns: list[Array] = []
    for start in range(0, count, BATCH):
        columns += list(
            source.derivatives(rows[start : start + BATCH]).permute(0, 2, 3, 1).cpu().numpy()
        )
        yield Step(
            len(columns), count, partial(_latent_effects, columns, segmentation.labels.shape)
        )


def rebuild_source(segmentation: Segmentation) -> Source:
    """Run the network of a result up to its latent layer again."""
    from napari_lns.models.running import prepare_model
    from napari_lns.segmentation.lns.fitting import fit_image
    from napari_lns.segmentation.lns.source import prepare_source

    device = segmentation.record.get("used", {}).get("device", "auto")
    model = prepare_model(load_trusted_model(chosen_model(segmentation.record)), device)
    fit = segmentation.record["parameters"].get("fit", "resize")
    return prepare_source(model, fit_image(segmentation.image, model.image_size, fit), "latent")


def _rerun(segmentation: Segmentation, **changes: object) -> Iterator[Any]:
    parameters = dict(segmentation.record["parameters"])
    for name, value in changes.items():
        parameters[name] = value(parameters.get(name)) if callable(value) else value
    model = load_trusted_model(chosen_model(segmentation.record))
    return iter_segment(segmentation.image, model, **parameters)


def _sampling_method(method: str | None) -> str:
    """Return a noise estimate that samples; the exact one does not."""
    return "sampled" if method in (None, "exact") else method


def _outputs(make_result: Callable[[], Segmentation]) -> Array | None:
    segmentation = make_result()
    return (
        None
        if segmentation.outputs is None
        else _resize_stack(segmentation.outputs, segmentation.labels.shape)
    )


def _uncertainty(make_result: Callable[[], Segmentation]) -> Array | None:
    segmentation = make_result()
    return None if segmentation.alternatives is None else segmentation.uncertainty


def _latent_effects(columns: list[Array], shape: tuple[int, ...]) -> Array:
    stack = np.stack(columns)
    strength = np.square(stack).sum(axis=(1, 2, 3))
    strongest = np.sort(np.argsort(-strength, kind="stable")[:MAX_UNITS])
    largest = float(np.abs(stack).max()) or 1.0
    return _resize_stack(0.5 + stack[strongest] / (2 * largest), shape)


def _resize_stack(stack: Array, shape: tuple[int, ...]) -> Array:
    return np.stack([resize_map(each, shape) for each in stack])
