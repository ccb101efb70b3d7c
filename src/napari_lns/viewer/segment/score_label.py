"""`ScoreLabel`: how well a run's segments agree with ground truth, and the law's measures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel

from napari_lns.segmentation.agreement import Agreement
from napari_lns.viewer.layers.images import Given
from napari_lns.viewer.layers.stimulus import place_in_stack
from napari_lns.viewer.segment.jobs import RunResults

__all__ = ["ScoreLabel"]

TIP = (
    "Adjusted Rand index over all pixels; over the figures' pixels alone, where there are two or "
    "more; and the mean over true segments of the best intersection over union"
)


class ScoreLabel(QLabel):
    """Shows the scores of the image that is seen, and the mean if there are more; three lines."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(True)
        self.setFixedHeight(3 * self.fontMetrics().lineSpacing() + 2)
        self.setToolTip(TIP)
        self.scores: Mapping[Given, Agreement] = {}
        self.measures: Mapping[Given, float] = {}
        self.unscored = ""

    def take(self, found: RunResults) -> None:
        """Take what a run has found; `show_scores` shows it."""
        self.scores, self.measures, self.unscored = found.scores, found.measures, found.unscored

    def show_scores(self, viewer: ViewerModel, layer: Layer | None) -> None:
        """Show what belongs to a layer, and to the image of its stack that the viewer shows."""
        parts = []
        for given, scores in self.scores.items():
            stack = layer is given.layer in viewer.layers and given.count is not None
            if len(self.scores) == 1 and not stack:
                parts = [_short(scores)]
            elif stack and given.index == place_in_stack(viewer, given.layer):
                parts = [f"{_short(scores)} (image {given.index})"]
        if self.measures:
            parts = [*map(_short, [*self.scores.values()][:1]), _compared(self.measures)]
        elif len(self.scores) > 1:
            mean = Agreement.mean(self.scores.values())
            parts.append(f"mean {_short(mean)} of {len(self.scores)}")
        if not self.scores and self.unscored:
            parts.insert(0, self.unscored)
        self.setText(", ".join(parts))


def _short(scores: Agreement) -> str:
    """Return scores in the narrow dock's few words."""
    values = {"ARI": scores.ari, "foreground": scores.foreground_ari, "IoU": scores.iou}
    known = {name: value for name, value in values.items() if not np.isnan(value)}
    return " · ".join(f"{name} {value:.3f}" for name, value in known.items())


def _compared(measures: Mapping[Given, float]) -> str:
    """Return the law's measure of a stimulus and its control in words."""
    values = [*measures.values()]
    if np.isnan(values).any():
        return "no measure is defined for this stimulus and method"
    control = f", control {values[1]:.2f}" if len(values) > 1 else ""
    return f"measure {values[0]:.2f}{control}"
