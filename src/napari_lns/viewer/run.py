"""`Run`: one segmentation off the main thread, with results that come while it goes.

A run that is cancelled keeps its last good result. The worker ends at its next step; its
signals arrive on the main thread, and none after `close`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from napari.qt.threading import GeneratorWorker, create_worker
from qtpy.QtCore import QObject, Signal

from napari_lns.segmentation import Progress, Segmentation

__all__ = ["Run", "State", "Told"]

BREATH = 0.1  # seconds between two reports at least: the main thread has to paint them
SHARE = 0.25  # of the time at most goes into clustering what has come so far

Steps = Callable[[], Iterator[Progress]]


class State(Enum):
    """Where a run stands; the value is what its button says."""

    IDLE = "&Run"
    RUNNING = "&Cancel"
    CANCELLING = "Cancelling…"


@dataclass(frozen=True)
class Told:
    """What a worker tells: how far it is, and the groups so far, if they are new."""

    done: int
    total: int
    segmentation: Segmentation | None
    seconds: float

    @property
    def seconds_left(self) -> float:
        """The time left, if it goes on as it went."""
        return self.seconds * (self.total - self.done) / max(1, self.done)


class Run(QObject):
    """Starts, tells of, and cancels one segmentation at a time.

    Parameters
    ----------
    parent
        The object that owns it.
    """

    told = Signal(object)
    failed = Signal(object)
    state_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = State.IDLE
        self._worker: GeneratorWorker | None = None
        self._closed = False

    def start(self, steps: Steps) -> None:
        """Start a run; `steps` gives its progress and is called off the main thread."""
        if self.state is not State.IDLE or self._closed:
            return
        worker = create_worker(_work, steps)
        worker.yielded.connect(self._tell)
        worker.errored.connect(self._fail)
        worker.finished.connect(self._finish)
        self._worker = worker
        self._go_to(State.RUNNING)
        worker.start()

    def cancel(self) -> None:
        """Ask the run to end at its next step; at once the state says so."""
        if self._worker is not None and self.state is State.RUNNING:
            self._go_to(State.CANCELLING)
            self._worker.quit()

    def close(self) -> None:
        """End the run unheard."""
        self._closed = True
        if self._worker is not None:
            self._worker.quit()

    def _tell(self, told: Told) -> None:
        if not self._closed and self.state is State.RUNNING:
            self.told.emit(told)

    def _fail(self, error: Exception) -> None:
        if not self._closed:
            self.failed.emit(error)

    def _finish(self) -> None:
        self._worker = None
        if not self._closed:
            self._go_to(State.IDLE)

    def _go_to(self, state: State) -> None:
        self.state = state
        self.state_changed.emit(state)


def _work(steps: Steps) -> Generator[Told, Any, None]:
    begun = time.monotonic()
    heard, clustering, clustered_until = 0.0, 0.0, 0.0
    for progress in steps():
        now = time.monotonic()
        last = progress.done >= progress.total
        if not last and now - heard < BREATH:
            continue
        segmentation = None
        if last or now - clustered_until > clustering / SHARE:
            segmentation = progress.segmentation()
            clustered_until = time.monotonic()
            clustering = clustered_until - now
        heard = time.monotonic()
        yield Told(progress.done, progress.total, segmentation, heard - begun)
