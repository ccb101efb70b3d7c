"""The Train widget teaches a network, stops, goes on, and hands it to Segment."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from napari_lns.models.training.trainer import Trainer
from napari_lns.viewer.qt.docks import docked_widgets
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.train import form as train_form
from napari_lns.viewer.train.form import FOLDER
from napari_lns.viewer.train.training import TrainingRequest, iter_training
from napari_lns.viewer.train.widget import TrainWidget

PATIENCE = 120_000  # milliseconds


@pytest.fixture(autouse=True)
def _quickly_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_lns.models.finishing.IMAGES", 16)
    monkeypatch.setattr("napari_lns.viewer.train.training.SCORED_IMAGES", 1)


def test_learning_tells_how_it_goes_and_leaves_a_model(tmp_path: Path) -> None:
    told = list(iter_training(TrainingRequest("kanizsa", tmp_path, steps=2)))
    assert told[0].step == 0  # something is seen before the first step
    assert {each.step for each in told[1:]} == {2}
    assert told[0].reconstructions.shape == (128, 8 * 64, 3)
    ((step, score),) = told[-1].scores
    assert step == 2
    assert -1 <= score <= 1
    assert told[-1].file == tmp_path / "mine.safetensors"
    assert told[-1].file.is_file()
    again = list(iter_training(TrainingRequest("kanizsa", tmp_path, steps=2)))
    assert {each.step for each in again} == {2}
    assert np.array_equal(again[-1].reconstructions, told[-1].reconstructions)


def test_a_network_is_trained_and_used_at_once(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_form, "cache_folder", lambda: tmp_path)
    viewer = make_napari_viewer_proxy()
    widget, segment = TrainWidget(viewer), SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget)
    viewer.window.add_dock_widget(segment)
    viewer.add_image(np.zeros((8, 8)))
    assert widget.minimumSizeHint().width() <= 320
    widget.form.steps.setValue(2)
    widget.form.name.setText("short")
    widget.train_button.click()
    assert widget.train_button.text() == "&Stop"
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    sheet = viewer.layers["short: images and reconstructions"]
    camera = viewer.scene.camera
    assert sheet.extent.world[1] / 2 == pytest.approx(camera.center[-2:], abs=1)
    assert widget.curve.points
    assert [step for step, _ in widget.curve.scores] == [2]
    assert "ARI" in widget.score.text()
    assert viewer.layers["short: images and reconstructions"].data.shape == (128, 512, 3)
    widget.use_button.click()
    assert segment.form.model.model() == str(tmp_path / "runs" / "short" / "short.safetensors")


def test_segment_is_opened_with_the_network_if_it_is_not_docked(
    make_napari_viewer: Any, qtbot: Any, tmp_path: Path
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.add_image(np.zeros((8, 8)))
    widget = TrainWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Train")
    widget._choose_in_segment(tmp_path / "short.safetensors")
    (segment,) = docked_widgets(viewer, SegmentWidget)
    qtbot.waitUntil(segment.isVisible, timeout=PATIENCE)
    assert segment.form.model.model() == str(tmp_path / "short.safetensors")


def test_training_stops_and_resumes(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_form, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr("napari_lns.viewer.train.training.CHECKPOINT_INTERVAL", 1)
    monkeypatch.setattr("napari_lns.models.training.loop.REPORT_EVERY", 1)
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    widget.form.steps.setValue(99)
    widget.start()
    qtbot.waitUntil(lambda: bool(widget.curve.points), timeout=PATIENCE)
    widget.train_button.click()
    assert widget.train_button.text() == "Stopping…"
    assert "after this step" in widget.message.text()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    stopped_at, _ = widget.curve.points[-1]
    widget.start()
    qtbot.waitUntil(lambda: bool(widget.curve.points), timeout=PATIENCE)
    widget.start()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    assert widget.curve.points[0][0] > stopped_at


def test_training_begins_at_once_and_stops_at_its_next_step(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at its next report: fifty steps may take half a minute."""
    monkeypatch.setattr(train_form, "cache_folder", lambda: tmp_path)
    trained: list[int] = []
    advance = Trainer.advance

    def counted(trainer: Trainer) -> Any:
        trained.append(trainer.step)
        return advance(trainer)

    monkeypatch.setattr(Trainer, "advance", counted)
    viewer = make_napari_viewer_proxy()
    widget = TrainWidget(viewer)
    qtbot.addWidget(widget)
    widget.form.steps.setValue(100_000)
    widget.start()
    qtbot.waitUntil(lambda: bool(trained), timeout=PATIENCE)
    assert trained[0] == 0
    qtbot.waitUntil(lambda: bool(viewer.layers), timeout=PATIENCE)
    widget.train_button.click()
    steps = len(trained)
    assert widget.train_button.text() == "Stopping…"
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    assert len(trained) <= steps + 1
    assert trained == [*range(len(trained))]  # no step was spent on measuring
    assert "Train resumes" in widget.message.text()


