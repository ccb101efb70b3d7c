"""Track the inspected run and the mouse, and show layers that belong to the run.

The labels layer of a run gives access to its result (`find_segmentation` in `viewer.layers.notes`).
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
from napari_lns.viewer.layers.notes import Note, find_segmentation, read_note, set_note
from napari_lns.viewer.layers.placing import show_colour_bar
from napari_lns.viewer.layers.stimulus import find_ground_truth, stack_index
from napari_lns.viewer.qt.layer_choice import LayerChoice

__all__ = [
    "Inspection",
    "find_derived_layer",
    "find_result",
    "find_run_name",
    "pixel_at",
    "read_placement",
    "show_derived",
]

CLICK_TOLERANCE = 3  # screen pixels by which the mouse may move during a click


class Inspection(QObject):
    """The inspected result, and the mouse position in it.

    `changed` is emitted when another result is inspected, `hovered` and `clicked` with the row and
    column of a pixel.

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
        self.pixel: tuple[int, int] | None = None  # last pixel under the mouse
        self._hidden_layers: list[Layer] = []  # hidden while the image has no result
        self._known_layers: weakref.WeakSet[Layer] = weakref.WeakSet(self.choice.layers())
        self._new_layers: list[Layer] = []  # of runs since the last refresh
        self._empty_index: int | None = None  # index of the image in its stack, without a result
        self._refresh_timer = QTimer(self)  # a run adds its layers one by one
        self._refresh_timer.setSingleShot(True)
        self._refresh_timer.timeout.connect(self.refresh)
        self.choice.layer_changed.connect(self._refresh_later)
        self.choice.layers_changed.connect(self._choose_new_run)
        viewer.dims.events.current_step.connect(self._refresh_later)
        viewer.mouse_move_callbacks.append(self._on_mouse_move)
        viewer.mouse_drag_callbacks.append(self._on_mouse_press)
        self.destroyed.connect(
            partial(
                _disconnect, viewer, self._refresh_later, self._on_mouse_move, self._on_mouse_press
            )
        )
        self.refresh()

    def refresh(self) -> None:
        """Inspect the chosen result; emit `changed` if it is another one."""
        self._leave_hidden_run()
        layer = self.choice.layer()
        if layer is not self.layer:
            if self.layer is not None:
                self.layer.events.data.disconnect(self._refresh_later)
            if layer is not None:
                layer.events.data.connect(self._refresh_later)
        segmentation = None if layer is None else find_result(self.viewer, layer)
        index = None
        if layer is not None and layer.data.ndim > 2 and segmentation is None:
            index = stack_index(self.viewer, layer)
        same = layer is self.layer and segmentation is self.segmentation
        if not same or index != self._empty_index:
            self.layer, self.segmentation, self._empty_index = layer, segmentation, index
            self._show_derived_layers(visible=segmentation is not None)
            self.changed.emit()

    def show(
        self, content: str, kind: type[Layer], data: object, **options: object
    ) -> Layer | None:
        """Show data about the result in its own layer; return None if the result is gone."""
        if self.layer is None or self.layer not in self.viewer.layers:
            return None
        return show_derived(self.viewer, self.layer, content, kind, data, **options)

    def remove(self, content: str) -> None:
        """Remove the layer with some content about the result, if it exists."""
        layer = None if self.layer is None else find_derived_layer(self.viewer, self.layer, content)
        if layer is not None:
            self.viewer.layers.remove(layer)

    def toggle_maps(self) -> None:
        """Hide the maps that cover the result, or show them again."""
        layers = [] if self.layer is None else list(self.viewer.layers)
        maps = [each for each in layers if self._is_map(each)]
        hide = any(each.visible for each in maps)
        for each in maps:
            each.visible = not hide

    def ground_truth(self) -> NDArray[Any] | None:
        """Return the ground truth of the inspected image, or None."""
        for layer in self.viewer.layers:
            if self.layer is not None and layer.name == _image_name(self.layer):
                ground_truth = find_ground_truth(self.viewer, layer)
                if ground_truth is None:
                    return None
                place = (
                    () if ground_truth.data.ndim == 2 else stack_index(self.viewer, ground_truth)
                )
                return np.asarray(ground_truth.data[place])
        return None

    def why_no_result(self) -> str:
        """Return why there is no result to inspect, and what to do."""
        if self.layer is None:
            return "There is no run yet: press Run in the Segment widget."
        return f"Image {stack_index(self.viewer, self.layer)} has no result: run it in Segment."

    def stack_placement(self) -> dict[str, Any]:
        """Return scale, translation and axis labels for a stack of maps of one image.

        The first axis belongs to the maps. If the viewer shows a stack of images, the second axis
        is the axis of that stack, with the index of the image.
        """
        assert self.layer is not None
        place, axes = read_placement(self.layer), ("row", "column")
        others = [each for each in self.viewer.layers if not _is_derived(each)]
        axis = 1 if any(each.ndim > 2 for each in others) else 0
        index = self.viewer.dims.point[-3] if axis else 0.0
        return {
            "scale": (1.0,) * (1 + axis) + tuple(place["scale"]),
            "translate": (0.0,) + (index,) * axis + tuple(place["translate"]),
            "axis_labels": ("sample", *(self.viewer.dims.axis_labels[-3:-2] * axis), *axes),
        }

    def _show_derived_layers(self, *, visible: bool) -> None:
        """Hide the derived layers while the image has no result."""
        if visible:
            hidden, self._hidden_layers = self._hidden_layers, []
            for layer in hidden:
                layer.visible = True
        elif self.layer is not None:
            for layer in self.viewer.layers:
                is_own = read_note(layer).labels_name == self.layer.name
                if is_own and layer.visible:
                    layer.visible = False
                    self._hidden_layers.append(layer)

    def _choose_new_run(self) -> None:
        """Choose a new run of the inspected image."""
        current = self.choice.layer()
        new = [layer for layer in self.choice.layers() if layer not in self._known_layers]
        self._known_layers = weakref.WeakSet(self.choice.layers())
        self._new_layers += new
        if new:
            self._refresh_later()  # by then it is known which runs are hidden
        same = [each for each in new if current and _image_name(each) == _image_name(current)]
        if same:
            self.choice.choose(same[-1])

    def _leave_hidden_run(self) -> None:
        """Choose a new run of another image if the inspected run was hidden for it."""
        new, self._new_layers = self._new_layers, []
        current = self.choice.layer()
        visible = [each for each in new if each in self.viewer.layers and each.visible]
        if visible and current is not None and not current.visible:
            self.choice.choose(visible[0])

    def _is_map(self, layer: Layer) -> bool:
        of_this = self.layer is not None and read_note(layer).labels_name == self.layer.name
        return of_this and isinstance(layer, Image | Labels)

    def _refresh_later(self, *_: object) -> None:
        self._refresh_timer.start(0)

    def _on_mouse_move(self, _: object, event: object) -> None:
        pixel = self.pixel = self._pixel_at_event(event)
        if pixel is not None:
            self.hovered.emit(*pixel)

    def _on_mouse_press(self, viewer: Any, event: Any) -> Any:
        active = viewer.layers.selection.active
        start, moved = np.asarray(event.pos), False
        drawing = active is not None and active.mode not in ("pan_zoom", "transform")
        yield
        while event.type == "mouse_move":
            moved = moved or bool(np.abs(np.asarray(event.pos) - start).max() > CLICK_TOLERANCE)
            yield
        pixel = self._pixel_at_event(event)
        if pixel is not None and not moved and not drawing:
            self.clicked.emit(*pixel)

    def _pixel_at_event(self, event: Any) -> tuple[int, int] | None:
        if self.segmentation is None or self.layer is None:
            return None
        return pixel_at(self.layer, event.position)


