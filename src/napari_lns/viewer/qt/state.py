"""Save the state of a widget when it is hidden, and restore it when it opens again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QWidget

from napari_lns.viewer.preferences import recall, remember
from napari_lns.viewer.qt.controls import read_value, set_value

__all__ = ["read_values", "restore_state", "save_state_on_hide", "set_saved_values"]


def save_state_on_hide(widget: QWidget, name: str, state: Callable[[], dict[str, Any]]) -> None:
    """Save the state of a widget under a name whenever the widget is hidden."""
    widget.installEventFilter(_StateSaver(widget, name, state))


def read_values(controls: Mapping[str, QWidget]) -> dict[str, Any]:
    """Return the values of controls by name."""
    return {name: read_value(control) for name, control in controls.items()}


def restore_state(name: str, controls: Mapping[str, QWidget]) -> dict[str, Any]:
    """Set controls to their saved values, and return all saved values."""
    saved = recall(name)
    set_saved_values(controls, saved)
    return saved


def set_saved_values(controls: Mapping[str, QWidget], saved: Mapping[str, Any]) -> None:
    """Set controls to their saved values; skip values of another version that they cannot take."""
    for name, control in controls.items():
        with suppress(TypeError, ValueError, OverflowError):
            if name in saved:
                set_value(control, saved[name])


class _StateSaver(QObject):
    def __init__(self, widget: QWidget, name: str, state: Callable[[], dict[str, Any]]) -> None:
        super().__init__(widget)
        self._name, self._state = name, state

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Save the state when the widget is hidden."""
        if event is not None and event.type() == QEvent.Type.Hide:
            with suppress(RuntimeError):  # the widget is being destroyed
                remember(self._name, self._state())
        return False
