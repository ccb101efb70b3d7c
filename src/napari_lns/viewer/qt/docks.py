"""Put the docks of this plugin into one place as tabs; stacked, none would have enough room."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

__all__ = ["join_docks"]

OURS = "napari_lns"  # a dynamic property of the plugin's widgets


def join_docks(widget: QWidget) -> None:
    """Tab a widget's dock with another one of this plugin when it is first shown.

    Later the dock stays where the user puts it.

    Parameters
    ----------
    widget
        The widget. napari puts it into a dock afterwards.
    """
    widget.setProperty(OURS, True)
    widget.installEventFilter(_Joiner(widget))


class _Joiner(QObject):
    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Join the docks after the widget is shown for the first time and laid out."""
        if event is not None and event.type() == QEvent.Type.Show:
            parent = self.parent()
            if isinstance(parent, QWidget):
                parent.removeEventFilter(self)
                QTimer.singleShot(0, self._join)
        return False

    def _join(self) -> None:
        widget = self.parent()
        window = widget.window() if isinstance(widget, QWidget) else None
        if not isinstance(window, QMainWindow) or not isinstance(widget, QWidget):
            return
        docks = [each for each in window.findChildren(QDockWidget) if not each.isFloating()]
        own_dock = next((each for each in docks if each.isAncestorOf(widget)), None)
        others = [
            each for each in docks if each is not own_dock and each.isVisible() and _is_ours(each)
        ]
        if own_dock is not None and others:
            window.tabifyDockWidget(others[0], own_dock)
            own_dock.raise_()


def _is_ours(dock: QDockWidget) -> bool:
    return any(each.property(OURS) for each in dock.findChildren(QWidget))
