"""Controls built from `Parameter`s: one truth for names, ranges, units and defaults."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from superqt import QLabeledDoubleSlider, QLabeledSlider

from napari_lns._parameters import Parameter

__all__ = [
    "Choice",
    "ColourButton",
    "NumberEdit",
    "ParameterForm",
    "add_row",
    "button",
    "form_layout",
    "scrolled",
    "set_value",
    "value_of",
]

MOST_IN_WORDS = 1e9  # a limit beyond this one is that of the number's type
MOST_ON_A_SLIDER = 1000
NARROWEST = 60  # pixels of a control
WIDEST = "Noise estimate"  # the widest label


class Choice(QComboBox):
    """A box to choose from that stays narrow, however long its entries are.

    Parameters
    ----------
    entries
        What is shown, and what is meant.
    parent
        The widget that owns it.
    """

    def __init__(self, entries: Sequence[tuple[str, Any]] = (), parent: Any = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMinimumWidth(NARROWEST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for text, data in entries:
            self.addItem(text, data)


def form_layout(parent: QWidget | None = None) -> QFormLayout:
    """Return a form whose controls take the room that there is."""
    layout = QFormLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(4)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    return layout


def add_row(layout: QFormLayout, text: str, control: QWidget, tip: str = "") -> None:
    """Add a control with its label; all labels are as wide, so that forms stand in line."""
    label = QLabel(text)
    label.setBuddy(control)
    label.setMinimumWidth(round(1.2 * label.fontMetrics().horizontalAdvance(WIDEST)))
    control.setAccessibleName(text.replace("&", ""))
    for widget in (label, control) if tip else ():
        widget.setToolTip(tip)
    for widget in (control, *control.findChildren(QWidget)):
        widget.installEventFilter(_Calm(widget))
        if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    layout.addRow(label, control)


class _Calm(QObject):
    """Leaves the wheel to the form that scrolls, unless the control has been clicked before."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Pass a wheel's turn on to the parent."""
        turned = event is not None and event.type() == QEvent.Type.Wheel
        if event is None or not turned or not isinstance(watched, QWidget) or watched.hasFocus():
            return False
        event.ignore()
        return True


def button(text: str, tip: str, pressed: Callable[[], object]) -> QPushButton:
    """Return a button with a tooltip."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.clicked.connect(lambda: pressed())
    return made


class ColourButton(QPushButton):
    """A button in a colour that opens a colour dialog.

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
        self.clicked.connect(self._ask)
        self.set_value(value)

    def value(self) -> tuple[float, ...]:
        """Give the colour as three numbers in [0, 1]."""
        return self._value

    def set_value(self, value: tuple[float, ...]) -> None:
        """Take a colour, and tell if it is another one."""
        before = getattr(self, "_value", None)
        self._value = tuple(float(part) for part in value)
        colour = QColor.fromRgbF(*self._value)
        ink = "black" if colour.lightnessF() > 0.5 else "white"
        self.setStyleSheet(f"background-color: {colour.name()}; color: {ink};")
        self.setText(colour.name())
        if self._value != before:
            self.changed.emit(self._value)

    def _ask(self) -> None:
        chosen = QColorDialog.getColor(QColor.fromRgbF(*self._value), self)
        if chosen.isValid():
            self.set_value((chosen.redF(), chosen.greenF(), chosen.blueF()))


class ParameterForm(QWidget):
    """A form with one labelled control for each parameter.

    Parameters
    ----------
    parameters
        The parameters, by name.
    labels
        What stands beside a control, where that is not the parameter's name.
    entries
        What stands for a choice, where that is not the choice itself.
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
            control = _control(parameter)
            if isinstance(control, Choice):
                for place, choice in enumerate(map(str, parameter.choices)):
                    control.setItemText(place, (entries or {}).get(choice, choice))
            label = (labels or {}).get(name, name.replace("_", " ").capitalize())
            add_row(layout, label, control, _tip(parameter))
            self._controls[name] = control
            _signal(control).connect(self.changed)

    def values(self) -> dict[str, Any]:
        """Return the values as they are set now, by name."""
        return {name: value_of(control) for name, control in self._controls.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Set some values; `changed` is emitted for each that is another one."""
        for name, value in values.items():
            if name in self._controls:
                set_value(self._controls[name], value)

    def control(self, name: str) -> Any:
        """Return the control of one parameter."""
        return self._controls[name]


