"""A run leaves nothing behind, and reports every error."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from threading import Event, Thread, current_thread, main_thread
from typing import Any

import pytest
from qtpy.QtCore import QCoreApplication, QObject, QThreadPool
from superqt.utils import GeneratorWorker

from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.run import MAX_PAUSE, Run, State, Step

DEFERRED_DELETE = 52  # QEvent.Type.DeferredDelete, as the number that every binding takes
PATIENCE = 60_000  # milliseconds


class Network:
    """Something large that a run holds."""


def endless(held: list[weakref.ref[Network]]) -> Iterator[Step]:
    """Go on for ever with a network that is known by `held` alone."""
    network = Network()
    held.append(weakref.ref(network))
    while True:
        yield Step(1, 2, lambda: network)


def workers() -> int:
    gc.collect()
    # by type: isinstance asks objects for their class, and some of Torch answer with a warning
    return sum(issubclass(type(each), GeneratorWorker) for each in gc.get_objects())


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_a_run_that_is_cancelled_or_closed_leaves_nothing(qtbot: Any, how: str) -> None:
    before, held = workers(), []
    run = Run()
    with qtbot.waitSignal(run.progressed, timeout=PATIENCE):
        run.start(lambda: endless(held))
    getattr(run, how)()
    qtbot.waitUntil(lambda: not QThreadPool.globalInstance().activeThreadCount(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: workers() <= before, timeout=PATIENCE)
    assert len(held) == 1
    assert held[0]() is None


def test_a_cancelled_run_in_a_viewer_leaves_no_worker(
    make_napari_viewer_proxy: Any, qtbot: Any
) -> None:
    """Napari's list of tasks keeps what it is handed."""
    make_napari_viewer_proxy()
    before, held = workers(), []
    run = Run()
    for _ in range(3):
        with qtbot.waitSignal(run.progressed, timeout=PATIENCE):
            run.start(lambda: endless(held))
        run.cancel()
        qtbot.waitUntil(lambda: run.state is State.IDLE, timeout=PATIENCE)
    qtbot.waitUntil(lambda: workers() <= before, timeout=PATIENCE)
    assert [each() for each in held] == [None, None, None]


@pytest.mark.parametrize("error", [ValueError, RuntimeError])
def test_every_error_is_reported(qtbot: Any, error: type[Exception]) -> None:
    """RuntimeErrors, too: Torch's are, when memory is short or training diverges."""

    def failing() -> Iterator[Step]:
        yield Step(0, 2, str)
        raise error("out of memory")

    run = Run()
    with qtbot.waitSignal(run.failed, timeout=PATIENCE) as failed:
        run.start(failing)
    assert str(failed.args[0]) == "out of memory"
    qtbot.waitUntil(lambda: run.state is State.IDLE, timeout=PATIENCE)


def test_the_task_pauses_while_a_result_is_shown(qtbot: Any) -> None:
    goes_on, early = Event(), []

    def task() -> Iterator[Step]:
        yield Step(1, 2, str)
        goes_on.set()
        yield Step(2, 2, str)

    run = Run()
    run.progressed.connect(lambda progress: early.append(goes_on.wait(MAX_PAUSE / 4)))
    run.start(task)
    qtbot.waitUntil(lambda: run.state is State.IDLE, timeout=PATIENCE)
    assert early == [False, True]


def test_an_answer_that_was_dropped_is_not_delivered(qtbot: Any) -> None:
    latest, answers = LatestCall(), []
    latest.finished.connect(answers.append)
    latest.call(int, 1)
    latest.wait()  # its answer is on its way
    latest.drop()
    latest.call(int, 2)
    qtbot.waitUntil(lambda: 2 in answers, timeout=PATIENCE)
    assert answers == [2]


def test_no_answer_reaches_an_object_that_qt_has_deleted(qtbot: Any) -> None:
    answers: list[object] = []
    begin, parent = Event(), QObject()
    latest = LatestCall(parent)
    latest.finished.connect(answers.append)
    latest.call(begin.wait)
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(None, DEFERRED_DELETE)
    begin.set()
    latest.wait()
    QCoreApplication.processEvents()
    assert not answers


def test_what_a_call_holds_is_let_go_on_the_main_thread(qtbot: Any) -> None:
    """It may be the last reference to a widget."""
    gone: list[Thread] = []

    class Held:
        def __del__(self) -> None:
            gone.append(current_thread())

        def answer(self) -> int:
            return 1

    latest = LatestCall()
    with qtbot.waitSignal(latest.finished, timeout=PATIENCE):
        latest.call(Held().answer)
        latest.wait()
        assert not gone
    qtbot.waitUntil(lambda: gone == [main_thread()], timeout=PATIENCE)
