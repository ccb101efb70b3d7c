"""The observers' window: what is pressed is on the disk at once, and nothing is asked twice."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QApplication

from napari_lns.experiments import observers
from napari_lns.experiments.observers import Pairs, Plan, Source
from napari_lns.experiments.observers.practice import feedback, practice_trials
from napari_lns.viewer.observe import window as module
from napari_lns.viewer.observe.screen import BACKGROUND
from napari_lns.viewer.observe.window import KEYS, ObserverWindow, Stage

PATIENCE = 60_000  # milliseconds
Key = Qt.Key
KANIZSA = Source("kanizsa_figure", {"size": 64, "jitter": 1.0}, {"support_ratio": (0.3, 0.6)})
DOTS = Plan("same_or_different", (KANIZSA,), pairs=Pairs("balanced", 4, (0.05, 0.2, 0.4)))
TWO = Plan("which_of_two", (KANIZSA,), repeats=3)
RATING = Plan("rating", (KANIZSA,), repeats=2)
each_plan = pytest.mark.parametrize("plan", [DOTS, TWO, RATING], ids=lambda plan: plan.paradigm)
Open = Callable[..., ObserverWindow]


@pytest.fixture(autouse=True)
def _at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be waited for, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "FIXATION", 0)
    monkeypatch.setattr(module, "FEEDBACK", 0)


@pytest.fixture
def open_window(qtbot: Any) -> Open:
    """Open a window on a plan that lies in ``plan.json``."""

    def opened(plan: Plan, observer: str = "ab", practice: int = 0, **more: Any) -> ObserverWindow:
        plan.write("plan.json")
        window = ObserverWindow(plan, "plan.json", observer=observer, practice=practice, **more)
        qtbot.addWidget(window)
        window.fill_screen()
        qtbot.waitExposed(window)
        return window

    return opened


def start(window: ObserverWindow, qtbot: Any) -> None:
    """Leave the first page, as a person would."""
    qtbot.keyClick(window.welcome.name, Key.Key_Return)


def reach(window: ObserverWindow, qtbot: Any, stage: Stage) -> None:
    qtbot.waitUntil(lambda: window.stage is stage, timeout=PATIENCE)


def answer(window: ObserverWindow, qtbot: Any, choice: str) -> None:
    """Press the key of an answer once the trial is shown."""
    reach(window, qtbot, Stage.QUESTION)
    [key] = [key for key, (each, _) in KEYS[window.plan.paradigm].items() if each == choice]
    qtbot.keyClick(window, Key(key))


def rows(table: str = "plan_ab.csv") -> list[str]:
    return [row.answer for row in observers.read_answers(table).rows]


@each_plan
def test_every_trial_is_shown_and_each_answer_is_on_the_disk_at_once(
    plan: Plan, open_window: Open, qtbot: Any
) -> None:
    window = open_window(plan)
    start(window, qtbot)
    given = [each.answer for each in observers.simulate(plan, 1.0)]
    for number, choice in enumerate(given):
        reach(window, qtbot, Stage.QUESTION)
        trial = observers.trials(plan)[number]
        view = window.screen_view.view
        assert view.points == trial.points
        assert view.corner == f"{number + 1} of {plan.count}"
        for image, shown in zip(view.images, trial.images, strict=True):
            assert np.array_equal(image, shown.draw().image)
        answer(window, qtbot, choice)
        assert rows() == given[: number + 1]
    reach(window, qtbot, Stage.END)
    assert "plan_ab.csv" in window.screen_view.view.text
    qtbot.keyClick(window, Key.Key_Space)
    assert not window.isVisible()
    assert not Path("plan_ab.lock").exists()


def test_the_question_the_keys_and_the_fixation_mark_are_shown(
    open_window: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIXATION", 100)
    window = open_window(DOTS)
    assert window.welcome.question.text() == "Do the two dots lie on one object?"
    assert "F  one object" in window.welcome.about.text()
    start(window, qtbot)
    assert window.stage is Stage.FIXATION
    centre = window.rect().center()
    seen = window.grab().toImage()
    assert seen.pixelColor(centre).name() == "#000000"
    assert seen.pixelColor(centre + QPoint(60, 60)).name() == BACKGROUND
    reach(window, qtbot, Stage.QUESTION)
    assert "F  one object" in window.screen_view.view.keys
    assert "Esc  pause" in window.screen_view.view.keys
    assert "F  one object" in window.screen_view.accessibleName()


def test_pixels_stay_squares_and_dots_lie_where_the_trial_has_them(
    open_window: Open, qtbot: Any
) -> None:
    window = open_window(DOTS)
    start(window, qtbot)
    reach(window, qtbot, Stage.QUESTION)
    [place] = window.screen_view.image_rects()
    factor = place.width() / 64
    assert factor == int(factor) > 1
    assert place.height() == place.width() < window.height()
    seen = window.grab().toImage()
    assert window.trial is not None
    assert window.trial.points is not None
    for row, column in window.trial.points:
        x, y = place.x() + (column + 0.5) * factor, place.y() + (row + 0.5) * factor
        assert seen.pixelColor(round(x), round(y)).name() == "#ff2bd6"


def test_two_images_stand_side_by_side_in_the_trials_order(open_window: Open, qtbot: Any) -> None:
    window = open_window(TWO)
    start(window, qtbot)
    reach(window, qtbot, Stage.QUESTION)
    first, second = window.screen_view.image_rects()
    assert first.right() < window.width() / 2 < second.left()


def test_after_a_crash_the_session_resumes_and_nothing_is_asked_twice(
    open_window: Open, qtbot: Any
) -> None:
    window = open_window(TWO)
    start(window, qtbot)
    answer(window, qtbot, "first")
    answer(window, qtbot, "second")
    reach(window, qtbot, Stage.QUESTION)
    window.close()  # in the middle of a trial
    assert rows() == ["first", "second"]
    again = open_window(TWO, practice=4)
    start(again, qtbot)
    assert again.stage is Stage.RESUME
    assert "2 of 6 trials are answered under the code name ab" in again.screen_view.view.text
    qtbot.keyClick(again, Key.Key_Space)
    reach(again, qtbot, Stage.QUESTION)
    assert again.trial == observers.trials(TWO)[2]  # without practice
    for _ in range(4):
        answer(again, qtbot, "first")
    reach(again, qtbot, Stage.END)
    assert rows() == ["first", "second", *["first"] * 4]
    again.close()
    third = open_window(TWO)
    start(third, qtbot)
    assert third.stage is Stage.END


KILLED = """
import os, sys
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from napari_lns.experiments.observers import read_plan
from napari_lns.viewer.observe import window as module
application = QApplication([])
module.FIXATION = 0
window = module.ObserverWindow(read_plan("plan.json"), "plan.json", observer="ab", practice=0)
window.fill_screen()
QTest.keyClick(window.welcome.name, Qt.Key.Key_Return)
for _ in range(3):
    while window.stage is not module.Stage.QUESTION:
        QTest.qWait(1)
    QTest.keyClick(window, Qt.Key.Key_Left)
