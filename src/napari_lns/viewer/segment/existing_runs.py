"""Find runs that the widget did not make: opened from a file, or made by a closed widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.images import ImageSource
from napari_lns.viewer.layers.notes import find_segmentation, read_note, set_note
from napari_lns.viewer.layers.placing import labels_of_run, show_colour_bar
from napari_lns.viewer.own_models import chosen_model

__all__ = [
    "call_arguments",
    "earlier_results",
    "find_last_run",
    "find_opened_run",
    "has_layers_left",
    "take_over",
]


def find_opened_run(viewer: ViewerModel) -> Layer | None:
    """Return the labels layer of the last opened run that no widget has taken over, or None."""
    for layer in reversed(viewer.layers):
        note = read_note(layer)
        opened = note.is_labels and note.original_pixels is None
        if opened and isinstance(layer, Labels) and find_segmentation(layer) is not None:
            return layer
    return None


def take_over(viewer: ViewerModel, labels: Layer) -> Layer | None:
    """Mark the layers of an opened run as made by this plugin; return the layer of its image.

    Later cuts and runs then replace these layers, unless the user changes them.

    Parameters
    ----------
    viewer
        The viewer.
    labels
        A layer from `find_opened_run`.

    Returns
    -------
    napari.layers.Layer or None
        The image layer; None if it is gone, in which case nothing is changed.
    """
    result = find_segmentation(labels)
    image = None if result is None else _find_image(viewer, result)
    if image is None:
        return None
    for layer in viewer.layers:
        note = read_note(layer)
        if note.results.get(0) is result:
            left = {"name": layer.name, "data": layer.data, "original_pixels": layer.data.copy()}
            set_note(layer, replace(note, run=image.name, image=image.name, **left))
            show_colour_bar(layer)
    return image


def find_last_run(viewer: ViewerModel) -> tuple[Layer, str, Mapping[int, Segmentation]] | None:
    """Return image layer, name and results of the topmost run whose image still exists."""
    for labels in reversed(viewer.layers):
        note = read_note(labels)
        if not note.is_labels or note.original_pixels is None or not note.results:
            continue
        for layer in viewer.layers:
            same = layer.name == note.image and isinstance(layer, Image)
            count = len(layer.data) if same and layer.data.ndim - layer.rgb == 3 else 1
            if same and max(note.results) < count:
                return layer, note.run, note.results
    return None


def call_arguments(result: Segmentation) -> dict[str, Any]:
    """Return the arguments of the run of a result, with its current number of segments."""
    record = result.record
    parameters = record.get("parameters", {})
    clusters = "auto" if parameters.get("clusters") == "auto" else result.clusters
    identity = {"segmenter": record.get("segmenter"), "model": chosen_model(record)}
    return {**identity, **parameters, "clusters": clusters}


def earlier_results(
    viewer: ViewerModel, sources: Sequence[ImageSource]
) -> dict[Layer, dict[int, Segmentation]]:
    """Return the results of earlier runs for the other images of the same stacks."""
    others: dict[Layer, dict[int, Segmentation]] = {}
    for layer in {each.layer for each in sources if each.count is not None}:
        labels = labels_of_run(viewer, layer.name)
        if labels is not None and len(labels.data) == len(layer.data):
            indices = {each.index for each in sources if each.layer is layer}
            results = read_note(labels).results
            others[layer] = {i: each for i, each in results.items() if i not in indices}
    return others


def has_layers_left(viewer: ViewerModel, prefixes: Mapping[Layer, str]) -> bool:
    """Return whether the image or the labels of any run are still in the viewer."""
    return any(
        layer in viewer.layers or labels_of_run(viewer, prefix) is not None
        for layer, prefix in prefixes.items()
    )


def _find_image(viewer: ViewerModel, result: Segmentation) -> Layer | None:
    """Return the layer of the image itself, or a layer with the same pixels, or None."""
    images = [layer for layer in reversed(viewer.layers) if isinstance(layer, Image)]
    same = [layer for layer in images if not layer.multiscale and layer.data is result.image]
    return next(iter(same or [each for each in images if _shows_image(each, result)]), None)


def _shows_image(layer: Layer, result: Segmentation) -> bool:
    return bool(
        not layer.multiscale
        and not read_note(layer).run
        and np.array_equal(layer.data, result.image)
    )
