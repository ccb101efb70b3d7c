"""Run the trials of a plan with a person in a full-screen window; save each answer at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from enum import Enum, auto
from pathlib import Path
from typing import Any

from qtpy.QtCore import QEvent, QEventLoop, Qt, QTimer, Signal
from qtpy.QtGui import QCloseEvent, QResizeEvent
from qtpy.QtWidgets import QApplication, QStackedLayout, QWidget

from napari_lns.experiments.observers.plan import Paradigm, Plan
from napari_lns.experiments.observers.practice import PRACTICE, feedback, practice_trials
from napari_lns.experiments.observers.recording import Table, open_table, table_path
from napari_lns.experiments.observers.table_format import MISSED
from napari_lns.experiments.observers.trials import QUESTIONS, Trial
from napari_lns.viewer.observe.screen import BACKGROUND, Screen, View
from napari_lns.viewer.observe.welcome import Welcome

__all__ = ["KEYS", "ObserverWindow", "Stage", "run"]

FIXATION = 500  # milliseconds
FEEDBACK = 1500
Key = Qt.Key
KEYS: dict[Paradigm, dict[int, tuple[str, str]]] = {  # the answer of each key, and its help text
    "same_or_different": {
        Key.Key_F: ("same", "F  one object"),
        Key.Key_J: ("different", "J  two objects"),
    },
    "which_of_two": {
        Key.Key_Left: ("first", "←  first"),
        Key.Key_Right: ("second", "→  second"),
    },
    "rating": {int(Key.Key_0) + number: (str(number), str(number)) for number in range(1, 8)},
}
PAUSE_KEY = "Esc  pause"
CONTINUE = "Space  continue        Q  stop"


class Stage(Enum):
    """The current stage of the window."""

    WELCOME = auto()
    RESUME = auto()  # asks whether existing answers are this person's
    READY = auto()  # practice is over
    FIXATION = auto()
    QUESTION = auto()
    FEEDBACK = auto()
    PAUSED = auto()
    UNSAVED = auto()  # an answer could not be written
    BROKEN = auto()  # a trial cannot be shown
    END = auto()


CLOSING_KEYS = {  # keys that close the window
    Stage.READY: (Key.Key_Q,),
    Stage.PAUSED: (Key.Key_Q,),
    Stage.UNSAVED: (Key.Key_Q,),
    Stage.BROKEN: (Key.Key_Q,),
    Stage.END: (Key.Key_Space, Key.Key_Escape, Key.Key_Return),
}


class ObserverWindow(QWidget):
    """A window that runs the trials of a plan with one person.

    Parameters
    ----------
    plan
        The plan.
    plan_file
        The file of the plan. The answers are written next to it.
    observer
        The code name, if known.
    table
        The file for the answers. By default, it is named after plan and observer.
    practice
        Number of practice trials with feedback.
    """

    closed = Signal()

    def __init__(
        self,
        plan: Plan,
        plan_file: str | os.PathLike[str],
        *,
        observer: str = "",
        table: str | os.PathLike[str] | None = None,
        practice: int = PRACTICE,
    ) -> None:
        super().__init__()
        self.plan, self.stage = plan, Stage.WELCOME
        self.table: Table | None = None
        self.file: Path | None = None  # of the answers, once the observer is known
        self._plan_file = plan_file
        self._table_file = None if table is None else Path(table)
        self._practice_trials = practice_trials(plan, practice)
        self._is_practice_over = not self._practice_trials
        self._keys = KEYS[plan.paradigm]
        self._resources = ExitStack()
        self._pending_answer: tuple[str, float] | None = None  # an answer that is not yet written
        self._trial_start = 0.0
        self._timer, self._next_call = QTimer(self), self._show_trial
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self._next_call())
        self._build(observer)

    @property
    def trial(self) -> Trial | None:
        """The current or next trial."""
        if self._practice_trials:
            return self._practice_trials[0]
        return None if self.table is None else self.table.next

    @property
    def answer_count(self) -> int:
        """The number of answered trials."""
        return 0 if self.table is None else len(self.table.rows)

    def fill_screen(self) -> None:
        """Show the window on the whole screen."""
        screen = self.screen()
        if screen is not None:  # needed without a window manager
            self.setGeometry(screen.geometry())
        self.showFullScreen()
        self.activateWindow()

    def begin(self, observer: str) -> None:
        """Open the table of an observer, and start; continue a table that has answers."""
        self._resources.close()
        try:
            file = self._table_file or table_path(self._plan_file, observer)
            self.table = self._resources.enter_context(open_table(file, self.plan, observer))
        except (OSError, ValueError) as error:
            self.welcome.message.setText(str(error))
            return
        self.file = file
        self.welcome.message.clear()
        if not self.answer_count:
            self._fixate()
            return
        self._practice_trials, self._is_practice_over = [], True
        if self.trial is None:
            self._show_end()
            return
        text = (
            f"{self.answer_count} of {self.plan.count} trials are answered under the code name "
            f"{observer}. If these answers are not yours, press Esc and enter another code name."
        )
        keys = f"Space  continue with trial {self.answer_count + 1}        Esc  back"
        self._show(Stage.RESUME, View(title="Welcome back", text=text, keys=keys))

    # building -------------------------------------------------------------------------

    def _build(self, observer: str) -> None:
        self.setWindowTitle("napari-lns observe")
        self.setObjectName("observer")
        self.setStyleSheet(f"#observer {{ background: {BACKGROUND}; }} QLabel {{ color: black; }}")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        limit = "" if self.plan.deadline is None else f" Answer within {self.plan.deadline:g} s."
        first = len(self._practice_trials)
        come = "practice trial comes" if first == 1 else "practice trials come"
        practice = f" {first} {come} first." if first else ""
        about = f"{self._key_help()}\n{self.plan.count} trials.{practice}{limit}"
        self.welcome = Welcome(QUESTIONS[self.plan.paradigm], about, observer)
        self.welcome.started.connect(self.begin)
        self.welcome.leave_requested.connect(self.close)
        self.screen_view = Screen()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.screen_view)
        self.welcome.name.setFocus()

    def _key_help(self) -> str:
        """Return the help text on the keys."""
        if self.plan.paradigm == "rating":
            return "1  not at all        …        7  very clear"
        return "        ".join(text for _, text in self._keys.values())

    # what happens ---------------------------------------------------------------------

    def _fixate(self) -> None:
        """Show the fixation mark and then the next trial, or the end."""
        if self.trial is None:
            self._show_end()
            return
        if not self._practice_trials and not self._is_practice_over:
            self._is_practice_over = True
            text = "Practice is over. From now on every answer counts."
            self._show(Stage.READY, View(title="Ready?", text=text, keys=CONTINUE))
            return
        try:
            self._images = tuple(shown.draw().image for shown in self.trial.images)
        except ValueError as error:
            self._show_broken_trial(str(error))
            return
        self._show(Stage.FIXATION, View(mark=True, corner=self._progress_text()))
        self._call_after(FIXATION, self._show_trial)

    def _show_trial(self) -> None:
        trial = self.trial
        assert trial is not None
        keys = f"{self._key_help()}        {PAUSE_KEY}"
        view = View(self._images, trial.points, keys=keys, corner=self._progress_text())
        self._show(Stage.QUESTION, view)
        self._trial_start = time.perf_counter()
        if self.plan.deadline is not None:
            self._call_after(round(1000 * self.plan.deadline), lambda: self._answer(MISSED))

    def _answer(self, answer: str) -> None:
        seconds = time.perf_counter() - self._trial_start
        self._timer.stop()
        if self._practice_trials:
            trial = self._practice_trials.pop(0)
            text = "Too late." if answer == MISSED else feedback(trial, answer)
            self._show(Stage.FEEDBACK, View(title=text, corner="practice"))
            self._call_after(FEEDBACK, self._fixate)
            return
        self._pending_answer = answer, seconds
        self._save_answer()

    def _save_answer(self) -> None:
        """Write the pending answer; if that fails, offer to try again."""
        assert self.table is not None
        assert self._pending_answer is not None
        try:
            self.table.append(*self._pending_answer)
        except OSError as error:
            keys = "Space  save again        Q  stop without this answer"
            text = f"{error}\nAll answers before it are saved."
            self._show(Stage.UNSAVED, View(title="This answer is not saved", text=text, keys=keys))
            return
        answer, self._pending_answer = self._pending_answer[0], None
        if answer == MISSED:
            self._show(Stage.FEEDBACK, View(title="Too late", corner=self._progress_text()))
            self._call_after(FEEDBACK, self._fixate)
        else:
            self._fixate()

    def pause(self) -> None:
        """Pause, and repeat the current trial afterwards."""
        if self.stage in (Stage.FIXATION, Stage.QUESTION, Stage.FEEDBACK):
            self._timer.stop()
            text = f"{self.answer_count} of {self.plan.count} trials are answered, and saved."
            self._show(Stage.PAUSED, View(title="Paused", text=text, keys=CONTINUE))

    def _show_broken_trial(self, sentence: str) -> None:
        text = f"{sentence}\nAll answers so far are saved in {self._table_name()}."
        self._show(Stage.BROKEN, View(title="A trial cannot be shown", text=text, keys="Q  stop"))

    def _show_end(self) -> None:
        text = (
            f"All {self.plan.count} trials are answered. The answers are in {self._table_name()}."
        )
        self._show(Stage.END, View(title="Thank you!", text=text, keys="Space  close"))

    def _table_name(self) -> str:
        return "" if self.file is None else self.file.name

    def _progress_text(self) -> str:
        return (
            "practice" if self._practice_trials else f"{self.answer_count + 1} of {self.plan.count}"
        )

    def _show(self, stage: Stage, view: View) -> None:
        self.stage = stage
        self._pages.setCurrentWidget(self.screen_view)
        hidden = stage in (Stage.FIXATION, Stage.QUESTION, Stage.FEEDBACK)
        self.setCursor(Qt.CursorShape.BlankCursor if hidden else Qt.CursorShape.ArrowCursor)
        self.setFocus()
        self.screen_view.show_view(view)

    def _call_after(self, milliseconds: int, call: Callable[[], None]) -> None:
        self._next_call = call
        self._timer.start(milliseconds)

    # events ---------------------------------------------------------------------------

    def keyPressEvent(self, event: Any) -> None:
        """Answer, pause, continue or stop; ignore the auto-repeat of keys."""
        if event.isAutoRepeat():
            return
        key, stage = event.key(), self.stage
        if stage is Stage.QUESTION and key in self._keys:
            self._answer(self._keys[key][0])
        elif stage in (Stage.FIXATION, Stage.QUESTION, Stage.FEEDBACK) and key == Key.Key_Escape:
            self.pause()
        elif stage is Stage.RESUME and key == Key.Key_Escape:
            self._return_to_welcome()
        elif stage in (Stage.RESUME, Stage.READY, Stage.PAUSED) and key == Key.Key_Space:
            self._fixate()
        elif stage is Stage.UNSAVED and key == Key.Key_Space:
            self._save_answer()
        elif key in CLOSING_KEYS.get(stage, ()):
            self.close()

    def _return_to_welcome(self) -> None:
        """Return to the first page to enter another code name."""
        self._resources.close()
        self.table, self.stage = None, Stage.WELCOME
        self._pages.setCurrentWidget(self.welcome)
        self.welcome.name.selectAll()
        self.welcome.name.setFocus()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Scale the text to the window."""
        super().resizeEvent(event)
        self.welcome.fit_text()

    def changeEvent(self, event: Any) -> None:
        """Pause when another window becomes active."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.pause()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Close the table, which contains all answers."""
        self._timer.stop()
        self._resources.close()
        super().closeEvent(event)
        self.closed.emit()


def run(plan: Plan, plan_file: str | os.PathLike[str], **how: Any) -> ObserverWindow:
    """Run the trials of a plan in a full-screen window; return when it is closed.

    Parameters
    ----------
    plan, plan_file, **how
        The arguments of `ObserverWindow`.

    Returns
    -------
    ObserverWindow
        The closed window.
    """
    application = QApplication.instance() or QApplication([])
    window, loop = ObserverWindow(plan, plan_file, **how), QEventLoop(application)
    window.closed.connect(loop.quit)
    window.fill_screen()
    loop.exec()
    return window
