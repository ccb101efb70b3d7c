"""The Train widget teaches a network, stops, goes on, and hands it to Segment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_lns.models.training.trainer import Trainer
from napari_lns.viewer import train_widget
from napari_lns.viewer.run import State
from napari_lns.viewer.segment_widget import SegmentWidget
from napari_lns.viewer.train_widget import TrainWidget, learning

PATIENCE = 120_000  # milliseconds


@pytest.fixture(autouse=True)
def _quickly_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_lns.models.measured.IMAGES", 16)
    monkeypatch.setattr(train_widget, "HELD_OUT", 1)


def test_learning_tells_how_it_goes_and_leaves_a_model(tmp_path: Path) -> None:
    told = list(learning("kanizsa", "ae", 2, 0, tmp_path, "mine"))
    assert [each.step for each in told] == [2, 2]
    assert told[0].redrawn.shape == (128, 8 * 64, 3)
    ((step, score),) = told[-1].scores
    assert step == 2
    assert -1 <= score <= 1
    assert told[-1].file == tmp_path / "mine.safetensors"
    assert told[-1].file.is_file()
    again = list(learning("kanizsa", "ae", 2, 0, tmp_path, "mine"))
    assert [each.step for each in again] == [2]
    assert np.array_equal(again[-1].redrawn, told[-1].redrawn)


def test_a_network_is_trained_and_used_at_once(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_widget, "cache_folder", lambda: tmp_path)
    viewer = make_napari_viewer_proxy()
    widget, segment = TrainWidget(viewer), SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget)
    viewer.window.add_dock_widget(segment)
    assert widget.minimumSizeHint().width() <= 320
    widget.steps.setValue(2)
    widget.name.setText("short")
    widget.train_button.click()
    assert widget.train_button.text() == "&Stop"
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    assert widget.curve.points
    assert [step for step, _ in widget.curve.scores] == [2]
    assert "ARI" in widget.score.text()
    assert viewer.layers["short: seen and redrawn"].data.shape == (128, 512, 3)
    widget.use_button.click()
    assert segment.form.model.model() == str(tmp_path / "runs" / "short" / "short.safetensors")


def test_training_stops_and_goes_on(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_widget, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(train_widget, "KEPT_EVERY", 1)
    monkeypatch.setattr("napari_lns.models.training.loop.REPORT_EVERY", 1)
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    widget.steps.setValue(99)  # few enough that no other way to train is measured first
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


def test_training_stops_at_its_next_step_and_while_ways_to_train_are_tried(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at its next report: fifty steps may take half a minute."""
    monkeypatch.setattr(train_widget, "cache_folder", lambda: tmp_path)
    steps: list[int] = []
    advance = Trainer.advance

    def counted(trainer: Trainer) -> Any:
        steps.append(trainer.step)
        return advance(trainer)

    monkeypatch.setattr(Trainer, "advance", counted)
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    widget.steps.setValue(1000)  # many enough that ways to train are tried, a compiled one last
    widget.start()
    qtbot.waitUntil(lambda: bool(steps), timeout=PATIENCE)
    widget.train_button.click()
    told = len(steps)
    assert widget.train_button.text() == "Stopping…"
    assert "cannot be broken off" in widget.message.text()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    assert len(steps) <= told + 1
    assert "Train goes on" in widget.message.text()


@pytest.mark.parametrize("name", ["a/b", "../a", "a\\b", "."])
def test_a_name_that_no_file_can_have_is_refused_before_training(
    make_napari_viewer_proxy, qtbot, name
):
    widget = TrainWidget(make_napari_viewer_proxy())
    qtbot.addWidget(widget)
    widget.name.setText(name)
    widget.start()
    assert widget.run.state is State.IDLE
    assert "cannot be a file's" in widget.message.text()
