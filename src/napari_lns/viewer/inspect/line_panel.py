"""The *Line* page of Inspect: variance and affinity along a drawn line."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Shapes
from qtpy.QtWidgets import QVBoxLayout

from napari_lns.analysis.profiles import Profile, profile
from napari_lns.viewer import warm_up
from napari_lns.viewer.inspect.inspection import Inspection, find_derived_layer, show_derived
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.qt.controls import button

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_lns.segmentation import Segmentation
    from napari_lns.viewer.qt.plot import Plot

__all__ = ["PREPARING", "LinePanel"]

HINT = "Press Draw a line, then drag a line across an edge; drag it on to see it change."
PREPARING = "Preparing to draw: napari compiles its shapes, once in an installation…"
DRAW_TIP = "Draw a line in its own layer; the last line is plotted"
PLOT_TIP = "Variance of the outputs, and affinity, over pixels along the line."
LINE_OPTIONS: dict[str, Any] = {
    "edge_color": "#d55e00",
    "face_color": "transparent",
    "edge_width": 0.7,
}
BLUE, ORANGE, GREEN = "#56b4e9", "#e69f00", "#009e73"


class LinePanel(Panel):
    """A page that plots variance and affinity along the last drawn line.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    """

    title = "L&ine"
    tip = "Variance and affinity along a line"
    place = 2

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        self.shapes: Shapes | None = None
        self._latest = self.background_call(self._show_profile)
        self.destroyed.connect(partial(_stop_following_of, self))
        self.draw_button = button("&Draw a line", DRAW_TIP, self.draw_line)
        self._layout = QVBoxLayout(self)
        for widget in (self.draw_button, self.text):
            self._layout.addWidget(widget)
        self._layout.addStretch()
        inspection.changed.connect(self._refresh)
        self._refresh()

    @cached_property
    def plot(self) -> Plot:
        """The plot, created for the first line."""
        from napari_lns.viewer.qt.plot import Plot

        plot = Plot(self._inspection.viewer, PLOT_TIP, self._figure)
        self._layout.insertWidget(2, plot)
        return plot

    @cached_property
    def _figure(self) -> Figure:
        from napari_lns.viewer.qt.plot import blank_figure

        figure = blank_figure(rows=2)
        self._prepare_axes(figure)
        return figure

    def draw_line(self) -> None:
        """Let the user draw a line in its own layer, once napari has compiled its shapes."""
        if not warm_up.shapes.is_done:
            self.text.setText(PREPARING)
        warm_up.shapes.call_when_done(self, self._draw_line)

    def _draw_line(self) -> None:
        layer = self._inspection.layer
        if layer is None or layer not in self._inspection.viewer.layers:
            return
        shapes = find_derived_layer(self._inspection.viewer, layer, "line")
        if shapes is None:
            shapes = show_derived(
                self._inspection.viewer, layer, "line", Shapes, None, ndim=2, **LINE_OPTIONS
            )
        self.follow_shapes(shapes)
        self._inspection.viewer.layers.selection.active = shapes
        shapes.mode = "add_line"

    def follow_shapes(self, shapes: Shapes) -> None:
        """Plot the last line in a Shapes layer, and update the plot when it changes."""
        if shapes is not self.shapes:
            self._stop_following()
            self.shapes = shapes
            shapes.events.set_data.connect(self.update_profile)
        self.update_profile()

    def update_profile(self, *_: object) -> None:
        """Read the result along the last line, and plot it."""
        segmentation, path = self._inspection.segmentation, self._last_line()
        if segmentation is not None and path is not None:
            self._latest.call(self._profile_line, segmentation, path)

    def wait(self) -> None:
        """Block until the newest line has been read; events then show it."""
        self._latest.wait()

    def _last_line(self) -> Any:
        """Return the vertices of the last line, in rows and columns of the image."""
        layer, shapes = self._inspection.layer, self.shapes
        if layer is None or shapes is None or not shapes.nshapes:
            return None
        corners = shapes.data[-1]
        return np.array([layer.world_to_data(shapes.data_to_world(c))[-2:] for c in corners])

    def _refresh(self) -> None:
        has_result = self._inspection.segmentation is not None
        self.draw_button.setEnabled(has_result)
        if not has_result or self._last_line() is None:
            self.text.setText(HINT if has_result else self._inspection.why_no_result())
        self.update_profile()

    def _stop_following(self) -> None:
        if self.shapes is not None:
            self.shapes.events.set_data.disconnect(self.update_profile)
            self.shapes = None

    def _profile_line(self, segmentation: Segmentation, path: Any) -> Profile:
        _ = self._figure  # importing Matplotlib is slow: do it off the main thread
        return profile(segmentation, path)

    def _prepare_axes(self, figure: Figure) -> None:
        variance, affinity = figure.axes
        (self._variance,) = variance.plot([], [], color=BLUE)
        (self._to_start,) = affinity.plot([], [], color=ORANGE, label="to the start")
        (self._to_next,) = affinity.plot([], [], color=GREEN, label="to the next")
        variance.set_ylabel("variance", fontsize=8)
        variance.ticklabel_format(axis="y", scilimits=(-2, 3))
        affinity.set_ylabel("affinity", fontsize=8)
        affinity.set_xlabel("along the line (px)", fontsize=8)
        affinity.set_ylim(-0.05, 1.05)
        above: Any = {"loc": "lower left", "bbox_to_anchor": (0, 0.96), "ncols": 2}
        affinity.legend(fontsize=7, frameon=False, labelcolor="linecolor", handlelength=1, **above)

    def _show_profile(self, line: Profile) -> None:
        variance, affinity = self.plot.axes
        _set_curve(self._variance, line.distance, line.variance)
        _set_curve(self._to_start, line.distance, line.to_start)
        _set_curve(self._to_next, line.distance[:-1] + 0.5, line.to_next)
        if line.variance is not None and len(line.distance) > 1:
            variance.set_ylim(0, 1.1 * float(line.variance.max()) or 1)
            variance.set_xlim(float(line.distance[0]), float(line.distance[-1]))
        likenesses = [each for each in (line.to_start, line.to_next) if each is not None]
        lowest = min((float(each.min()) for each in likenesses if len(each)), default=0.0)
        affinity.set_ylim(min(0.0, lowest) - 0.05, 1.05)
        self.text.setText(_describe(line))
        self.plot.refresh()


def _set_curve(curve: Any, x: Any, y: Any) -> None:
    curve.set_data((x, y) if y is not None else ([], []))


def _describe(line: Profile) -> str:
    if not len(line.rows):
        return "The line lies outside the image: draw it across an edge."
    if line.to_next is None or not len(line.to_next):
        return f"{len(line.rows)} pixels."
    place = int(line.to_next.argmin())
    where, likeness = line.distance[place] + 0.5, line.to_next[place]
    return f"Sharpest edge {where:.1f} px along: affinity {likeness:.2f} across it."


def _stop_following_of(panel: LinePanel, *_: object) -> None:
    panel._stop_following()
