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

__all__ = ["Latest"]


class Latest(QObject):
    """Runs calls one at a time off the main thread; newer calls replace those that wait.

    `answered` and `failed` arrive on the thread that made the object, the main thread. After
    `close`, or once the object's parent is gone, nothing arrives any more.

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

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(
            1, "latest"
        )  # one for all calls: torch's own threads stay
        self._post_office = _post_office()
        self._running: Future[None] | None = None
        self._waiting: Callable[[], Any] | None = None
        self._dropped = False
        self._closed = False

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Run a function soon; a call that waits still is forgotten."""
        self._waiting = partial(function, *args, **kwargs)
        if self._running is None:
            self._start()

    def drop(self) -> None:
        """Forget the call that waits, and the answer of the one that runs."""
        self._waiting, self._dropped = None, self._running is not None

    def close(self) -> None:
        """Forget what waits, and ignore the result of the call that runs."""
        self._closed, self._waiting = True, None
        self._thread.shutdown(wait=False)

    def wait(self) -> None:
        """Block until the call that runs has come to its end."""
        if self._running is not None:
            wait([self._running])

    def _start(self) -> None:
        if self._waiting is None or self._closed:
            return
        letter = _Letter(WeakMethod(self._deliver), self._waiting)
        self._waiting = None
        self._running = self._thread.submit(_work_off, letter, self._post_office.came.emit)

    def _deliver(self, answer: object, error: object) -> None:
        dropped, self._running, self._dropped = self._dropped, None, False
        if self._closed:
            return
        with contextlib.suppress(RuntimeError):  # deleted by Qt, with its parent
            if error is not None and not dropped:
                self.failed.emit(error)
            elif not dropped:
                self.answered.emit(answer)
        self._start()


@dataclass
class _Letter:
    """A call on its way to the worker and back.

    Only the main thread empties it: what the call holds may be the last reference to a widget,
    which no other thread may destroy.
    """

    receiver: WeakMethod[Callable[[object, object], None]] | None
    work: Callable[[], Any] | None
    answer: object = None
    error: Exception | None = None

    def hand_over(self) -> None:
        """Return the receiver the answer, or the error, if it is still there."""
        deliver = self.receiver() if self.receiver is not None else None
        answer, error = self.answer, self.error
        self.receiver = self.work = self.answer = self.error = None
        if deliver is not None:
            deliver(answer, error)


class _PostOffice(QObject):
    """Brings answers to the main thread.

    Workers emit this object's signal and never that of a `Latest`: Qt may delete one with its
    parent at any moment, also while a worker emits. This object lives as long as the program.
    """

    came = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.came.connect(self._hand_over)

    def _hand_over(self, letter: _Letter) -> None:
        letter.hand_over()


@cache
def _post_office() -> _PostOffice:
    return _PostOffice()


def _work_off(letter: _Letter, send: Callable[[_Letter], None]) -> None:
    """Do a letter's work and send it back to the main thread."""
    try:
        letter.answer = letter.work() if letter.work is not None else None
    except Exception as raised:
        letter.error = raised
    send(letter)
