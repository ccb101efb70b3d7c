"""Make a scene from shapes, labels or a drawing, edit it, and request training on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels, Shapes
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.contact_sheet import arrange
from napari_lns.viewer.layers.notes import Note, make_metadata
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.layers.stimulus import add_stimulus, update_stimulus
from napari_lns.viewer.preferences import cache_folder
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.layout import make_column
from napari_lns.viewer.qt.message_area import plain_label
from napari_lns.viewer.stimuli.surface_form import SurfaceForm

if TYPE_CHECKING:  # slow to import, and not needed to open the widget
    from napari_lns.stimuli import Scene

__all__ = ["SceneSection"]

SCENE_FILES = "Scenes and drawings (*.json *.svg)"
NO_LAYER = "Add a {kind} layer and select it in the layer list."
INTRO = "Design a stimulus of surfaces in depth order: start from the example, or from your own."
Rows = tuple[tuple[QWidget, ...], ...]
NO_SCENE = "Make a scene first: from shapes, labels, or a file."
HULL_TIP = "Extend labels to their convex hulls where other labels may occlude them"


class SceneSection(QWidget):
    """The section of the Stimuli widget for your own scene: its surfaces and their variation.

    Parameters
    ----------
    viewer
        The viewer that provides the layers and shows the scene.
    """

    training_requested = Signal(str, int)

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._viewer = viewer
        self.scene: Scene | None = None
        self._layers: list[Any] = []
        self._draw_worker, self._sheet_worker = LatestCall(self), LatestCall(self)
        self._draw_worker.finished.connect(self._on_drawn)
        self._sheet_worker.finished.connect(self._on_sheet_drawn)
        for worker in (self._draw_worker, self._sheet_worker):
            worker.failed.connect(self._show_error)
            self.destroyed.connect(worker.close)
        self._build()
        self._refresh()

    def set_scene(self, scene: Scene, *, new: bool = True) -> None:
        """Show a scene, in new layers if `new` is true."""
        row = 0 if new else self.list.currentRow()
        self.scene = scene
        if new:
            self._layers = []
        self.list.blockSignals(True)
        self.list.clear()
        for surface in reversed(scene.surfaces):  # the nearest first, as in the layer list
            item = QListWidgetItem(surface.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        self.list.blockSignals(False)
        self._refresh()
        self._draw_worker.call(lambda: (scene, scene.draw()))

    def open(self, path: str) -> None:
        """Read a scene from a JSON file or an SVG drawing."""
        from napari_lns.stimuli import Scene

        is_svg = path.lower().endswith(".svg")
        self._set_made_scene(lambda: Scene.from_svg(path) if is_svg else Scene.load(path))

    def try_example(self) -> None:
        """Show an example scene, a bar behind a disc."""
        from napari_lns.viewer.stimuli.scene_shapes import example_scene

        self._set_made_scene(example_scene)

    def set_from_shapes(self) -> None:
        """Make a scene from the selected Shapes layer, or from the last one."""
        from napari_lns.viewer.stimuli.scene_shapes import canvas_size, scene_from_shapes

        layer = self._find_layer(Shapes)
        if layer is not None:
            self._set_made_scene(lambda: scene_from_shapes(layer, canvas_size(self._viewer)))

    def set_from_labels(self) -> None:
        """Make a scene from the selected Labels layer, with the colours of an image of its size."""
        from napari_lns.stimuli import Scene
        from napari_lns.viewer.stimuli.scene_shapes import rgb_images

        layer = self._find_layer(Labels)
        if layer is not None:
            labels = np.asarray(layer.data)
            image = next(
                (each for each in rgb_images(self._viewer) if each.shape[:2] == labels.shape), None
            )
            hull = self.hull.isChecked()
            self._set_made_scene(lambda: Scene.from_labels(labels, image, hull=hull))

    def save(self, path: str) -> None:
        """Save the scene as a JSON file."""
        if self.scene is None:
            self.message.setText(NO_SCENE)
            return
        try:
            self.scene.save(path)
            self.message.setText(f"Saved {path}")
        except (OSError, ValueError) as error:
            self.message.setText(str(error))

    def show_world(self) -> None:
        """Add nine training images of the scene as one layer."""
        scene = self.scene
        if scene is None:
            self.message.setText(NO_SCENE)
            return
        self._sheet_worker.call(
            lambda: (scene.name, arrange(np.array([each.image for each in scene.scenes(9)])))
        )

    def train(self) -> None:
        """Save the scene next to the training runs, and request training on it."""
        if self.scene is None:
            self.message.setText(NO_SCENE)
            return
        name = re.sub(r"[^\w.+-]", "_", self.scene.name)
        file = cache_folder() / "scenes" / f"{name}.json"
        try:
            self.scene.check_world()
            file.parent.mkdir(parents=True, exist_ok=True)
            self.scene.save(file)
        except (OSError, ValueError) as error:
            self.message.setText(str(error))
            return
        self.training_requested.emit(str(file), self.minutes.value())

    def move_surface(self, nearer: bool) -> None:
        """Move the chosen surface one place nearer or farther."""
        if self.scene is None:
            return
        index = self._surface_index()
        other = index + (1 if nearer else -1)
        surfaces = list(self.scene.surfaces)
        if not 0 <= other < len(surfaces):
            return
        surfaces[index], surfaces[other] = surfaces[other], surfaces[index]
        self.list.setCurrentRow(len(surfaces) - 1 - other)
        self.set_scene(replace(self.scene, surfaces=tuple(surfaces)), new=False)

    def _move_nearer(self) -> None:
        self.move_surface(nearer=True)

    def _move_farther(self) -> None:
        self.move_surface(nearer=False)

    def wait(self) -> None:
        """Block until the drawings have ended."""
        self._draw_worker.wait()
        self._sheet_worker.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName("Surfaces")
        self.list.setToolTip("The scene's surfaces, the nearest first; a double click renames one")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.list.setMaximumHeight(130)
        self.list.currentRowChanged.connect(self._refresh)
        self.list.itemChanged.connect(self._on_item_renamed)
        self.form = SurfaceForm()
        self.form.changed.connect(self._apply_form)
        self.hull = QCheckBox("Labels as convex &hulls")
        self.hull.setToolTip(HULL_TIP)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, 600)
        self.minutes.setValue(15)
        self.minutes.setSuffix(" min")
        self.minutes.setToolTip("Time limit for training on this machine, in minutes")
        self.minutes.setAccessibleName("Training time")
        self.about, self.message = plain_label(), plain_label()
        self.example = button(
            "Try an example", "Show an example scene: a bar behind a disc", self.try_example
        )
        self.save_button = button("Save…", "Save the scene as JSON", self._ask_to_save)
        self.editor = make_column(*self._editing_rows())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.about)
        layout.addWidget(make_column((self.example,), *self._source_rows()))
        layout.addWidget(self.editor)
        layout.addWidget(self.message)
        layout.addStretch()

    def _source_rows(self) -> Rows:
        shapes = "Make a scene from the selected Shapes layer"
        labels = "Make a scene from the selected Labels layer"
        opened = "Open a scene (JSON) or a drawing (SVG)"
        return (
            (
                button("From Shapes", shapes, self.set_from_shapes),
                button("From Labels", labels, self.set_from_labels),
            ),
            (self.hull,),
            (button("Open…", opened, self._ask_to_open), self.save_button),
        )

    def _editing_rows(self) -> Rows:
        return (
            (self.list,),
            (
                button("Nearer", "Move the surface one place nearer", self._move_nearer),
                button("Farther", "Move the surface one place farther", self._move_farther),
            ),
            (self.form,),
            (button("Nine scenes", "Show nine training images of the scene", self.show_world),),
            (
                button("Train this world", "Train a network on variants of the scene", self.train),
                self.minutes,
            ),
        )

    # what happens ---------------------------------------------------------------------

    def _surface_index(self) -> int:
        """Return the index of the chosen surface in the scene."""
        return self.list.count() - 1 - self.list.currentRow()

    def _set_made_scene(self, make: Callable[[], Scene]) -> None:
        try:
            self.set_scene(make())
            self.message.clear()
        except (OSError, ValueError) as error:
            self.message.setText(str(error))

    def _on_item_renamed(self, item: QListWidgetItem) -> None:
        if self.scene is None:
            return
        from napari_lns.viewer.stimuli.scene_shapes import rename_surface

        index = self.list.count() - 1 - self.list.row(item)
        old, name = self.scene.surfaces[index].name, item.text().strip()
        if name == old:
            return
        surfaces = rename_surface(self.scene.surfaces, index, name) if name else self.scene.surfaces
        self._set_surfaces(surfaces)

    def _apply_form(self) -> None:
        if self.scene is None or not self.scene.surfaces:
            return
        index = self._surface_index()
        surfaces = list(self.scene.surfaces)
        try:
            surfaces[index] = self.form.apply_to(surfaces[index])
        except ValueError as error:
            self.message.setText(str(error))
            return
        self._set_surfaces(tuple(surfaces))

    def _set_surfaces(self, surfaces: tuple[Any, ...]) -> None:
        """Set the surfaces of the scene; if they are invalid, show why and keep the old ones."""
        assert self.scene is not None
        try:
            scene = replace(self.scene, surfaces=surfaces)
            self.message.clear()
        except ValueError as error:
            scene = self.scene
            self.message.setText(str(error))
        self.set_scene(scene, new=False)

    def _refresh(self, *_: Any) -> None:
        scene = self.scene
        self.example.setVisible(scene is None)
        self.editor.setVisible(scene is not None)
        self.save_button.setEnabled(scene is not None)
        if scene is None:
            self.about.setText(INTRO)
            return
        self.form.fill(scene, self._surface_index())

    def _on_drawn(self, result: tuple[Scene, Stimulus]) -> None:
        scene, stimulus = result
        if scene is not self.scene:
            return
        if not update_stimulus(self._viewer, self._layers, stimulus):
            self._layers = add_stimulus(self._viewer, stimulus)
        kinds = ", ".join(ambiguity.kind for ambiguity in scene.ambiguities)
        self.about.setText(
            f"Ambiguous: {kinds}."
            if kinds
            else "Nothing is ambiguous, so there is no control: give a surface the background's "
            "colour, hide a part of one, or make one transparent."
        )

    def _on_sheet_drawn(self, result: tuple[str, Any]) -> None:
        name, sheet = result
        metadata = make_metadata(Note(world={"scene": name}))
        self._viewer.add_layer(
            Image(sheet, name=f"world of {name}", metadata=metadata, **IMAGE_OPTIONS)
        )

    def _show_error(self, error: Exception) -> None:
        self.message.setText(str(error))

    def _find_layer(self, kind: type[Any]) -> Any:
        """Return the selected layer of a kind, or the last one; show a message if there is none."""
        layers = [each for each in self._viewer.layers if type(each) is kind]
        selected = [each for each in layers if each in self._viewer.layers.selection]
        if not layers:
            self.message.setText(NO_LAYER.format(kind=kind.__name__))
            return None
        return (selected or layers)[-1]

    def _ask_to_open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a scene or drawing", "", SCENE_FILES)
        if path:
            self.open(path)

    def _ask_to_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save the scene", "", "Scenes (*.json)")
        if path:
            self.save(str(Path(path).with_suffix(".json")))
