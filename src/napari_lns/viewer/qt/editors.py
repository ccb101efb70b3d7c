"""Make the control for each kind of parameter, read and set its value, and return its signal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from operator import attrgetter
from typing import Any

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QColor, QHelpEvent
from qtpy.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QWidget,
)
from superqt import QLabeledDoubleSlider, QLabeledSlider

from napari_lns import _parameters as kinds
from napari_lns._parameters import Parameter
from napari_lns.viewer.qt.message_area import plain_tip

__all__ = [
    "Choice",
    "ColourButton",
    "NumberEdit",
    "find_signal",
    "make_editor",
    "read_value",
    "set_value",
]

MAX_SLIDER_STEPS = 1000
MIN_WIDTH = 60  # pixels
TEXT_MARGIN = 1  # pixels that a style leaves beside the text of a combo box


class Choice(QComboBox):
    """A combo box that stays narrow, however long its entries are.

    An entry that does not fit ends in an ellipsis; the tooltip shows it in full.

    Parameters
    ----------
    entries
        The text and the value of each entry.
    parent
        The widget that owns it.
    """

    def __init__(self, entries: Sequence[tuple[str, Any]] = (), parent: Any = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMinimumWidth(MIN_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for text, data in entries:
            self.addItem(text, data)

    def visible_text(self) -> str:
        """Return the current entry as it is shown, with an ellipsis if it does not fit."""
        width, mode = self._text_width() - 2 * TEXT_MARGIN, Qt.TextElideMode.ElideRight
        return self.fontMetrics().elidedText(self.currentText(), mode, width)

    def paintEvent(self, event: object) -> None:
        """Paint the current entry with an ellipsis if it does not fit."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.visible_text()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent | None) -> bool:
        """Start the tooltip with the current entry if it does not fit."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.currentText()
            lines = [self.toolTip()] if self.visible_text() == text else [text, self.toolTip()]
            QToolTip.showText(event.globalPos(), plain_tip("\n".join(filter(None, lines))), self)
            return True
        return super().event(event)

    def _text_width(self) -> int:
        option, style = QStyleOptionComboBox(), self.style()
        self.initStyleOption(option)
        assert style is not None
        box, edit = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        return style.subControlRect(box, option, edit, self).width()


class ColourButton(QPushButton):
    """A button that shows a colour and opens a colour dialog.

    Parameters
    ----------
    value
        Red, green and blue in [0, 1].
    parent
        The widget that owns it.
    """

    changed = Signal(tuple)

    def __init__(self, value: tuple[float, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._choose_colour)
        self.set_value(value)

    def value(self) -> tuple[float, ...]:
        """Return the colour as three numbers in [0, 1]."""
        return self._value

    def set_value(self, value: tuple[float, ...]) -> None:
        """Set the colour; emit `changed` if it differs."""
        before = getattr(self, "_value", None)
        self._value = tuple(float(part) for part in value)
        colour = QColor.fromRgbF(*self._value)
        ink = "black" if colour.lightnessF() > 0.5 else "white"
        self.setStyleSheet(f"background-color: {colour.name()}; color: {ink};")
        self.setText(colour.name())
        if self._value != before:
            self.changed.emit(self._value)

    def _choose_colour(self) -> None:
        colour = QColorDialog.getColor(QColor.fromRgbF(*self._value), self)
        if colour.isValid():
            self.set_value((colour.redF(), colour.greenF(), colour.blueF()))


class NumberEdit(QLineEdit):
    """A line edit for one or several numbers; if it is empty, the value is chosen automatically.

    Parameters
    ----------
    parameter
        The parameter that the numbers belong to.
    parent
        The widget that owns it.
    """

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(MIN_WIDTH)
        self._parameter = parameter
        if parameter.default is None:
            self.setPlaceholderText("automatic")

    def value(self) -> Any:
        """Return the number or numbers; None if empty; the text if it is not a number."""
        parts = self.text().replace(",", " ").split()
        value = self._parameter.parse(",".join(parts)) if parts else None
        return list(value) if isinstance(value, tuple) else value

    def set_value(self, value: Any) -> None:
        """Show a number, several numbers, or nothing for None."""
        several = isinstance(value, list | tuple)
        numbers = [] if value is None else list(value) if several else [value]
        self.setText(" ".join(map(str, numbers)))
        self.setCursorPosition(0)  # a narrow field shows the first numbers


def make_editor(parameter: Parameter) -> QWidget:
    """Make the control of a parameter and set it to the default."""
    control = _make_editor(parameter)
    if parameter.default is not None and not isinstance(control, ColourButton):
        set_value(control, parameter.default)
    return control


@singledispatch
def _make_editor(parameter: Parameter) -> QWidget:
    """Make the control of a kind of parameter."""
    return NumberEdit(parameter)


@_make_editor.register
def _(parameter: kinds.Choice) -> QWidget:
    return Choice([(str(choice), choice) for choice in parameter.choices])


@_make_editor.register
def _(parameter: kinds.Switch) -> QWidget:
    return QCheckBox()


@_make_editor.register
def _(parameter: kinds.Colours) -> QWidget:
    return ColourButton(parameter.default)


@_make_editor.register
def _(parameter: kinds.Text) -> QWidget:
    return QLineEdit()


@_make_editor.register
def _(parameter: kinds.Number) -> QWidget:
    if parameter.default is None or _span(parameter) is None:
        return NumberEdit(parameter)
    return _slider(parameter, QLabeledDoubleSlider)


@_make_editor.register
def _(parameter: kinds.Whole) -> QWidget:
    span = _span(parameter)
    if parameter.default is None or span is None:
        return NumberEdit(parameter)
    return _spin(parameter) if span > MAX_SLIDER_STEPS else _slider(parameter, QLabeledSlider)


def _span(parameter: Parameter) -> float | None:
    if parameter.minimum is None or parameter.maximum is None:
        return None
    return float(parameter.maximum - parameter.minimum)


def _spin(parameter: Parameter) -> QWidget:
    spin = QSpinBox()
    spin.setRange(int(parameter.minimum or 0), int(min(parameter.maximum or 0, 2**31 - 1)))
    spin.setMinimumWidth(MIN_WIDTH)
    spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if parameter.unit:
        spin.setSuffix(f" {parameter.unit}")
    return spin


def _slider(parameter: Parameter, kind: Any) -> QWidget:
    slider: Any = kind(Qt.Orientation.Horizontal)
    slider.setRange(parameter.minimum, parameter.maximum)
    if kind is QLabeledDoubleSlider:
        span = _span(parameter) or 1.0
        slider.setDecimals(2 if span >= 0.1 else 4)
        slider.setSingleStep(span / 100)
        slider.setPageStep(span / 10)
    widget: QWidget = slider
    return widget


@singledispatch
def read_value(control: Any) -> Any:
    """Return the value of a control of any kind."""
    return control.value()


@read_value.register
def _(control: QComboBox) -> Any:
    return control.currentData()


@read_value.register
def _(control: QCheckBox) -> bool:
    return control.isChecked()


@read_value.register
def _(control: QLineEdit) -> str:
    return control.text()


@singledispatch
def set_value(control: Any, value: Any) -> None:
    """Set the value of a control of any kind."""
    control.setValue(value)


@set_value.register
def _(control: QComboBox, value: object) -> None:
    control.setCurrentIndex(max(0, control.findData(value)))


@set_value.register
def _(control: QCheckBox, value: object) -> None:
    control.setChecked(bool(value))


@set_value.register
def _(control: QLineEdit, value: object) -> None:
    control.setText(str(value))


read_value.register(NumberEdit, NumberEdit.value)
set_value.register(NumberEdit, NumberEdit.set_value)
set_value.register(ColourButton, ColourButton.set_value)


@singledispatch
def find_signal(control: Any) -> Any:
    """Return the signal that a control emits when its value changes."""
    return control.valueChanged


find_signal.register(QComboBox, attrgetter("currentIndexChanged"))
find_signal.register(QCheckBox, attrgetter("toggled"))
find_signal.register(ColourButton, attrgetter("changed"))
find_signal.register(QLineEdit, attrgetter("textChanged"))
