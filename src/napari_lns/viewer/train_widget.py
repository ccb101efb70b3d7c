"""The Train widget: teach a network stimuli or a folder of images, watch it, use it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import napari
import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_lns import stimuli
from napari_lns.viewer.controls import Choice, add_row, button, form_layout
from napari_lns.viewer.layers import PICTURE
from napari_lns.viewer.loss_curve import LossCurve
from napari_lns.viewer.preferences import cache_folder, recall
from napari_lns.viewer.run import Run, State, Step, Told
from napari_lns.viewer.state import keep_state

__all__ = ["Learnt", "TrainWidget", "learning"]

FOLDER = "a folder of images…"
BUTTON = {
    State.IDLE: ("&Train", "Train the network; a run of this name that was stopped goes on"),
    State.RUNNING: ("&Stop", "Stop after this step; Train goes on from there"),
    State.CANCELLING: ("Stopping…", "Training stops after this step"),
}
FINDING = "Finding the fastest way to train…"
STOPPED = "Stopped. Train goes on from here."
STOPPING = "Stopping after this step…"
COMPILING = (
    "Stopping… If a faster way to train is being compiled just now, this takes up to a minute or "
    "two: it cannot be broken off."
)
SHOWN = 8  # images that are redrawn while one looks on
HELD_OUT = 8  # own test images that the network is scored on as it goes
SCORED_EVERY = 500  # steps
KEPT_EVERY = 50  # steps; a run that is stopped goes on from the last that was kept
SCORE = "Held-out score: ARI of {score:.2f} on own test images that it never sees"


@dataclass(frozen=True, eq=False)
class Learnt:
    """Where training stands: steps, error, and images above their redrawings; last: the file.

    Scores are adjusted Rand indices on held-out images, each with the step that it was made at.
    """

    step: int
    steps: int
    error: float
    redrawn: NDArray[np.float32]
    scores: tuple[tuple[int, float], ...] = ()
    file: Path | None = None


def learning(
    data: str,
    kind: str,
    steps: int,
    seed: int,
    folder: Path,
    name: str,
    stop: Callable[[], bool] = bool,
) -> Iterator[Learnt]:
    """Train, telling how it goes; at the end the weights and their card are written.

    Parameters
    ----------
    data
        A stimulus's name, or a folder of images.
    kind
        ``"ae"`` or ``"vae"``.
    steps
        How long.
    seed
        Seed of weights and images.
    folder
        Where the run is kept; one that was stopped goes on.
    name
        The model's name.
    stop
        Asked before every step: True ends it there, and the next call goes on.

    Yields
    ------
    Learnt
    """
    from napari_lns import models
    from napari_lns.experiments.calibration import held_out_score
    from napari_lns.models.training.data import images

    settings = models.Settings((data,), kind, steps=steps, seed=seed)
    given = next(images(settings))[:SHOWN]
    evaluate = held_out_score(settings.data, HELD_OUT) if data in stimuli.names() else None
    every: Any = {"evaluate_every": SCORED_EVERY, "checkpoint_every": KEPT_EVERY, "stop": stop}
    scores: list[tuple[int, float]] = []
    newest: Any = {}
    for progress in models.iter_train(settings, folder, evaluate=evaluate, **every):
        if progress.scores is not newest:  # it is told again until there is another
            newest = progress.scores
            scores += [(progress.step, score) for score in newest.values()]
        redrawn = _redrawn(progress.network, given)
        yield Learnt(progress.step, progress.steps, progress.error, redrawn, (*scores,))
    if stop():
        return
    network, card = models.finished(folder, name)
    file = folder / f"{name}.safetensors"
    models.save(network, file, card)
    yield Learnt(steps, steps, float("nan"), _redrawn(network, given), (*scores,), file)


def _redrawn(network: Any, given: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the images in one row, and below each what the network makes of it, (2 h, n w, 3)."""
    import torch

    training = network.training
    network.eval()
    with torch.inference_mode():
        tensor = torch.from_numpy(given).to(next(network.parameters()).device)
        made = network.decode(network.encode(tensor)).clamp(0, 1).cpu().numpy()
    network.train(training)
    rows = [np.concatenate(list(batch.transpose(0, 2, 3, 1)), axis=1) for batch in (given, made)]
    sheet: NDArray[np.float32] = np.concatenate(rows, axis=0).astype(np.float32)
    return sheet


