"""Inspect's page on lines: a line drawn across an edge, and what lies along it, while it moves."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Shapes
from qtpy.QtWidgets import QVBoxLayout

from napari_lns.analysis.profiles import Profile, profile
from napari_lns.viewer import warm_up
from napari_lns.viewer.inspect.inspected import Inspected, own_layer, show_own
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.qt.controls import button

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_lns.segmentation import Segmentation
    from napari_lns.viewer.qt.plot import Plot

__all__ = ["PREPARING", "LinePanel"]

HINT = "Press Draw, then drag a line across an edge; drag it on to see it change."
PREPARING = "Preparing to draw: napari compiles its shapes, once in an installation…"
DRAW = "Draw a line in a layer of its own; the last line drawn is plotted"
TIP = "Variance of the outputs, and affinity, over pixels along the line."
LINE: dict[str, Any] = {"edge_color": "#d55e00", "face_color": "transparent", "edge_width": 0.7}
BLUE, ORANGE, GREEN = "#56b4e9", "#e69f00", "#009e73"


class LinePanel(Panel):
    """Plots variance and affinity along the last line that was drawn.

    Parameters
    ----------
    inspected
        What is looked at.
    """

    title = "L&ine"
    tip = "Variance and affinity along a line"
    place = 2

    def __init__(self, inspected: Inspected) -> None:
        super().__init__(inspected)
        self.shapes: Shapes | None = None
        self._latest = self.answering(self._draw)
        self.destroyed.connect(partial(_forget, self))
        self.draw_button = button("&Draw a line", DRAW, self.begin)
        self._layout = QVBoxLayout(self)
        for widget in (self.draw_button, self.text):
            self._layout.addWidget(widget)
        self._layout.addStretch()
        inspected.changed.connect(self._look)
        self._look()

    @cached_property
    def plot(self) -> Plot:
        """The plot, from the first line on."""
        from napari_lns.viewer.qt.plot import Plot

        plot = Plot(self._inspected.viewer, TIP, self._figure)
        self._layout.insertWidget(2, plot)
        return plot

    @cached_property
    def _figure(self) -> Figure:
        from napari_lns.viewer.qt.plot import blank

        figure = blank(rows=2)
        self._prepare(figure)
        return figure

    def begin(self) -> None:
        """Show the layer of lines and let the user draw in it, once napari can draw."""
        if not warm_up.shapes.is_done:
            self.text.setText(PREPARING)
        warm_up.shapes.then(self, self._begin)

    def _begin(self) -> None:
        layer = self._inspected.layer
        if layer is None or layer not in self._inspected.viewer.layers:
            return
        shapes = own_layer(self._inspected.viewer, layer, "line")
        if shapes is None:
            shapes = show_own(self._inspected.viewer, layer, "line", Shapes, None, ndim=2, **LINE)
        self.follow(shapes)
        self._inspected.viewer.layers.selection.active = shapes
        shapes.mode = "add_line"

    def follow(self, shapes: Shapes) -> None:
        """Plot what is drawn in a layer of shapes from now on."""
        if shapes is not self.shapes:
            self._leave()
            self.shapes = shapes
            shapes.events.set_data.connect(self.read)
        self.read()

    def read(self, *_: object) -> None:
        """Read along the last line as it is now."""
        found, path = self._inspected.segmentation, self._path()
        if found is not None and path is not None:
            self._latest.call(self._read, found, path)

    def wait(self) -> None:
        """Block until the newest line has been read; it is shown when events are processed."""
        self._latest.wait()

    def _path(self) -> Any:
        """Return the last line's corners in the image's rows and columns."""
        layer, shapes = self._inspected.layer, self.shapes
        if layer is None or shapes is None or not shapes.nshapes:
            return None
        corners = shapes.data[-1]
        return np.array([layer.world_to_data(shapes.data_to_world(c))[-2:] for c in corners])

    def _look(self) -> None:
        there = self._inspected.segmentation is not None
        self.draw_button.setEnabled(there)
        if not there or self._path() is None:
            self.text.setText(HINT if there else self._inspected.why_none())
        self.read()

    def _leave(self) -> None:
        if self.shapes is not None:
            self.shapes.events.set_data.disconnect(self.read)
            self.shapes = None

    def _read(self, found: Segmentation, path: Any) -> Profile:
        _ = self._figure  # Matplotlib is slow to begin: not on the main thread
        return profile(found, path)

    def _prepare(self, figure: Figure) -> None:
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
        affinity.legend(fontsize=7, frameon=False, labelcolor="linecolor", **above)

    def _draw(self, line: Profile) -> None:
        variance, affinity = self.plot.axes
        _set(self._variance, line.distance, line.variance)
        _set(self._to_start, line.distance, line.to_start)
        _set(self._to_next, line.distance[:-1] + 0.5, line.to_next)
        if line.variance is not None and len(line.distance) > 1:
            variance.set_ylim(0, 1.1 * float(line.variance.max()) or 1)
            variance.set_xlim(float(line.distance[0]), float(line.distance[-1]))
        likenesses = [each for each in (line.to_start, line.to_next) if each is not None]
        lowest = min((float(each.min()) for each in likenesses if len(each)), default=0.0)
        affinity.set_ylim(min(0.0, lowest) - 0.05, 1.05)
        self.text.setText(_told(line))
        self.plot.renew()


def _set(curve: Any, x: Any, y: Any) -> None:
    curve.set_data((x, y) if y is not None else ([], []))


def _told(line: Profile) -> str:
    if not len(line.rows):
        return "The line lies outside the image: draw it across an edge."
    if line.to_next is None or not len(line.to_next):
        return f"{len(line.rows)} pixels."
    place = int(line.to_next.argmin())
    where, likeness = line.distance[place] + 0.5, line.to_next[place]
    return f"Sharpest edge {where:.1f} px along: affinity {likeness:.2f} across it."


def _forget(panel: LinePanel, *_: object) -> None:
    panel._leave()
