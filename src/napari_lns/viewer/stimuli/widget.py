"""The Stimuli widget: choose a stimulus, set its parameters, add it to the viewer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import napari
from napari.layers import Image
from qtpy.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QMenu,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.contact_sheet import world_sheet
from napari_lns.viewer.layers.notes import Note, make_metadata
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.layers.readers import add_files
from napari_lns.viewer.layers.stimulus import add_stimulus, update_stimulus
from napari_lns.viewer.live.panel import LivePanel
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import ParameterForm, button, make_scrollable
from napari_lns.viewer.qt.docks import join_docks, open_widget
from napari_lns.viewer.qt.layout import make_row
from napari_lns.viewer.qt.message_area import plain_label
from napari_lns.viewer.qt.state import restore_state, save_state_on_hide
from napari_lns.viewer.stimuli.scene_section import SceneSection
from napari_lns.viewer.stimuli.stimulus_list import StimulusList
from napari_lns.viewer.train.widget import TrainWidget

__all__ = ["StimuliWidget"]

NEXT_TIP = "Draw the next seed, or the next image of a Good Gestalt set"
WORLD_TIP = "Add a contact sheet of the images that a network for this stimulus is trained on"
SEGMENTS_TIP = "Segment the added stimulus while a control moves, and plot its law's measure"
LIBRARY_TIP = "All stimuli with their parameters"
SCENE_TIP = "A stimulus of your own: from shapes, labels or a drawing"
SAME_TIP = "All seeds draw the same image: raise Jitter above 0 to see variants"
STIMULUS_FILES = "Stimuli (*.png *.jpg *.jpeg *.tif *.tiff *.npz *.csv *.json)"


class StimuliWidget(QWidget):
    """Browse the stimuli, set their parameters, and add them to the viewer.

    Parameters
    ----------
    viewer
        The viewer to which the stimuli are added.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # napari reads this type
        super().__init__()
        self._viewer = viewer
        self._layers: list[napari.layers.Layer] = []
        self._draw_worker = LatestCall(self)
        self._draw_worker.finished.connect(self._on_drawn)
        self._draw_worker.failed.connect(self._show_error)
        self._sheet_worker = LatestCall(self)
        self._sheet_worker.finished.connect(self._on_sheet_drawn)
        self._sheet_worker.failed.connect(self._show_error)
        self._form = ParameterForm({})
        self._build()
        self.list.setCurrentRow(1)
        self.list.scrollToTop()  # include the first heading
        self._restore_state()
        self.destroyed.connect(self._draw_worker.close)
        self.destroyed.connect(self._sheet_worker.close)
        save_state_on_hide(self, "stimuli", self._state)
        join_docks(self)

    def choose(self, name: str) -> None:
        """Choose a stimulus by its name."""
        self.list.choose(name)

    @property
    def form(self) -> ParameterForm:
        """The controls of the chosen stimulus's parameters."""
        return self._form

    def add(self) -> None:
        """Draw the chosen stimulus, and add it with its ground truth as new layers."""
        self._layers = []
        self._draw(is_new=True)

    def show_next(self) -> None:
        """Draw the next variant: the next seed, or the next image of a Good Gestalt set."""
        if "index" in self._form.values():
            self._form.set_values({"index": self._form.values()["index"] + 1})
        else:
            self.seed.setValue(self.seed.value() + 1)

    def show_world(self) -> None:
        """Add a contact sheet of training images for the chosen stimulus as a layer."""
        name, seed = self.list.chosen_name(), self.seed.value()
        if name is not None:
            self.message.setText("Drawing training images…")
            self._sheet_worker.call(lambda: (name, seed, world_sheet(name, seed=seed)))

    def wait(self) -> None:
        """Block until the drawings have ended."""
        self._draw_worker.wait()
        self._sheet_worker.wait()
        self.list.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = StimulusList()
        self.list.currentItemChanged.connect(self._show_chosen)
        self.list.itemDoubleClicked.connect(lambda _: self.add())
        self.about = plain_label()
        self.seed = QSpinBox()
        self.seed.setMaximum(2**31 - 1)
        self.seed.setToolTip("Seed of everything random in the stimulus")
        self.seed.valueChanged.connect(self._on_changed)
        self.live = QCheckBox("&Live")
        self.live.setChecked(True)
        self.live.setToolTip("Update the added layers while a control moves")
        self.segments = QCheckBox("Se&gments")
        self.segments.setToolTip(SEGMENTS_TIP)
        self.segments.toggled.connect(self._set_live_segmentation)
        self.add_button = button("&Add", "Add image and ground truth as layers", self.add)
        self.next_button = button("&Next variant", NEXT_TIP, self.show_next)
        self.world_button = button("&World", WORLD_TIP, self.show_world)
        self.open_button = QPushButton("&Open")
        self.open_button.setToolTip("Open images, npz files or a folder of them")
        self.open_button.setMenu(self._make_open_menu())
        self.message = plain_label()
        self._form_slot = QVBoxLayout()
        below = QWidget()
        inside = QVBoxLayout(below)
        inside.addWidget(self.about)
        inside.addLayout(self._form_slot)
        inside.addStretch()
        seed = QLabel("&Seed")
        seed.setBuddy(self.seed)
        seed.setToolTip(self.seed.toolTip())
        self.live_panel = LivePanel(self._viewer)
        self.live_panel.hide()
        library = QWidget()
        rows = QVBoxLayout(library)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.list, 2)
        rows.addWidget(make_scrollable(below), 3)
        for row in (
            (seed, self.seed),
            (self.live, self.segments),
            (self.add_button, self.next_button),
            (self.world_button, self.open_button),
        ):
            rows.addLayout(make_row(*row))
        rows.addWidget(self.live_panel)
        rows.addWidget(self.message)
        self._add_pages(library)

    def _add_pages(self, library: QWidget) -> None:
        self.scene = SceneSection(self._viewer)
        self.scene.training_requested.connect(self._train)
        self.pages = QTabWidget()
        self.pages.setStyleSheet("QTabWidget::pane { border: 0px; }")
        for page, title, tip in (
            (library, "Lib&rary", LIBRARY_TIP),
            (make_scrollable(self.scene), "S&cene of your own", SCENE_TIP),
        ):
            self.pages.setTabToolTip(self.pages.addTab(page, title), tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 9, 4, 9)
        layout.addWidget(self.pages)

    def _train(self, file: str, minutes: int) -> None:
        """Train on a scene in the Train widget, which is opened if needed."""
        open_widget(self._viewer, "Train", TrainWidget).train_scene(file, minutes)

    def _make_open_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("&Files…", self._ask_for_files)
        menu.addAction("Fol&der…", self._ask_for_folder)
        return menu

    def _state(self) -> dict[str, Any]:
        saved = {"seed": self.seed.value(), "live": self.live.isChecked()}
        return {**saved, "name": self.list.chosen_name(), "values": self._form.values()}

    def _restore_state(self) -> None:
        saved = restore_state("stimuli", {"seed": self.seed, "live": self.live})
        self.choose(str(saved.get("name")))
        with suppress(
            TypeError, ValueError, AttributeError, OverflowError
        ):  # saved by another version
            self._form.set_values(saved.get("values", {}))

    # what happens ---------------------------------------------------------------------

    def _show_chosen(self) -> None:
        name = self.list.chosen_name()
        if name is None:
            return
        self._layers = []
        about = stimuli.description(name)
        self.about.setText(about[:1].upper() + about[1:])
        old, self._form = self._form, ParameterForm(stimuli.parameters(name))
        old.setParent(None)
        old.deleteLater()
        self._form_slot.addWidget(self._form)
        self._form.changed.connect(self._on_changed)
        self._update_next_button()

    def _update_next_button(self) -> None:
        """Disable *Next variant* if the seed has no effect."""
        differs = True
        with suppress(ValueError):  # drawing reports a value that is out of range
            differs = stimuli.is_random(self.list.chosen_name() or "", **self._form.values())
        self.next_button.setEnabled(differs)
        self.next_button.setToolTip(NEXT_TIP if differs else SAME_TIP)

    def _on_changed(self) -> None:
        self._update_next_button()
        if self.live.isChecked() and self._layers:
            self._draw(is_new=False)

    def _draw(self, *, is_new: bool) -> None:
        name = self.list.chosen_name()
        if name is None:
            return
        values, seed = self._form.values(), self.seed.value()
        self._draw_worker.call(lambda: (is_new, stimuli.draw(name, seed=seed, **values)))

    def _on_drawn(self, result: tuple[bool, Stimulus]) -> None:
        is_new, stimulus = result
        self.message.clear()
        if is_new or not update_stimulus(self._viewer, self._layers, stimulus):
            self._layers = add_stimulus(self._viewer, stimulus)
        if self.segments.isChecked():
            self.live_panel.follow(stimulus, self._layers[0])

    def _set_live_segmentation(self, on: bool) -> None:
        """Start or stop live segmentation; add the stimulus first if needed."""
        self.live_panel.setVisible(on)
        self.list.setVisible(not on)  # to make space for the controls
        if on:
            self.live.setChecked(True)
            self._draw(is_new=not self._layers)
        else:
            self.live_panel.stop()

    def _on_sheet_drawn(self, result: tuple[str, int, Any]) -> None:
        name, seed, sheet = result
        self.message.clear()
        metadata = make_metadata(Note(world={"name": name, "seed": seed}))
        layer = Image(sheet, name=f"world of {name}", metadata=metadata, **IMAGE_OPTIONS)
        self._viewer.add_layer(layer)

    def _show_error(self, error: Exception) -> None:
        self.message.setText(str(error))

    def _ask_for_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, "Open stimuli", "", STIMULUS_FILES)
        for file in files:
            self._open(file)

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a folder of stimuli")
        if folder:
            self._open(folder)

    def _open(self, path: str) -> None:
        self.message.clear()
        try:
            add_files(self._viewer, path)
        except (OSError, ValueError) as error:
            self.message.setText(str(error))
