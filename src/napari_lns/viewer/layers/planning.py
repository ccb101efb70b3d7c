"""Plan the layers of a result (pixels, colours and contrast) before they are created.

Planning may run off the main thread. Only `placing` creates the layers and changes a viewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels, Layer
from numpy.typing import NDArray

from napari_lns.analysis.scores import best_overlap
from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.label_colours import label_colours

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IMAGE_OPTIONS", "STACK_AXES", "LayerPlan", "label_features", "plan_layers"]

# Show the image unchanged: by default, napari stretches the contrast.
IMAGE_OPTIONS = {"rgb": True, "contrast_limits": (0.0, 1.0), "interpolation2d": "nearest"}
STACK_AXES = ("image", "row", "column")  # napari labels the slider with the first
# What the layers of a run may show, back to front.
CONTENTS = ("reconstruction", "error", "variance", "boundaries", "uncertainty", "labels")
_MAPS = {
    "error": "magma",
    "variance": "viridis",
    "boundaries": "gray",
    "uncertainty": "cividis",
}


@dataclass(frozen=True, eq=False)
class LayerPlan:
    """A planned layer: its content, layer type, pixels, options, results and score."""

    content: str
    kind: type[Layer]
    data: NDArray[Any]
    options: dict[str, Any]
    results: Mapping[int, Segmentation] = field(default_factory=dict)
    score: float | None = None


def plan_layers(
    results: Mapping[int, Segmentation],
    count: int | None = None,
    truth: NDArray[Any] | None = None,
    score: float | None = None,
) -> list[LayerPlan]:
    """Plan the layers for the segmentation of an image or a stack, back to front.

    Parameters
    ----------
    results
        The results by their index in the stack; the index is 0 for one image.
    count
        Number of images in the stack; None for one image.
    truth
        Ground truth of one image, for the agreement of each region with it.
    score
        Agreement of the labels with the ground truth, if known. It is stored with the labels layer.

    Returns
    -------
    list of LayerPlan
        Reconstruction, error, variance, boundaries and uncertainty, if the results have them, and
        labels.
    """
    maps = {place: _available_maps(segmentation) for place, segmentation in results.items()}
    plans = []
    for name in CONTENTS:
        available = {place: each[name] for place, each in maps.items() if name in each}
        if available:
            limit = _colour_limit(available.values()) if name in _MAPS else 1.0
            plans.append(_make_plan(name, _stack(available, count), results, limit))
    if count is None:
        plans[-1].options["features"] = label_features(results[0], truth)
    return [*plans[:-1], replace(plans[-1], score=score)]


def label_features(segmentation: Segmentation, truth: NDArray[Any] | None = None) -> pd.DataFrame:
    """Return a table of the regions: label, area in pixels, mean variance and agreement.

    The agreement is the best intersection over union with a label of the ground truth.
    """
    import pandas as pd  # slow to import, and not needed to open a widget

    labels = segmentation.labels
    numbers, place, area = _count_labels(labels)
    table = pd.DataFrame({"index": numbers, "area": area})
    if segmentation.variance is not None:
        sums = np.bincount(place, weights=segmentation.variance.ravel(), minlength=len(numbers))
        table["mean variance"] = sums / np.maximum(area, 1)
    if truth is not None and truth.shape == labels.shape:
        table["agreement"] = [best_overlap(labels == number, truth) for number in numbers]
    return table


def _available_maps(segmentation: Segmentation) -> dict[str, NDArray[Any]]:
    """Return the maps that a result has, by name."""
    alternatives = segmentation.alternatives
    maps = {
        "reconstruction": segmentation.reconstruction,
        "error": segmentation.error,
        "variance": segmentation.variance,
        "boundaries": None if segmentation.tree is None else segmentation.boundaries,
        "uncertainty": None if alternatives is None else segmentation.uncertainty,
        "labels": segmentation.labels,
    }
    return {name: data for name, data in maps.items() if data is not None}


def _stack(data: Mapping[int, NDArray[Any]], count: int | None) -> NDArray[Any]:
    if count is None:
        return data[0].copy()  # the user can paint on a labels layer
    one = next(iter(data.values()))
    stack = np.zeros((count, *one.shape), one.dtype)
    for place, each in data.items():
        stack[place] = each
    return stack


def _colour_limit(maps: Iterable[NDArray[Any]]) -> float:
    """Return the upper contrast limit of a map: its 99.5th percentile over all results."""
    values = np.concatenate([each.ravel() for each in maps])
    return float(np.quantile(values, 0.995)) or float(values.max()) or 1.0


def _make_plan(
    content: str, data: NDArray[Any], results: Mapping[int, Segmentation], limit: float
) -> LayerPlan:
    if content == "labels":
        colours = label_colours(int(data.max()))
        options: dict[str, Any] = {"opacity": 0.5, "colormap": colours}
        return LayerPlan(content, Labels, data, options, results)
    options = {"visible": False, "interpolation2d": "nearest"}
    if content == "reconstruction":
        options |= IMAGE_OPTIONS
    else:
        options |= {"colormap": _MAPS[content], "contrast_limits": (0.0, limit)}
    return LayerPlan(content, Image, data, options, results)


def _count_labels(labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return 0 and the existing labels, each pixel's index among them, and their areas."""
    numbers, place = np.unique(np.append(labels.ravel(), 0), return_inverse=True)
    place = place[:-1]
    return numbers, place, np.bincount(place, minlength=len(numbers))
