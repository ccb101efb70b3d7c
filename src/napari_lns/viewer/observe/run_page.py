"""`RunPage`: a person answers in the window, a network answers from its segmentations."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLabel, QLineEdit, QProgressBar, QSpinBox, QVBoxLayout, QWidget

from napari_lns._progress import Report
from napari_lns.experiments import observers
from napari_lns.experiments.observers import Plan
from napari_lns.experiments.observers.practice import PRACTICE
from napari_lns.experiments.observers.table_format import MODEL, checked_observer
from napari_lns.viewer.observe.window import ObserverWindow
from napari_lns.viewer.own_models import AS_TRAINED, loaded
from napari_lns.viewer.qt.background import Latest
from napari_lns.viewer.qt.controls import Choice, add_row, button, form_layout
from napari_lns.viewer.segment.model_choice import ModelChoice

if TYPE_CHECKING:
    from napari_lns.experiments.observers.model import Rule

__all__ = ["RunPage"]

RULES = (("affinity of the dots", "affinity"), ("repeated noisy segmentations", "repeated"))
CORRECT = "the correct answers"


class _Cancelled(Exception):
    """Ends a network's answers where the user asked for it."""


class RunPage(QWidget):
    """Runs a plan with a person and with networks.

    `answered` carries the table that was written, `said` a sentence; the buttons ask for a plan
    that lies in a file.
    """

    answered = Signal(object)
    said = Signal(str)
    asked_to_run = Signal()
    asked_to_ask = Signal()
    _done = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.window_shown: ObserverWindow | None = None
        self._stop = Event()
        self._busy = False
        self._worker = Latest(self)
        self._worker.answered.connect(self._take)
        self._worker.failed.connect(self._fail)
        self._done.connect(self._show_share)
        self.destroyed.connect(self._stop.set)  # first: closing waits for the work
        self.destroyed.connect(self._worker.close)
        self._build()

    def run(self, plan: Plan, file: Path) -> None:
        """Open the window on a plan that lies in a file."""
        try:
            window = ObserverWindow(
                plan, file, observer=self.observer.text().strip(), practice=self.practice.value()
            )
        except ValueError as error:
            self.said.emit(str(error))
            return
        window.closed.connect(self._closed)
        self.window_shown = window
        window.fill_screen()

    def ask(self, plan: Plan, file: Path) -> None:
        """Let the chosen network answer a plan, or stop it if it is under way."""
        if self._busy:
            self._stop.set()
            self.said.emit("Stopping…")
            return
        model, like = self.model.model(), self.like.currentData()
        if model is None:
            self.said.emit("No network is there: choose one")
            return
        rule: Rule = self.rule.currentData()
        self._stop.clear()
        self._set_busy(True)
        self._worker.call(self._work, plan, file, model, rule, like)

    def offer(self, tables: list[Path]) -> None:
        """Offer people's tables as answers that a network is fitted to."""
        chosen = self.like.currentData()
        self.like.clear()
        self.like.addItem(CORRECT, None)
        for table in tables:
            self.like.addItem(table.name, table)
        self.like.setCurrentIndex(max(0, self.like.findData(chosen)))

    def wait(self) -> None:
        """Block until no network answers any more."""
        self._worker.wait()

    def _build(self) -> None:
        self.observer, self.practice = QLineEdit(), QSpinBox()
        self.observer.setPlaceholderText("the window asks if empty")
        self.practice.setRange(0, 1000)
        self.practice.setValue(PRACTICE)
        self.start_button = button("&Start", "Run the trials full-window", self.asked_to_run.emit)
        self.model, self.rule, self.like = ModelChoice(), Choice(RULES), Choice([(CORRECT, None)])
        self.ask_button = button("&Ask the network", "Answer all trials", self.asked_to_ask.emit)
        self.progress = QProgressBar()
        self.progress.hide()
        person, network = form_layout(), form_layout()
        add_row(person, "Code name", self.observer, "Stored with the answers: not your own name")
        add_row(person, "Practice", self.practice, "Trials with feedback before the first answer")
        add_row(network, "Model", self.model, "The network that answers")
        add_row(network, "Evidence", self.rule, "From what a network judges two dots")
        add_row(network, "Fitted to", self.like, "What noise and criterion are fitted to")
        layout = QVBoxLayout(self)
        for title, form, press in (
            ("A person", person, self.start_button),
            ("A network", network, self.ask_button),
        ):
            layout.addWidget(QLabel(f"<b>{title}</b>"))
            layout.addLayout(form)
            layout.addWidget(press)
        layout.addWidget(self.progress)
        layout.addStretch()

    def _work(self, plan: Plan, file: Path, model: str, rule: Rule, like: Path | None) -> Path:
        """Write a network's answers beside the plan, and return their file."""
        name = checked_observer(MODEL + Path(model.removesuffix(AS_TRAINED)).stem)
        table = observers.table_beside(file, name)
        answers = None if like is None else observers.read_answers(like)
        found = observers.ask_model(
            plan, loaded(model), rule=rule, like=answers, report=self._report()
        )
        observers.write_answers(table, plan, name, found.rows, overwrite=True)
        return table

    def _report(self) -> Report:
        def report(share: float) -> None:
            if self._stop.is_set():
                raise _Cancelled
            with suppress(RuntimeError):  # the page is gone
                self._done.emit(share)

        return report

    def _take(self, table: Path) -> None:
        self._set_busy(False)
        self.said.emit(f"The network's answers are in {table}.")
        self.answered.emit(table)

    def _fail(self, error: Exception) -> None:
        self._set_busy(False)
        cancelled = isinstance(error, _Cancelled)
        self.said.emit("Stopped: nothing was written." if cancelled else str(error))

    def _closed(self) -> None:
        window = self.window_shown
        if window is None or window.file is None:
            return
        left = window.plan.count - window.answered
        more = " Start goes on from there." if left else ""
        self.said.emit(f"{window.answered} of {window.plan.count} trials are answered.{more}")
        self.answered.emit(window.file)

    def _show_share(self, share: float) -> None:
        self.progress.setValue(round(100 * share))

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.ask_button.setText("&Stop" if busy else "&Ask the network")
        self.progress.setVisible(busy)
        self.progress.setValue(0)
