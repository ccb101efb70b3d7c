"""A plot can be zoomed, moved, shown whole and saved, by mouse and by keys, beside a lasso."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.widgets import LassoSelector
from napari.components import ViewerModel
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication, QFileDialog

from napari_lns.viewer.qt.plot import Plot, blank_figure

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
MIDDLE = QPoint(150, 150)
WHOLE = (0.0, 10.0)


@pytest.fixture
def plot(qtbot: Any) -> Plot:
    plot = Plot(ViewerModel(), "Some dots", blank_figure())
    qtbot.addWidget(plot)
    plot.resize(300, 300)
    (axes,) = plot.axes
    axes.set_position((0, 0, 1, 1))
    axes.plot(np.arange(11), np.arange(11), ".")
    axes.set_xlim(WHOLE)
    axes.set_ylim(WHOLE)
    plot.show()
    qtbot.waitExposed(plot)
    plot.draw()
    return plot


def limits(plot: Plot) -> tuple[tuple[float, float], tuple[float, float]]:
    return plot.axes[0].get_xlim(), plot.axes[0].get_ylim()


def turn_the_wheel(plot: Plot, place: QPoint) -> None:
    there, none = QPointF(place), Qt.MouseButton.NoButton
    begun = Qt.ScrollPhase.NoScrollPhase
    globally = QPointF(plot.mapToGlobal(place))
    up = (QPoint(), QPoint(0, 120), none, Qt.KeyboardModifier.NoModifier, begun, False)
    QApplication.sendEvent(plot, QWheelEvent(there, globally, *up))


def drag(plot: Plot, qtbot: Any, by: QPoint, modifier: Any) -> None:
    qtbot.mousePress(plot, LEFT, modifier, MIDDLE)
    for part in (0.3, 0.6, 1.0):
        qtbot.mouseMove(plot, MIDDLE + by * part)
    qtbot.mouseRelease(plot, LEFT, modifier, MIDDLE + by)


def test_the_wheel_zooms_about_the_mouse_and_a_double_click_shows_all(
    plot: Plot, qtbot: Any
) -> None:
    turn_the_wheel(plot, QPoint(75, 150))
    (left, right), (low, high) = limits(plot)
    assert right - left == pytest.approx(8)
    assert (2.5 - left) / (right - left) == pytest.approx(0.25, abs=0.01)
    assert (low, high) == (pytest.approx(1, abs=0.1), pytest.approx(9, abs=0.1))
    qtbot.mouseDClick(plot, LEFT, pos=MIDDLE)
    assert limits(plot) == (WHOLE, WHOLE)


def test_dragging_draws_the_lasso_and_with_shift_it_moves_the_plot(plot: Plot, qtbot: Any) -> None:
    drawn: list[Any] = []
    lasso = LassoSelector(plot.axes[0], drawn.append)
    drag(plot, qtbot, QPoint(60, 0), SHIFT)
    assert not drawn
    assert limits(plot)[0] == (pytest.approx(-2, abs=0.1), pytest.approx(8, abs=0.1))
    drag(plot, qtbot, QPoint(60, 30), Qt.KeyboardModifier.NoModifier)
    assert len(drawn) == 1
    assert limits(plot)[0] == (pytest.approx(-2, abs=0.1), pytest.approx(8, abs=0.1))
    lasso.disconnect_events()


def test_keys_alone_zoom_and_show_all(plot: Plot, qtbot: Any) -> None:
    assert plot.focusPolicy() & Qt.FocusPolicy.TabFocus
    zoom_in, zoom_out, show_all, _ = plot.actions()
    zoom_in.trigger()
    assert limits(plot) == ((1.0, 9.0), (1.0, 9.0))
    zoom_out.trigger()
    zoom_in.trigger()
    show_all.trigger()
    assert limits(plot) == (WHOLE, WHOLE)
    assert [each.shortcut().toString() for each in plot.actions()] == ["+", "-", "Home", ""]


def test_what_is_new_is_shown_whole(plot: Plot) -> None:
    turn_the_wheel(plot, MIDDLE)
    plot.axes[0].set_xlim(0, 4)
    plot.refresh()
    _, _, show_all, _ = plot.actions()
    show_all.trigger()
    assert limits(plot)[0] == (0, 4)


def test_what_is_seen_is_written_black_on_white_and_off_the_main_thread(
    plot: Plot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plot.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    ground = plot.figure.get_facecolor()
    *_, save = plot.actions()
    spent = []
    for _ in range(3):  # the best of several: a busy machine is no slow call
        begun = time.thread_time()
        save.trigger()
        spent.append(time.thread_time() - begun)
        plot.wait()
    assert path.read_bytes().startswith(b"%PDF")
    assert min(spent) < 0.05
    assert plot.figure.get_facecolor() == ground


def test_a_plot_that_cannot_be_written_is_reported(
    plot: Plot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("napari_lns.viewer.qt.plot.show_error", told.append)
    plot.save(tmp_path / "nowhere" / "plot.png")
    plot.wait()
    QApplication.processEvents()
    (sentence,) = told
    assert sentence.startswith("The plot was not saved")
