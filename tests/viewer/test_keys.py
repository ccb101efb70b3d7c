"""Keys alone suffice: every page's letters are its own, and Tab goes through controls in order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli.widget import StimuliWidget
from napari_lns.viewer.train.widget import TrainWidget

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
)
KEY = re.compile(r"&(\w)")


def letters(place: QWidget) -> list[str]:
    """The mnemonics of a place's labels and buttons."""
    named = [label for label in place.findChildren(QLabel) if label.buddy()]
    texts = [each.text() for each in (*named, *place.findChildren(QAbstractButton))]
    return [found[1].lower() for text in texts if (found := KEY.search(text))]


@pytest.mark.parametrize("kind", [SegmentWidget, StimuliWidget, TrainWidget])
def test_a_widgets_letters_are_its_own(kind: Any, qtbot: Any) -> None:
    widget = kind(ViewerModel())
    qtbot.addWidget(widget)
    found = letters(widget)
    assert len(found) >= 4
    assert len(set(found)) == len(found)


def test_a_pages_letters_are_its_own(qtbot: Any) -> None:
    widget = InspectWidget(ViewerModel())
    qtbot.addWidget(widget)
    pages = widget.pages
    titles = [pages.tabText(index) for index in range(pages.count())]
    shared = ["r", *(KEY.search(title)[1].lower() for title in titles)]
    for index, title in enumerate(titles):
        found = [*shared, *letters(pages.widget(index))]
        assert len(set(found)) == len(found), title


@pytest.mark.parametrize("kind", [SegmentWidget, StimuliWidget, InspectWidget, TrainWidget])
def test_every_control_has_a_tooltip(kind: Any, qtbot: Any) -> None:
    """Its own, or that of what it is a part of, which Qt shows then."""
    widget = kind(ViewerModel())
    qtbot.addWidget(widget)
    controls = [each for kind in CONTROLS for each in widget.findChildren(kind)]
    assert len(controls) >= 5
    assert [each for each in controls if not tip_of(each, widget) and is_ours(each)] == []


def tip_of(control: QWidget, widget: QWidget) -> str:
    while not control.toolTip() and control is not widget:
        control = control.parentWidget()
    return control.toolTip()


def is_ours(control: QWidget) -> bool:
    """Whether a control is ours, not a part that Qt makes: a tab's arrow, a scroll bar."""
    return not isinstance(control, QScrollBar) and not isinstance(control.parentWidget(), QTabBar)


def test_tab_goes_from_top_to_bottom(qtbot: Any) -> None:
    widget = SegmentWidget(ViewerModel())
    qtbot.addWidget(widget)
    widget.show()
    order = [
        widget.layer,
        widget.apply_to,
        widget.ground_truth,
        widget.form.segmenter,
        widget.form.seed,
    ]
    chain, each = [], widget.nextInFocusChain()
    while each is not widget:
        chain.append(each)
        each = each.nextInFocusChain()
    places = [chain.index(control) for control in order]
    assert places == sorted(places)
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in order)


def test_inspect_opens_as_it_was_left(qtbot: Any) -> None:
    widget = InspectWidget(ViewerModel())
    qtbot.addWidget(widget)
    widget.show()
    widget.show_page(widget.regions)
    widget.pixel.reach.setValue(50)
    widget.tree.segments.setChecked(False)
    widget.hide()
    again = InspectWidget(ViewerModel())
    qtbot.addWidget(again)
    assert again.pages.currentIndex() == widget.pages.currentIndex()
    assert again.pixel.reach.value() == 50
    assert not again.tree.segments.isChecked()


def test_stimuli_opens_as_it_was_left(qtbot: Any) -> None:
    widget = StimuliWidget(ViewerModel())
    qtbot.addWidget(widget)
    widget.show()
    widget.choose("kanizsa_figure")
    widget.form.set_values({"corners": 5})
    widget.seed.setValue(8)
    widget.hide()
    again = StimuliWidget(ViewerModel())
    qtbot.addWidget(again)
    assert again.form.values() == widget.form.values()
    assert again.seed.value() == 8
