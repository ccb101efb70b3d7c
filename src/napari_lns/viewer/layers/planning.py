"""`LayerPlan`: a result's layers before they exist: pixels, colours, contrast.

They can be planned off the main thread; `placing` puts them into a viewer.
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

__all__ = ["IMAGE_OPTIONS", "STACK_AXES", "LayerPlan", "label_features", "layers_of"]

# As it is: napari would stretch an image's contrast.
IMAGE_OPTIONS = {"rgb": True, "contrast_limits": (0.0, 1.0), "interpolation2d": "nearest"}
STACK_AXES = ("image", "row", "column")  # of a stack: napari names its slider by the first
# What a run may show, back to front.
CONTENTS = ("reconstruction", "error", "variance", "boundaries", "uncertainty", "labels")
_MAPS = {
    "error": "magma",
    "variance": "viridis",
    "boundaries": "gray",
    "uncertainty": "cividis",
}


@dataclass(frozen=True, eq=False)
class LayerPlan:
    """One layer to be: what it shows, its pixels, how they look, what they rest on, its score."""

    content: str
    kind: type[Layer]
    data: NDArray[Any]
    options: dict[str, Any]
    results: Mapping[int, Segmentation] = field(default_factory=dict)
    score: float | None = None


def layers_of(
    results: Mapping[int, Segmentation],
    count: int | None = None,
    truth: NDArray[Any] | None = None,
    score: float | None = None,
) -> list[LayerPlan]:
    """Plan the layers of an image's segmentation, or of a stack's, back to front.

    Parameters
    ----------
    found
        The results by their place in the stack; that of one image is 0.
    count
        How many images the stack holds; None for one image.
    truth
        Ground truth of one image, for the regions' agreement with them.
    score
        Agreement of all labels with the ground truth, if it is known: the labels layer keeps it.

    Returns
    -------
    list of LayerPlan
        Reconstruction, error, variance, boundaries, uncertainty, as far as there are any, and
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
    """Table the regions: label, area in pixels, mean variance, best overlap with the ground truth.

    The agreement is the largest intersection over union with any true label.
    """
    import pandas as pd  # slow to import: widgets open without it

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
    """Return what there is to see."""
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
        return data[0].copy()  # what a layer shows can be painted on
    one = next(iter(data.values()))
    stack = np.zeros((count, *one.shape), one.dtype)
    for place, each in data.items():
        stack[place] = each
    return stack


def _colour_limit(maps: Iterable[NDArray[Any]]) -> float:
    """Return where a map's colours end: almost its maximum, over the images that have a result."""
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
    """Return 0 and the labels that occur, each pixel's place among them, and their areas."""
    numbers, place = np.unique(np.append(labels.ravel(), 0), return_inverse=True)
    place = place[:-1]
    return numbers, place, np.bincount(place, minlength=len(numbers))
