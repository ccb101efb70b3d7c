"""The Train widget: train a network on stimuli, a scene or a folder of images."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event

import napari
import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from napari_lns.viewer.layers.notes import Note, read_note, set_note
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.preferences import recall
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.docks import join_docks, open_widget
from napari_lns.viewer.qt.message_area import plain_label, plain_tip
from napari_lns.viewer.qt.run import Run, RunProgress, State, Step, format_duration
from napari_lns.viewer.qt.state import save_state_on_hide
from napari_lns.viewer.train.form import FOLDER, TrainForm
from napari_lns.viewer.train.loss_curve import LossCurve
from napari_lns.viewer.train.training import (
    TrainingProgress,
    TrainingRequest,
    iter_training,
    save_checkpoint_network,
)

__all__ = ["TrainWidget"]

BUTTON_TEXTS = {
    State.IDLE: ("&Train", "Train the network; a stopped run of this name is resumed"),
    State.RUNNING: ("&Stop", "Stop after this step; Train resumes from there"),
    State.CANCELLING: ("Stopping…", "Training stops after this step"),
}
BUSY = "A network is being trained: stop it first."
PREPARING = "Measuring and saving the newest checkpoint…"
CONTROL_TEXT = "; measure above the control's in {share:.0%} of pairs"
LOADING = "Loading…"
STOPPED = "Stopped. Train resumes from here."
STOPPING = "Stopping after this step…"
# device names of Windows
RESERVED_NAMES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
CHECKPOINT = "checkpoint.safetensors"  # as in the training loop, whose import needs torch
SHEET_SUFFIX = ": images and reconstructions"
MEASURING = "Measuring and saving the network…"
SCORE_TEXT = "Held-out score: ARI {score:.2f} on held-out images"


class TrainWidget(QWidget):
    """Train a network, and use it in the Segment widget.

    Parameters
    ----------
    viewer
        The viewer that shows reconstructions.
    """

    network_chosen = Signal(str)

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # napari reads this type
        super().__init__()
        self._viewer = viewer
        self._stop = Event()
        self.run = Run(self)
        self.run.progressed.connect(self._show_progress)
        self.run.failed.connect(self._show_error)
        self.run.state_changed.connect(self._refresh)
        self._checkpoint_worker = LatestCall(self)
        self._checkpoint_worker.finished.connect(self._choose_in_segment)
        self._checkpoint_worker.failed.connect(self._show_error)
        self.destroyed.connect(self._checkpoint_worker.close)
        self._layer: Image | None = None  # images and their reconstructions
        self._run_folder, self._network_file = Path(), ""
        self._build()
        self.form.recall(recall("train"))
        self._refresh()
        self.destroyed.connect(self.run.close)
        self.destroyed.connect(partial(_stop_training, self))
        save_state_on_hide(self, "train", self.form.state)
        join_docks(self)

    def start(self) -> None:
        """Start or resume the run of this name, or stop the current run."""
        if self.run.state is not State.IDLE:
            self._stop.set()
            self.run.cancel()
            self.message.setText(STOPPING)
            return
        request = self.form.request()
        if wrong := _why_invalid_name(request.name):
            self.message.setText(wrong)
            return
        if request.data == FOLDER:
            self.message.setText("Choose a folder of images first.")
            return
        self._stop = Event()
        self.message.setText(LOADING)
        self.progress.setRange(0, request.steps)
        self.progress.setValue(0)
        self.progress.setFormat("%p %")
        self.curve.clear()
        self.score.clear()
        self._run_folder, self._network_file = request.folder, ""
        self._layer = self._find_sheet(request.name)
        self.run.start(partial(_iter_steps, request, self._stop.is_set))

    def train_scene(self, file: str, minutes: int) -> None:
        """Train on a scene; resume a stopped run of its name."""
        if self.run.state is not State.IDLE:
            self.message.setText(BUSY)
            return
        self.form.choose_scene(file, minutes)
        self.start()

    def use_network(self) -> None:
        """Open Segment, and choose the trained network or the newest checkpoint in it."""
        if self.run.state is not State.IDLE:
            self.message.setText(PREPARING)
            self._checkpoint_worker.call(
                save_checkpoint_network, self._run_folder, self._run_folder.name
            )
        else:
            self._choose_in_segment(self._network_file)

    def _choose_in_segment(self, file: object) -> None:
        from napari_lns.viewer.segment.widget import SegmentWidget

        open_widget(self._viewer, "Segment", SegmentWidget).form.model.choose(str(file))
        self.network_chosen.emit(str(file))
        self.message.setText(f"Segment with {file}.")

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.form = TrainForm()
        self.train_button = button("&Train", "", self.start)
        self.use_button = button(
            "Segment with this network", "Open Segment with the trained network", self.use_network
        )
        self.progress = QProgressBar()
        self.curve = LossCurve()
        self.score, self.message = plain_label(), plain_label()
        self.score.setToolTip("Adjusted Rand index of the segments of the exact method, at most 1")
        layout = QVBoxLayout(self)
        for widget in (
            self.form,
            self.train_button,
            self.progress,
            self.curve,
            self.score,
            self.message,
            self.use_button,
        ):
            layout.addWidget(widget)
        layout.addStretch()

    # what happens ---------------------------------------------------------------------

    def _show_progress(self, progress: RunProgress) -> None:
        self.progress.setMaximum(progress.total)
        self.progress.setValue(progress.done)
        if progress.result is not None:
            self._show_training(progress.result)

    def _show_training(self, training: TrainingProgress) -> None:
        self.progress.setToolTip(plain_tip(training.plan))
        if training.reconstructions is not None:
            self._show_reconstructions(training.reconstructions)
        if training.scores:
            self.curve.show_scores(training.scores)
            comparison = (
                "" if math.isnan(training.control) else CONTROL_TEXT.format(share=training.control)
            )
            self.score.setText(SCORE_TEXT.format(score=training.scores[-1][1]) + comparison)
        if training.file is not None:
            self._network_file = str(training.file)
            self.message.setText(f"Done: {training.file}")
        elif not math.isnan(training.error):
            self.curve.add(training.step, training.error)
            self.message.setText(f"Step {training.step}: squared error {training.error:.4f}")
        elif training.step:
            self.message.setText(MEASURING)
        elif training.plan:
            self.message.setText(f"{training.plan}.")
        self._refresh()
        if not math.isnan(training.seconds_left):
            self.progress.setFormat(f"%p % · {format_duration(training.seconds_left)} left")

    def _show_reconstructions(self, reconstructions: NDArray[np.float32]) -> None:
        if self._layer is not None and self._layer in self._viewer.layers:
            self._layer.data = reconstructions
            return
        sheet = Image(
            reconstructions, name=f"{self._run_folder.name}{SHEET_SUFFIX}", **IMAGE_OPTIONS
        )
        set_note(sheet, Note(training=self._run_folder.name))
        self._layer = self._viewer.add_layer(sheet)
        self._viewer.reset_view()  # it is larger than other images

    def _find_sheet(self, name: str) -> Image | None:
        """Return the layer with the reconstructions of a run, or None."""
        for layer in self._viewer.layers:
            if isinstance(layer, Image) and read_note(layer).training == name:
                return layer
        return None

    def _show_error(self, error: Exception) -> None:
        self.message.setText(str(error))

    def _refresh(self, *_: object) -> None:
        text, tip = BUTTON_TEXTS[self.run.state]
        self.train_button.setText(text)
        self.train_button.setToolTip(tip)
        self.train_button.setEnabled(self.run.state is not State.CANCELLING)
        checkpoint = self._run_folder / CHECKPOINT
        ready = bool(self._network_file) if self.run.state is State.IDLE else checkpoint.exists()
        self.use_button.setEnabled(bool(self._run_folder.name) and ready)
        self.progress.setVisible(self.run.state is not State.IDLE)
        if self.run.state is State.IDLE and self.message.text() == STOPPING:
            self.message.setText(STOPPED)


def _why_invalid_name(name: str) -> str:
    """Return why a name cannot be used for a folder and a file; empty if it can."""
    if re.fullmatch(r"\w[\w .+-]{0,99}(?<![ .])", name) and not RESERVED_NAMES.fullmatch(name):
        return ""
    return (
        f"The name {name[:100]!r} cannot be used for a file: use letters, digits, spaces, . + - "
        "and _."
    )


def _stop_training(widget: TrainWidget, *_: object) -> None:
    widget._stop.set()


def _iter_steps(request: TrainingRequest, stop: Callable[[], bool]) -> Iterator[Step]:
    for progress in iter_training(request, stop):
        yield Step(progress.step, progress.steps, partial(_identity, progress))


def _identity(progress: TrainingProgress) -> TrainingProgress:
    return progress
