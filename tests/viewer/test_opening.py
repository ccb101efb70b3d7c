"""Widgets open at once, fit a narrow dock, and bring torch only when something runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from napari.components import ViewerModel

from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli.widget import StimuliWidget
from napari_lns.viewer.train.widget import TrainWidget

WIDGETS = [StimuliWidget, SegmentWidget, InspectWidget, TrainWidget]
DOCK = 320  # pixels
TRIES = 3  # for a machine that is busy with other things
FIRST_OPENING = """
import sys, time
begun = time.thread_time()
import napari, npe2
viewer = napari.Viewer(show=False)  # with all that napari itself loads
npe2.PluginManager.instance().discover()  # as napari does for the menu that opens widgets
opened = time.thread_time()
from {module} import {name}
viewer.window.add_dock_widget({name}(viewer))
print(opened - begun, time.thread_time() - opened, "torch" in sys.modules)
viewer.close()
"""


@pytest.mark.parametrize("kind", WIDGETS)
def test_it_opens_in_half_a_second_without_torch(
    kind: type, run_python: Callable[..., str]
) -> None:
    """For the first time in a process, what it imports counted.

    A slow processor may take two fifths of the time in which napari itself opens.
    """
    code = FIRST_OPENING.format(module=kind.__module__, name=kind.__name__)
    shares: list[float] = []
    while len(shares) < TRIES and min(shares, default=2) >= 1:
        napari_seconds, seconds, torch = run_python("-c", code).split()[-3:]
        shares.append(float(seconds) / max(0.5, 0.4 * float(napari_seconds)))
        assert torch == "False"
    assert min(shares) < 1


@pytest.mark.parametrize("kind", WIDGETS)
def test_it_opens_in_a_narrow_dock(kind: Any, qtbot: Any) -> None:
    widget = kind(ViewerModel())
    qtbot.addWidget(widget)
    assert widget.sizeHint().width() <= DOCK + 20  # napari makes a dock as wide as this
    assert widget.minimumSizeHint().width() <= DOCK
    assert widget.minimumSizeHint().height() <= 500
