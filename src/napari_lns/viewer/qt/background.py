"""Call functions off the main thread, where only the newest result matters.

Used for live drawings and for maps that follow the mouse.
"""

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
    """Call functions one at a time off the main thread; a newer call replaces a waiting one.

    `finished` and `failed` are emitted on the main thread. Nothing is emitted after `close`, or
    after the parent is deleted.

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
        # one thread for all calls, because torch keeps a thread pool for each thread
        self._executor = ThreadPoolExecutor(1, "latest")
        self._relay = _relay()
        self._current: Future[None] | None = None
        self._pending: Callable[[], Any] | None = None
        self._dropped = False
        self._closed = False

    def call(self, function: Callable[..., Any], *args: object, **kwargs: object) -> None:
        """Call a function as soon as possible, instead of a call that is still waiting."""
        self._pending = partial(function, *args, **kwargs)
        if self._current is None:
            self._start()

    def drop(self) -> None:
        """Discard the waiting call, and the result of the running one."""
        self._pending, self._dropped = None, self._current is not None

    def close(self) -> None:
        """Discard the waiting call, and emit no more signals."""
        self._closed, self._pending = True, None
        self._executor.shutdown(wait=False)

    def wait(self) -> None:
        """Block until the running call has ended."""
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
        with contextlib.suppress(RuntimeError):  # Qt has deleted this object with its parent
            if error is not None and not dropped:
                self.failed.emit(error)
            elif not dropped:
                self.finished.emit(result)
        self._start()


@dataclass
class _Job:
    """A call for the worker thread, and later its result.

    Only the main thread clears a job: it may hold the last reference to a widget, and only the main
    thread may destroy a widget.
    """

    receiver: WeakMethod[Callable[[object, object], None]] | None
    work: Callable[[], Any] | None
    result: object = None
    error: Exception | None = None

    def deliver(self) -> None:
        """Pass the result or the error to the receiver, if that still exists."""
        deliver = self.receiver() if self.receiver is not None else None
        result, error = self.result, self.error
        self.receiver = self.work = self.result = self.error = None
        if deliver is not None:
            deliver(result, error)


class _Relay(QObject):
    """Bring results to the main thread.

    Workers emit this object's signal and never that of a `LatestCall`: Qt may delete one with its
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
    """Run a job and send it back to the main thread."""
    try:
        job.result = job.work() if job.work is not None else None
    except Exception as exception:
        job.error = exception
    send(job)
