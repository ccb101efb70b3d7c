"""`ImageForm`: which images are segmented, with which ground truth, over which background."""

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
    Given,
    given_by,
    has_alpha,
    is_picture,
    is_stack,
    why_not,
)
from napari_lns.viewer.layers.stimulus import place_in_stack, truth_of
from napari_lns.viewer.qt.controls import Choice, add_row, form_layout
from napari_lns.viewer.qt.events import connect_while_alive
from napari_lns.viewer.qt.layer_choice import LayerChoice
from napari_lns.viewer.segment.size_note import SizeNote

__all__ = ["ALL", "ONE", "SELECTED", "ImageForm"]

ONE, ALL, SELECTED = "current image", "whole stack", "selected layers"
IMAGE = "The image layer to segment; values outside [0, 1] are scaled by its contrast limits"
TAKE = "Which images: the one shown, a whole stack, or several layers"
NONE_SELECTED = "Select image layers in the layer list, or apply to the current image."
TRUTH = "Ground truth: agreement with it is shown as the adjusted Rand index (ARI), at most 1"
BACKGROUND = "The grey over which the image's transparent parts are laid"


class ImageForm(QWidget):
    """Choose images and their ground truth.

    Parameters
    ----------
    viewer
        The viewer whose layers are offered.
    """

    changed = Signal()
    layer_changed = Signal()
    truth_changed = Signal()

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._users_truth = False  # the user chose it, or none, for the image as it is
        self.layer = LayerChoice(viewer, is_picture)
        self.take = Choice([(text, text) for text in (ONE, ALL, SELECTED)])
        self.truth = LayerChoice(viewer, lambda layer: isinstance(layer, Labels), "none")
        self.background = Choice([("white", 1.0), ("grey", 0.5), ("black", 0.0)])
        self._form = form_layout(self)
        add_row(self._form, "&Image", self.layer, IMAGE)
        add_row(self._form, "Apply &to", self.take, TAKE)
        add_row(self._form, "Gro&und truth", self.truth, TRUTH)
        add_row(self._form, "&Background", self.background, BACKGROUND)
        self.size_note = SizeNote(viewer)
        self._form.addRow(self.size_note)
        self._choose_layer()
        self.layer.layer_changed.connect(self._choose_layer)
        self.layer.listed.connect(self._refresh)
        self.take.currentIndexChanged.connect(self._refresh)
        self.truth.layer_changed.connect(self.truth_changed)
        self.truth.listed.connect(self._suggest_truth)
        self.truth.activated.connect(self._keep_truth)
        connect_while_alive(self, viewer.layers.selection.events.changed, self._refresh)

    def given(self) -> list[Given]:
        """Return the images to segment."""
        one, grey = self.take.currentData() == ONE, self.background.currentData()
        given = []
        for layer in self._layers():
            if layer is not None:
                shown = one and is_stack(layer)
                place = place_in_stack(self._viewer, layer) if shown else None
                given += given_by(layer, place, grey)
        return given

    def why_not(self) -> str:
        """Return why there is nothing to segment, and what to do; nothing if there is."""
        layers = self._layers()
        if layers == [None] and self.take.currentData() == SELECTED:
            return NONE_SELECTED
        return next(filter(None, map(why_not, layers)), "")

    def truths_of(self, given: Sequence[Given]) -> dict[Given, NDArray[Any]]:
        """Return images' ground truth, as far as there is any: several layers have their own."""
        several = len({picture.layer for picture in given}) > 1
        truths = {}
        for picture in given:
            own = truth_of(self._viewer, picture.layer) if several else self.truth.layer()
            if own is not None:
                data = own.data
                stacked = picture.count is not None and data.ndim == 3
                truths[picture] = np.asarray(data[picture.index] if stacked else data)
        return truths

    def _layers(self) -> list[Layer | None]:
        if self.take.currentData() == SELECTED:
            chosen = [each for each in self._viewer.layers.selection if is_picture(each)]
            return sorted(chosen, key=[*self._viewer.layers].index) or [None]
        return [self.layer.layer()]

    def _choose_layer(self) -> None:
        self._users_truth = False
        self._suggest_truth()
        self.layer_changed.emit()
        self._refresh()

    def _suggest_truth(self) -> None:
        """Choose the ground truth that came with the image, unless the user has chosen."""
        layer = self.layer.layer()
        truth = None if layer is None or self._users_truth else truth_of(self._viewer, layer)
        if truth is not None:
            self.truth.choose(truth)

    def _keep_truth(self, *_: object) -> None:
        self._users_truth = True

    def _refresh(self, *_: object) -> None:
        """Ask for a background where there is something transparent."""
        asked = any(map(has_alpha, self._layers()))
        self.background.setVisible(asked)
        if (label := self._form.labelForField(self.background)) is not None:
            label.setVisible(asked)
        self.size_note.set_layer(self.layer.layer())
        self.changed.emit()
