"""Runs that were opened from a file: their layers become a run's own again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.notes import note_of, segmentation_of, set_note
from napari_lns.viewer.layers.placing import show_colour_bar

__all__ = ["last_run", "opened_run", "taken_over"]


def opened_run(viewer: ViewerModel) -> Layer | None:
    """Find the labels of the last run that was opened and that no widget has taken over."""
    for layer in reversed(viewer.layers):
        note = note_of(layer)
        opened = note.is_labels and note.made is None
        if opened and isinstance(layer, Labels) and segmentation_of(layer) is not None:
            return layer
    return None


def taken_over(viewer: ViewerModel, labels: Layer) -> Layer | None:
    """Make an opened run's layers a run's own, and return the layer of its image.

    From then on another cut or run replaces them, as long as the user leaves them as they are.

    Parameters
    ----------
    viewer
        The viewer.
    labels
        What `opened_run` gave.

    Returns
    -------
    napari.layers.Layer or None
        The image; None, and nothing is changed, where it has gone.
    """
    found = segmentation_of(labels)
    picture = None if found is None else _picture(viewer, found)
    if picture is None:
        return None
    for layer in viewer.layers:
        note = note_of(layer)
        if note.results.get(0) is found:
            left = {"name": layer.name, "data": layer.data, "made": layer.data.copy()}
            set_note(layer, replace(note, run=picture.name, image=picture.name, **left))
            show_colour_bar(layer)
    return picture


def last_run(viewer: ViewerModel) -> tuple[Layer, str, Mapping[int, Segmentation]] | None:
    """Return the image, the name and the results of the uppermost run whose image is there."""
    for labels in reversed(viewer.layers):
        note = note_of(labels)
        if not note.is_labels or note.made is None or not note.results:
            continue
        for layer in viewer.layers:
            same = layer.name == note.image and isinstance(layer, Image)
            count = len(layer.data) if same and layer.data.ndim - layer.rgb == 3 else 1
            if same and max(note.results) < count:
                return layer, note.run, note.results
    return None


def _picture(viewer: ViewerModel, found: Segmentation) -> Layer | None:
    """Find the image itself, or else a layer that shows the same pixels."""
    images = [layer for layer in reversed(viewer.layers) if isinstance(layer, Image)]
    same = [layer for layer in images if not layer.multiscale and layer.data is found.image]
    return next(iter(same or [each for each in images if _shows(each, found)]), None)


def _shows(layer: Layer, found: Segmentation) -> bool:
    return bool(
        not layer.multiscale and not note_of(layer).run and np.array_equal(layer.data, found.image)
    )
