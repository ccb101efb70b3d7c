"""`Inspected`: the run that is looked at, the pixel under the mouse, and layers made on the way.

A run's result is found through its labels layer (`segmentation_of` in `viewer.layers.notes`).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QWidget

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.notes import Note, note_of, segmentation_of, set_note
from napari_lns.viewer.layers.placing import show_colour_bar
from napari_lns.viewer.layers.stimulus import place_in_stack, truth_of
from napari_lns.viewer.qt.layer_choice import LayerChoice

__all__ = ["Inspected", "own_layer", "pixel_at", "place_of", "result_of", "run_of", "show_own"]

STILL = 3  # pixels of the screen that a click may move


class Inspected(QObject):
    """The result that is inspected, and the position of the mouse in it.

    Parameters
    ----------
    viewer
        The viewer.
    parent
        The widget that owns it.
    """

    changed = Signal()
    hovered = Signal(int, int)
    clicked = Signal(int, int)

    def __init__(self, viewer: ViewerModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.viewer = viewer
        self.choice = LayerChoice(viewer, lambda layer: _holds_result(layer))
        self.choice.setToolTip("The labels layer of the run that is inspected")
        self.layer: Layer | None = None
        self.segmentation: Segmentation | None = None
        self.pixel: tuple[int, int] | None = None  # that the mouse was over last
        self._hidden: list[Layer] = []  # while the image has no result
        self._known: weakref.WeakSet[Layer] = weakref.WeakSet(self.choice.known())
        self._later = QTimer(self)  # a run's layers are complete once its call has returned
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.look)
        self.choice.layer_changed.connect(self._soon)
        self.choice.listed.connect(self._follow)
        viewer.dims.events.current_step.connect(self._soon)
        viewer.mouse_move_callbacks.append(self._move)
        viewer.mouse_drag_callbacks.append(self._press)
        self.destroyed.connect(partial(_disconnect, viewer, self._soon, self._move, self._press))
        self.look()

    def look(self) -> None:
        """Look at what is chosen now; `changed` is emitted if it is another result."""
        layer = self.choice.layer()
        if layer is not self.layer:
            if self.layer is not None:
                self.layer.events.data.disconnect(self._soon)
            if layer is not None:
                layer.events.data.connect(self._soon)
        found = None if layer is None else result_of(self.viewer, layer)
        if layer is not self.layer or found is not self.segmentation:
            self.layer, self.segmentation = layer, found
            self._show_own(visible=found is not None)
            self.changed.emit()

    def show(self, shows: str, kind: type[Layer], data: Any, **options: Any) -> Layer | None:
        """Show something about the result in a layer of its own; None if the result has gone."""
        if self.layer is None or self.layer not in self.viewer.layers:
            return None
        return show_own(self.viewer, self.layer, shows, kind, data, **options)

    def take_away(self, shows: str) -> None:
        """Remove the layer in which something about the result is shown, if there is one."""
        layer = None if self.layer is None else own_layer(self.viewer, self.layer, shows)
        if layer is not None:
            self.viewer.layers.remove(layer)

    def hide_or_show(self) -> None:
        """Hide the maps that were made of the result, so that it is seen, or show them again."""
        layers = [] if self.layer is None else list(self.viewer.layers)
        maps = [each for each in layers if self._is_map(each)]
        hide = any(each.visible for each in maps)
        for each in maps:
            each.visible = not hide

    def truth(self) -> NDArray[Any] | None:
        """Return the ground truth of the image that is looked at, if there is any."""
        for layer in self.viewer.layers:
            if self.layer is not None and layer.name == _picture_of(self.layer):
                truth = truth_of(self.viewer, layer)
                if truth is None:
                    return None
                place = () if truth.data.ndim == 2 else place_in_stack(self.viewer, truth)
                return np.asarray(truth.data[place])
        return None

    def why_none(self) -> str:
        """Return why there is no result to look at, and what to do."""
        if self.layer is None:
            return "There is no run yet: press Run in the Segment widget."
        return f"Image {place_in_stack(self.viewer, self.layer)} has no result: run it in Segment."

    def stack_place(self) -> dict[str, Any]:
        """Return where a stack about one image lies: on an axis of its own, beside all images.

        Its first axis is its own; where the viewer shows a stack, the next one is that stack's,
        on which it has one place: that of the image.
        """
        assert self.layer is not None
        place, axes = place_of(self.layer), ("row", "column")
        others = [each for each in self.viewer.layers if not _is_own(each)]
        axis = 1 if any(each.ndim > 2 for each in others) else 0
        index = self.viewer.dims.point[-3] if axis else 0.0
        return {
            "scale": (1.0,) * (1 + axis) + tuple(place["scale"]),
            "translate": (0.0,) + (index,) * axis + tuple(place["translate"]),
            "axis_labels": ("sample", *(self.viewer.dims.axis_labels[-3:-2] * axis), *axes),
        }

    def _show_own(self, *, visible: bool) -> None:
        """Hide what was shown of another image while this one has no result."""
        if visible:
            hidden, self._hidden = self._hidden, []
            for layer in hidden:
                layer.visible = True
        elif self.layer is not None:
            for layer in self.viewer.layers:
                own = note_of(layer).of == self.layer.name
                if own and layer.visible:
                    layer.visible = False
                    self._hidden.append(layer)

    def _follow(self) -> None:
        """Look at a new run of the image whose result is looked at."""
        chosen = self.choice.layer()
        new = [layer for layer in self.choice.known() if layer not in self._known]
        self._known = weakref.WeakSet(self.choice.known())
        same = [each for each in new if chosen and _picture_of(each) == _picture_of(chosen)]
        if same:
            self.choice.choose(same[-1])

    def _is_map(self, layer: Layer) -> bool:
        of_this = self.layer is not None and note_of(layer).of == self.layer.name
        return of_this and isinstance(layer, Image | Labels)

    def _soon(self, *_: object) -> None:
        self._later.start(0)

    def _move(self, _: object, event: Any) -> None:
        pixel = self.pixel = self._pixel(event)
        if pixel is not None:
            self.hovered.emit(*pixel)

    def _press(self, viewer: Any, event: Any) -> Any:
        active = viewer.layers.selection.active
        start, moved = np.asarray(event.pos), False
        drawing = active is not None and active.mode not in ("pan_zoom", "transform")
        yield
        while event.type == "mouse_move":
            moved = moved or bool(np.abs(np.asarray(event.pos) - start).max() > STILL)
            yield
        pixel = self._pixel(event)
        if pixel is not None and not moved and not drawing:
            self.clicked.emit(*pixel)

    def _pixel(self, event: Any) -> tuple[int, int] | None:
        if self.segmentation is None or self.layer is None:
            return None
        return pixel_at(self.layer, event.position)


def run_of(layer: Layer) -> str:
    """Return the name of the run that a layer belongs to."""
    return note_of(layer).run or str(layer.name)


def _picture_of(layer: Layer) -> str:
    """Return the name of the image that a layer's run segmented."""
    return note_of(layer).image or run_of(layer)


