"""A table of a stimulus's parameters, in which one value is fixed and several are varied."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from napari_lns import stimuli
from napari_lns._parameters import Parameter
from napari_lns.experiments.observers.plan import Source

__all__ = ["SourceTable", "format_value", "parse_values"]

NUMBERS = (int, float)


class SourceTable(QTableWidget):
    """A table for the parameters of one stimulus of a plan."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__(0, 2)
        self.setHorizontalHeaderLabels(["Parameter", "Values"])
        self.setAccessibleName("Parameters")
        self.setToolTip("One value is fixed; several, as 0.2, 0.5 or 0:1:5, are varied")
        header = self.horizontalHeader()
        if header is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        if rows is not None:
            rows.setVisible(False)
        self._parameters: dict[str, Parameter] = {}
        self.itemChanged.connect(self._on_item_changed)

    def source(self) -> Source:
        """Return the stimulus with its parameters; raise ValueError for invalid ones."""
        fixed: dict[str, Any] = _exclude(self._source.fixed, self._parameters)
        vary: dict[str, tuple[Any, ...]] = _exclude(self._source.vary, self._parameters)
        for name, text in self.texts().items():
            parameter = self._parameters[name]
            if text == format_value(parameter.default):
                continue
            values = parse_values(text, parameter)
            if len(values) == 1:
                fixed[name] = values[0]
            else:
                vary[name] = values
        return Source(self._source.name, fixed, vary)

    def set_source(self, source: Source, hidden: tuple[str, ...] = ()) -> None:
        """Show the parameters of a stimulus, except those in `hidden`."""
        self._source = source
        parameters = stimuli.parameters(source.name)
        self._parameters = {
            name: each
            for name, each in parameters.items()
            if _is_editable(each) and name not in hidden
        }
        values = {name: format_value(each.default) for name, each in self._parameters.items()}
        values |= {name: format_value(value) for name, value in source.fixed.items()}
        values |= {name: ", ".join(map(format_value, each)) for name, each in source.vary.items()}
        self.blockSignals(True)
        self.setRowCount(len(self._parameters))
        for row, (name, parameter) in enumerate(self._parameters.items()):
            label = QTableWidgetItem(name.replace("_", " "))
            label.setFlags(Qt.ItemFlag.ItemIsEnabled)
            value = QTableWidgetItem(values[name])
            for item in (label, value):
                item.setToolTip(_tip(parameter))
            self.setItem(row, 0, label)
            self.setItem(row, 1, value)
            self._embolden(row)
        self.blockSignals(False)

    def set_values(self, name: str, text: str) -> None:
        """Set the text of one parameter, as a user would."""
        item = self.item(list(self._parameters).index(name), 1)
        assert item is not None
        item.setText(text)

    def texts(self) -> dict[str, str]:
        """Return the texts in the table by parameter."""
        items = {name: self.item(row, 1) for row, name in enumerate(self._parameters)}
        return {name: item.text().strip() for name, item in items.items() if item is not None}

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        self.blockSignals(True)
        self._embolden(item.row())
        self.blockSignals(False)
        self.changed.emit()

    def _embolden(self, row: int) -> None:
        """Show values that differ from the default in bold."""
        item, parameter = self.item(row, 1), list(self._parameters.values())[row]
        if item is not None:
            font = item.font()
            font.setBold(item.text().strip() != format_value(parameter.default))
            item.setFont(font)


def parse_values(text: str, parameter: Parameter) -> tuple[Any, ...]:
    """Parse a text such as ``0.2, 0.5``, or ``0:1:5`` for five values from 0 to 1.

    Examples
    --------
    >>> from napari_lns._parameters import Number
    >>> ratio = Number("ratio", 0.5, 0, 1)
    >>> parse_values("0.2, 0.5", ratio), parse_values("0:1:3", ratio)
    ((0.2, 0.5), (0.0, 0.5, 1.0))
    """
    values: list[Any] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        ends = part.split(":")
        if parameter.type in NUMBERS and len(ends) == 3:
            values += _parse_range(ends, parameter)
        else:
            values.append(_parse_value(part, parameter))
    if not values:
        raise ValueError(f"{parameter.name} has no value: enter one, or several to vary it")
    return tuple(values)


def format_value(value: object) -> str:
    """Return the text for a value of a parameter.

    Examples
    --------
    >>> format_value(0.5), format_value(True), format_value(None)
    ('0.5', 'yes', '')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _parse_value(text: str, parameter: Parameter) -> Any:
    """Parse one value; return an invalid one as text, which is refused when it is checked."""
    if parameter.choices:
        return next((each for each in parameter.choices if str(each) == text), text)
    if parameter.type is bool:
        return {"yes": True, "no": False}.get(text.lower(), text)
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if parameter.type is int and number.is_integer() else number


def _parse_range(ends: list[str], parameter: Parameter) -> list[Any]:
    try:
        low, high, count = float(ends[0]), float(ends[1]), int(ends[2])
        values = np.linspace(low, high, count).round(6).tolist()
    except ValueError:
        raise ValueError(
            f"{parameter.name} is {':'.join(ends)!r}: write low:high:count, as 0:1:5"
        ) from None
    return [_parse_value(str(each), parameter) for each in values]


def _is_editable(parameter: Parameter) -> bool:
    return bool(parameter.choices) or parameter.type in (int, float, bool)


def _exclude(values: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    """Return the values that the table does not show, such as colours."""
    return {name: value for name, value in values.items() if name not in names}


def _tip(parameter: Parameter) -> str:
    tip = parameter.description.replace("`", "")
    if parameter.choices:
        return f"{tip}\nOne of {', '.join(map(str, parameter.choices))}"
    if parameter.minimum is not None and parameter.maximum is not None:
        return f"{tip}\n{parameter.minimum:g} to {parameter.maximum:g} {parameter.unit}".strip()
    return tip
