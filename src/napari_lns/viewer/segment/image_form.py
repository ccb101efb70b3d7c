"""The form for the images to segment, their ground truth and their background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Layer
from numpy.typing import NDArray
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from napari_lns.viewer.layers.images import (
    ImageSource,
    has_alpha,
    image_sources,
    is_source_image,
    is_stack,
    why_not_segmentable,
)
from napari_lns.viewer.layers.stimulus import find_ground_truth, stack_index
from napari_lns.viewer.qt.controls import Choice, add_row, form_layout
from napari_lns.viewer.qt.events import connect_while_alive
from napari_lns.viewer.qt.layer_choice import LayerChoice
from napari_lns.viewer.segment.size_note import SizeNote

__all__ = ["ALL", "ONE", "SELECTED", "ImageForm"]

ONE, ALL, SELECTED = "current image", "whole stack", "selected layers"
IMAGE_TIP = "The image layer to segment; values outside [0, 1] are scaled by its contrast limits"
APPLY_TIP = "Which images: the one shown, a whole stack, or several layers"
NONE_SELECTED = "Select image layers in the layer list, or apply to the current image."
TRUTH_TIP = "Ground truth: the agreement is shown as the adjusted Rand index (ARI), at most 1"
BACKGROUND_TIP = "The grey level behind transparent parts of the image"


class ImageForm(QWidget):
    """A form for the images to segment and their ground truth.

    Parameters
    ----------
    viewer
        The viewer whose layers can be chosen.
    """

    changed = Signal()
    layer_changed = Signal()
    ground_truth_changed = Signal()

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._has_user_choice = False  # the user chose a ground truth, or none, for this image
        self.layer = LayerChoice(viewer, is_source_image)
        self.apply_to = Choice([(text, text) for text in (ONE, ALL, SELECTED)])
        self.ground_truth = LayerChoice(viewer, lambda layer: isinstance(layer, Labels), "none")
        self.background = Choice([("white", 1.0), ("grey", 0.5), ("black", 0.0)])
        self._form = form_layout(self)
        add_row(self._form, "&Image", self.layer, IMAGE_TIP, below=True)
        add_row(self._form, "Apply &to", self.apply_to, APPLY_TIP)
        add_row(self._form, "Gro&und truth", self.ground_truth, TRUTH_TIP, below=True)
        add_row(self._form, "&Background", self.background, BACKGROUND_TIP)
        self.size_note = SizeNote(viewer)
        self._form.addRow(self.size_note)
        self._choose_layer()
        self.layer.layer_changed.connect(self._choose_layer)
        self.layer.layers_changed.connect(self._refresh)
        self.apply_to.currentIndexChanged.connect(self._refresh)
        self.ground_truth.layer_changed.connect(self.ground_truth_changed)
        self.ground_truth.layers_changed.connect(self._suggest_ground_truth)
        self.ground_truth.activated.connect(self._on_ground_truth_chosen)
        connect_while_alive(self, viewer.layers.selection.events.changed, self._refresh)

    def sources(self) -> list[ImageSource]:
        """Return the images to segment."""
        one, grey = self.apply_to.currentData() == ONE, self.background.currentData()
        sources = []
        for layer in self._layers():
            if layer is not None:
                is_slice = one and is_stack(layer)
                place = stack_index(self._viewer, layer) if is_slice else None
                sources += image_sources(layer, place, grey)
        return sources

    def why_not(self) -> str:
        """Return why no image can be segmented, and what to do; empty if one can."""
        layers = self._layers()
        if layers == [None] and self.apply_to.currentData() == SELECTED:
            return NONE_SELECTED
        return next(filter(None, map(why_not_segmentable, layers)), "")

    def ground_truths(self, sources: Sequence[ImageSource]) -> dict[ImageSource, NDArray[Any]]:
        """Return the ground truth of images that have one; of several layers, each has its own."""
        several = len({source.layer for source in sources}) > 1
        truths = {}
        for source in sources:
            labels = (
                find_ground_truth(self._viewer, source.layer)
                if several
                else self.ground_truth.layer()
            )
            if labels is not None:
                data = labels.data
                stacked = source.count is not None and data.ndim == 3
                truths[source] = np.asarray(data[source.index] if stacked else data)
        return truths

    def _layers(self) -> list[Layer | None]:
        if self.apply_to.currentData() == SELECTED:
            layers = [each for each in self._viewer.layers.selection if is_source_image(each)]
            return sorted(layers, key=[*self._viewer.layers].index) or [None]
        return [self.layer.layer()]

    def _choose_layer(self) -> None:
        self._has_user_choice = False
        self._suggest_ground_truth()
        self.layer_changed.emit()
        self._refresh()

    def _suggest_ground_truth(self) -> None:
        """Choose the ground truth of the image, unless the user has chosen one."""
        layer = self.layer.layer()
        ground_truth = (
            None
            if layer is None or self._has_user_choice
            else find_ground_truth(self._viewer, layer)
        )
        if ground_truth is not None:
            self.ground_truth.choose(ground_truth)

    def _on_ground_truth_chosen(self, *_: object) -> None:
        self._has_user_choice = True

    def _refresh(self, *_: object) -> None:
        """Show the choice of a background only for transparent images."""
        has_transparency = any(map(has_alpha, self._layers()))
        self.background.setVisible(has_transparency)
        if (label := self._form.labelForField(self.background)) is not None:
            label.setVisible(has_transparency)
        self.size_note.set_layer(self.layer.layer())
        self.changed.emit()
