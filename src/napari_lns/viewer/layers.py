"""Results and stimuli as napari layers: names, colours, contrast, records; and their replacement.

A layer that a run made carries its record in ``layer.metadata["napari_lns"]``. A later run
replaces it only while it is still as it was made: one that the user renamed, or whose pixels the
user changed, is the user's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import Stimulus

__all__ = [
    "PLUGIN",
    "LayerPlan",
    "add_stimulus",
    "layers_of",
    "put",
    "regions",
    "truth_of",
    "update_stimulus",
]

PLUGIN = "napari-lns"
KEY = "napari_lns"


@dataclass(frozen=True)
class LayerPlan:
    """One layer to be: what it shows, its pixels, and how they look."""

    shows: str
    kind: type[Layer]
    data: NDArray[Any]
    options: dict[str, Any]


def layers_of(
    segmentation: Segmentation, truth: NDArray[np.int32] | None = None
) -> list[LayerPlan]:
    """Plan the layers of a segmentation, back to front.

    Parameters
    ----------
    segmentation
        The result.
    truth
        True labels, for the regions' agreement with them.

    Returns
    -------
    list of LayerPlan
        Reconstruction, error, variance, boundaries and labels.
    """
    maps: list[tuple[str, NDArray[Any] | None, str]] = [
        ("error", segmentation.error, "magma"),
        ("variance", segmentation.variance, "viridis"),
        ("boundaries", segmentation.boundaries if segmentation.tree is not None else None, "gray"),
    ]
    planned = []
    if segmentation.reconstruction is not None:
        planned.append(_picture("reconstruction", segmentation.reconstruction))
    planned += [_map(shows, data, colours) for shows, data, colours in maps if data is not None]
    options = {"opacity": 0.5, "features": regions(segmentation, truth)}
    planned.append(LayerPlan("labels", Labels, segmentation.labels, options))
    return planned


def regions(segmentation: Segmentation, truth: NDArray[np.int32] | None = None) -> pd.DataFrame:
    """Table the regions: label, area in pixels, mean variance, best overlap with the truth.

    The agreement is the largest intersection over union with any true label.
    """
    labels = segmentation.labels
    numbers = np.arange(labels.max() + 1)
    area = np.bincount(labels.ravel(), minlength=len(numbers))
    table = pd.DataFrame({"index": numbers, "area": area})
    if segmentation.variance is not None:
        sums = np.bincount(
            labels.ravel(), weights=segmentation.variance.ravel(), minlength=len(numbers)
        )
        table["mean variance"] = sums / np.maximum(area, 1)
    if truth is not None and truth.shape == labels.shape:
        table["agreement"] = [_best_overlap(labels == number, truth) for number in numbers]
    return table


def put(
    viewer: ViewerModel,
    planned: Iterable[LayerPlan],
    prefix: str,
    record: dict[str, Any],
    *,
    over: Layer | None = None,
) -> list[Layer]:
    """Put a run's layers into a viewer, replacing those that an earlier run of this prefix left.

    Parameters
    ----------
    viewer
        The viewer.
    planned
        The layers to be.
    prefix
        The run's name, with which the layers' names begin.
    record
        What is kept in their metadata.
    over
        The image layer that was segmented: scale and position are taken from it.

    Returns
    -------
    list of Layer
        The layers, new or brought up to date.
    """
    place = {} if over is None else _place_of(over)
    kept = []
    for plan in planned:
        note = {"run": prefix, "shows": plan.shows, "record": record}
        layer = _own(viewer, prefix, plan)
        if layer is None:
            name = f"{prefix} {plan.shows}"
            layer = plan.kind(plan.data, name=name, **plan.options, **place)
            viewer.add_layer(layer)
        else:
            _refresh(layer, plan)
        # the name and the array as made: by them a user's changes are told from ours
        layer.metadata[KEY] = {**note, "name": layer.name, "made": plan.data.copy()}
        kept.append(layer)
    return kept


def add_stimulus(viewer: ViewerModel, stimulus: Stimulus) -> list[Layer]:
    """Add a stimulus's image and true labels as layers; both carry its record."""
    name = stimulus.name or "stimulus"
    metadata = {KEY: {"stimulus": stimulus.record}}
    image = Image(
        stimulus.image, rgb=True, name=name, metadata=dict(metadata), interpolation2d="nearest"
    )
    truth = Labels(
        stimulus.labels,
        name=f"{name} truth",
        metadata=dict(metadata),
        features=_label_names(stimulus),
        visible=False,
        opacity=0.5,
    )
    return [viewer.add_layer(image), viewer.add_layer(truth)]


def update_stimulus(viewer: ViewerModel, layers: list[Layer], stimulus: Stimulus) -> bool:
    """Show another stimulus in the layers of `add_stimulus`; False if they are gone."""
    if len(layers) != 2 or any(layer not in viewer.layers for layer in layers):
        return False
    image, truth = layers
    image.data, truth.data = stimulus.image, stimulus.labels
    truth.features = _label_names(stimulus)
    for layer in layers:
        layer.metadata[KEY] = {"stimulus": stimulus.record}
    return True


def truth_of(viewer: ViewerModel, image: Layer) -> Layer | None:
    """Find the Labels layer that came with a stimulus's image."""
    record = image.metadata.get(KEY, {}).get("stimulus")
    if record is None:
        return None
    for layer in viewer.layers:
        if isinstance(layer, Labels) and layer.metadata.get(KEY, {}).get("stimulus") == record:
            return layer
    return None


def _picture(shows: str, data: NDArray[np.float32]) -> LayerPlan:
    options = {"rgb": True, "visible": False, "interpolation2d": "nearest"}
    return LayerPlan(shows, Image, data, options)


def _map(shows: str, data: NDArray[Any], colours: str) -> LayerPlan:
    highest = float(np.quantile(data, 0.995)) or float(data.max()) or 1.0
    options = {
        "colormap": colours,
        "contrast_limits": (0.0, highest),
        "visible": False,
        "interpolation2d": "nearest",
    }
    return LayerPlan(shows, Image, data, options)


def _own(viewer: ViewerModel, prefix: str, plan: LayerPlan) -> Layer | None:
    for layer in viewer.layers:
        note = layer.metadata.get(KEY, {})
        if note.get("run") == prefix and note.get("shows") == plan.shows and _untouched(layer):
            return layer
    return None


def _untouched(layer: Layer) -> bool:
    note = layer.metadata[KEY]
    return note.get("name") == layer.name and np.array_equal(layer.data, note["made"])


def _refresh(layer: Layer, plan: LayerPlan) -> None:
    layer.data = plan.data
    if "contrast_limits" in plan.options:
        layer.contrast_limits_range = plan.options["contrast_limits"]
        layer.contrast_limits = plan.options["contrast_limits"]
    if "features" in plan.options:
        layer.features = plan.options["features"]


def _place_of(layer: Layer) -> dict[str, Any]:
    return {"scale": layer.scale[-2:], "translate": layer.translate[-2:]}


def _label_names(stimulus: Stimulus) -> pd.DataFrame:
    numbers = range(int(stimulus.labels.max()) + 1)
    names = [stimulus.label_names.get(number, "") for number in numbers]
    return pd.DataFrame({"index": list(numbers), "name": names})


def _best_overlap(region: NDArray[np.bool_], truth: NDArray[np.int32]) -> float:
    if not region.any():
        return 0.0
    candidates = [truth == value for value in np.unique(truth[region])]
    return max(float((region & one).sum() / (region | one).sum()) for one in candidates)