os._exit(9)  # as if it were killed
"""


def test_a_killed_process_loses_no_answer_and_its_lock_does_not_hold(
    open_window: Open, qtbot: Any
) -> None:
    TWO.write("plan.json")
    done = subprocess.run([sys.executable, "-c", KILLED], stderr=subprocess.PIPE, check=False)
    assert done.returncode == 9, done.stderr
    assert Path("plan_ab.lock").exists()
    assert rows() == ["first"] * 3
    window = open_window(TWO)
    start(window, qtbot)
    assert window.answer_count == 3


def test_another_person_can_take_another_code_name(open_window: Open, qtbot: Any) -> None:
    observers.write_answers("plan_ab.csv", TWO, "ab", observers.simulate(TWO, 1)[:1])
    before = Path("plan_ab.csv").read_bytes()
    window = open_window(TWO)
    start(window, qtbot)
    qtbot.keyClick(window, Key.Key_Escape)
    assert window.stage is Stage.WELCOME
    window.welcome.name.clear()
    qtbot.keyClicks(window.welcome.name, "cd")
    window.welcome.start.click()
    answer(window, qtbot, "second")
    assert rows("plan_cd.csv") == ["second"]
    assert Path("plan_ab.csv").read_bytes() == before


def test_a_pause_withdraws_the_trial_and_shows_it_again(open_window: Open, qtbot: Any) -> None:
    window = open_window(replace(TWO, deadline=30.0))
    start(window, qtbot)
    reach(window, qtbot, Stage.QUESTION)
    trial = window.trial
    qtbot.keyClick(window, Key.Key_Escape)
    assert window.stage is Stage.PAUSED
    assert not window.screen_view.view.images
    assert not window._timer.isActive()  # the deadline waits
    qtbot.keyClick(window, Key.Key_Left)
    assert window.answer_count == 0
    qtbot.keyClick(window, Key.Key_Space)
    reach(window, qtbot, Stage.QUESTION)
    assert window.trial == trial
    qtbot.keyClick(window, Key.Key_Escape)
    qtbot.keyClick(window, Key.Key_Q)
    assert not window.isVisible()


def test_it_pauses_when_another_window_comes_to_the_front(open_window: Open, qtbot: Any) -> None:
    window = open_window(TWO)
    start(window, qtbot)
    reach(window, qtbot, Stage.QUESTION)
    QApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))
    expected = Stage.QUESTION if window.isActiveWindow() else Stage.PAUSED
    assert window.stage is expected


def test_other_keys_and_keys_held_down_answer_nothing(open_window: Open, qtbot: Any) -> None:
    window = open_window(TWO)
    start(window, qtbot)
    reach(window, qtbot, Stage.QUESTION)
    for key in (Key.Key_F, Key.Key_Q, Key.Key_Space, Key.Key_Return, Key.Key_1):
        qtbot.keyClick(window, key)
    held = QKeyEvent(
        QEvent.Type.KeyPress, int(Key.Key_Left), Qt.KeyboardModifier.NoModifier, "", True
    )
    QApplication.sendEvent(window, held)
    assert window.stage is Stage.QUESTION
    assert window.answer_count == 0


def test_practice_has_feedback_and_leaves_no_answers(
    open_window: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEEDBACK", 100)
    window = open_window(DOTS, practice=2)
    assert "2 practice trials come first" in window.welcome.about.text()
    start(window, qtbot)
    for trial in practice_trials(DOTS, 2):
        reach(window, qtbot, Stage.QUESTION)
        assert window.screen_view.view.corner == "practice"
        answer(window, qtbot, "same")
        assert window.stage is Stage.FEEDBACK
        assert window.screen_view.view.title == feedback(trial, "same")
    reach(window, qtbot, Stage.READY)
    assert window.answer_count == 0
    qtbot.keyClick(window, Key.Key_Space)
    answer(window, qtbot, "same")
    assert rows() == ["same"]


@each_plan
def test_practice_shows_none_of_the_plans_images(plan: Plan) -> None:
    seeds = {shown.record["seed"] for trial in observers.trials(plan) for shown in trial.images}
    practised = practice_trials(plan, 3)
    assert len(practised) == 3
    assert not seeds & {shown.record["seed"] for trial in practised for shown in trial.images}


def test_a_deadline_that_passes_is_stored_as_missed(open_window: Open, qtbot: Any) -> None:
    window = open_window(replace(TWO, deadline=0.01))
    start(window, qtbot)
    reach(window, qtbot, Stage.END)
    assert rows() == ["missed"] * TWO.count


def test_a_full_disk_is_a_sentence_and_the_answer_can_be_saved_again(
    open_window: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    window = open_window(TWO)
    start(window, qtbot)
    answer(window, qtbot, "first")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answer(window, qtbot, "second")
        assert window.stage is Stage.UNSAVED
        assert "the disk is full" in window.screen_view.view.text
        assert rows() == ["first"]
    qtbot.keyClick(window, Key.Key_Space)
    reach(window, qtbot, Stage.QUESTION)
    assert rows() == ["first", "second"]


@pytest.mark.parametrize("name", ["", "Jane Doe", "a,b"])
def test_a_wrong_code_name_is_refused_on_the_first_page(
    name: str, open_window: Open, qtbot: Any
) -> None:
    window = open_window(TWO, observer=name)
    start(window, qtbot)
    assert window.stage is Stage.WELCOME
    assert "give a code name" in window.welcome.message.text()
    assert [path.name for path in Path().iterdir()] == ["plan.json"]


def edited() -> None:
    text = Path("plan_ab.csv").read_text().replace("first", "second", 1)
    Path("plan_ab.csv").write_text(text)


def of_another_plan() -> None:
    other = replace(TWO, seed=7)
    observers.write_answers(
        "plan_ab.csv", other, "ab", observers.simulate(other, 1), overwrite=True
    )


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [(edited, "does not match its checksum"), (of_another_plan, "the plan was changed")],
)
def test_a_table_that_does_not_fit_is_refused_on_the_first_page(
    harm: Callable[[], None], sentence: str, open_window: Open, qtbot: Any
) -> None:
    answers = [observers.Answer(number, "first", 1.0) for number in range(3)]
    observers.write_answers("plan_ab.csv", TWO, "ab", answers)
    harm()
    before = Path("plan_ab.csv").read_bytes()
    window = open_window(TWO)
    start(window, qtbot)
    assert window.stage is Stage.WELCOME
    assert sentence in window.welcome.message.text()
    assert Path("plan_ab.csv").read_bytes() == before


def test_two_windows_cannot_write_one_table(open_window: Open, qtbot: Any) -> None:
    first, second = open_window(TWO), open_window(TWO)
    start(first, qtbot)
    start(second, qtbot)
    assert second.stage is Stage.WELCOME
    assert "is being written to" in second.welcome.message.text()


def test_a_stimulus_that_cannot_be_drawn_any_more_is_a_sentence(
    open_window: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(RATING)
    start(window, qtbot)
    answer(window, qtbot, "5")
    reach(window, qtbot, Stage.QUESTION)
    assert window.table is not None
    for trial in window.table.trials:  # as if a later version had lost the parameter
        for shown in trial.images:
            shown.record["parameters"]["support"] = 0.3  # type: ignore[index]
    answer(window, qtbot, "4")
    assert window.stage is Stage.BROKEN
    assert "kanizsa_figure cannot be drawn from the plan's" in window.screen_view.view.text
    assert rows() == ["5", "4"]
    qtbot.keyClick(window, Key.Key_Q)
    assert not window.isVisible()


COMMAND = """
from qtpy.QtCore import QTimer, Qt
from qtpy.QtTest import QTest
from napari_lns.cli import main
from napari_lns.viewer.observe import window as module
module.FIXATION = 0
show = module.ObserverWindow.fill_screen

def answered(window):
    show(window)
    QTimer.singleShot(0, lambda: keys(window))

def keys(window):
    QTest.keyClick(window.welcome.name, Qt.Key.Key_Return)
    while window.stage is not module.Stage.QUESTION:
        QTest.qWait(1)
    QTest.keyClick(window, Qt.Key.Key_Right)
    window.close()

module.ObserverWindow.fill_screen = answered
main()
"""


def test_the_command_says_where_the_answers_are_and_how_to_go_on(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    TWO.write(tmp_path / "plan.json")
    words = ["observe", "run", "plan.json", "--observer", "ab", "--practice", "0"]
    told = json.loads(run_python("-c", COMMAND, *words, "--json"))
    assert told == {"out": "plan_ab.csv", "answered": 1, "count": 6}
    assert rows() == ["second"]
