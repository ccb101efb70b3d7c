"""`Navigation`: a plot's view, by the wheel and by dragging: zoom, move, show all again."""

from __future__ import annotations

from typing import Any

from matplotlib.backend_bases import MouseButton

__all__ = ["HELP", "Navigation"]

HELP = "Wheel: zoom. Shift and drag: move. Double click: show all. Right click: save."
ZOOM_STEP = 1.25  # by which one turn of the wheel, or one press of a key, zooms

Limits = tuple[float, float]


class Navigation:
    """Zooms and moves the axes of a canvas; while it moves them, no lasso is drawn.

    Parameters
    ----------
    canvas
        A Matplotlib canvas. Its selectors come after this: the lock of the canvas keeps them out.

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
        self._panned_axes: Any = None  # the axes that are being moved
        for event, slot in (
            ("scroll_event", self._on_scroll),
            ("button_press_event", self._on_press),
            ("motion_notify_event", self._on_move),
            ("button_release_event", self._on_release),
        ):
            canvas.mpl_connect(event, slot)

    def zoom(self, factor: float) -> None:
        """Zoom all axes about their middle."""
        self._save_home()
        for axes in self._canvas.figure.axes:
            axes.set_ylim(_zoom_limits(axes.get_ylim(), sum(axes.get_ylim()) / 2, factor))
        axes.set_xlim(
            _zoom_limits(axes.get_xlim(), sum(axes.get_xlim()) / 2, factor)
        )  # all share it
        self._canvas.draw_idle()

    def show_all(self) -> None:
        """Show what was shown before the view was changed."""
        for axes, (x, y) in self._home.items():
            axes.set_xlim(x)
            axes.set_ylim(y)
        self.reset_home()
        self._canvas.draw_idle()

    def reset_home(self) -> None:
        """Take what is shown now for all that there is."""
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
            # without the key: with Shift, Matplotlib would move along one axis only
            self._panned_axes.drag_pan(MouseButton.LEFT, None, event.x, event.y)
            self._canvas.draw_idle()

    def _on_release(self, _: object) -> None:
        if self._panned_axes is not None:
            self._panned_axes.end_pan()
            self._panned_axes = None
            self._canvas.widgetlock.release(self)


def _zoom_limits(limits: Limits, about: float, factor: float) -> Limits:
    """Return limits that stand so many times closer about a place."""
    low, high = limits
    return about + (low - about) / factor, about + (high - about) / factor
