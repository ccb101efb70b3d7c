"""Open the widgets of this plugin as tabs in one place; stacked, none would have enough room."""

from __future__ import annotations

from typing import Any, TypeVar

from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

__all__ = ["docked_widgets", "join_docks", "open_widget"]

AnyWidget = TypeVar("AnyWidget", bound=QWidget)

OURS = "napari_lns"  # a dynamic property of the plugin's widgets
TABS_STYLE = "QTabBar::tab { padding: 3px 2px; }"
PLUGIN = "Latent Noise Segmentation"  # napari adds this name to the titles of its docks


def docked_widgets(viewer: Any, kind: type[AnyWidget]) -> list[AnyWidget]:
    """Return the widgets of a class in a viewer's docks, floating and hidden ones included.

    Parameters
    ----------
    viewer
        A viewer; one without a window has no docks.
    kind
        The class.

    Returns
    -------
    list of QWidget
    """
    window = getattr(viewer, "window", None)
    widgets = () if window is None else window.dock_widgets.values()
    return [each for each in widgets if isinstance(each, kind)]


def open_widget(viewer: Any, title: str, kind: type[AnyWidget]) -> AnyWidget:
    """Bring a widget of this plugin to the front; open it like napari's menu if there is none.

    Parameters
    ----------
    viewer
        The viewer.
    title
        The title of the widget in napari's menu, where it is ticked while it is open.
    kind
        The class of the widget, which takes the viewer.

    Returns
    -------
    QWidget
        The widget.
    """
    widget = next(iter(docked_widgets(viewer, kind)), None)
    if widget is None:
        widget = kind(viewer)
        viewer.window.add_dock_widget(widget, name=f"{title} ({PLUGIN})")
    dock: QWidget | None = widget
    while dock is not None and not isinstance(dock, QDockWidget):
        dock = dock.parentWidget()
    if dock is not None:
        dock.show()
        dock.raise_()
    return widget


def join_docks(widget: QWidget) -> None:
    """Tab a widget's dock with another one of this plugin when it is first shown.

    Later the dock stays where the user puts it.

    Parameters
    ----------
    widget
        The widget. napari puts it into a dock afterwards.
    """
    widget.setProperty(OURS, True)
    widget.setMinimumHeight(1)  # napari stacks it first: the window must not grow for that
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
        if isinstance(widget, QWidget):
            _join_others(widget)
            widget.setMinimumHeight(0)


def _join_others(widget: QWidget) -> None:
    window = widget.window()
    if not isinstance(window, QMainWindow):
        return
    docks = [each for each in window.findChildren(QDockWidget) if not each.isFloating()]
    own_dock = next((each for each in docks if each.isAncestorOf(widget)), None)
    if own_dock is None:
        return
    _shorten_title(own_dock)
    others = [
        each for each in docks if each is not own_dock and each.isVisible() and _is_ours(each)
    ]
    if others:
        window.tabifyDockWidget(others[0], own_dock)
        own_dock.raise_()
        _narrow_tabs(window)


def _narrow_tabs(window: QMainWindow) -> None:
    """Give the tabs of docks less padding, so that all five titles of this plugin fit."""
    for bar in window.findChildren(QTabBar):
        if bar.parent() is window:
            bar.setStyleSheet(TABS_STYLE)


def _is_ours(dock: QDockWidget) -> bool:
    return any(each.property(OURS) for each in dock.findChildren(QWidget))


def _shorten_title(dock: QDockWidget) -> None:
    """Leave the plugin's name out of a dock's tab; napari's menu has the whole title."""
    title = dock.windowTitle()
    dock.setWindowTitle(title.removesuffix(f" ({PLUGIN})"))
    if (action := dock.toggleViewAction()) is not None:
        action.setText(title)
