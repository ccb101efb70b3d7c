"""Work off the main thread of which only the newest answer counts: live drawings, hover maps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QObject, QRunnable, QThreadPool, Signal

__all__ = ["Latest"]


class Latest(QObject):
    """Runs calls one at a time off the main thread; newer calls replace those that wait.

    `answered` and `failed` arrive on the thread that made the object, the main thread. After
    `close` nothing arrives any more.

    Parameters
    ----------
    parent
        The object that owns it.

    Examples
    --------
    >>> latest = Latest()
    >>> latest.call(sum, [1, 2])
    >>> latest.wait()
    """

    answered = Signal(object)
    failed = Signal(object)
    _came = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._waiting: Callable[[], Any] | None = None
        self._busy = False
        self._dropped = False
        self._closed = False
        self._came.connect(self._deliver)

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Run a function soon; a call that waits still is forgotten."""
        self._waiting = lambda: function(*args, **kwargs)
        if not self._busy:
            self._start()

    def drop(self) -> None:
        """Forget the call that waits, and the answer of the one that runs."""
        self._waiting, self._dropped = None, self._busy

    def close(self) -> None:
        """Forget what waits, and ignore the result of the call that runs."""
        self._closed, self._waiting = True, None
        self._pool.waitForDone()

    def wait(self) -> None:
        """Block until the call that runs has come to its end."""
        self._pool.waitForDone()

    def _start(self) -> None:
        if self._waiting is None or self._closed:
            return
        work, self._waiting, self._busy = self._waiting, None, True
        self._pool.start(_Task(work, self._came))

    def _deliver(self, answer: object, error: object) -> None:
        dropped, self._busy, self._dropped = self._dropped, False, False
        if self._closed:
            return
        if dropped:
            pass
        elif error is None:
            self.answered.emit(answer)
        else:
            self.failed.emit(error)
        self._start()


class _Task(QRunnable):
    def __init__(self, work: Callable[[], Any], came: Any) -> None:
        super().__init__()
        self._work, self._came = work, came

    def run(self) -> None:
        """Do the work and hand its answer, or its error, to the main thread."""
        try:
            answer, error = self._work(), None
        except Exception as raised:
            answer, error = None, raised
        # the owner may be gone by now, and its signal with it: then nobody listens
        with contextlib.suppress(RuntimeError, AttributeError):
            self._came.emit(answer, error)