def find_run_name(layer: Layer) -> str:
    """Return the name of the run that a layer belongs to."""
    return read_note(layer).run or str(layer.name)


def _image_name(layer: Layer) -> str:
    """Return the name of the image layer that a run segmented."""
    return read_note(layer).image or find_run_name(layer)


def find_result(viewer: ViewerModel, layer: Layer) -> Segmentation | None:
    """Return the result that a labels layer shows now: for its image or the current slice."""
    if layer.data.ndim == 2:
        return find_segmentation(layer)
    return find_segmentation(layer, stack_index(viewer, layer))


def pixel_at(layer: Layer, position: object) -> tuple[int, int] | None:
    """Return row and column of the pixel at a world position; None outside the layer."""
    row, column = (int(np.floor(value + 0.5)) for value in layer.world_to_data(position)[-2:])
    height, width = layer.data.shape[-2:]
    return (row, column) if 0 <= row < height and 0 <= column < width else None


def read_placement(layer: Layer) -> dict[str, Any]:
    """Return scale and translation that place an image (H, W) over a layer."""
    return {"scale": layer.scale[-2:], "translate": layer.translate[-2:]}


def find_derived_layer(viewer: ViewerModel, labels: Layer, content: str) -> Layer | None:
    """Return the layer with some content about a run, unless the user renamed it."""
    for layer in viewer.layers:
        note = read_note(layer)
        if (note.content, note.labels_name, note.name) == (content, labels.name, layer.name):
            return layer
    return None


def show_derived(
    viewer: ViewerModel, labels: Layer, content: str, kind: type[Layer], data: Any, **options: Any
) -> Layer:
    """Show data about a run in its own layer, which is created if needed.

    The selection of layers does not change.
    """
    layer = find_derived_layer(viewer, labels, content)
    if layer is not None and np.shape(layer.data) == np.shape(data):
        layer.data = data
        if "translate" in options:
            layer.translate = options["translate"]
        return layer
    if layer is not None:
        viewer.layers.remove(layer)
    selected = set(viewer.layers.selection)
    name = f"{find_run_name(labels)} {content}"
    layer = kind(data, name=name, **{**read_placement(labels), **options})
    set_note(layer, Note(content=content, labels_name=labels.name))  # read by listeners
    if issubclass(kind, Image | Labels):  # maps stay below lines and pins
        viewer.layers.insert(viewer.layers.index(labels) + 1, layer)
    else:
        viewer.add_layer(layer)
    show_colour_bar(layer)
    set_note(layer, Note(content=content, labels_name=labels.name, name=layer.name))
    viewer.layers.selection = {each for each in selected if each in viewer.layers}
    return layer


def _is_derived(layer: Layer) -> bool:
    return bool(read_note(layer).labels_name)


def _holds_result(layer: Layer) -> bool:
    note = read_note(layer)
    return isinstance(layer, Labels) and note.is_labels and bool(note.results)


def _disconnect(
    viewer: ViewerModel,
    refresh_later: Callable[..., None],
    move: Callable[..., None],
    press: Callable[..., Any],
    *_: object,
) -> None:
    viewer.dims.events.current_step.disconnect(refresh_later)
    for callbacks, callback in (
        (viewer.mouse_move_callbacks, move),
        (viewer.mouse_drag_callbacks, press),
    ):
        if callback in callbacks:
            callbacks.remove(callback)
    for layer in viewer.layers:
        layer.events.data.disconnect(refresh_later)
