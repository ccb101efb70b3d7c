"""The Train widget: train a network on stimuli or a folder of images, and segment with it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import napari
import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_lns import stimuli
from napari_lns.viewer.layers.notes import Note, note_of, set_note
from napari_lns.viewer.layers.planning import PICTURE
from napari_lns.viewer.preferences import cache_folder, recall
from napari_lns.viewer.qt.background import Latest
from napari_lns.viewer.qt.controls import Choice, add_row, button, form_layout
from napari_lns.viewer.qt.docks import join_docks
from napari_lns.viewer.qt.message_area import plain_label
from napari_lns.viewer.qt.run import Run, State, Step, Told, duration
from napari_lns.viewer.qt.state import keep_state
from napari_lns.viewer.train.learning import Learnt, learning, newest
from napari_lns.viewer.train.loss_curve import LossCurve

__all__ = ["TrainWidget"]

FOLDER = "a folder of images…"
BUTTON = {
    State.IDLE: ("&Train", "Train the network; a run of this name that was stopped goes on"),
    State.RUNNING: ("&Stop", "Stop after this step; Train goes on from there"),
    State.CANCELLING: ("Stopping…", "Training stops after this step"),
}
DEVICES = ("auto", "cpu", "cuda", "mps")
STEPS = "Training steps of 16 images each: use 20000 or more; more steps extend a finished run"
MINUTES = "For a scene: how long training may take here; its kind and steps follow from it"
BUSY = "A network is being trained: stop it first."
PREPARING = "Measuring and saving the newest checkpoint…"
CONTROL = "; in {share:.0%} of pairs seen more clearly than in its control"
RUNS = "The folder in which each run has a folder of its own name"
LOADING = "Loading…"
STOPPED = "Stopped. Train goes on from here."
STOPPING = "Stopping after this step…"
WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # its devices
CHECKPOINT = "checkpoint.safetensors"  # as the training loop names it, but without torch
SHEET = ": images and reconstructions"
MEASURING = "Measuring and saving the network…"
SCORE = "Held-out score: ARI {score:.2f} on held-out images"


class TrainWidget(QWidget):
    """Train a network and use it at once in the Segment widget.

    Parameters
    ----------
    viewer
        The viewer in which its reconstructions are shown.
    """

    trained = Signal(str)

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # as napari looks for it
        super().__init__()
        self._viewer = viewer
        self._stop = Event()
        self.run = Run(self)
        self.run.told.connect(self._tell)
        self.run.failed.connect(self._say_error)
        self.run.state_changed.connect(self._refresh)
        self._newest = Latest(self)
        self._newest.answered.connect(self._choose)
        self._newest.failed.connect(self._say_error)
        self.destroyed.connect(self._newest.close)
        self._layer: Image | None = None  # images and their reconstructions
        self._training, self._file = "", ""
        self._build()
        self._recall()
        self._refresh()
        self.destroyed.connect(self.run.close)
        self.destroyed.connect(partial(_end, self))
        keep_state(self, "train", self._state)
        join_docks(self)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of `learning` but the folder."""
        return {
            "data": self._folder_of_images() or self.data.currentData(),
            "kind": self.kind.currentData(),
            "steps": self.steps.value(),
            "seed": self.seed.value(),
            "name": self.name.text().strip() or "mine",
            "device": self.device.currentData(),
            "minutes": self.minutes.value(),
        }

    def folder(self) -> Path:
        """Return the folder of the runs."""
        text = self.runs.text().strip()
        return Path(text).expanduser() if text else cache_folder() / "runs"

    def start(self) -> None:
        """Begin, or go on where the run of this name was stopped; stop it if it is under way."""
        if self.run.state is not State.IDLE:
            self._stop.set()
            self.run.cancel()
            self.message.setText(STOPPING)
            return
        settings = self.settings()
        if wrong := _wrong_name(settings["name"]):
            self.message.setText(wrong)
            return
        self._stop = Event()
        self.message.setText(LOADING)
        self.progress.setRange(0, settings["steps"])
        self.progress.setValue(0)
        self.progress.setFormat("%p %")
        self.curve.clear()
        self.score.clear()
        self._training, self._file = settings["name"], ""
        self._layer = self._sheet_of(self._training)
        folder = self.folder() / settings["name"]
        self.run.start(partial(_steps, folder=folder, stop=self._stop.is_set, **settings))

    def train_scene(self, file: str, minutes: int) -> None:
        """Train on the world of a scene; a run of its name that was stopped goes on."""
        if self.run.state is not State.IDLE:
            self.message.setText(BUSY)
            return
        if self.data.findData(file) < 0:
            self.data.addItem(Path(file).stem, file)
        self.data.setCurrentIndex(self.data.findData(file))
        self.minutes.setValue(minutes)
        self.name.setText(Path(file).stem)
        self.start()

    def use(self) -> None:
        """Choose the trained network, or the newest checkpoint, in every Segment widget."""
        if self.run.state is not State.IDLE:
            folder, name = self.folder() / self._training, self._training
            self.message.setText(PREPARING)
            self._newest.call(lambda: newest(folder, name))
        else:
            self._choose(self._file)

    def _choose(self, file: Any) -> None:
        from napari_lns.viewer.segment.widget import SegmentWidget

        window = self.window()
        for widget in window.findChildren(SegmentWidget) if window is not None else ():
            widget.form.model.choose(str(file))
        self.trained.emit(str(file))
        self.message.setText(f"Segment with {file}.")

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.data = Choice([(stimuli.title(name), name) for name in stimuli.names()])
        self.data.addItem(FOLDER, FOLDER)
        self.data.activated.connect(self._ask_for_folder)
        self.kind = Choice([("autoencoder", "ae"), ("variational autoencoder", "vae")])
        self.steps, self.seed = _spin(1, 36_000), _spin(0, 0)
        self.minutes = _spin(1, 15)
        self.name, self.runs = QLineEdit("mine"), QLineEdit()
        self.runs.setPlaceholderText("beside napari's settings")
        self.device = Choice([(name, name) for name in DEVICES])
        form = form_layout()
        add_row(
            form,
            "&Data",
            self.data,
            "Training images: the network learns to reconstruct them; no labels are used",
        )
        add_row(form, "&Kind", self.kind, "The architecture: one of the paper's networks")
        add_row(form, "Ste&ps", self.steps, STEPS)
        add_row(form, "&Minutes", self.minutes, MINUTES)
        add_row(form, "S&eed", self.seed, "Seed of weights and images")
        add_row(form, "&Name", self.name, "The model's name; a run of this name goes on")
        add_row(form, "&Folder", self._row_of_runs(), RUNS)
        add_row(form, "De&vice", self.device, "Where to train; auto is the GPU where there is one")
        self.train_button = button("&Train", "", self.start)
        self.use_button = button(
            "Segment with this network", "Choose the trained network in Segment", self.use
        )
        self.progress = QProgressBar()
        self.curve = LossCurve()
        self.score, self.message = plain_label(), plain_label()
        self.score.setToolTip(
            "Adjusted Rand index of segments found by the exact method: at most 1"
        )
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        for widget in (
            self.train_button,
            self.progress,
            self.curve,
            self.score,
            self.message,
            self.use_button,
        ):
            layout.addWidget(widget)
        layout.addStretch()

    def _row_of_runs(self) -> QWidget:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.runs, 1)
        browse = button("…", "Choose the folder", self._ask_for_runs)
        browse.setFixedWidth(2 * browse.fontMetrics().horizontalAdvance("…") + 8)
        row.addWidget(browse)
        both.setFocusProxy(self.runs)
        return both

    def _recall(self) -> None:
        left = recall("train")
        self.data.setCurrentIndex(max(0, self.data.findData(left.get("data", "kanizsa"))))
        self.kind.setCurrentIndex(max(0, self.kind.findData(left.get("kind"))))
        self.steps.setValue(int(left.get("steps", 36_000)))
        self.seed.setValue(int(left.get("seed", 0)))
        self.name.setText(str(left.get("name", "mine")))
        self.runs.setText(str(left.get("runs", "")))
        self.device.setCurrentIndex(max(0, self.device.findData(left.get("device"))))

    # what happens ---------------------------------------------------------------------

    def _state(self) -> dict[str, Any]:
        return {**self.settings(), "runs": self.runs.text()}

    def _ask_for_runs(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder for training runs")
        if folder:
            self.runs.setText(folder)

    def _folder_of_images(self) -> str:
        chosen = self.data.currentData()
        return "" if chosen in stimuli.names() or chosen == FOLDER else str(chosen)

    def _ask_for_folder(self) -> None:
        if self.data.currentData() != FOLDER:
            return
        folder = QFileDialog.getExistingDirectory(self, "A folder of images")
        if folder:
            self.data.addItem(Path(folder).name, folder)
        self.data.setCurrentIndex(self.data.count() - 1 if folder else 0)

    def _tell(self, told: Told) -> None:
        self.progress.setMaximum(told.total)
        self.progress.setValue(told.done)
        learnt: Learnt | None = told.result
        if learnt is None:
            return
        if learnt.redrawn is not None:
            self._show(learnt.redrawn)
        if learnt.scores:
            self.curve.show_scores(learnt.scores)
            seen = "" if math.isnan(learnt.control) else CONTROL.format(share=learnt.control)
            self.score.setText(SCORE.format(score=learnt.scores[-1][1]) + seen)
        if learnt.file is not None:
            self._file = str(learnt.file)
            self.message.setText(f"Done: {learnt.file}")
        elif not math.isnan(learnt.error):
            self.curve.add(learnt.step, learnt.error)
            self.message.setText(f"Step {learnt.step}: squared error {learnt.error:.4f}")
        elif learnt.step:
            self.message.setText(MEASURING)
        elif learnt.plan:
            self.message.setText(f"{learnt.plan}.")
        self._refresh()
        if not math.isnan(learnt.seconds_left):
            self.progress.setFormat(f"%p % · {duration(learnt.seconds_left)} left")

    def _show(self, redrawn: NDArray[np.float32]) -> None:
        if self._layer is not None and self._layer in self._viewer.layers:
            self._layer.data = redrawn
            return
        sheet = Image(redrawn, name=f"{self._training}{SHEET}", **PICTURE)
        set_note(sheet, Note(training=self._training))
        self._layer = self._viewer.add_layer(sheet)

    def _sheet_of(self, name: str) -> Image | None:
        """Return the layer in which a run of this name has shown its reconstructions."""
        for layer in self._viewer.layers:
            if isinstance(layer, Image) and note_of(layer).training == name:
                return layer
        return None

    def _say_error(self, error: Exception) -> None:
        self.message.setText(str(error))

    def _refresh(self, *_: object) -> None:
        text, tip = BUTTON[self.run.state]
        self.train_button.setText(text)
        self.train_button.setToolTip(tip)
        self.train_button.setEnabled(self.run.state is not State.CANCELLING)
        checkpoint = self.folder() / self._training / CHECKPOINT
        ready = bool(self._file) if self.run.state is State.IDLE else checkpoint.exists()
        self.use_button.setEnabled(bool(self._training) and ready)
        self.progress.setVisible(self.run.state is not State.IDLE)
        if self.run.state is State.IDLE and self.message.text() == STOPPING:
            self.message.setText(STOPPED)


def _wrong_name(name: str) -> str:
    """Say why a name cannot be that of a folder and a file; nothing if it can."""
    if re.fullmatch(r"\w[\w .+-]{0,99}(?<![ .])", name) and not WINDOWS.fullmatch(name):
        return ""
    return f"The name {name[:100]!r} cannot be a file's: take letters, digits, spaces, . + - and _."


def _end(widget: TrainWidget, *_: object) -> None:
    widget._stop.set()


def _steps(**arguments: Any) -> Iterator[Step]:
    for learnt in learning(**arguments):
        yield Step(learnt.step, learnt.steps, partial(_same, learnt))


def _same(learnt: Learnt) -> Learnt:
    return learnt


def _spin(least: int, value: int) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(least, 2**31 - 1)
    spin.setValue(value)
    return spin
