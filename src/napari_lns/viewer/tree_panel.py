"""Inspect's page on the hierarchy: boundaries, and the groups at any height of the merge tree."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Image, Labels
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget
from superqt import QLabeledDoubleSlider

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.background import Latest
from napari_lns.viewer.controls import add_row, form_layout
from napari_lns.viewer.inspected import Inspected
from napari_lns.viewer.label_colours import label_colours

__all__ = ["TreePanel", "hierarchy"]

HEIGHT = (
    "Height of the cut, in % of the last merge: higher is coarser.\n"
    "J on the canvas: 1 % coarser; U: 1 % finer"
)
WHY_NOT = "This result has no merge tree: choose Ward or average as the clustering"
EDGES = (
    "Show only edges at which segments above the slider's height meet, bright where they are far"
)

Groups = tuple[NDArray[np.int32], NDArray[np.float32]]


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


class TreePanel(QWidget):
    """Cuts the merge tree while a slider moves, in layers of its own.

    Parameters
    ----------
    inspected
        What is looked at.
    """

    def __init__(self, inspected: Inspected) -> None:
        super().__init__()
        self._inspected = inspected
        self._latest = Latest(self)
        self._latest.answered.connect(self._show)
        self._latest.failed.connect(lambda error: self.text.setText(str(error)))
        self.destroyed.connect(self._latest.close)
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
        self.text = QLabel()
        self.text.setWordWrap(True)
        layout = QVBoxLayout(self)
        form = form_layout()
        add_row(form, "&Height (%)", self.height_slider, HEIGHT)
        layout.addLayout(form)
        for widget in (self.groups, self.edges, self.text):
            layout.addWidget(widget)
        layout.addStretch()
        for box in (self.groups, self.edges):
            box.setChecked(True)
            box.toggled.connect(self.cut)
        self.height_slider.valueChanged.connect(self.cut)
        inspected.changed.connect(self._look)
        self._look()

    def cut(self, *_: Any) -> None:
        """Cut at the slider's height."""
        found = self._inspected.segmentation
        if found is not None and found.tree is not None:
            self._latest.call(hierarchy, found, self.height_slider.value() / 100)

    def wait(self) -> None:
        """Block until the newest cut has been made; it is shown when events are processed."""
        self._latest.wait()

    def _look(self) -> None:
        found = self._inspected.segmentation
        there = found is not None and found.tree is not None
        why = self._inspected.why_none() if found is None else f"{WHY_NOT}."
        for control in (self.height_slider, self.groups, self.edges):
            control.setEnabled(there)
        self.height_slider.setToolTip(HEIGHT if there else why)
        self.text.setText("Move the slider from fine to coarse." if there else why)

    def _show(self, cut: Groups) -> None:
        labels, boundaries = cut
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
