"""Work off the main thread of which only the newest answer counts: live drawings, hover maps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from weakref import WeakMethod

from qtpy.QtCore import QObject, Signal

__all__ = ["LatestCall"]


class LatestCall(QObject):
    """Runs calls one at a time off the main thread; newer calls replace those that wait.

    `answered` and `failed` arrive on the thread that made the object, the main thread. After
    `close`, or once the object's parent is gone, nothing arrives any more.

    Parameters
    ----------
    parent
        The object that owns it.

    Examples
    --------
    >>> latest = LatestCall()
    >>> latest.call(sum, [1, 2])
    >>> latest.wait()
    """

    finished = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(
            1, "latest"
        )  # one for all calls: torch's own threads stay
        self._relay = _relay()
        self._current: Future[None] | None = None
        self._pending: Callable[[], Any] | None = None
        self._dropped = False
        self._closed = False

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Run a function soon; a call that waits still is forgotten."""
        self._pending = partial(function, *args, **kwargs)
        if self._current is None:
            self._start()

    def drop(self) -> None:
        """Forget the call that waits, and the answer of the one that runs."""
        self._pending, self._dropped = None, self._current is not None

    def close(self) -> None:
        """Forget what waits, and ignore the result of the call that runs."""
        self._closed, self._pending = True, None
        self._executor.shutdown(wait=False)

    def wait(self) -> None:
        """Block until the call that runs has come to its end."""
        if self._current is not None:
            wait([self._current])

    def _start(self) -> None:
        if self._pending is None or self._closed:
            return
        job = _Job(WeakMethod(self._deliver), self._pending)
        self._pending = None
        self._current = self._executor.submit(_run_job, job, self._relay.arrived.emit)

    def _deliver(self, result: object, error: object) -> None:
        dropped, self._current, self._dropped = self._dropped, None, False
        if self._closed:
            return
        with contextlib.suppress(RuntimeError):  # deleted by Qt, with its parent
            if error is not None and not dropped:
                self.failed.emit(error)
            elif not dropped:
                self.finished.emit(result)
        self._start()


@dataclass
class _Job:
    """A call on its way to the worker and back.

    Only the main thread empties it: what the call holds may be the last reference to a widget,
    which no other thread may destroy.
    """

    receiver: WeakMethod[Callable[[object, object], None]] | None
    work: Callable[[], Any] | None
    result: object = None
    error: Exception | None = None

    def deliver(self) -> None:
        """Return the receiver the answer, or the error, if it is still there."""
        deliver = self.receiver() if self.receiver is not None else None
        result, error = self.result, self.error
        self.receiver = self.work = self.result = self.error = None
        if deliver is not None:
            deliver(result, error)


class _Relay(QObject):
    """Brings answers to the main thread.

    Workers emit this object's signal and never that of a `Latest`: Qt may delete one with its
    parent at any moment, also while a worker emits. This object lives as long as the program.
    """

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._deliver)

    def _deliver(self, job: _Job) -> None:
        job.deliver()


@cache
def _relay() -> _Relay:
    return _Relay()


def _run_job(job: _Job, send: Callable[[_Job], None]) -> None:
    """Do a letter's work and send it back to the main thread."""
    try:
        job.result = job.work() if job.work is not None else None
    except Exception as exception:
        job.error = exception
    send(job)
