"""A new user finds the next step: an example, a run, the page that shows why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QDockWidget, QTabBar

from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.observe.widget import ObserveWidget
from napari_lns.viewer.preferences import remember
from napari_lns.viewer.qt.docks import open_widget
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.examples import NAMES
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli.widget import StimuliWidget
from napari_lns.viewer.train.widget import TrainWidget

PATIENCE = 60_000  # milliseconds
WIDGETS = {
    "Stimuli": StimuliWidget,
    "Segment": SegmentWidget,
    "Inspect": InspectWidget,
    "Train": TrainWidget,
    "Observe": ObserveWidget,
}


def dock_of(widget: Any) -> QDockWidget:
    while not isinstance(widget, QDockWidget):
        widget = widget.parentWidget()
    return widget


def test_docks_share_one_place_until_the_user_moves_one(
    make_napari_viewer: Any, qtbot: Any
) -> None:
    viewer = make_napari_viewer(show=True)
    window = viewer.window._qt_window
    widgets = [kind(viewer) for kind in (StimuliWidget, SegmentWidget, InspectWidget, TrainWidget)]
    for widget in widgets:
        viewer.window.add_dock_widget(widget, area="right")
        qtbot.waitUntil(widget.isVisible, timeout=PATIENCE)
    first, *others = map(dock_of, widgets)
    qtbot.waitUntil(lambda: len(window.tabifiedDockWidgets(first)) == 3, timeout=PATIENCE)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, others[0])
    others[0].hide()
    others[0].show()
    qtbot.wait(1)
    assert not window.tabifiedDockWidgets(others[0])


def test_docks_leave_the_window_its_size_and_their_tabs_show_whole_titles(
    make_napari_viewer: Any, qtbot: Any
) -> None:
    viewer = make_napari_viewer(show=True)
    window = viewer.window._qt_window
    window.resize(1280, 800)
    for title, kind in WIDGETS.items():
        dock = dock_of(open_widget(viewer, title, kind))
        assert dock.toggleViewAction().text() == f"{title} (Latent Noise Segmentation)"
        for _ in range(5):
            QApplication.processEvents()
    assert window.height() == 800
    (bar,) = (each for each in window.findChildren(QTabBar) if each.parent() is window)
    assert [bar.tabText(number) for number in range(bar.count())] == [*WIDGETS]
    assert bar.sizeHint().width() <= bar.width()


def test_inspect_opens_the_run_that_was_made_last(make_napari_viewer: Any, qtbot: Any) -> None:
    remember("segment", {})
    viewer = make_napari_viewer(show=True)
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Segment")
    widget.form.set_call({**widget.form.call(), "segmenter": "baseline"})
    for name in ("first", "second"):
        widget.layer.choose(viewer.add_image(np.eye(8), name=name))
        widget.run_button.click()
        qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
        widget.inspect_button.click()
        (inspect,) = viewer.window._qt_window.findChildren(InspectWidget)
        assert inspect.inspection.choice.layer() is viewer.layers[f"{name} labels"]


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_an_example_leads_to_a_run_and_the_run_to_inspect(
    make_napari_viewer: Any, qtbot: Any, place: int
) -> None:
    remember("segment", {})
    viewer = make_napari_viewer(show=True)
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Segment")
    assert widget.examples.isVisibleTo(widget)
    assert widget.minimumSizeHint().width() <= 320
    widget.examples.buttons[place].click()
    assert not widget.examples.isVisibleTo(widget)
    assert not widget.inspect_button.isEnabled()
    widget.form.set_call({**widget.form.call(), "device": "cpu", "samples": 8})
    widget.run_button.click()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    assert widget.score.text().startswith("ARI")
    widget.inspect_button.click()
    (inspect,) = viewer.window._qt_window.findChildren(InspectWidget)
    qtbot.waitUntil(inspect.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: inspect.inspection.segmentation is not None, timeout=PATIENCE)
