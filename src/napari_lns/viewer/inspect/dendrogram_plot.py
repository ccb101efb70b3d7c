"""Plot the last merges as a dendrogram, with a cut line that can be dragged."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backend_bases import MouseButton
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from napari.components import ViewerModel
from numpy.typing import NDArray
from qtpy.QtCore import Signal

from napari_lns._colours import COLOURS
from napari_lns.viewer.inspect.dendrogram import Dendrogram
from napari_lns.viewer.qt.plot import Plot, blank_figure

__all__ = ["DendrogramPlot", "dendrogram_figure"]

TIP = (
    "The last merges: point at one to see the two regions that it joins.\n"
    "Press or drag in the plot to move the cut."
)
HEIGHT = 230  # pixels
HOVER_DISTANCE = 8  # pixels between the mouse and a merge that it points at
GREY, CUT = "#999999", "#d55e00"
THIN, THICK = 1.2, 3.0


def dendrogram_figure() -> Figure:
    """Make the figure of the plot; call this off the main thread, like `blank_figure`."""
    figure = blank_figure()
    figure.subplots_adjust(bottom=0.05, top=0.96)
    (axes,) = figure.axes
    axes.add_collection(LineCollection([], linewidths=THIN), autolim=False)
    axes.axhline(0, color=CUT, linestyle="--", linewidth=1.2)
    axes.set_xticks([])
    axes.set_ylabel("height (% of the last merge)", fontsize=8)
    axes.set_ylim(0, 104)
    return figure


class DendrogramPlot(Plot):
    """A plot of a dendrogram, with signals for the merge under the mouse and for the cut.

    Parameters
    ----------
    viewer
        The viewer.
    figure
        A figure from `dendrogram_figure`.
    """

    merge_hovered = Signal(int)  # the row of the merge under the mouse, or -1
    cut_moved = Signal(float)  # the height of the cut, in %

    def __init__(self, viewer: ViewerModel, figure: Figure) -> None:
        super().__init__(viewer, TIP, figure)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Merge tree")
        self._dendrogram: Dendrogram | None = None
        self._hovered_merge = -1  # index of the merge under the mouse
        self._is_dragging = False
        self.mpl_connect("button_press_event", self._on_press)
        self.mpl_connect("motion_notify_event", self._on_move)
        self.mpl_connect("button_release_event", self._on_release)
        self.mpl_connect("axes_leave_event", self._on_leave)

    def show_tree(self, dendrogram: Dendrogram) -> None:
        """Show another tree."""
        self._dendrogram, self._hovered_merge = dendrogram, -1
        lines = dendrogram.paths * (1, 100)
        self._lines.set_segments(list(lines))
        self._lines.set_linewidths(THIN)
        self._lines.set_colors(GREY)
        self.axes[0].set_xlim(-1, float(dendrogram.paths[:, :, 0].max()) + 1)
        self.refresh()

    def show_cut(self, height: float, labels: NDArray[np.int32] | None = None) -> None:
        """Move the cut line.

        Parameters
        ----------
        height
            The height of the cut, in % of the last merge's.
        labels
            The segment of each merge, 0 above the cut; it determines the colour of the merge.
        """
        self.axes[0].lines[0].set_ydata([height, height])
        if (
            labels is not None
            and self._dendrogram is not None
            and len(labels) == len(self._dendrogram.rows)
        ):
            self._lines.set_colors([_colour(int(label)) for label in labels])
        self.draw_idle()  # type: ignore[no-untyped-call]

    @property
    def _lines(self) -> Any:
        return self.axes[0].collections[0]

    def _on_press(self, event: Any) -> None:
        plain = event.button == MouseButton.LEFT and not event.modifiers and not event.dblclick
        if event.inaxes is not None and plain and self._dendrogram is not None:
            self._is_dragging = True
            self._move_cut(event)

    def _on_move(self, event: Any) -> None:
        if self._is_dragging:
            self._move_cut(event)
        elif event.inaxes is not None:
            self._highlight(self._nearest(event))

    def _on_release(self, _: object) -> None:
        self._is_dragging = False

    def _on_leave(self, _: object) -> None:
        self._highlight(-1)

    def _move_cut(self, event: Any) -> None:
        if event.ydata is not None:
            self.cut_moved.emit(float(np.clip(event.ydata, 0, 100)))

    def _nearest(self, event: Any) -> int:
        """Return the index of the merge under the mouse, or -1."""
        if self._dendrogram is None:
            return -1
        lines = self.axes[0].transData.transform((self._dendrogram.paths * (1, 100)).reshape(-1, 2))
        corners = lines.reshape(-1, 4, 2)
        begin, along = corners[:, :-1], np.diff(corners, axis=1)
        mouse = np.array([event.x, event.y]) - begin
        lengths = np.square(along).sum(axis=-1)
        share = np.clip((mouse * along).sum(axis=-1) / np.where(lengths > 0, lengths, 1), 0, 1)
        distances = np.linalg.norm(mouse - share[..., None] * along, axis=-1).min(axis=1)
        place = int(distances.argmin())
        return place if distances[place] <= HOVER_DISTANCE else -1

    def _highlight(self, place: int) -> None:
        if place == self._hovered_merge or self._dendrogram is None:
            return
        self._hovered_merge = place
        widths = np.full(len(self._dendrogram.rows), THIN)
        if place >= 0:
            widths[place] = THICK
        self._lines.set_linewidths(widths)
        self.draw_idle()  # type: ignore[no-untyped-call]
        self.merge_hovered.emit(int(self._dendrogram.rows[place]) if place >= 0 else -1)


def _colour(label: int) -> tuple[float, float, float, float]:
    return to_rgba(COLOURS[(label - 1) % len(COLOURS)] if label else GREY)
