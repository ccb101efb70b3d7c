"""Widgets that come and go leave neither workers nor memory behind."""

from __future__ import annotations

import gc
import os
from typing import Any

import psutil
from napari.components import ViewerModel
from qtpy.QtCore import QCoreApplication, QEvent, QThreadPool
from superqt.utils import GeneratorWorker

from napari_lns import stimuli
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.widget import SegmentWidget

CYCLES = int(os.environ.get("NAPARI_LNS_CYCLES", "4"))
WARM = 2  # cycles after which everything is imported and compiled
MEGABYTES = 100
PATIENCE = 60_000  # milliseconds of processor time


def workers() -> int:
    gc.collect()
    # by type: isinstance asks objects for their class, and some of Torch answer with a warning
    return sum(issubclass(type(each), GeneratorWorker) for each in gc.get_objects())


def cycle(qtbot: Any, how: str) -> None:
    """Open both widgets on a viewer that draws nothing, run, and close them in one of 3 ways."""
    viewer = ViewerModel()
    add_stimulus(viewer, stimuli.draw("kanizsa"))
    widget, inspect = SegmentWidget(viewer), InspectWidget(viewer)
    widget.form.set_call({"model": "kanizsa-ae", "device": "cpu", "samples": 8, "batch": 4})
    told: list[object] = []
    widget.run.progressed.connect(told.append)
    widget.start()
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    if how == "cancelled":
        widget.run.cancel()
    if how != "closed":
        qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
        assert widget.results
    for each in (inspect, widget):
        each.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QThreadPool.globalInstance().waitForDone()
    QCoreApplication.processEvents()
    viewer.layers.clear()


def test_widgets_that_come_and_go_leave_nothing(qtbot: Any) -> None:
    before, process, warm = workers(), psutil.Process(), 0
    for number in range(WARM + CYCLES):
        cycle(qtbot, ("finished", "cancelled", "closed")[number % 3])
        gc.collect()
        warm = process.memory_info().rss if number < WARM else warm
    assert workers() <= before
    assert process.memory_info().rss - warm < MEGABYTES * 2**20
