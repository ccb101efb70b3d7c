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
from napari_lns.viewer.layers.planning import PICTURE
from napari_lns.viewer.layers.readers import add_files
from napari_lns.viewer.layers.stimulus import add_stimulus, update_stimulus
from napari_lns.viewer.live.panel import LivePanel
from napari_lns.viewer.qt.background import Latest
from napari_lns.viewer.qt.controls import ParameterForm, button, scrolled
from napari_lns.viewer.qt.docks import join_docks
from napari_lns.viewer.qt.message_area import plain_label
from napari_lns.viewer.qt.state import keep_state, restore
from napari_lns.viewer.stimuli.scene_section import SceneSection
from napari_lns.viewer.train.widget import TrainWidget

__all__ = ["StimuliWidget"]

ICON = 56  # pixels
NEXT = "Draw the next seed, or the next image of a Good Gestalt set"
WORLD = "Add a contact sheet of the images that a network for this stimulus is trained on"
SEGMENTS = "Segment the added stimulus while a control moves, and plot its law's measure"
SAME = "All seeds draw the same image: raise Jitter above 0 to see variants"
FILES = "Stimuli (*.png *.jpg *.jpeg *.tif *.tiff *.npz *.csv *.json)"


class StimuliWidget(QWidget):
    """Browse all stimuli, change their parameters, and add them to the viewer.

    Parameters
    ----------
    viewer
        The viewer that it adds to.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # as napari looks for it
        super().__init__()
        self._viewer = viewer
        self._shown: list[napari.layers.Layer] = []
        self._drawer = Latest(self)
        self._drawer.answered.connect(self._drawn)
        self._drawer.failed.connect(self._refused)
        self._thumbnails = Latest(self)
        self._thumbnails.answered.connect(self._thumbnail_drawn)
        self._sheets = Latest(self)
        self._sheets.answered.connect(self._sheet_drawn)
        self._sheets.failed.connect(self._refused)
        self._form = ParameterForm({})
        self._build()
        self._fill()
        self._recall()
        self.destroyed.connect(self._drawer.close)
        self.destroyed.connect(self._thumbnails.close)
        self.destroyed.connect(self._sheets.close)
        keep_state(self, "stimuli", self._state)
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
        """Draw the chosen stimulus and add it, with its ground truth, as new layers."""
        self._shown = []
        self._redraw(adding=True)

    def next(self) -> None:
        """Draw the next variant: the next seed, or the next image of a Good Gestalt set."""
        if "index" in self._form.values():
            self._form.set_values({"index": self._form.values()["index"] + 1})
        else:
            self.seed.setValue(self.seed.value() + 1)

    def show_world(self) -> None:
        """Add a contact sheet of the chosen stimulus's world as a layer."""
        name, seed = self._name(), self.seed.value()
        if name is not None:
            self.message.setText("Drawing training images…")
            self._sheets.call(lambda: (name, seed, world_sheet(name, seed=seed)))

    def wait(self) -> None:
        """Block until nothing is being drawn."""
        self._drawer.wait()
        self._sheets.wait()
        self._thumbnails.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setIconSize(QSize(ICON, ICON))
        self.list.setAccessibleName("Stimuli")
        self.list.setToolTip("All stimuli; a double click adds one")
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemDoubleClicked.connect(lambda _: self.add())
        self.about = plain_label()
        self.seed = QSpinBox()
        self.seed.setMaximum(2**31 - 1)
        self.seed.setToolTip("Seed of everything random in the stimulus")
        self.seed.valueChanged.connect(self._changed)
        self.live = QCheckBox("&Live")
        self.live.setChecked(True)
        self.live.setToolTip("Update the added layers while a control moves")
        self.segments = QCheckBox("Se&gments")
        self.segments.setToolTip(SEGMENTS)
        self.segments.toggled.connect(self._segment_live)
        self.add_button = button("&Add", "Add image and ground truth as layers", self.add)
        self.next_button = button("&Next variant", NEXT, self.next)
        self.world_button = button("&World", WORLD, self.show_world)
        self.open_button = QPushButton("&Open")
        self.open_button.setToolTip("Open images, npz files or a folder of them")
        self.open_button.setMenu(self._menu_to_open())
        self.message = plain_label()
        self._place = QVBoxLayout()
        below = QWidget()
        inside = QVBoxLayout(below)
        inside.addWidget(self.about)
        inside.addLayout(self._place)
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
        layout.addWidget(self._scene_section())

    def _scene_section(self) -> QWidget:
        """Return the section for scenes of one's own, closed until it is wanted."""
        self.scene = SceneSection(self._viewer)
        self.scene.train_asked.connect(self._train)
        section = QCollapsible("Scene of your own")
        section.setToolTip("A stimulus of your own: from shapes, labels or a drawing")
        section.addWidget(scrolled(self.scene))
        section.collapse(animate=False)
        return section

    def _train(self, file: str, minutes: int) -> None:
        """Train on a scene's world in the Train widget, which is opened if need be."""
        window = self.window()
        trainers = window.findChildren(TrainWidget) if window is not None else []
        if trainers:
            trainer = trainers[0]
        else:
            _, trainer = self._viewer.window.add_plugin_dock_widget("napari-lns", "Train")
        trainer.train_scene(file, minutes)

    def _menu_to_open(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("&Files…", self._ask_for_files)
        menu.addAction("Fol&der…", self._ask_for_folder)
        return menu

    def _fill(self) -> None:
        for group, names in stimuli.groups().items():
            self._add_heading(group)
            for name in names:
                item = QListWidgetItem(stimuli.title(name))
                item.setData(Qt.ItemDataRole.UserRole, name)
                item.setSizeHint(QSize(0, ICON + 6))
                item.setToolTip(stimuli.description(name))
                self.list.addItem(item)
        self._undrawn = stimuli.names()
        self._draw_thumbnail()
        self.list.setCurrentRow(1)
        self.list.scrollToTop()  # the first heading, too

    def _add_heading(self, text: str) -> None:
        """Add a line that keys and mouse pass over; a label in it is as dark as all other text."""
        item = QListWidgetItem()
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        label = QLabel(f"<b>{text}</b>")
        label.setMargin(3)
        self.list.addItem(item)
        self.list.setItemWidget(item, label)

    def showEvent(self, event: Any) -> None:
        """Fit the headings: their font is the window's, known only now."""
        super().showEvent(event)
        for row in range(self.list.count()):
            item = self.list.item(row)
            label = self.list.itemWidget(item)
            if item is not None and label is not None:
                label.ensurePolished()
                item.setSizeHint(label.sizeHint())

    def _draw_thumbnail(self) -> None:
        if self._undrawn:
            name = self._undrawn.pop(0)
            self._thumbnails.call(lambda: (name, stimuli.draw(name).image))

    def _thumbnail_drawn(self, answer: tuple[str, Any]) -> None:
        name, image = answer
        pixels = (image * 255).round().astype("uint8").copy()
        height, width, _ = pixels.shape
        picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        icon = QIcon(QPixmap.fromImage(picture))
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == name:
                item.setIcon(icon)
        self._draw_thumbnail()

    def _state(self) -> dict[str, Any]:
        left = {"seed": self.seed.value(), "live": self.live.isChecked()}
        return {**left, "name": self._name(), "values": self._form.values()}

    def _recall(self) -> None:
        left = restore("stimuli", {"seed": self.seed, "live": self.live})
        self.choose(str(left.get("name")))
        with suppress(TypeError, ValueError, AttributeError):  # left by another version
            self._form.set_values(left.get("values", {}))

    # what happens ---------------------------------------------------------------------

    def _name(self) -> str | None:
        item = self.list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def _chosen(self) -> None:
        name = self._name()
        if name is None:
            return
        self._shown = []
        about = stimuli.description(name)
        self.about.setText(about[:1].upper() + about[1:])
        old, self._form = self._form, ParameterForm(stimuli.parameters(name))
        old.setParent(None)
        old.deleteLater()
        self._place.addWidget(self._form)
        self._form.changed.connect(self._changed)
        self._allow_next()

    def _allow_next(self) -> None:
        """Disable *Next variant* where the seed changes nothing."""
        differs = True
        with suppress(ValueError):  # a value that is out of range is refused where it is drawn
            differs = stimuli.is_random(self._name() or "", **self._form.values())
        self.next_button.setEnabled(differs)
        self.next_button.setToolTip(NEXT if differs else SAME)

    def _changed(self) -> None:
        self._allow_next()
        if self.live.isChecked() and self._shown:
            self._redraw(adding=False)

    def _redraw(self, *, adding: bool) -> None:
        name = self._name()
        if name is None:
            return
        values, seed = self._form.values(), self.seed.value()
        self._drawer.call(lambda: (adding, stimuli.draw(name, seed=seed, **values)))

    def _drawn(self, answer: tuple[bool, Stimulus]) -> None:
        adding, stimulus = answer
        self.message.clear()
        if adding or not update_stimulus(self._viewer, self._shown, stimulus):
            self._shown = add_stimulus(self._viewer, stimulus)
        if self.segments.isChecked():
            self.live_panel.follow(stimulus, self._shown[0])

    def _segment_live(self, on: bool) -> None:
        """Segment what is shown from now on, or end it; what is not shown yet is added."""
        self.live_panel.setVisible(on)
        self.list.setVisible(not on)  # or there would be no room for the controls
        if on:
            self.live.setChecked(True)
            self._redraw(adding=not self._shown)
        else:
            self.live_panel.end()

    def _sheet_drawn(self, answer: tuple[str, int, Any]) -> None:
        name, seed, sheet = answer
        self.message.clear()
        metadata = metadata_of(Note(world={"name": name, "seed": seed}))
        layer = Image(sheet, name=f"world of {name}", metadata=metadata, **PICTURE)
        self._viewer.add_layer(layer)

    def _refused(self, error: Exception) -> None:
        self.message.setText(str(error))

    def _ask_for_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, "Open stimuli", "", FILES)
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
