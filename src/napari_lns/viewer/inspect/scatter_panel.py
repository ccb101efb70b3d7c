"""The *Space* page of Inspect: pixels as dots in feature space, linked with the canvas."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QVBoxLayout

from napari_lns._colours import COLOURS
from napari_lns.analysis.hierarchy import grid_indices
from napari_lns.analysis.scatter import PCA, UMAP, grid_labels, layout, select_in_lasso
from napari_lns.segmentation import Segmentation
from napari_lns.viewer.inspect.inspection import Inspection
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.qt.controls import Choice, add_row, button, form_layout

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_lns.viewer.qt.plot import Plot

__all__ = ["ScatterPanel"]

HINT = "Circle dots to show their pixels; point at a pixel to show its dot."
PLOT_TIP = "Each dot is a pixel, in its segment's colour."
MAX_DOTS = 8192  # more dots would take too long, and hide each other
PICKED_OPTIONS: dict[str, Any] = {
    "colormap": DirectLabelColormap(color_dict={None: "transparent", 1: "#f0e442"}),
    "opacity": 0.7,
}


class ScatterPanel(Panel):
    """A page that plots the pixels in feature space.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    """

    title = "S&pace"
    tip = "Feature space: all pixels as dots"
    place = 4

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        self._segmentation: Segmentation | None = None
        self._points: NDArray[np.float32] | None = None
        self._background: Any = None
        self._layout_worker = self.background_call(self._show_layout)
        self._pick_worker = self.background_call(self._show_picked)
        self.kind = Choice([(PCA, PCA), (UMAP, UMAP)])
        self.draw_button = button("&Draw", "Compute the layout again", self.lay_out)
        form = form_layout()
        add_row(
            form,
            "&Layout",
            self.kind,
            ("PCA is fast; UMAP takes many seconds, and needs the extra umap"),
        )
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(form)
        for widget in (self.draw_button, self.text):
            self._layout.addWidget(widget)
        self._layout.addStretch()
        self.kind.currentIndexChanged.connect(self.lay_out)
        inspection.changed.connect(self._refresh)
        inspection.hovered.connect(self.point_at)
        self._refresh()

    @cached_property
    def plot(self) -> Plot:
        """The plot, created for the first layout."""
        from matplotlib.backend_bases import MouseButton
        from matplotlib.widgets import LassoSelector

        from napari_lns.viewer.qt.plot import Plot

        plot = Plot(self._inspection.viewer, PLOT_TIP, self._figure)
        (axes,) = plot.axes
        axes.set_position((0.02, 0.02, 0.96, 0.96))
        left, colour = MouseButton.LEFT, {"color": "#d55e00"}  # the right button opens the menu
        self._lasso = LassoSelector(axes, self.pick, button=left, props=colour)
        plot.mpl_connect("draw_event", self._save_background)
        self._layout.insertWidget(2, plot)
        return plot

    @cached_property
    def _figure(self) -> Figure:
        from napari_lns.viewer.qt.plot import blank_figure

        return blank_figure()

    def lay_out(self, *_: object) -> None:
        """Compute the layout of the pixels off the main thread."""
        segmentation, kind = self._inspection.segmentation, self.kind.currentData()
        if segmentation is not None:
            self.text.setText("Computing the layout…")
            self._layout_worker.call(self._compute_layout, segmentation, kind)

    def pick(self, corners: Any) -> None:
        """Show the pixels whose dots lie inside a lasso."""
        if self._segmentation is not None and self._points is not None and len(corners) > 2:
            self._pick_worker.call(select_in_lasso, self._segmentation, self._points, list(corners))

    def point_at(self, row: int, column: int) -> None:
        """Highlight the dot of a pixel without drawing the other dots again."""
        segmentation, points = self._segmentation, self._points
        if (
            segmentation is None
            or points is None
            or self._background is None
            or not self.isVisible()
        ):
            return
        if row < segmentation.labels.shape[0] and column < segmentation.labels.shape[1]:
            place = grid_indices(segmentation, np.array([row]), np.array([column]))
            self._dot.set_data(points[place, 0], points[place, 1])
            self.plot.restore_region(self._background)  # type: ignore[no-untyped-call]
            self.plot.axes[0].draw_artist(self._dot)
            self.plot.blit(self.plot.figure.bbox)  # type: ignore[no-untyped-call]

    def showEvent(self, event: QShowEvent | None) -> None:
        """Update the layout if the result changed while the page was hidden."""
        super().showEvent(event)
        self._refresh()

    def wait(self) -> None:
        """Block until the computations have ended; events then show the results."""
        self._layout_worker.wait()
        self._pick_worker.wait()

    def _refresh(self) -> None:
        segmentation = self._inspection.segmentation
        self.draw_button.setEnabled(segmentation is not None)
        self.text.setText(self._inspection.why_no_result() if segmentation is None else HINT)
        if (
            segmentation is not self._segmentation
            and self.isVisible()
            and self.kind.currentData() == PCA
        ):
            self.lay_out()

    def _compute_layout(
        self, segmentation: Segmentation, kind: str
    ) -> tuple[Segmentation, NDArray[np.float32]]:
        _ = self._figure  # importing Matplotlib is slow: do it off the main thread
        return segmentation, layout(segmentation, kind)

    def _show_layout(self, result: tuple[Segmentation, NDArray[np.float32]]) -> None:
        self._segmentation, self._points = result
        step = -(-len(self._points) // MAX_DOTS)
        groups = grid_labels(self._segmentation)[::step]
        (axes,) = self.plot.axes
        axes.clear()
        for group in np.unique(groups):
            x, y = self._points[::step][groups == group].T
            colour = COLOURS[(group - 1) % len(COLOURS)]
            axes.plot(x, y, ".", markersize=2.5, color=colour, rasterized=True)
        (self._dot,) = axes.plot([], [], "o", ms=9, mfc="none", mec="#d55e00", mew=2, animated=True)
        axes.set_xticks([])
        axes.set_yticks([])
        self.plot.refresh()
        self.text.setText(HINT)

    def _show_picked(self, mask: NDArray[np.bool_]) -> None:
        self._inspection.show("picked", Labels, mask.astype("uint8"), **PICKED_OPTIONS)
        self.text.setText(f"{int(mask.sum())} pixels are picked.")

    def _save_background(self, _: object) -> None:
        canvas: Any = self.plot  # Matplotlib's canvas has no types
        self._background = canvas.copy_from_bbox(self.plot.figure.bbox)
