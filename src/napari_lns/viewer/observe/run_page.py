"""The *Answer* page of Observe: run a plan with a person, or add a network as an observer."""

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
from napari_lns.experiments.observers.table_format import MODEL, check_observer
from napari_lns.viewer.observe.window import ObserverWindow
from napari_lns.viewer.own_models import AS_TRAINED, load_model
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import Choice, add_row, button, form_layout
from napari_lns.viewer.segment.model_choice import ModelChoice

if TYPE_CHECKING:
    from napari_lns.experiments.observers.model import Rule

__all__ = ["RunPage"]

RULES = (("affinity of the dots", "affinity"), ("repeated noisy segmentations", "repeated"))
CORRECT = "the correct answers"


class _Cancelled(Exception):
    """Raised in the worker when the user cancels the network's answers."""


class RunPage(QWidget):
    """A page that runs a plan with a person or a network.

    `answers_written` carries the file with the answers, `message_changed` a sentence. The buttons
    emit `run_requested` and `model_run_requested`, because the plan must first be saved to a file.
    """

    answers_written = Signal(object)
    message_changed = Signal(str)
    run_requested = Signal()
    model_run_requested = Signal()
    _progressed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.observer_window: ObserverWindow | None = None
        self._stop = Event()
        self._is_busy = False
        self._worker = LatestCall(self)
        self._worker.finished.connect(self._on_answers_written)
        self._worker.failed.connect(self._on_failed)
        self._progressed.connect(self._show_progress)
        self.destroyed.connect(self._stop.set)  # first, because closing waits for the worker
        self.destroyed.connect(self._worker.close)
        self._build()

    def run_person(self, plan: Plan, file: Path) -> None:
        """Open the window for the trials of a saved plan."""
        try:
            window = ObserverWindow(
                plan, file, observer=self.observer.text().strip(), practice=self.practice.value()
            )
        except ValueError as error:
            self.message_changed.emit(str(error))
            return
        window.closed.connect(self._on_window_closed)
        self.observer_window = window
        window.fill_screen()

    def run_model(self, plan: Plan, file: Path) -> None:
        """Compute the chosen network's answers to a plan, or cancel the computation."""
        if self._is_busy:
            self._stop.set()
            self.message_changed.emit("Stopping…")
            return
        model, like = self.model.model(), self.fit_target.currentData()
        if model is None:
            self.message_changed.emit("No network is chosen: choose one in Model.")
            return
        rule: Rule = self.rule.currentData()
        self._stop.clear()
        self._set_busy(True)
        self._worker.call(self._write_model_answers, plan, file, model, rule, like)

    def set_tables(self, tables: list[Path]) -> None:
        """Set the tables of people to whose answers a network can be fitted."""
        selected = self.fit_target.currentData()
        self.fit_target.clear()
        self.fit_target.addItem(CORRECT, None)
        for table in tables:
            self.fit_target.addItem(table.name, table)
        self.fit_target.setCurrentIndex(max(0, self.fit_target.findData(selected)))

    def wait(self) -> None:
        """Block until the network's answers have been computed."""
        self._worker.wait()

    def _build(self) -> None:
        self.observer, self.practice = QLineEdit(), QSpinBox()
        self.observer.setPlaceholderText("asked at the start")
        self.practice.setRange(0, 1000)
        self.practice.setValue(PRACTICE)
        self.start_button = button(
            "&Start", ("Run the trials in full screen"), self.run_requested.emit
        )
        self.model, self.rule, self.fit_target = (
            ModelChoice(),
            Choice(RULES),
            Choice([(CORRECT, None)]),
        )
        self.model_button = button(
            "&Add network as observer",
            "Compute the network's answers to all trials",
            self.model_run_requested.emit,
        )
        self.progress = QProgressBar()
        self.progress.hide()
        person, network = form_layout(), form_layout()
        add_row(person, "Code name", self.observer, "Stored with the answers: not your own name")
        add_row(person, "Practice", self.practice, "Trials with feedback before the first answer")
        for text, control, tip in (
            ("Model", self.model, "The network to add as an observer"),
            ("Evidence", self.rule, "What the network's answers are computed from"),
            ("Fitted to", self.fit_target, "The answers to which noise and criterion are fitted"),
        ):
            add_row(network, text, control, tip, below=True)
        layout = QVBoxLayout(self)
        for title, form, press in (
            ("A person", person, self.start_button),
            ("A network", network, self.model_button),
        ):
            layout.addWidget(QLabel(f"<b>{title}</b>"))
            layout.addLayout(form)
            layout.addWidget(press)
        layout.addWidget(self.progress)
        layout.addStretch()

    def _write_model_answers(
        self, plan: Plan, file: Path, model: str, rule: Rule, like: Path | None
    ) -> Path:
        """Write a network's answers next to the plan, and return their file."""
        name = check_observer(MODEL + Path(model.removesuffix(AS_TRAINED)).stem)
        table = observers.table_path(file, name)
        reference_answers = None if like is None else observers.read_answers(like)
        model_answers = observers.ask_model(
            plan, load_model(model), rule=rule, like=reference_answers, report=self._make_report()
        )
        observers.write_answers(table, plan, name, model_answers.rows, overwrite=True)
        return table

    def _make_report(self) -> Report:
        def report(share: float) -> None:
            if self._stop.is_set():
                raise _Cancelled
            with suppress(RuntimeError):  # the page has been deleted
                self._progressed.emit(share)

        return report

    def _on_answers_written(self, table: Path) -> None:
        self._set_busy(False)
        self.message_changed.emit(f"The network's answers are in {table}.")
        self.answers_written.emit(table)

    def _on_failed(self, error: Exception) -> None:
        self._set_busy(False)
        cancelled = isinstance(error, _Cancelled)
        self.message_changed.emit("Stopped: nothing was written." if cancelled else str(error))

    def _on_window_closed(self) -> None:
        window = self.observer_window
        if window is None or window.file is None:
            return
        remaining = window.plan.count - window.answer_count
        more = " Start continues from there." if remaining else ""
        self.message_changed.emit(
            f"{window.answer_count} of {window.plan.count} trials are answered.{more}"
        )
        self.answers_written.emit(window.file)

    def _show_progress(self, share: float) -> None:
        self.progress.setValue(round(100 * share))

    def _set_busy(self, busy: bool) -> None:
        self._is_busy = busy
        self.model_button.setText("&Stop" if busy else "&Add network as observer")
        self.progress.setVisible(busy)
        self.progress.setValue(0)
