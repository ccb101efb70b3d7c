"""A session in a real window, as a user has it: by menus, mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import napari
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMenu, QSlider, QWidget

from napari_lns.viewer.inspect_widget import InspectWidget
from napari_lns.viewer.run import State
from napari_lns.viewer.segment_widget import SegmentWidget
from napari_lns.viewer.stimuli_widget import StimuliWidget
from napari_lns.viewer.train_widget import TrainWidget

PATIENCE = 120_000  # milliseconds
WIDGETS = {
    "Stimuli": StimuliWidget,
    "Segment": SegmentWidget,
    "Inspect": InspectWidget,
    "Train": TrainWidget,
}
LEFT = Qt.MouseButton.LeftButton

AnyWidget = TypeVar("AnyWidget", bound=QWidget)


class Session:
    """A user at a window."""

    def __init__(self, viewer: napari.Viewer, qtbot: Any) -> None:
        self.viewer, self.qtbot = viewer, qtbot
        self.window = viewer.window._qt_window

    def open(self, title: str, kind: type[AnyWidget]) -> AnyWidget:
        """Choose a widget in the menu Plugins."""
        menu = menu_of(self.window.menuBar(), "Plugins")
        menu.aboutToShow.emit()
        plugin = "Latent Noise Segmentation"
        action_of(menu_of(menu, plugin), f"{title} ({plugin})").trigger()
        (widget,) = self.window.findChildren(kind)
        self.until(widget.isVisible)
        return widget

    def until(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=PATIENCE)

    def shows(self, name: str) -> bool:
        return name in self.viewer.layers

    def click(self, widget: QWidget) -> None:
        self.qtbot.mouseClick(widget, LEFT)


def menu_of(place: Any, title: str) -> QMenu:
    menu = action_of(place, title).menu()
    assert menu is not None
    return menu


def action_of(place: Any, title: str) -> Any:
    for action in place.actions():
        if action.text().replace("&", "") == title:
            return action
    raise LookupError(f"no {title!r} among {[action.text() for action in place.actions()]}")


def test_every_widget_opens_from_the_menus(make_napari_viewer: Any, qtbot: Any) -> None:
    session = Session(make_napari_viewer(show=True), qtbot)
    for title, kind in WIDGETS.items():
        session.open(title, kind)


@pytest.mark.slow
def test_a_session_from_the_menu_to_another_cut(make_napari_viewer: Any, qtbot: Any) -> None:
    session = Session(make_napari_viewer(show=True), qtbot)
    viewer = session.viewer

    # a stimulus
    stimuli = session.open("Stimuli", StimuliWidget)
    stimuli.choose("kanizsa")
    session.click(stimuli.add_button)
    session.until(lambda: session.shows("kanizsa truth"))
    stimuli.parentWidget().close()

    # a run that is cancelled keeps what came
    segment = session.open("Segment", SegmentWidget)
    segment.form.set_call({"model": "kanizsa-ae", "device": "cpu", "samples": 20_000, "batch": 4})
    session.click(segment.run_button)
    session.until(lambda: session.shows("kanizsa labels"))
    session.click(segment.run_button)
    session.until(lambda: segment.run.state is State.IDLE)
    labels = viewer.layers["kanizsa labels"]
    assert labels.data.max() == 3

    # a run that comes to its end, and another cut of it
    segment.form.set_call({**segment.form.call(), "samples": 20})
    session.click(segment.run_button)
    session.until(lambda: segment.run.state is State.IDLE)
    assert segment.score.text().startswith("ARI")
    qtbot.keyClick(segment.cut.groups.findChild(QSlider), Qt.Key.Key_Right)
    session.until(lambda: labels.data.max() == 4)
