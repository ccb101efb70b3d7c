"""A whole session in a real window, as a user has it: by menus, mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import napari
import numpy as np
import pytest
from numpy.typing import NDArray
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication, QFileDialog, QMenu, QSlider, QWidget

from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.qt.docks import docked_widgets, open_widget
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli.widget import StimuliWidget
from napari_lns.viewer.train.widget import TrainWidget

PATIENCE = 120_000  # milliseconds
DROPPED = 20  # milliseconds within which the canvas takes one move of the mouse only
WIDGETS = {
    "Stimuli": StimuliWidget,
    "Segment": SegmentWidget,
    "Inspect": InspectWidget,
    "Train": TrainWidget,
}
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.MouseButton.NoButton

AnyWidget = TypeVar("AnyWidget", bound=QWidget)
Place = tuple[float, float]


class Session:
    """A user at a window."""

    def __init__(self, viewer: napari.Viewer, qtbot: Any) -> None:
        self.viewer, self.qtbot = viewer, qtbot
        self.window = viewer.window._qt_window
        self.canvas = self.window._qt_viewer.canvas.native
        self.window.resize(1280, 800)

    def open(self, title: str, kind: type[AnyWidget]) -> AnyWidget:
        """Choose a widget in the menu Plugins."""
        choose_in_menu(self.window, title)
        (widget,) = self.window.findChildren(kind)
        self.until(widget.isVisible)
        return widget

    def until(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=PATIENCE)

    def content(self, name: str) -> bool:
        return name in self.viewer.layers

    def click(self, widget: QWidget) -> None:
        self.qtbot.mouseClick(widget, LEFT)

    def hover(self, place: Place) -> None:
        self._move((place[0] - 5, place[1]), NONE)
        self._move(place, NONE)

    def drag(self, start: Place, end: Place) -> None:
        self.hover(start)
        self.qtbot.mousePress(self.canvas, LEFT, pos=self._point(start))
        self._move(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), LEFT)
        self._move(end, LEFT)
        self.qtbot.mouseRelease(self.canvas, LEFT, pos=self._point(end))

    def _move(self, place: Place, held: Qt.MouseButton) -> None:
        self.qtbot.wait(DROPPED)
        point, kind = self._point(place), QEvent.Type.MouseMove
        there = QPointF(point), QPointF(self.canvas.mapToGlobal(point))
        event = QMouseEvent(kind, *there, NONE, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.canvas, event)

    def _point(self, place: Place) -> QPoint:
        """Find where a pixel of the picture is on the canvas."""
        camera = self.viewer.scene.camera
        centre = self.canvas.rect().center()
        down, right = (np.array(place) - camera.center[-2:]) * camera.zoom
        point = QPoint(round(centre.x() + right), round(centre.y() + down))
        assert self.canvas.rect().contains(point)
        return point


def choose_in_menu(window: Any, title: str) -> None:
    menu = menu_of(window.menuBar(), "Plugins")
    menu.aboutToShow.emit()
    plugin = "Latent Noise Segmentation"
    action_of(menu_of(menu, plugin), f"{title} ({plugin})").trigger()


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


def test_buttons_and_the_menu_open_the_same_widget(make_napari_viewer: Any, qtbot: Any) -> None:
    viewer = make_napari_viewer(show=True)
    session = Session(viewer, qtbot)
    inspect = session.open("Inspect", InspectWidget)
    assert open_widget(viewer, "Inspect", InspectWidget) is inspect
    train = open_widget(viewer, "Train", TrainWidget)
    train.parentWidget().setFloating(True)
    assert open_widget(viewer, "Train", TrainWidget) is train
    choose_in_menu(session.window, "Train")  # it is open: this closes it
    session.until(lambda: not train.isVisible())
    assert docked_widgets(viewer, TrainWidget) == [train]


@pytest.mark.slow
def test_a_session_from_the_menu_to_a_run_that_is_opened_again(
    make_napari_viewer: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(napari, "Viewer", partial(make_napari_viewer, show=True))
    session = Session(napari.Viewer(), qtbot)
    add_a_stimulus(session)
    segment = session.open("Segment", SegmentWidget)
    cancel_a_run(session, segment)
    run_and_cut_again(session, segment)
    labels = session.viewer.layers["kanizsa labels"].data.copy()
    inspect = session.open("Inspect", InspectWidget)
    ask_a_pixel(session, inspect, segment)
    draw_a_line(session, inspect)
    figure, run = tmp_path / "figure.pdf", tmp_path / "run.npz"
    export_the_figure(segment, figure, monkeypatch)
    session.until(lambda: "Wrote" in segment.message.text())
    assert np.array_equal(shown_by_the_script(session, segment), labels)
    save_the_run(segment, run, monkeypatch)
    session.viewer.close()
    again = Session(napari.Viewer(), qtbot)
    assert np.array_equal(labels_when_opened(again, run, monkeypatch), labels)


def add_a_stimulus(session: Session) -> None:
    stimuli = session.open("Stimuli", StimuliWidget)
    stimuli.choose("kanizsa")
    session.click(stimuli.add_button)
    session.until(lambda: session.content("kanizsa ground truth"))
    stimuli.parentWidget().close()


def cancel_a_run(session: Session, segment: SegmentWidget) -> None:
    """Cancel, and find that what came so far is kept."""
    segment.form.set_call({"model": "kanizsa-ae", "device": "cpu", "samples": 20_000, "batch": 4})
    session.click(segment.run_button)
    session.until(lambda: session.content("kanizsa labels"))
    session.click(segment.run_button)
    session.until(lambda: segment.run.state is State.IDLE)
    assert session.viewer.layers["kanizsa labels"].data.max() == 3


def run_and_cut_again(session: Session, segment: SegmentWidget) -> None:
    labels = session.viewer.layers["kanizsa labels"]
    segment.form.set_call({**segment.form.call(), "samples": 20})
    session.click(segment.run_button)
    session.until(lambda: segment.run.state is State.IDLE)
    assert segment.score.text().startswith("ARI")
    session.qtbot.keyClick(segment.cut.segments.findChild(QSlider), Qt.Key.Key_Right)
    session.until(lambda: labels.data.max() == 4)


def ask_a_pixel(session: Session, inspect: InspectWidget, segment: SegmentWidget) -> None:
    (found,) = segment.results
    session.until(lambda: inspect.inspection.segmentation is found)
    session.hover((32, 30))
    session.until(lambda: session.content("kanizsa affinity"))
    session.until(lambda: "Row 32, column 30" in inspect.pixel.text.text())
    shown = session.viewer.layers["kanizsa affinity"].data
    assert np.array_equal(shown, found.affinity(32, 30))


def draw_a_line(session: Session, inspect: InspectWidget) -> None:
    inspect.show_page(inspect.line)
    session.click(inspect.line.draw_button)
    session.until(lambda: session.content("kanizsa line"))
    session.drag((22, 29), (22, 11))
    session.until(lambda: "Sharpest edge" in inspect.line.text.text())
    (line,) = session.viewer.layers["kanizsa line"].data
    np.testing.assert_allclose(line, [[22, 29], [22, 11]], atol=1)


def export_the_figure(segment: SegmentWidget, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(segment, "Save figure…", path, monkeypatch)
    segment.export_menu.wait()
    assert path.read_bytes().startswith(b"%PDF")


def shown_by_the_script(session: Session, segment: SegmentWidget) -> NDArray[Any]:
    """Run what is on the clipboard and give the labels in the viewer that it opens."""
    segment.message.clear()
    action_of(segment.export_menu.menu(), "Copy as script").trigger()
    session.until(lambda: "clipboard" in segment.message.text())
    names: dict[str, Any] = {"__name__": "script"}
    exec(QApplication.clipboard().text(), names)
    labels: NDArray[Any] = names["viewer"].layers["kanizsa labels"].data
    names["viewer"].close()
    return labels


def save_the_run(segment: SegmentWidget, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(segment, "Save run…", path, monkeypatch)
    segment.export_menu.wait()
    assert path.is_file()


def labels_when_opened(
    session: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> NDArray[Any]:
    """Open a run with a widget that has none, and give the labels that are shown."""
    segment = session.open("Segment", SegmentWidget)
    keep(segment, "Open run…", path, monkeypatch)
    session.until(lambda: bool(segment.results))
    assert segment.layer.currentText() == "run"
    labels: NDArray[Any] = session.viewer.layers["run labels"].data
    return labels


def keep(segment: SegmentWidget, title: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose an entry of the menu Export, and in its dialog a file."""
    for ask in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, ask, lambda *_: (str(path), ""))
    action_of(segment.export_menu.menu(), title).trigger()