class TrainWidget(QWidget):
    """Train a network and use it at once in the Segment widget.

    Parameters
    ----------
    viewer
        The viewer in which its redrawings are shown.
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
        self._layer: napari.layers.Image | None = None
        self._file = ""
        self._build()
        self._recall()
        self._refresh()
        self.destroyed.connect(self.run.close)
        self.destroyed.connect(partial(_end, self))
        keep_state(self, "train", self.settings)

    def settings(self) -> dict[str, Any]:
        """Give the arguments of `learning` but the folder."""
        return {
            "data": self._folder_of_images() or self.data.currentData(),
            "kind": self.kind.currentData(),
            "steps": self.steps.value(),
            "seed": self.seed.value(),
            "name": self.name.text().strip() or "mine",
        }

    def start(self) -> None:
        """Begin, or go on where the run of this name was stopped; stop it if it is under way."""
        if self.run.state is not State.IDLE:
            self._stop.set()
            self.run.cancel()
            self.message.setText(STOPPING if self.curve.points else COMPILING)
            return
        settings = self.settings()
        if wrong := _wrong_name(settings["name"]):
            self.message.setText(wrong)
            return
        self._stop = Event()
        self.message.setText(FINDING)
        self.curve.clear()
        self.score.clear()
        folder = cache_folder() / "runs" / settings["name"]
        self.run.start(partial(_steps, folder=folder, stop=self._stop.is_set, **settings))

    def use(self) -> None:
        """Choose the trained network in every Segment widget of this viewer."""
        from napari_lns.viewer.segment_widget import SegmentWidget

        window = self.window()
        for widget in window.findChildren(SegmentWidget) if window is not None else ():
            widget.form.model.keep_to(self._file)
        self.trained.emit(self._file)
        self.message.setText(f"Segment with {self._file}.")

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.data = Choice([(stimuli.title(name), name) for name in stimuli.names()])
        self.data.addItem(FOLDER, FOLDER)
        self.data.activated.connect(self._ask_for_folder)
        self.kind = Choice([("autoencoder", "ae"), ("variational autoencoder", "vae")])
        self.steps, self.seed = _spin(1, 36_000), _spin(0, 0)
        self.name = QLineEdit("mine")
        form = form_layout()
        add_row(form, "&Data", self.data, "What the network learns to redraw; no label is shown")
        add_row(form, "&Kind", self.kind, "Which of the paper's networks")
        add_row(
            form, "&Steps", self.steps, "How long, in steps of 16 images; good from about 20000"
        )
        add_row(form, "S&eed", self.seed, "Seed of weights and images")
        add_row(form, "&Name", self.name, "The model's name; a run of this name goes on")
        self.train_button = button("&Train", "", self.start)
        self.use_button = button("&Use", "Segment with the trained network", self.use)
        row = QHBoxLayout()
        row.addWidget(self.train_button, 1)
        row.addWidget(self.use_button)
        self.progress = QProgressBar()
        self.curve = LossCurve()
        self.score, self.message = QLabel(), QLabel()
        self.score.setToolTip("Adjusted Rand index of groups found by the exact method: at most 1")
        for label in (self.score, self.message):
            label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(row)
        for widget in (self.progress, self.curve, self.score, self.message):
            layout.addWidget(widget)
        layout.addStretch()

    def _recall(self) -> None:
        left = recall("train")
        self.data.setCurrentIndex(max(0, self.data.findData(left.get("data", "kanizsa"))))
        self.kind.setCurrentIndex(max(0, self.kind.findData(left.get("kind"))))
        self.steps.setValue(int(left.get("steps", 36_000)))
        self.seed.setValue(int(left.get("seed", 0)))
        self.name.setText(str(left.get("name", "mine")))

    # what happens ---------------------------------------------------------------------

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
        self._show(learnt.redrawn)
        if learnt.scores:
            self.curve.show_scores(learnt.scores)
            self.score.setText(SCORE.format(score=learnt.scores[-1][1]))
        if learnt.file is None:
            self.curve.add(learnt.step, learnt.error)
            self.message.setText(f"Step {learnt.step}: squared error {learnt.error:.4f}")
        else:
            self._file = str(learnt.file)
            self.message.setText(f"Done: {learnt.file}")

    def _show(self, redrawn: NDArray[np.float32]) -> None:
        if self._layer is not None and self._layer in self._viewer.layers:
            self._layer.data = redrawn
            return
        name = f"{self.settings()['name']}: seen and redrawn"
        self._layer = napari.layers.Image(redrawn, name=name, **PICTURE)
        self._viewer.add_layer(self._layer)

    def _say_error(self, error: Exception) -> None:
        self.message.setText(str(error))

    def _refresh(self, *_: Any) -> None:
        text, tip = BUTTON[self.run.state]
        self.train_button.setText(text)
        self.train_button.setToolTip(tip)
        self.train_button.setEnabled(self.run.state is not State.CANCELLING)
        self.use_button.setEnabled(bool(self._file) and self.run.state is State.IDLE)
        self.progress.setVisible(self.run.state is not State.IDLE)
        if self.run.state is State.IDLE and self.message.text() in (STOPPING, COMPILING):
            self.message.setText(STOPPED)


def _wrong_name(name: str) -> str:
    """Say why a name cannot be that of a folder and a file; nothing if it can."""
    if re.fullmatch(r"\w[\w .+-]{0,99}", name):
        return ""
    return f"The name {name[:100]!r} cannot be a file's: take letters, digits, spaces, . + - and _."


def _end(widget: TrainWidget, *_: Any) -> None:
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