def test_a_finished_run_is_extended_and_another_begins_at_nought(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path
) -> None:
    viewer = make_napari_viewer_proxy()
    widget = TrainWidget(viewer)
    qtbot.addWidget(widget)
    widget.form.runs.setText(str(tmp_path))
    for name, steps in (("first", 2), ("first", 3), ("second", 2)):
        widget.form.name.setText(name)
        widget.form.steps.setValue(steps)
        widget.start()
        assert widget.progress.value() == 0
        assert widget.use_button.isEnabled() == (steps == 3)  # the newest checkpoint is usable
        qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
        assert widget.message.text() == f"Done: {tmp_path / name / name}.safetensors"
    sheets = {layer.name for layer in viewer.layers}
    assert sheets == {f"{name}: images and reconstructions" for name in ("first", "second")}
    assert Trainer.load(tmp_path / "first" / "checkpoint.safetensors")[0].step == 3


def test_the_time_left_is_shown(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_lns.models.training.loop.REPORT_EVERY", 1)
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    widget.form.runs.setText(str(tmp_path))
    widget.form.steps.setValue(1000)
    widget.start()
    qtbot.waitUntil(lambda: "left" in widget.progress.format(), timeout=PATIENCE)
    widget.start()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)


@pytest.mark.parametrize("name", ["a/b", "../a", "a\\b", ".", "con", "NUL.x", "a."])
def test_a_name_that_no_file_can_have_is_refused_before_training(
    make_napari_viewer_proxy, qtbot, name
):
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    widget.form.name.setText(name)
    widget.start()
    assert widget.run.state is State.IDLE
    assert "cannot be used for a file" in widget.message.text()


CLOSED = """
import sys, time, napari
from qtpy.QtCore import QTimer
from napari_lns.viewer.train.widget import TrainWidget
viewer = napari.Viewer()
widget = TrainWidget(viewer)
viewer.window.add_dock_widget(widget)
widget.form.runs.setText(sys.argv[1])
widget.start()
timer = QTimer()

def look():
    if widget.curve.points:
        timer.stop()
        print(time.time(), flush=True)
        viewer.close()

timer.timeout.connect(look)
timer.start(100)
napari.run()
"""


def test_closing_napari_ends_training_soon(run_python: Callable[..., str], tmp_path: Path) -> None:
    """The process ends, and what was learnt is kept whole."""
    closed = float(run_python("-c", CLOSED, str(tmp_path)).split()[-1])
    assert time.time() - closed < 10  # 2 s on a machine that does nothing else; it was 45 s
    trainer, _ = Trainer.load(tmp_path / "mine" / "checkpoint.safetensors")
    assert trainer.step >= 50


def test_a_folder_of_images_can_be_fitted_and_mirrored(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path
) -> None:
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    form = widget.form
    assert form.fit.isHidden()  # a stimulus has the network's size
    assert form.minutes.isHidden()  # only a scene's training fits a time
    assert form.mirror.isHidden()
    form.data.addItem("photographs", str(tmp_path))
    form.data.setCurrentIndex(form.data.count() - 1)
    assert not form.fit.isHidden()
    assert not form.mirror.isHidden()
    form.fit.setCurrentIndex(form.fit.findData("crop"))
    form.mirror.setChecked(True)
    request = form.request()
    assert (request.data, request.fit, request.mirror) == (str(tmp_path), "crop", True)
    left = form.state()
    form.choose_scene("scene.json", 7)
    assert not form.minutes.isHidden()
    assert form.fit.isHidden()
    form.fit.setCurrentIndex(0)
    form.mirror.setChecked(False)
    form.recall(left)
    assert (form.request().fit, form.request().mirror) == ("crop", True)


def test_a_folder_must_be_chosen_before_it_is_trained_on(
    make_napari_viewer_proxy: Any, qtbot: Any
) -> None:
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    widget.form.data.setCurrentIndex(widget.form.data.findData(FOLDER))
    widget.start()
    assert widget.run.state is State.IDLE
    assert "Choose a folder" in widget.message.text()


def test_how_a_folder_is_fitted_reaches_training(tmp_path: Path) -> None:
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    for number in range(16):
        pixels = np.random.default_rng(number).integers(0, 256, (80, 96, 3), np.uint8)
        Image.fromarray(pixels).save(photographs / f"{number}.png")
    asked = TrainingRequest(str(photographs), tmp_path / "run", steps=1, fit="pad", mirror=True)
    told = list(iter_training(asked))
    assert "reproduces it exactly" in told[0].plan
    trainer, _ = Trainer.load(tmp_path / "run" / "checkpoint.safetensors")
    assert (trainer.settings.fit, trainer.settings.mirror) == ("pad", True)
