"""Inspect's page on the hierarchy: its last merges as a tree, and the segments at any height."""

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
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget
from superqt import QLabeledDoubleSlider

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.inspect.dendrogram import Dendrogram, dendrogram, joined, labels_below
from napari_lns.viewer.inspect.inspected import Inspected
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.layers.label_colours import label_colours
from napari_lns.viewer.qt.controls import add_row, form_layout

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_lns.viewer.inspect.dendrogram_plot import DendrogramPlot

__all__ = ["TreePanel", "hierarchy"]

HEIGHT = (
    "Height of the cut, in % of the last merge: higher is coarser.\n"
    "J on the canvas: 1 % coarser; U: 1 % finer"
)
HINT = "Drag the cut line or the slider from fine to coarse; point at a merge to see its parts."
WHY_NOT = (
    "This result has no merge tree: choose Ward, approximate Ward or average as the clustering"
)
EDGES = "Show the boundaries that remain above the slider's height; the brighter, the higher"
MERGE = "merge"
JOINED: dict[str, Any] = {
    "colormap": DirectLabelColormap(color_dict={None: "transparent", 1: "#d55e00", 2: "#f0e442"}),
    "opacity": 0.8,
}

Groups = tuple[NDArray[np.int32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Cut:
    """A tree that was cut: the segment of each merge, and segments and boundaries if asked for."""

    drawn: Dendrogram
    merges: NDArray[np.int32]
    groups: Groups | None


def hierarchy(segmentation: Segmentation, share: float) -> Groups:
    """Return the groups at a height of the merge tree, and the boundaries that stay above it.

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
    >>> found = Segmentation(np.zeros((1, 3, 3)), np.array([[1, 2, 3]]), tree=tree)
    >>> [part.tolist() for part in hierarchy(found, 0.5)]
    [[[1, 1, 2]], [[0.0, 1.0, 1.0]]]
    """
    tree = segmentation.tree
    if tree is None:
        raise ValueError(WHY_NOT)
    highest = float(tree[-1, 2]) or 1.0
    labels = segmentation.ultrametric(share * highest)
    heights = segmentation.boundaries / np.float32(highest)
    return labels, np.where(heights > share, heights, np.float32(0))


class TreePanel(Panel):
    """Cuts the merge tree while a line in it, or a slider, moves, in layers of its own.

    Parameters
    ----------
    inspected
        What is looked at.
    """

    title = "&Tree"
    tip = "Boundaries and segments from fine to coarse"
    place = 3

    def __init__(self, inspected: Inspected) -> None:
        super().__init__(inspected)
        self._made: tuple[Segmentation, Dendrogram] | None = None
        self._shown: Dendrogram | None = None
        self._latest = self.answering(self._show)
        self._pointing = self.answering(self._show_merge)
        self._build()
        inspected.changed.connect(self._look)
        self._look()

    def controls(self) -> dict[str, QWidget]:
        """Return what is kept from one session to the next."""
        return {"height": self.height_slider, "groups": self.groups, "edges": self.edges}

    def keys(self) -> dict[str, Callable[[], object]]:
        """Return the keys that cut coarser and finer."""
        return {"J": partial(self._coarser, 1), "U": partial(self._coarser, -1)}

    @cached_property
    def plot(self) -> DendrogramPlot:
        """The dendrogram, from the first time on that the page is seen."""
        from napari_lns.viewer.inspect.dendrogram_plot import DendrogramPlot

        plot = DendrogramPlot(self._inspected.viewer, self._figure)
        plot.moved.connect(self.height_slider.setValue)
        plot.pointed.connect(self.point_at)
        self._layout.insertWidget(0, plot)
        return plot

    def cut(self, *_: Any) -> None:
        """Cut at the slider's height."""
        found = self._inspected.segmentation
        if found is not None and found.tree is not None:
            if self._shown is not None:
                self.plot.show_cut(self.height_slider.value())
            self._latest.call(self._cut, found, self.height_slider.value(), groups=True)

    def point_at(self, row: int) -> None:
        """Light up the two regions that a merge joins; -1 is no merge."""
        found = self._inspected.segmentation
        if row < 0:
            self._pointing.drop()
            self._inspected.take_away(MERGE)
        elif found is not None and found.tree is not None:
            self._pointing.call(lambda: (found, joined(found, row)))

    def wait(self) -> None:
        """Block until the newest cut has been made; it is shown when events are processed."""
        self._latest.wait()
        self._pointing.wait()

    def showEvent(self, event: Any) -> None:
        """Draw the tree of the result that is inspected."""
        super().showEvent(event)
        self._draw()

    def hideEvent(self, event: Any) -> None:
        """Take the lit regions away with the page."""
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
        self.groups = QCheckBox("&Segments at this height")
        self.groups.setToolTip(
            "Show the segments in a layer of their own; the run's stay as they are"
        )
        self.edges = QCheckBox("Boundaries &above it")
        self.edges.setToolTip(EDGES)
        self._layout = QVBoxLayout(self)
        form = form_layout()
        add_row(form, "&Height (%)", self.height_slider, HEIGHT)
        self._layout.addLayout(form)
        for widget in (self.groups, self.edges, self.text):
            self._layout.addWidget(widget)
        self._layout.addStretch()
        for box in (self.groups, self.edges):
            box.setChecked(True)
            box.toggled.connect(self.cut)
        self.height_slider.valueChanged.connect(self.cut)

    def _coarser(self, percent: int) -> None:
        if self.height_slider.isEnabled():
            self.height_slider.setValue(self.height_slider.value() + percent)

    def _look(self) -> None:
        found = self._inspected.segmentation
        there = found is not None and found.tree is not None
        why = self._inspected.why_none() if found is None else f"{WHY_NOT}."
        for control in (self.height_slider, self.groups, self.edges):
            control.setEnabled(there)
        self.height_slider.setToolTip(HEIGHT if there else why)
        self.text.setText(HINT if there else why)
        if self._shown is not None:
            self.plot.setVisible(there)
        self._pointing.drop()
        self._draw()

    def _draw(self) -> None:
        """Draw the tree without cutting it: nothing is shown in the canvas yet."""
        found = self._inspected.segmentation
        if found is not None and found.tree is not None and self.isVisible():
            self._latest.call(self._cut, found, self.height_slider.value(), groups=False)

    def _cut(self, found: Segmentation, height: float, *, groups: bool) -> Cut:
        _ = self._figure  # Matplotlib is slow to begin: not on the main thread
        assert found.tree is not None
        if self._made is None or self._made[0] is not found:
            self._made = found, dendrogram(found.tree)
        drawn, share = self._made[1], height / 100
        merges = labels_below(found.tree, drawn, share)
        return Cut(drawn, merges, hierarchy(found, share) if groups else None)

    def _show(self, cut: Cut) -> None:
        if cut.drawn is not self._shown:
            self._shown = cut.drawn
            self.plot.show_tree(cut.drawn)
        self.plot.show_cut(self.height_slider.value(), cut.merges)  # the line may be on its way
        if cut.groups is not None:
            self._show_groups(*cut.groups)

    def _show_groups(self, labels: NDArray[np.int32], boundaries: NDArray[np.float32]) -> None:
        number = int(labels.max())
        self.text.setText(f"{number} segment{'s' if number > 1 else ''} at this height.")
        if self.groups.isChecked():
            options: dict[str, Any] = {"colormap": label_colours(number), "opacity": 0.6}
            layer = self._inspected.show("segments at height", Labels, labels, **options)
            if isinstance(layer, Labels):
                layer.colormap = options["colormap"]
        else:
            self._inspected.take_away("segments at height")
        if not self.edges.isChecked():
            self._inspected.take_away("boundaries above")
        else:
            seen: dict[str, Any] = {"contrast_limits": (0.0, 1.0), "blending": "additive"}
            self._inspected.show("boundaries above", Image, boundaries, **seen)

    def _show_merge(self, answer: tuple[Segmentation, NDArray[np.uint8]]) -> None:
        found, regions = answer
        if found is self._inspected.segmentation and self.isVisible():
            layers = self._inspected.viewer.layers
            layer = self._inspected.show(MERGE, Labels, regions, **JOINED)
            if layer is not None and layer is not layers[-1]:
                layers.move(layers.index(layer), len(layers))  # over the segments at the cut
