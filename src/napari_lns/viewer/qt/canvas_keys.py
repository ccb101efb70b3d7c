"""Bind single keys on the canvas while a widget is visible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from napari.components import ViewerModel
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QWidget

__all__ = ["CanvasKeys"]

Action = Callable[[], object]


class CanvasKeys(QObject):
    """Bind keys of the viewer while a widget is visible, except keys that the user has bound.

    Keys of the active layer and keys in napari's preferences take precedence.

    Parameters
    ----------
    viewer
        The viewer.
    widget
        The widget that owns the key bindings.
    keys
        The function to call for each key.
    hold_keys
        The functions to call when a key is pressed, and when it is released.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        widget: QWidget,
        keys: Mapping[str, Action],
        hold_keys: Mapping[str, tuple[Action, Action]],
    ) -> None:
        super().__init__(widget)
        self._viewer = viewer
        self._keys = {key: _press_handler(action) for key, action in keys.items()}
        self._keys |= {key: _hold_handler(*both) for key, both in hold_keys.items()}
        self._bound: list[str] = []
        widget.installEventFilter(self)
        widget.destroyed.connect(partial(_unbind, viewer, self._bound))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Bind the keys when the widget is shown, and unbind them when it is hidden."""
        kind = None if event is None else event.type()
        if kind == QEvent.Type.Show and not self._bound:
            for key, action in self._keys.items():
                with suppress(ValueError):  # the user has bound this key
                    self._viewer.bind_key(key, action)
                    self._bound.append(key)
        elif kind == QEvent.Type.Hide:
            _unbind(self._viewer, self._bound)
        return False


def _press_handler(action: Action) -> Callable[[Any], None]:
    def handler(_: object) -> None:  # no partial: napari reads the function's name
        action()

    return handler


def _hold_handler(press: Action, release: Action) -> Callable[[Any], Any]:
    def hold(_: object) -> Iterator[None]:  # napari resumes the generator when the key is released
        press()
        yield
        release()

    return hold


def _unbind(viewer: ViewerModel, bound: list[str], *_: object) -> None:
    while bound:
        viewer.bind_key(bound.pop(), None)
