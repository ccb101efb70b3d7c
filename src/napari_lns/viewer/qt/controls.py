"""Build forms from `Parameter` objects, which define names, ranges, units and defaults."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import (
    QFormLayout,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)

from napari_lns._parameters import Parameter
from napari_lns.viewer.qt.editors import (
    Choice,
    NumberEdit,
    find_signal,
    make_editor,
    read_value,
    set_value,
)

__all__ = [
    "Choice",
    "NumberEdit",
    "ParameterForm",
    "add_row",
    "button",
    "form_layout",
    "make_scrollable",
    "read_value",
    "set_value",
]

MAX_ENTRY_LENGTH = 16  # characters that fit beside a label in a dock 290 pixels wide
WIDEST_LABEL = "Figure contrast"  # the widest label of most forms


def form_layout(parent: QWidget | None = None) -> QFormLayout:
    """Return a form layout whose controls grow to the available width."""
    layout = QFormLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(4)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    return layout


def add_row(
    layout: QFormLayout, text: str, control: QWidget, tip: str = "", *, below: bool = False
) -> QLabel:
    """Add a control with its label; all labels have the same width, so that forms align.

    Parameters
    ----------
    layout
        A layout from `form_layout`.
    text
        The label. An ampersand before a letter makes that letter its key.
    control
        The control.
    tip
        The tooltip of the label and the control.
    below
        Whether to put the control below its label, for entries that would be cut off beside it.

    Returns
    -------
    QLabel
        The label.
    """
    label = QLabel(text)
    label.setBuddy(control)
    label.setMinimumWidth(round(1.05 * label.fontMetrics().horizontalAdvance(WIDEST_LABEL)))
    control.setAccessibleName(text.replace("&", ""))
    for widget in (label, control) if tip else ():
        widget.setToolTip(tip)
    for widget in (control, *control.findChildren(QWidget)):
        widget.installEventFilter(_WheelFilter(widget))
        if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if below:
        layout.addRow(label)
        layout.addRow(control)
    else:
        layout.addRow(label, control)
    return label


class _WheelFilter(QObject):
    """Ignore wheel events on a control without focus, so that the form scrolls instead."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Pass wheel events on to the parent."""
        is_wheel = event is not None and event.type() == QEvent.Type.Wheel
        if event is None or not is_wheel or not isinstance(watched, QWidget) or watched.hasFocus():
            return False
        event.ignore()
        return True


def button(text: str, tip: str, on_click: Callable[[], object]) -> QPushButton:
    """Return a button with a tooltip."""
    widget = QPushButton(text)
    widget.setToolTip(tip)
    widget.clicked.connect(lambda: on_click())
    return widget


class ParameterForm(QWidget):
    """A form with one labelled control per parameter.

    Parameters
    ----------
    parameters
        The parameters, by name.
    labels
        Labels to use instead of parameters' names.
    entries
        Texts to show instead of choices.
    """

    changed = Signal()

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        labels: Mapping[str, str] | None = None,
        entries: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        layout = form_layout(self)
        self._controls: dict[str, QWidget] = {}
        for name, parameter in parameters.items():
            control = make_editor(parameter)
            if isinstance(control, Choice):
                for place, choice in enumerate(map(str, parameter.choices)):
                    control.setItemText(place, (entries or {}).get(choice, choice))
            label = (labels or {}).get(name, name.replace("_", " ").capitalize())
            add_row(layout, label, control, _tip(parameter), below=_is_long(control))
            self._controls[name] = control
            find_signal(control).connect(self.changed)

    def values(self) -> dict[str, Any]:
        """Return the current values by name."""
        return {name: read_value(control) for name, control in self._controls.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Set some values; emit `changed` for each value that differs."""
        for name, value in values.items():
            if name in self._controls:
                set_value(self._controls[name], value)

    def control(self, name: str) -> Any:
        """Return the control of one parameter."""
        return self._controls[name]

    def showEvent(self, event: QShowEvent | None) -> None:
        """Update the height of the form, which depends on the theme of the window."""
        super().showEvent(event)
        if (layout := self.layout()) is not None:
            layout.invalidate()
        self.updateGeometry()


def _tip(parameter: Parameter) -> str:
    meaning = _wrap(parameter.description.replace("`", "") or parameter.name)
    return "\n".join(filter(None, [meaning, parameter.limits]))


def _is_long(control: QWidget) -> bool:
    """Return whether the entries of a choice are too long to be shown beside its label."""
    texts = (
        [control.itemText(k) for k in range(control.count())] if isinstance(control, Choice) else []
    )
    return any(len(text) > MAX_ENTRY_LENGTH for text in texts)


def _wrap(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 60))


def make_scrollable(content: QWidget) -> QScrollArea:
    """Return a frameless area in which a widget scrolls vertically."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area
