"""The Stimuli widget: choose a stimulus, set its parameters, add it to the viewer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import napari
from napari.layers import Image
from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QIcon, QImage, QPixmap
from qtpy.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from superqt import QCollapsible

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.contact_sheet import world_sheet
from napari_lns.viewer.layers.notes import Note, metadata_of
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.layers.readers import add_files
from napari_lns.viewer.layers.stimulus import add_stimulus, update_stimulus
from napari_lns.viewer.live.panel import LivePanel
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import ParameterForm, button, make_scrollable
from napari_lns.viewer.qt.docks import join_docks
from napari_lns.viewer.qt.message_area import plain_label
from napari_lns.viewer.qt.state import restore_state, save_state_on_hide
from napari_lns.viewer.stimuli.scene_section import SceneSection
from napari_lns.viewer.train.widget import TrainWidget

__all__ = ["StimuliWidget"]

ICON_SIZE = 56  # pixels
NEXT_TIP = "Draw the next seed, or the next image of a Good Gestalt set"
WORLD_TIP = "Add a contact sheet of the images that a network for this stimulus is trained on"
SEGMENTS_TIP = "Segment the added stimulus while a control moves, and plot its law's measure"
SAME_TIP = "All seeds draw the same image: raise Jitter above 0 to see variants"
STIMULUS_FILES = "Stimuli (*.png *.jpg *.jpeg *.tif *.tiff *.npz *.csv *.json)"


class StimuliWidget(QWidget):
    """Browse the stimuli, set their parameters, and add them to the viewer.

    Parameters
    ----------
    viewer
        The viewer to which the stimuli are added.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # as napari looks for it
        super().__init__()
        self._viewer = viewer
        self._layers: list[napari.layers.Layer] = []
        self._draw_worker = LatestCall(self)
        self._draw_worker.finished.connect(self._on_drawn)
        self._draw_worker.failed.connect(self._show_error)
        self._thumbnail_worker = LatestCall(self)
        self._thumbnail_worker.finished.connect(self._on_thumbnail_drawn)
        self._sheet_worker = LatestCall(self)
        self._sheet_worker.finished.connect(self._on_sheet_drawn)
        self._sheet_worker.failed.connect(self._show_error)
        self._form = ParameterForm({})
        self._build()
        self._fill_list()
        self._restore_state()
        self.destroyed.connect(self._draw_worker.close)
        self.destroyed.connect(self._thumbnail_worker.close)
        self.destroyed.connect(self._sheet_worker.close)
        save_state_on_hide(self, "stimuli", self._state)
        join_docks(self)

    def choose(self, name: str) -> None:
        """Choose a stimulus by its name."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == name:
                self.list.setCurrentItem(item)

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
        name, seed = self._chosen_name(), self.seed.value()
        if name is not None:
            self.message.setText("Drawing training images…")
            self._sheet_worker.call(lambda: (name, seed, world_sheet(name, seed=seed)))

    def wait(self) -> None:
        """Block until the drawings have ended."""
        self._draw_worker.wait()
        self._sheet_worker.wait()
        self._thumbnail_worker.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.list.setAccessibleName("Stimuli")
        self.list.setToolTip("All stimuli; a double click adds one")
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
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(below)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        seed = QLabel("&Seed")
        seed.setBuddy(self.seed)
        seed.setToolTip(self.seed.toolTip())
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 2)
        layout.addWidget(scroll, 3)
        layout.addLayout(_row(seed, self.seed))
        layout.addLayout(_row(self.live, self.segments))
        layout.addLayout(_row(self.add_button, self.next_button))
        layout.addLayout(_row(self.world_button, self.open_button))
        self.live_panel = LivePanel(self._viewer)
        self.live_panel.hide()
        layout.addWidget(self.live_panel)
        layout.addWidget(self.message)
        layout.addWidget(self._make_scene_section())

    def _make_scene_section(self) -> QWidget:
        """Return the section for scenes of one's own, collapsed."""
        self.scene = SceneSection(self._viewer)
        self.scene.training_requested.connect(self._train)
        section = QCollapsible("Scene of your own")
        section.setToolTip("A stimulus of your own: from shapes, labels or a drawing")
        section.addWidget(make_scrollable(self.scene))
        section.collapse(animate=False)
        return section

    def _train(self, file: str, minutes: int) -> None:
        """Train on a scene in the Train widget, which is opened if needed."""
        window = self.window()
        trainers = window.findChildren(TrainWidget) if window is not None else []
        if trainers:
            trainer = trainers[0]
        else:
            _, trainer = self._viewer.window.add_plugin_dock_widget("napari-lns", "Train")
        trainer.train_scene(file, minutes)

    def _make_open_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("&Files…", self._ask_for_files)
        menu.addAction("Fol&der…", self._ask_for_folder)
        return menu

    def _fill_list(self) -> None:
        for group, names in stimuli.groups().items():
            self._add_heading(group)
            for name in names:
                item = QListWidgetItem(stimuli.title(name))
                item.setData(Qt.ItemDataRole.UserRole, name)
                item.setSizeHint(QSize(0, ICON_SIZE + 6))
                item.setToolTip(stimuli.description(name))
                self.list.addItem(item)
        self._names_to_draw = stimuli.names()
        self._draw_thumbnail()
        self.list.setCurrentRow(1)
        self.list.scrollToTop()  # include the first heading

    def _add_heading(self, text: str) -> None:
        """Add a heading that cannot be selected, as a label in the colour of other text."""
        item = QListWidgetItem()
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        label = QLabel(f"<b>{text}</b>")
        label.setMargin(3)
        self.list.addItem(item)
        self.list.setItemWidget(item, label)

    def showEvent(self, event: Any) -> None:
        """Fit the rows to their headings, whose font is known only when the widget is shown."""
        super().showEvent(event)
        for row in range(self.list.count()):
            item = self.list.item(row)
            label = self.list.itemWidget(item)
            if item is not None and label is not None:
                label.ensurePolished()
                item.setSizeHint(label.sizeHint())

    def _draw_thumbnail(self) -> None:
        if self._names_to_draw:
            name = self._names_to_draw.pop(0)
            self._thumbnail_worker.call(lambda: (name, stimuli.draw(name).image))

    def _on_thumbnail_drawn(self, result: tuple[str, Any]) -> None:
        name, image = result
        pixels = (image * 255).round().astype("uint8").copy()
        height, width, _ = pixels.shape
        thumbnail = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        icon = QIcon(QPixmap.fromImage(thumbnail))
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == name:
                item.setIcon(icon)
        self._draw_thumbnail()

    def _state(self) -> dict[str, Any]:
        saved = {"seed": self.seed.value(), "live": self.live.isChecked()}
        return {**saved, "name": self._chosen_name(), "values": self._form.values()}

    def _restore_state(self) -> None:
        saved = restore_state("stimuli", {"seed": self.seed, "live": self.live})
        self.choose(str(saved.get("name")))
        with suppress(TypeError, ValueError, AttributeError):  # saved by another version
            self._form.set_values(saved.get("values", {}))

    # what happens ---------------------------------------------------------------------

    def _chosen_name(self) -> str | None:
        item = self.list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def _show_chosen(self) -> None:
        name = self._chosen_name()
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
            differs = stimuli.is_random(self._chosen_name() or "", **self._form.values())
        self.next_button.setEnabled(differs)
        self.next_button.setToolTip(NEXT_TIP if differs else SAME_TIP)

    def _on_changed(self) -> None:
        self._update_next_button()
        if self.live.isChecked() and self._layers:
            self._draw(is_new=False)

    def _draw(self, *, is_new: bool) -> None:
        name = self._chosen_name()
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
        metadata = metadata_of(Note(world={"name": name, "seed": seed}))
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


def _row(*widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout()
    for widget in widgets:
        layout.addWidget(widget)
    return layout
