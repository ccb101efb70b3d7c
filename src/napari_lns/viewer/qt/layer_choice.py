"""A combo box for one of a viewer's layers, which stays in sync with the layer list."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from napari_lns.viewer.qt.controls import Choice

__all__ = ["LayerChoice"]


class LayerChoice(Choice):
    """Choose a layer of the viewer.

    `layer_changed` is emitted when another layer is chosen, by the user or the program;
    `layers_changed` when the layers to choose from, or their names, may have changed.

    Parameters
    ----------
    viewer
        The viewer.
    accepts
        Function that returns whether a layer may be chosen.
    none_text
        The entry for no layer. If empty, there is no such entry.
    parent
        The widget that owns it.
    """

    layer_changed = Signal()
    layers_changed = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        accepts: Callable[[Layer], bool],
        none_text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self._viewer, self._accepts, self._none_text = viewer, accepts, none_text
        self._layers: list[weakref.ref[Layer]] = []
        self._last_chosen: weakref.ref[Layer] | None = None
        events = viewer.layers.events
        for event in (events.inserted, events.removed, events.reordered):
            event.connect(self._refresh)
        self.destroyed.connect(partial(_disconnect, viewer, self._refresh))
        self.currentIndexChanged.connect(self._emit_if_changed)
        self._refresh()

    def layer(self) -> Layer | None:
        """Return the chosen layer, or None if there is none."""
        place = self.currentIndex() - bool(self._none_text)
        return self._layers[place]() if 0 <= place < len(self._layers) else None

    def layers(self) -> list[Layer]:
        """Return the layers that can be chosen."""
        return [layer for layer in (each() for each in self._layers) if layer is not None]

    def choose(self, layer: Layer | None) -> None:
        """Choose a layer, or no layer for None."""
        layers = [each() for each in self._layers]
        place = layers.index(layer) if layer is not None and layer in layers else -1
        self.setCurrentIndex(place + bool(self._none_text))

    def _refresh(self, event: object = None) -> None:
        current, before = self.layer(), self.signalsBlocked()
        layers = [layer for layer in self._viewer.layers if self._accepts(layer)]
        self.blockSignals(True)
        self.clear()
        if self._none_text:
            self.addItem(self._none_text)
        for layer in layers:
            self.addItem(layer.name)
            layer.events.name.connect(self._refresh)  # connecting again has no effect
        self._layers = [weakref.ref(layer) for layer in layers]
        self.choose(current if current in layers else self._default(layers))
        self.blockSignals(before)
        self._emit_if_changed()
        self.layers_changed.emit()

    def _emit_if_changed(self, *_: object) -> None:
        """Emit `layer_changed` if the chosen layer has changed."""
        layer = self.layer()
        before = None if self._last_chosen is None else self._last_chosen()
        gone = self._last_chosen is not None and before is None
        if layer is not before or gone:
            self._last_chosen = None if layer is None else weakref.ref(layer)
            self.layer_changed.emit()

    def _default(self, layers: list[Layer]) -> Layer | None:
        return layers[-1] if layers and not self._none_text else None


def _disconnect(viewer: ViewerModel, refresh: Callable[..., None], *_: object) -> None:
    events = viewer.layers.events
    for event in (events.inserted, events.removed, events.reordered):
        event.disconnect(refresh)
    for layer in viewer.layers:
        layer.events.name.disconnect(refresh)
