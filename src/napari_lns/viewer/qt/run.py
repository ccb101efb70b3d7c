"""Run one task off the main thread, with intermediate results and a cancel button.

A cancelled run ends at its next step and keeps its last result. Signals are emitted on the main
thread, and none after `close`. The task pauses while a result is shown: Python runs one thread at a
time, and showing takes two to three times as long beside the task.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from threading import Event
from typing import Any

from qtpy.QtCore import QObject, QTimer, Signal
from superqt.utils import GeneratorWorker

__all__ = ["Run", "RunProgress", "State", "Step", "format_duration"]

REPORT_INTERVAL = 0.1  # minimum seconds between two reports: the main thread has to paint them
MAX_RESULT_SHARE = 0.25  # maximum share of the time that goes into intermediate results
PAINT_TIME = 20  # milliseconds in which a result that was shown is painted
MAX_PAUSE = 1.0  # maximum seconds for which the task waits until a result is painted


class State(Enum):
    """The state of a run; the value is the text of its button."""

    IDLE = "&Run"
    RUNNING = "&Cancel"
    CANCELLING = "Cancelling…"


@dataclass(frozen=True)
class Step:
    """A step of the task: its progress, and a function that returns the result so far."""

    done: int
    total: int
    result: Callable[[], Any]


@dataclass(frozen=True)
class RunProgress:
    """A report of the worker: its progress, and the result so far, or None if it is not new."""

    done: int
    total: int
    result: Any
    seconds: float

    @property
    def seconds_left(self) -> float:
        """The remaining time in seconds, at the current pace."""
        return self.seconds * (self.total - self.done) / max(1, self.done)


class Run(QObject):
    """Start, report and cancel one task at a time.

    Parameters
    ----------
    parent
        The object that owns it.
    """

    progressed = Signal(object)
    failed = Signal(object)
    state_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = State.IDLE
        self._worker: GeneratorWorker[RunProgress, Any, None] | None = None
        self._closed = False
        self._painted = Event()

    def start(self, steps: Callable[[], Iterator[Step]]) -> None:
        """Start a task: `steps` is called and iterated off the main thread."""
        if self.state is not State.IDLE or self._closed:
            return
        # not a worker of napari: its list of tasks keeps every worker until the program ends
        worker = _Worker(_iter_progress, steps, self._painted)
        worker.yielded.connect(self._show_progress)
        worker.errored.connect(self._fail)
        worker.finished.connect(self._finish)
        self._worker = worker
        self._set_state(State.RUNNING)
        worker.start()

    def cancel(self) -> None:
        """Request the end of the run at its next step; the state changes at once."""
        if self._worker is not None and self.state is State.RUNNING:
            self._set_state(State.CANCELLING)
            self._worker.quit()
            self._painted.set()

    def close(self) -> None:
        """Cancel the run; emit no more signals."""
        self._closed = True
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.quit()
            self._painted.set()

    def _show_progress(self, progress: RunProgress) -> None:
        if not self._closed and self.state is State.RUNNING:
            self.progressed.emit(progress)
            if progress.result is not None:
                QTimer.singleShot(PAINT_TIME, self._painted.set)

    def _fail(self, error: Exception) -> None:
        if not self._closed and self.state is State.RUNNING:
            self.failed.emit(error)

    def _finish(self, *_: object) -> None:
        self._worker = None
        if not self._closed:
            self._set_state(State.IDLE)

    def _set_state(self, state: State) -> None:
        self.state = state
        self.state_changed.emit(state)


class _Worker(GeneratorWorker[RunProgress, Any, None]):
    """A worker that reports every error and closes its generator.

    The worker of superqt does not report a RuntimeError, and leaves a cancelled generator
    suspended, which would keep its networks and images in memory.
    """

    def work(self) -> None:
        """Run the generator until it ends or the worker is cancelled."""
        try:
            while not self.abort_requested:
                self.yielded.emit(next(self._gen))
        except StopIteration:
            return
        finally:
            self._gen.close()


def _iter_progress(
    steps: Callable[[], Iterator[Step]], painted: Event
) -> Generator[RunProgress, Any, None]:
    start = time.monotonic()
    last_report, result_seconds, last_result = 0.0, 0.0, 0.0
    for step in steps():
        now = time.monotonic()
        last = step.done >= step.total
        if not last and now - last_report < REPORT_INTERVAL:
            continue
        has_result = last or now - last_result > result_seconds / MAX_RESULT_SHARE
        result = step.result() if has_result else None
        last_report = time.monotonic()
        painted.clear()
        yield RunProgress(step.done, step.total, result, last_report - start)
        if has_result and not last:
            painted.wait(MAX_PAUSE)
            last_result = time.monotonic()
            result_seconds = last_result - now


def format_duration(seconds: float) -> str:
    """Return a duration as text.

    Examples
    --------
    >>> format_duration(7.3), format_duration(75), format_duration(7500)
    ('7 s', '1 min 15 s', '2 h 5 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
