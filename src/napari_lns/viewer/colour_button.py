"""`ColourButton`: a button that shows a colour and opens a dialog to choose another."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QColorDialog, QPushButton, QWidget

__all__ = ["ColourButton"]


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
