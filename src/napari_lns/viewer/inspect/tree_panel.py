"""The *Tree* page of Inspect: the last merges as a dendrogram, and segments at any height."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget
from superqt import QLabeledDoubleSlider

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.inspect.dendrogram import (
    Dendrogram,
    labels_below,
    lay_out_tree,
    merged_regions,
)
from napari_lns.viewer.inspect.inspection import Inspection
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.layers.label_colours import label_colours
from napari_lns.viewer.qt.controls import add_row, form_layout

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_lns.viewer.inspect.dendrogram_plot import DendrogramPlot

__all__ = ["TreePanel", "cut_hierarchy"]

HEIGHT_TIP = (
    "Height of the cut, in % of the last merge: higher is coarser.\n"
    "J on the canvas: 1 % coarser; U: 1 % finer"
)
HINT = "Drag the cut line or the slider from fine to coarse; point at a merge to see its parts."
NO_TREE = (
    "This result has no merge tree: choose Ward, approximate Ward or average as the clustering"
)
EDGES_TIP = "Show the boundaries above the slider's height; brighter is higher"
MERGE = "merge"
MERGE_OPTIONS: dict[str, Any] = {
    "colormap": DirectLabelColormap(color_dict={None: "transparent", 1: "#d55e00", 2: "#f0e442"}),
    "opacity": 0.8,
}

CutMaps = tuple[NDArray[np.int32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Cut:
    """A cut tree: the segment of each merge, and maps of segments and boundaries if requested."""

    dendrogram: Dendrogram
    merges: NDArray[np.int32]
    segments: CutMaps | None


def cut_hierarchy(segmentation: Segmentation, share: float) -> CutMaps:
    """Return the segments at a height of the merge tree, and the boundaries above it.

    Parameters
    ----------
    segmentation
        A result with a merge tree.
    share
        The height, as a share of the last merge's.

    Returns
    -------
    labels, boundaries
        (H, W) each; boundaries as shares of the last merge's height.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])
    >>> segmentation = Segmentation(np.zeros((1, 3, 3)), np.array([[1, 2, 3]]), tree=tree)
    >>> [part.tolist() for part in cut_hierarchy(segmentation, 0.5)]
    [[[1, 1, 2]], [[0.0, 1.0, 1.0]]]
    """
    tree = segmentation.tree
    if tree is None:
        raise ValueError(NO_TREE)
    highest = float(tree[-1, 2]) or 1.0
    labels = segmentation.ultrametric(share * highest)
    heights = segmentation.boundaries / np.float32(highest)
    return labels, np.where(heights > share, heights, np.float32(0))


class TreePanel(Panel):
    """A page that cuts the merge tree at a line or slider, and shows the cut in its own layers.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    """

    title = "&Tree"
    tip = "Boundaries and segments from fine to coarse"
    place = 3

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        self._cached: tuple[Segmentation, Dendrogram] | None = None
        self._shown_dendrogram: Dendrogram | None = None
        self._cut_worker = self.background_call(self._show)
        self._merge_worker = self.background_call(self._show_merge)
        self._build()
        inspection.changed.connect(self._refresh)
        self._refresh()

    def controls(self) -> dict[str, QWidget]:
        """Return the controls whose values are saved between sessions."""
        return {"height": self.height_slider, "groups": self.segments, "edges": self.edges}

    def keys(self) -> dict[str, Callable[[], object]]:
        """Return the keys for a coarser and a finer cut."""
        return {"J": partial(self._change_height, 1), "U": partial(self._change_height, -1)}

    @cached_property
    def plot(self) -> DendrogramPlot:
        """The dendrogram, created when the page is first shown."""
        from napari_lns.viewer.inspect.dendrogram_plot import DendrogramPlot

        plot = DendrogramPlot(self._inspection.viewer, self._figure)
        plot.cut_moved.connect(self.height_slider.setValue)
        plot.merge_hovered.connect(self.point_at)
        self._layout.insertWidget(0, plot)
        return plot

    def cut(self, *_: object) -> None:
        """Cut the tree at the height of the slider."""
        segmentation = self._inspection.segmentation
        if segmentation is not None and segmentation.tree is not None:
            if self._shown_dendrogram is not None:
                self.plot.show_cut(self.height_slider.value())
            self._cut_worker.call(
                self._make_cut, segmentation, self.height_slider.value(), segments=True
            )

    def point_at(self, row: int) -> None:
        """Highlight the two regions of a merge, or none for -1."""
        segmentation = self._inspection.segmentation
        if row < 0:
            self._merge_worker.drop()
            self._inspection.remove(MERGE)
        elif segmentation is not None and segmentation.tree is not None:
            self._merge_worker.call(lambda: (segmentation, merged_regions(segmentation, row)))

    def wait(self) -> None:
        """Block until the newest cut has been computed; events then show it."""
        self._cut_worker.wait()
        self._merge_worker.wait()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Draw the tree of the inspected result."""
        super().showEvent(event)
        self._draw_tree()

    def hideEvent(self, event: Any) -> None:
        """Remove the highlighted regions."""
        super().hideEvent(event)
        if not event.spontaneous():  # as when the window is minimised
            self.point_at(-1)

    @cached_property
    def _figure(self) -> Figure:
        from napari_lns.viewer.inspect.dendrogram_plot import dendrogram_figure

        return dendrogram_figure()

    def _build(self) -> None:
        self.height_slider: Any = QLabeledDoubleSlider(Qt.Orientation.Horizontal)
        self.height_slider.setRange(0, 100)
        self.height_slider.setDecimals(1)
        self.height_slider.setValue(20)
        self.segments = QCheckBox("&Segments at this height")
        self.segments.setToolTip(
            "Show the segments in their own layer; those of the run do not change"
        )
        self.edges = QCheckBox("Boundaries &above it")
        self.edges.setToolTip(EDGES_TIP)
        self._layout = QVBoxLayout(self)
        form = form_layout()
        add_row(form, "&Height (%)", self.height_slider, HEIGHT_TIP)
        self._layout.addLayout(form)
        for widget in (self.segments, self.edges, self.text):
            self._layout.addWidget(widget)
        self._layout.addStretch()
        for box in (self.segments, self.edges):
            box.setChecked(True)
            box.toggled.connect(self.cut)
        self.height_slider.valueChanged.connect(self.cut)

    def _change_height(self, percent: int) -> None:
        if self.height_slider.isEnabled():
            self.height_slider.setValue(self.height_slider.value() + percent)

    def _refresh(self) -> None:
        segmentation = self._inspection.segmentation
        has_tree = segmentation is not None and segmentation.tree is not None
        why = self._inspection.why_no_result() if segmentation is None else f"{NO_TREE}."
        for control in (self.height_slider, self.segments, self.edges):
            control.setEnabled(has_tree)
        self.height_slider.setToolTip(HEIGHT_TIP if has_tree else why)
        self.text.setText(HINT if has_tree else why)
        if self._shown_dendrogram is not None:
            self.plot.setVisible(has_tree)
        self._merge_worker.drop()
        self._draw_tree()

    def _draw_tree(self) -> None:
        """Draw the tree without showing a cut on the canvas."""
        segmentation = self._inspection.segmentation
        if segmentation is not None and segmentation.tree is not None and self.isVisible():
            self._cut_worker.call(
                self._make_cut, segmentation, self.height_slider.value(), segments=False
            )

    def _make_cut(self, segmentation: Segmentation, height: float, *, segments: bool) -> Cut:
        _ = self._figure  # importing Matplotlib is slow: do it off the main thread
        assert segmentation.tree is not None
        if self._cached is None or self._cached[0] is not segmentation:
            self._cached = segmentation, lay_out_tree(segmentation.tree)
        dendrogram, share = self._cached[1], height / 100
        merges = labels_below(segmentation.tree, dendrogram, share)
        return Cut(dendrogram, merges, cut_hierarchy(segmentation, share) if segments else None)

    def _show(self, cut: Cut) -> None:
        if cut.dendrogram is not self._shown_dendrogram:
            self._shown_dendrogram = cut.dendrogram
            self.plot.show_tree(cut.dendrogram)
        self.plot.show_cut(self.height_slider.value(), cut.merges)  # the slider may have moved
        if cut.segments is not None:
            self._show_segments(*cut.segments)

    def _show_segments(self, labels: NDArray[np.int32], boundaries: NDArray[np.float32]) -> None:
        number = int(labels.max())
        self.text.setText(f"{number} segment{'s' if number > 1 else ''} at this height.")
        if self.segments.isChecked():
            options: dict[str, Any] = {"colormap": label_colours(number), "opacity": 0.6}
            layer = self._inspection.show("segments at height", Labels, labels, **options)
            if isinstance(layer, Labels):
                layer.colormap = options["colormap"]
        else:
            self._inspection.remove("segments at height")
        if not self.edges.isChecked():
            self._inspection.remove("boundaries above")
        else:
            boundary_options: dict[str, Any] = {
                "contrast_limits": (0.0, 1.0),
                "blending": "additive",
            }
            self._inspection.show("boundaries above", Image, boundaries, **boundary_options)

    def _show_merge(self, result: tuple[Segmentation, NDArray[np.uint8]]) -> None:
        segmentation, regions = result
        if segmentation is self._inspection.segmentation and self.isVisible():
            layers = self._inspection.viewer.layers
            layer = self._inspection.show(MERGE, Labels, regions, **MERGE_OPTIONS)
            if layer is not None and layer is not layers[-1]:
                layers.move(layers.index(layer), len(layers))  # above the segments of the cut
