"""Controls for the number of segments or the cut height, which take effect without a new run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.layers import Layer
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QWidget
from superqt import QLabeledDoubleSlider, QLabeledSlider

from napari_lns.segmentation import Segmentation, Segmenter
from napari_lns.viewer.qt.controls import add_row, form_layout
from napari_lns.viewer.qt.layer_choice import LayerChoice

__all__ = ["CutControls"]

MAX_SEGMENTS = 20
MOST_LABELLED_PIXELS = 2**22  # counting the labels of larger images takes too long
SEGMENTS_TIP = (
    "Number of segments, at first that of the ground truth; a result with a merge tree is cut "
    "again at once"
)
HEIGHT_TIP = "Height of the cut, in % of the last merge's: higher is coarser"


class CutControls(QWidget):
    """Set the number of segments or the cut height; changing one updates the other.

    Parameters
    ----------
    parent
        The widget that owns it.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.can_cut = False
        self._by_height = False
        self.segments = QLabeledSlider(Qt.Orientation.Horizontal)
        self.segments.setRange(1, MAX_SEGMENTS)
        self.segments.setValue(3)
        self.auto = QCheckBox("&auto")
        self.auto.setToolTip("Find the number of segments in the next run")
        self.cut_height: Any = QLabeledDoubleSlider(Qt.Orientation.Horizontal)
        self.cut_height.setRange(0, 100)
        self.cut_height.setDecimals(1)
        self.cut_height.setSingleStep(1)
        self.cut_height.setValue(50)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.segments, 1)
        row.addWidget(self.auto)
        both.setFocusProxy(self.segments)
        form = form_layout(self)
        add_row(form, "Se&gments", both, SEGMENTS_TIP)
        add_row(form, "Cut &height %", self.cut_height)
        self.segments.valueChanged.connect(self._cut_by_number)
        self.cut_height.valueChanged.connect(self._cut_by_height)
        self.auto.toggled.connect(self.segments.setDisabled)
        self.set_results([], None)

    def clusters(self) -> int | str:
        """Return the number of segments for a run, or ``"auto"``."""
        return "auto" if self.auto.isChecked() else int(self.segments.value())

    def set_clusters(self, clusters: int | str) -> None:
        """Set the number of segments, or ``"auto"``."""
        self.auto.setChecked(clusters == "auto")
        if clusters != "auto":
            self.segments.setValue(int(clusters))

    def follow(self, ground_truth: LayerChoice) -> None:
        """Use the number of segments in the ground truth whenever another one is chosen."""

        def use_number() -> None:
            count = _count_segments(ground_truth.layer())
            if count is not None:
                with QSignalBlocker(self):  # results on show are not cut again
                    self.segments.setValue(count)

        ground_truth.layer_changed.connect(use_number)
        use_number()

    def cut_arguments(self) -> dict[str, Any]:
        """Return the arguments of `jobs.cut_again` for the current cut."""
        if self._by_height:
            return {"height": self.cut_height.value() / 100}
        return {"clusters": int(self.segments.value())}

    def set_results(self, results: Sequence[Segmentation], method: Segmenter | None) -> None:
        """Set the results to cut; disable the cut height if they have no merge tree."""
        self.can_cut = bool(results) and all(each.tree is not None for each in results)
        self.cut_height.setEnabled(self.can_cut)
        self.cut_height.setToolTip(
            HEIGHT_TIP if self.can_cut else _why_not_cuttable(results, method)
        )
        if len(results) == 1 and (self._by_height or self.auto.isChecked()):
            with QSignalBlocker(self.segments):
                self.segments.setValue(min(MAX_SEGMENTS, results[0].clusters))
        if self.can_cut and not self._by_height:
            with QSignalBlocker(self.cut_height):
                self.cut_height.setValue(100 * _read_height(results[0]))

    def _cut_by_number(self) -> None:
        self._by_height = False
        self.changed.emit()

    def _cut_by_height(self) -> None:
        self._by_height = True
        self.changed.emit()


def _count_segments(ground_truth: Layer | None) -> int | None:
    """Return the number of segments in labels, or in the first image of a stack of labels."""
    if ground_truth is None or ground_truth.data.ndim not in (2, 3):
        return None
    labels = ground_truth.data[0] if ground_truth.data.ndim == 3 else ground_truth.data
    count = len(np.unique(labels)) if labels.size <= MOST_LABELLED_PIXELS else 0
    return count if 2 <= count <= MAX_SEGMENTS else None


def _read_height(result: Segmentation) -> float:
    """Return the middle of the cut heights that yield a result's number of segments, 0 to 1."""
    assert result.tree is not None
    heights = [0.0, *(result.tree[:, 2] / (float(result.tree[-1, 2]) or 1.0))]
    count = min(result.clusters, len(heights))
    above = heights[-(count - 1)] if count > 1 else 1.0
    return float(heights[-count] + above) / 2


def _why_not_cuttable(results: Sequence[Segmentation], method: Segmenter | None) -> str:
    if not results or method is None:
        return "There is nothing to cut yet: press Run first"
    if not method.has_tree:
        return f"{method.title} has no merge tree: its segments cannot be cut again"
    return (
        "This clustering has no merge tree: choose Ward, approximate Ward or average to cut its "
        "segments again"
    )