def result_of(viewer: ViewerModel, layer: Layer) -> Segmentation | None:
    """Return the result that a labels layer shows now: of its image, or at the viewer's slice."""
    if layer.data.ndim == 2:
        return segmentation_of(layer)
    return segmentation_of(layer, place_in_stack(viewer, layer))


def pixel_at(layer: Layer, position: Any) -> tuple[int, int] | None:
    """Return row and column of the pixel at a place in the world; None outside the layer."""
    row, column = (int(np.floor(value + 0.5)) for value in layer.world_to_data(position)[-2:])
    height, width = layer.data.shape[-2:]
    return (row, column) if 0 <= row < height and 0 <= column < width else None


def place_of(layer: Layer) -> dict[str, Any]:
    """Return scale and position that lay an image (H, W) over a layer."""
    return {"scale": layer.scale[-2:], "translate": layer.translate[-2:]}


def own_layer(viewer: ViewerModel, near: Layer, shows: str) -> Layer | None:
    """Find the layer in which something about a run is shown; not one that the user renamed."""
    for layer in viewer.layers:
        note = note_of(layer)
        if (note.shows, note.of, note.name) == (shows, near.name, layer.name):
            return layer
    return None


def show_own(
    viewer: ViewerModel, near: Layer, shows: str, kind: type[Layer], data: Any, **options: Any
) -> Layer:
    """Show something about a run in a layer of its own, made where there is none.

    What is selected stays so: the user goes on with the layer that he works in.
    """
    layer = own_layer(viewer, near, shows)
    if layer is not None and np.shape(layer.data) == np.shape(data):
        layer.data = data
        if "translate" in options:
            layer.translate = options["translate"]
        return layer
    if layer is not None:
        viewer.layers.remove(layer)
    selected = set(viewer.layers.selection)
    name = f"{run_of(near)} {shows}"
    made = kind(data, name=name, **{**place_of(near), **options})
    set_note(made, Note(shows=shows, of=near.name))  # who hears of it asks
    if issubclass(kind, Image | Labels):  # a map lies below lines and pins, also later ones
        viewer.layers.insert(viewer.layers.index(near) + 1, made)
    else:
        viewer.add_layer(made)
    show_colour_bar(made)
    set_note(made, Note(shows=shows, of=near.name, name=made.name))
    viewer.layers.selection = {each for each in selected if each in viewer.layers}
    return made


def _is_own(layer: Layer) -> bool:
    return bool(note_of(layer).of)


def _holds_result(layer: Layer) -> bool:
    note = note_of(layer)
    return isinstance(layer, Labels) and note.is_labels and bool(note.results)


def _disconnect(
    viewer: ViewerModel,
    soon: Callable[..., None],
    move: Callable[..., None],
    press: Callable[..., Any],
    *_: object,
) -> None:
    viewer.dims.events.current_step.disconnect(soon)
    for callbacks, own in (
        (viewer.mouse_move_callbacks, move),
        (viewer.mouse_drag_callbacks, press),
    ):
        if own in callbacks:
            callbacks.remove(own)
    for layer in viewer.layers:
        layer.events.data.disconnect(soon)
