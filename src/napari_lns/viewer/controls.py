"""Controls built from `Parameter`s: one truth for names, ranges, units and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from superqt import QLabeledDoubleSlider, QLabeledSlider

from napari_lns._parameters import Parameter

__all__ = ["ColourButton", "ParameterForm"]


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
    parent
        The widget that owns it.
    """

    changed = Signal()

    def __init__(self, parameters: Mapping[str, Parameter], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self._controls: dict[str, QWidget] = {}
        for name, parameter in parameters.items():
            control = _control(parameter)
            tip = _tip(parameter)
            control.setToolTip(tip)
            control.setAccessibleName(name)
            label = QLabel(name.replace("_", " "))
            label.setToolTip(tip)
            label.setBuddy(control)
            layout.addRow(label, control)
            self._controls[name] = control
            _signal(control).connect(self.changed)

    def values(self) -> dict[str, Any]:
        """Give the values as they are set now, by name."""
        return {name: _value(control) for name, control in self._controls.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Set some values; `changed` is emitted for each that is another one."""
        for name, value in values.items():
            if name in self._controls:
                _set_value(self._controls[name], value)

    def control(self, name: str) -> QWidget:
        """Give the control of one parameter."""
        return self._controls[name]


def _control(parameter: Parameter) -> QWidget:
    if parameter.choices:
        control: QWidget = QComboBox()
        for choice in parameter.choices:
            control.addItem(str(choice), choice)
    elif parameter.type is bool:
        control = QCheckBox()
    elif parameter.type is tuple:
        return ColourButton(parameter.default)
    elif parameter.type in (int, float) and parameter.minimum is not None:
        control = _slider(parameter)
    else:
        control = QLineEdit()
    if parameter.default is not None:
        _set_value(control, parameter.default)
    return control


def _slider(parameter: Parameter) -> QWidget:
    whole = parameter.type is int
    kind = QLabeledSlider if whole else QLabeledDoubleSlider
    slider = kind(Qt.Orientation.Horizontal)
    slider.setRange(parameter.minimum, parameter.maximum)
    if not whole:
        span = float(parameter.maximum or 1) - float(parameter.minimum or 0)
        slider.setDecimals(2 if span >= 0.1 else 4)
        slider.setSingleStep(span / 100)
        slider.setPageStep(span / 10)
    return slider


def _tip(parameter: Parameter) -> str:
    parts = [parameter.description.replace("`", "") or parameter.name]
    if parameter.minimum is not None and parameter.type is not tuple:
        unit = f" {parameter.unit}" if parameter.unit else ""
        parts.append(f"{parameter.minimum:g} to {parameter.maximum:g}{unit}")
    return "\n".join(parts)


def _signal(control: QWidget) -> Any:
    if isinstance(control, QComboBox):
        return control.currentIndexChanged
    if isinstance(control, QCheckBox):
        return control.toggled
    if isinstance(control, ColourButton):
        return control.changed
    if isinstance(control, QLineEdit):
        return control.textChanged
    return control.valueChanged


def _value(control: QWidget) -> Any:
    if isinstance(control, QComboBox):
        return control.currentData()
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, QLineEdit):
        return control.text()
    return control.value()


def _set_value(control: QWidget, value: Any) -> None:
    if isinstance(control, QComboBox):
        control.setCurrentIndex(control.findData(value))
    elif isinstance(control, QCheckBox):
        control.setChecked(bool(value))
    elif isinstance(control, QLineEdit):
        control.setText(str(value))
    elif isinstance(control, ColourButton):
        control.set_value(value)
    else:
        control.setValue(value)
