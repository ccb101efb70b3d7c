"""The form for training: data, architecture, steps, seed, name, folder and device."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qtpy.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from napari_lns import stimuli
from napari_lns.viewer.preferences import cache_folder
from napari_lns.viewer.qt.controls import Choice, add_row, button, form_layout
from napari_lns.viewer.qt.state import set_saved_values
from napari_lns.viewer.train.training import TrainingRequest

__all__ = ["TrainForm"]

FOLDER = "a folder of images…"
DATA_TIP = "Training images: the network learns to reconstruct them; no labels are used"
DEVICES = ("auto", "cpu", "cuda", "mps")
STEPS_TIP = "Training steps of 16 images each: use 20000 or more; more steps extend a finished run"
MINUTES_TIP = (
    "For a scene: maximum duration of training; it determines the architecture and the steps"
)
RUNS_TIP = "The folder for training runs; automatic: next to napari's settings"
FIT_TIP = "How the folder's images are fitted to the network's size"
FIT_CHOICES = (  # the values of `models.Settings.fit`
    ("stretch to a square", "resize"),
    ("pad to a square", "pad"),
    ("random square crops", "crop"),
)
MIRROR_TIP = (
    "Mirror half of the folder's images at random: not if left and right differ, as in text"
)


class TrainForm(QWidget):
    """A form for what to train."""

    def __init__(self) -> None:
        super().__init__()
        self.data = Choice([(stimuli.title(name), name) for name in stimuli.names()])
        self.data.addItem(FOLDER, FOLDER)
        self.data.activated.connect(self._ask_for_folder)
        self.data.currentIndexChanged.connect(self._refresh)
        self.fit = Choice(FIT_CHOICES)
        self.mirror = QCheckBox("Mirro&r images")
        self.mirror.setToolTip(MIRROR_TIP)
        self.kind = Choice([("autoencoder", "ae"), ("variational autoencoder", "vae")])
        self.steps, self.seed = _spin(1, 36_000), _spin(0, 0)
        self.minutes = _spin(1, 15)
        self.name, self.runs = QLineEdit("mine"), QLineEdit()
        self.runs.setPlaceholderText("automatic")
        self.device = Choice([(name, name) for name in DEVICES])
        self._form = self._make_rows()
        self._refresh()

    def request(self) -> TrainingRequest:
        """Return the training request for the current values."""
        name = self.name.text().strip() or "mine"
        return TrainingRequest(
            data=self.data.currentData(),
            folder=self.folder() / name,
            name=name,
            kind=self.kind.currentData(),
            steps=self.steps.value(),
            seed=self.seed.value(),
            device=self.device.currentData(),
            minutes=self.minutes.value(),
            fit=self.fit.currentData(),
            mirror=self.mirror.isChecked(),
        )

    def folder(self) -> Path:
        """Return the folder for training runs."""
        text = self.runs.text().strip()
        return Path(text).expanduser() if text else cache_folder() / "runs"

    def choose_scene(self, file: str, minutes: int) -> None:
        """Choose the file of a scene as training data, and its name as the model's name."""
        if self.data.findData(file) < 0:
            self.data.addItem(Path(file).stem, file)
        self.data.setCurrentIndex(self.data.findData(file))
        self.minutes.setValue(minutes)
        self.name.setText(Path(file).stem)

    def state(self) -> dict[str, Any]:
        """Return the values to save until the widget is opened again."""
        request = self.request()
        names = ("data", "kind", "steps", "seed", "name", "device", "minutes", "fit", "mirror")
        return {**{name: getattr(request, name) for name in names}, "runs": self.runs.text()}

    def recall(self, state: Mapping[str, Any]) -> None:
        """Set the values that `state` returned; ignore data that no longer exist."""
        self.data.setCurrentIndex(max(0, self.data.findData(state.get("data", "kanizsa"))))
        for name in ("kind", "device", "fit"):
            choice = getattr(self, name)
            choice.setCurrentIndex(max(0, choice.findData(state.get(name))))
        set_saved_values({"steps": self.steps, "seed": self.seed, "mirror": self.mirror}, state)
        self.name.setText(str(state.get("name", "mine")))
        self.runs.setText(str(state.get("runs", "")))

    def _make_rows(self) -> QFormLayout:
        form = form_layout()
        self.setLayout(form)
        add_row(form, "&Data", self.data, DATA_TIP)
        add_row(form, "F&it", self.fit, FIT_TIP)
        form.addRow("", self.mirror)
        add_row(form, "&Kind", self.kind, "The architecture: one of the paper's networks")
        add_row(form, "Ste&ps", self.steps, STEPS_TIP)
        add_row(form, "&Minutes", self.minutes, MINUTES_TIP)
        add_row(form, "S&eed", self.seed, "Seed of weights and images")
        add_row(form, "&Name", self.name, "The model's name; a stopped run of this name is resumed")
        add_row(form, "&Folder", self._make_runs_row(), RUNS_TIP)
        add_row(form, "De&vice", self.device, "Where to train; auto is the GPU if there is one")
        form.setContentsMargins(0, 0, 0, 0)
        return form

    def _make_runs_row(self) -> QWidget:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.runs, 1)
        browse = button("…", "Choose the folder", self._ask_for_runs)
        browse.setFixedWidth(2 * browse.fontMetrics().horizontalAdvance("…") + 8)
        row.addWidget(browse)
        both.setFocusProxy(self.runs)
        return both

    def _refresh(self, *_: object) -> None:
        """Show the options for a folder of images, or the time for a scene."""
        data = str(self.data.currentData())
        scene = data.endswith(".json")
        images = not scene and data not in (FOLDER, *stimuli.names())
        self._show_row(self.minutes, scene)
        for widget in (self.fit, self.mirror):
            self._show_row(widget, images)

    def _show_row(self, widget: QWidget, visible: bool) -> None:
        widget.setVisible(visible)
        if (label := self._form.labelForField(widget)) is not None:
            label.setVisible(visible)

    def _ask_for_runs(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder for training runs")
        if folder:
            self.runs.setText(folder)

    def _ask_for_folder(self) -> None:
        if self.data.currentData() != FOLDER:
            return
        folder = QFileDialog.getExistingDirectory(self, "A folder of images")
        if folder:
            self.data.addItem(Path(folder).name, folder)
        self.data.setCurrentIndex(self.data.count() - 1 if folder else 0)


def _spin(minimum: int, value: int) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(minimum, 2**31 - 1)
    spin.setValue(value)
    return spin
