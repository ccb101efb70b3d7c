"""Plot the measure of a law, for stimulus and control, over the visited parameter values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from napari.components import ViewerModel

from napari_lns.viewer.qt.plot import Plot, blank_figure

if TYPE_CHECKING:
    from napari_lns.experiments.psychophysics.visits import Visit

__all__ = ["LivePlot", "live_figure"]

TIP = "The law's measure at each visited value: how much more similarly grouped pixels respond"
BLUE, ORANGE = "#56b4e9", "#e69f00"
HEIGHT = 190  # pixels: the controls above need the remaining height
MARGIN = 0.08  # around the points, as a share of their range


def live_figure() -> Figure:
    """Make the figure of the plot; call this off the main thread, like `blank_figure`."""
    figure = blank_figure()
    figure.subplots_adjust(bottom=0.26, top=0.88)
    (axes,) = figure.axes
    axes.plot([], [], "o-", color=BLUE, markersize=4, linewidth=1, label="stimulus")
    axes.plot([], [], "s--", color=ORANGE, markersize=3, linewidth=1, label="control")
    axes.plot([], [], "o", color=BLUE, markersize=9, fillstyle="none")
    axes.set_ylabel("grouping", fontsize=8)
    above: Any = {"loc": "lower left", "bbox_to_anchor": (0, 0.97), "ncols": 2}
    axes.legend(fontsize=7, frameon=False, labelcolor="linecolor", **above)
    return figure


class LivePlot(Plot):
    """A plot of visited values of one parameter.

    Parameters
    ----------
    viewer
        The viewer.
    figure
        A figure from `live_figure`.
    """

    def __init__(self, viewer: ViewerModel, figure: Figure) -> None:
        super().__init__(viewer, TIP, figure)
        self.setMinimumHeight(HEIGHT)
        self.setMaximumHeight(HEIGHT)

    def show_visits(self, visits: Sequence[Visit], parameter: str, label: str) -> None:
        """Plot visits over a parameter.

        Parameters
        ----------
        visits
            The visits, from `visits.series`, or none.
        parameter
            The parameter on the horizontal axis.
        label
            The label of the horizontal axis.
        """
        (axes,) = self.axes
        stimulus, control, newest = axes.lines[:3]
        points = [(each.parameters[parameter], each.value) for each in visits]
        controls = [
            (each.parameters[parameter], each.control)
            for each in visits
            if each.control is not None
        ]
        stimulus.set_data(*_x_and_y(points))
        control.set_data(*_x_and_y(controls))
        axes.set_xlabel(label, fontsize=8)
        heights = [0.0, *(y for _, y in points + controls)]
        axes.set_xlim(*_limits_around([x for x, _ in points] or [0.0, 1.0]))
        axes.set_ylim(*_limits_around(heights))
        newest.set_data([], [])
        self.refresh()

    def mark_newest(self, x: float, y: float) -> None:
        """Draw a ring around the newest point."""
        self.axes[0].lines[2].set_data([x], [y])
        self.draw_idle()  # type: ignore[no-untyped-call]


def _x_and_y(points: Sequence[tuple[Any, Any]]) -> tuple[list[float], list[float]]:
    return [float(x) for x, _ in points], [float(y) for _, y in points]


def _limits_around(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = MARGIN * (high - low) or 0.1
    return low - margin, high + margin