class NumberEdit(QLineEdit):
    """A line for a number, or several, that may be left empty: then it is chosen automatically.

    Parameters
    ----------
    parameter
        What may stand in it.
    parent
        The widget that owns it.
    """

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(NARROWEST)
        self._type = parameter.type
        if parameter.default is None:
            self.setPlaceholderText("automatic")

    def value(self) -> Any:
        """Return the number or numbers, None if empty, or the text that is no number."""
        words = self.text().replace(",", " ").split()
        if not words:
            return None
        try:
            if self._type in (int, float):
                return self._type(" ".join(words))
            return [float(word) for word in words]
        except ValueError:
            return self.text()

    def set_value(self, value: Any) -> None:
        """Take a number, several, or None."""
        several = isinstance(value, list | tuple)
        numbers = [] if value is None else list(value) if several else [value]
        self.setText(" ".join(map(str, numbers)))


def _control(parameter: Parameter) -> QWidget:
    control = _made(parameter)
    if parameter.default is not None and not isinstance(control, ColourButton):
        set_value(control, parameter.default)
    return control


def _made(parameter: Parameter) -> QWidget:
    if parameter.choices:
        return Choice([(str(choice), choice) for choice in parameter.choices])
    if parameter.type is bool:
        return QCheckBox()
    if parameter.type is tuple:
        return ColourButton(parameter.default)
    if parameter.type is str:
        return QLineEdit()
    span = _span(parameter)
    if span is None or parameter.default is None:
        return NumberEdit(parameter)
    many = parameter.type is int and span > MOST_ON_A_SLIDER
    return _spin(parameter) if many else _slider(parameter)


def _span(parameter: Parameter) -> float | None:
    if parameter.minimum is None or parameter.maximum is None:
        return None
    return float(parameter.maximum - parameter.minimum)


def _spin(parameter: Parameter) -> QWidget:
    spin = QSpinBox()
    spin.setRange(int(parameter.minimum or 0), int(min(parameter.maximum or 0, 2**31 - 1)))
    spin.setMinimumWidth(NARROWEST)
    spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if parameter.unit:
        spin.setSuffix(f" {parameter.unit}")
    return spin


def _slider(parameter: Parameter) -> QWidget:
    whole = parameter.type is int
    kind = QLabeledSlider if whole else QLabeledDoubleSlider
    slider: Any = kind(Qt.Orientation.Horizontal)
    slider.setRange(parameter.minimum, parameter.maximum)
    if not whole:
        span = _span(parameter) or 1.0
        slider.setDecimals(2 if span >= 0.1 else 4)
        slider.setSingleStep(span / 100)
        slider.setPageStep(span / 10)
    made: QWidget = slider
    return made


def _tip(parameter: Parameter) -> str:
    parts = [_wrapped(parameter.description.replace("`", "") or parameter.name)]
    unit = f" {parameter.unit}" if parameter.unit else ""
    low, high = parameter.minimum, parameter.maximum
    if parameter.type is not tuple:
        if low is not None and high is not None and high < MOST_IN_WORDS:
            parts.append(f"{low:g} to {high:g}{unit}")
        elif low is not None:
            parts.append("above 0" if 0 < low < 1e-6 else f"at least {low:g}{unit}")
    return "\n".join(parts)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 60))


def _signal(control: Any) -> Any:
    if isinstance(control, QComboBox):
        return control.currentIndexChanged
    if isinstance(control, QCheckBox):
        return control.toggled
    if isinstance(control, ColourButton):
        return control.changed
    if isinstance(control, QLineEdit):
        return control.textChanged
    return control.valueChanged


def value_of(control: Any) -> Any:
    """Return the value of a control of any kind."""
    if isinstance(control, QComboBox):
        return control.currentData()
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, NumberEdit):
        return control.value()
    if isinstance(control, QLineEdit):
        return control.text()
    return control.value()


def set_value(control: Any, value: Any) -> None:
    """Set the value of a control of any kind."""
    if isinstance(control, QComboBox):
        control.setCurrentIndex(max(0, control.findData(value)))
    elif isinstance(control, QCheckBox):
        control.setChecked(bool(value))
    elif isinstance(control, NumberEdit | ColourButton):
        control.set_value(value)
    elif isinstance(control, QLineEdit):
        control.setText(str(value))
    else:
        control.setValue(value)


def scrolled(inside: QWidget) -> QScrollArea:
    """Return a frameless area that scrolls a widget up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
