"""Zoom and pan a Matplotlib plot with the mouse, and reset its view."""

from __future__ import annotations

from typing import Any

from matplotlib.backend_bases import MouseButton

__all__ = ["HELP", "Navigation"]

HELP = "Wheel: zoom. Shift and drag: move. Double click: show all. Right click: save."
ZOOM_STEP = 1.25  # zoom factor per step of the wheel or key press

Limits = tuple[float, float]


class Navigation:
    """Zoom and pan the axes of a canvas; no lasso is drawn while panning.

    Parameters
    ----------
    canvas
        A Matplotlib canvas. Add its selectors after this object: while the canvas is locked, they
        ignore the mouse.

    Examples
    --------
    >>> from matplotlib.backends.backend_agg import FigureCanvasAgg
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> axes = figure.subplots()
    >>> navigation = Navigation(FigureCanvasAgg(figure))
    >>> navigation.zoom(2)
    >>> [float(edge) for edge in axes.get_xlim()]
    [0.25, 0.75]
    >>> navigation.show_all()
    >>> [float(edge) for edge in axes.get_xlim()]
    [0.0, 1.0]
    """

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._home: dict[Any, tuple[Limits, Limits]] = {}
        self._panned_axes: Any = None  # the axes being panned
        for event, slot in (
            ("scroll_event", self._on_scroll),
            ("button_press_event", self._on_press),
            ("motion_notify_event", self._on_move),
            ("button_release_event", self._on_release),
        ):
            canvas.mpl_connect(event, slot)

    def zoom(self, factor: float) -> None:
        """Zoom all axes about their centre."""
        self._save_home()
        for axes in self._canvas.figure.axes:
            axes.set_ylim(_zoom_limits(axes.get_ylim(), sum(axes.get_ylim()) / 2, factor))
        axes.set_xlim(
            _zoom_limits(axes.get_xlim(), sum(axes.get_xlim()) / 2, factor)
        )  # all axes share x
        self._canvas.draw_idle()

    def show_all(self) -> None:
        """Restore the view from before the first zoom or pan."""
        for axes, (x, y) in self._home.items():
            axes.set_xlim(x)
            axes.set_ylim(y)
        self.reset_home()
        self._canvas.draw_idle()

    def reset_home(self) -> None:
        """Make the current view the one that `show_all` restores."""
        self._home = {}

    def _save_home(self) -> None:
        limits = {axes: (axes.get_xlim(), axes.get_ylim()) for axes in self._canvas.figure.axes}
        self._home = self._home or limits

    def _on_scroll(self, event: Any) -> None:
        if event.inaxes is not None:
            self._save_home()
            factor = ZOOM_STEP**event.step
            event.inaxes.set_xlim(_zoom_limits(event.inaxes.get_xlim(), event.xdata, factor))
            event.inaxes.set_ylim(_zoom_limits(event.inaxes.get_ylim(), event.ydata, factor))
            self._canvas.draw_idle()

    def _on_press(self, event: Any) -> None:
        left, middle = event.button == MouseButton.LEFT, event.button == MouseButton.MIDDLE
        if event.inaxes is None:
            return
        if event.dblclick and left:
            self.show_all()
        elif middle or (left and "shift" in event.modifiers):
            self._save_home()
            self._canvas.widgetlock(self)
            self._panned_axes = event.inaxes
            self._panned_axes.start_pan(event.x, event.y, MouseButton.LEFT)

    def _on_move(self, event: Any) -> None:
        if self._panned_axes is not None:
            # without the key: with Shift, Matplotlib would pan along one axis only
            self._panned_axes.drag_pan(MouseButton.LEFT, None, event.x, event.y)
            self._canvas.draw_idle()

    def _on_release(self, _: object) -> None:
        if self._panned_axes is not None:
            self._panned_axes.end_pan()
            self._panned_axes = None
            self._canvas.widgetlock.release(self)


def _zoom_limits(limits: Limits, centre: float, factor: float) -> Limits:
    """Return limits that are closer to a position by a factor."""
    low, high = limits
    return centre + (low - centre) / factor, centre + (high - centre) / factor
