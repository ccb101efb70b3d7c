"""Every dock fits into 280 pixels: nothing is cut off, lies over something else or scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import napari
import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QScrollBar,
    QTabBar,
    QTableWidget,
    QTabWidget,
    QToolTip,
    QWidget,
)

from napari_lns import segment, stimuli
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.layers.notes import find_segmentation
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.observe.widget import ObserveWidget
from napari_lns.viewer.qt.controls import Choice
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli.widget import StimuliWidget
from napari_lns.viewer.train.widget import TrainWidget

WIDTH, HEIGHT = 280, 800
WIDGETS = (SegmentWidget, StimuliWidget, InspectWidget, TrainWidget, ObserveWidget)


@pytest.fixture
def viewer(make_napari_viewer_proxy: Any) -> napari.Viewer:
    """Return a viewer with two runs of an image."""
    viewer = make_napari_viewer_proxy()
    stimulus = stimuli.draw("kanizsa_figure")
    image, _ = add_stimulus(viewer, stimulus)
    for seed in (0, 1):
        result = segment(stimulus, segmenter="baseline", clusters=3, seed=seed)
        put(viewer, plan_layers({0: result}), f"kanizsa_figure (seed {seed})", over=image)
    return viewer


def open_in_dock(viewer: napari.Viewer, kind: Any) -> QWidget:
    """Open a widget in a floating dock as narrow as it may be, which napari's theme styles."""
    widget: QWidget = kind(viewer)
    dock = viewer.window.add_dock_widget(widget, name=kind.__name__)
    dock.setFloating(True)
    dock.resize(WIDTH, HEIGHT)
    QApplication.processEvents()
    return widget


def turned_pages(widget: QWidget) -> Iterator[str]:
    """Turn the pages of a widget one after another; one without pages is one page."""
    pages = next(iter(widget.findChildren(QTabWidget)), None)
    for number in range(1 if pages is None else pages.count()):
        if pages is not None:
            pages.setCurrentIndex(number)
        for _ in range(3):
            QApplication.processEvents()
        yield "" if pages is None else pages.tabText(number)


def cut_off(root: QWidget) -> list[str]:
    """Return what cannot be read or reached in a widget as it is shown."""
    seen = [each for each in root.findChildren(QWidget) if each.isVisibleTo(root)]
    return [f"{type(each).__name__} {text}" for each in seen if (text := fault_of(each, root))]


def fault_of(each: QWidget, root: QWidget) -> str:
    wide = each.sizeHint().width() > each.width() + 1
    if isinstance(each, QLabel) and not each.wordWrap() and wide:
        return each.text()
    if isinstance(each, QAbstractButton) and each.text() and wide:
        return each.text()
    if isinstance(each, QTabBar) and wide:
        return "has no room for its tabs"
    if isinstance(each, QScrollBar) and each.orientation() == Qt.Orientation.Horizontal:
        return "scrolls sideways" if each.maximum() > 0 and not is_of_table(each) else ""
    if isinstance(each, QHeaderView) and each.orientation() == Qt.Orientation.Horizontal:
        narrow = [n for n in range(each.count()) if each.sectionSizeHint(n) > each.sectionSize(n)]
        return f"has no room for columns {narrow}" if narrow else ""
    parent = each.parentWidget()
    inside = parent is None or each is root or isinstance(parent, QAbstractItemView)
    beyond = 0 if inside else each.geometry().right() + 1 - parent.width()
    return f"lies {beyond} pixels beyond its parent" if beyond > 0 else ""


def is_of_table(bar: QScrollBar) -> bool:
    """Return whether a scroll bar is that of a table: a column for each region has no end."""
    container = bar.parentWidget()
    return container is not None and isinstance(container.parentWidget(), QTableWidget)


@pytest.mark.parametrize("kind", WIDGETS)
def test_a_dock_may_be_280_pixels_wide(kind: Any, viewer: napari.Viewer) -> None:
    widget = open_in_dock(viewer, kind)
    for title in turned_pages(widget):
        assert widget.minimumSizeHint().width() <= WIDTH, title
        assert widget.minimumWidth() <= WIDTH, title
        assert cut_off(widget) == [], title


def test_the_scores_of_a_stack_are_shown_whole(viewer: napari.Viewer) -> None:
    widget = open_in_dock(viewer, SegmentWidget)
    fit = {"level": "doubtful", "sentence": "compare with a control"}
    scores = "ARI 0.934 · foreground 0.838 · IoU 0.904"
    for records in ([], [{"fit": fit}, {"fit": {**fit, "level": "fits"}}]):
        widget.fit.show_fit(records)
        widget.score.setText(f"{scores} (image 10), mean {scores} of 20")
        QApplication.processEvents()
        assert widget.score.heightForWidth(widget.score.width()) <= widget.score.height()


def test_a_tables_measures_need_no_scrolling(viewer: napari.Viewer, qtbot: Any) -> None:
    result = find_segmentation(viewer.layers[-1])
    assert result is not None
    result = replace(result, variance=np.full(result.labels.shape, 0.000678, np.float32))
    put(viewer, plan_layers({0: result}), "measured", over=viewer.layers[0])
    widget = open_in_dock(viewer, InspectWidget)
    widget.show_page(widget.regions)
    widget.inspection.choice.choose(viewer.layers["measured labels"])
    table = widget.regions.table
    qtbot.waitUntil(lambda: table.columnCount() > 7, timeout=5000)
    header, view = table.horizontalHeader(), table.viewport()
    assert table.horizontalHeaderItem(3).text() == "agreement"
    assert header.sectionPosition(3) + header.sectionSize(3) <= view.width()


def test_another_methods_controls_have_the_height_that_they_need(viewer: napari.Viewer) -> None:
    widget = open_in_dock(viewer, SegmentWidget)
    widget.form.segmenter.setCurrentIndex(widget.form.segmenter.findData("iic"))
    for _ in range(5):
        QApplication.processEvents()
    low = [
        type(each).__name__
        for each in widget.form.findChildren(Choice)
        if each.isVisible() and each.height() < each.minimumSizeHint().height()
    ]
    assert low == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_live_segments_and_an_own_scene_fit_too(theme: str, viewer: napari.Viewer) -> None:
    viewer.theme = theme
    widget = open_in_dock(viewer, StimuliWidget)
    widget.live_panel.show()
    widget.scene.try_example()
    widget.scene.wait()
    for title in turned_pages(widget):
        assert widget.minimumSizeHint().width() <= WIDTH, title
        assert cut_off(widget) == [], title


def test_an_entry_without_room_ends_in_an_ellipsis_and_its_tooltip_is_whole(qtbot: Any) -> None:
    name = "a layer's name that is much longer than the box"
    box = Choice([(name, 0), ("short", 1)])
    qtbot.addWidget(box)
    box.setToolTip("What it is for")
    box.resize(120, box.sizeHint().height())
    box.show()
    assert box.visible_text().endswith("…")
    assert tip_of(box) == f"{name}\nWhat it is for"
    box.setCurrentIndex(1)
    assert box.visible_text() == "short"
    assert tip_of(box) == "What it is for"


def tip_of(widget: QWidget) -> str:
    """Return the tooltip that the mouse at rest shows."""
    place = QPoint(5, 5)
    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    return QToolTip.text()
