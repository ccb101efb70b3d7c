"""`Run`: one piece of work off the main thread, with results that come while it goes.

A run that is cancelled keeps its last good result. The worker ends at its next step; its
signals arrive on the main thread, and none after `close`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from qtpy.QtCore import QObject, Signal
from superqt.utils import GeneratorWorker

__all__ = ["Run", "RunProgress", "State", "Step", "format_duration"]

REPORT_INTERVAL = 0.1  # seconds between two reports at least: the main thread has to paint them
MAX_RESULT_SHARE = 0.25  # of the time at most goes into making results of what has come so far


class State(Enum):
    """Where a run stands; the value is what its button says."""

    IDLE = "&Run"
    RUNNING = "&Cancel"
    CANCELLING = "Cancelling…"


@dataclass(frozen=True)
class Step:
    """One step of the work: how far it is, and how to make a result of what has come so far."""

    done: int
    total: int
    result: Callable[[], Any]


@dataclass(frozen=True)
class RunProgress:
    """A worker's report: how far it is, and its result so far, if that is new."""

    done: int
    total: int
    result: Any
    seconds: float

    @property
    def seconds_left(self) -> float:
        """The time left, if it goes on as it went."""
        return self.seconds * (self.total - self.done) / max(1, self.done)


class Run(QObject):
    """Start, report and cancel one piece of work at a time.

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

    def start(self, steps: Callable[[], Iterator[Step]]) -> None:
        """Start; `steps` is called off the main thread."""
        if self.state is not State.IDLE or self._closed:
            return
        # not napari's own: its list of tasks keeps every worker until the program ends
        worker = _Worker(_iter_progress, steps)
        worker.yielded.connect(self._show_progress)
        worker.errored.connect(self._fail)
        worker.finished.connect(self._finish)
        self._worker = worker
        self._set_state(State.RUNNING)
        worker.start()

    def cancel(self) -> None:
        """Ask the run to end at its next step; at once the state says so."""
        if self._worker is not None and self.state is State.RUNNING:
            self._set_state(State.CANCELLING)
            self._worker.quit()

    def close(self) -> None:
        """Cancel the run; emit no more signals."""
        self._closed = True
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.quit()

    def _show_progress(self, progress: RunProgress) -> None:
        if not self._closed and self.state is State.RUNNING:
            self.progressed.emit(progress)

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
    """A worker that reports every error, and whose generator ends with it.

    superqt's own takes a RuntimeError for the end of the worker and reports nothing, and a
    generator left suspended would keep its networks and images.
    """

    def work(self) -> None:
        """Run the generator to its end, or until the worker is asked to quit."""
        try:
            while not self.abort_requested:
                self.yielded.emit(next(self._gen))
        except StopIteration:
            return
        finally:
            self._gen.close()


def _iter_progress(steps: Callable[[], Iterator[Step]]) -> Generator[RunProgress, Any, None]:
    start = time.monotonic()
    last_report, result_seconds, last_result = 0.0, 0.0, 0.0
    for step in steps():
        now = time.monotonic()
        last = step.done >= step.total
        if not last and now - last_report < REPORT_INTERVAL:
            continue
        result = None
        if last or now - last_result > result_seconds / MAX_RESULT_SHARE:
            result = step.result()
            last_result = time.monotonic()
            result_seconds = last_result - now
        last_report = time.monotonic()
        yield RunProgress(step.done, step.total, result, last_report - start)


def format_duration(seconds: float) -> str:
    """Return a time in words.

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
