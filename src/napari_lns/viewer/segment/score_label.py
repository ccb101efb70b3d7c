"""Show the agreement of a run's segments with the ground truth, and the law's measures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel

from napari_lns.segmentation.agreement import Agreement
from napari_lns.viewer.layers.images import ImageSource
from napari_lns.viewer.layers.stimulus import stack_index
from napari_lns.viewer.segment.jobs import RunResults

__all__ = ["ScoreLabel"]

TIP = (
    "Adjusted Rand index (ARI) over all pixels, and over the figures' pixels alone if there "
    "are two or more figures (foreground); best intersection over union (IoU), averaged over "
    "the segments of the ground truth"
)


class ScoreLabel(QLabel):
    """A label of four lines with the scores of the current image, and their mean."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(True)
        self.setFixedHeight(4 * self.fontMetrics().lineSpacing() + 2)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setToolTip(TIP)
        self.scores: Mapping[ImageSource, Agreement] = {}
        self.measures: Mapping[ImageSource, float] = {}
        self.why_unscored = ""

    def set_results(self, results: RunResults) -> None:
        """Set the results of a run, which `show_scores` shows."""
        self.scores, self.measures, self.why_unscored = (
            results.scores,
            results.measures,
            results.why_unscored,
        )

    def show_scores(self, viewer: ViewerModel, layer: Layer | None) -> None:
        """Show the scores of a layer, or of the current image of a stack."""
        parts = []
        for source, scores in self.scores.items():
            stack = layer is source.layer in viewer.layers and source.count is not None
            if len(self.scores) == 1 and not stack:
                parts = [_format_scores(scores)]
            elif stack and source.index == stack_index(viewer, source.layer):
                parts = [f"{_format_scores(scores)} (image {source.index})"]
        if self.measures:
            parts = [
                *map(_format_scores, [*self.scores.values()][:1]),
                _format_measures(self.measures),
            ]
        elif len(self.scores) > 1:
            mean = Agreement.mean(self.scores.values())
            parts.append(f"mean {_format_scores(mean)} of {len(self.scores)}")
        if not self.scores and self.why_unscored:
            parts.insert(0, self.why_unscored)
        self.setText(", ".join(parts))


def _format_scores(scores: Agreement) -> str:
    """Return scores as a short text."""
    values = {"ARI": scores.ari, "foreground": scores.foreground_ari, "IoU": scores.iou}
    defined = {name: value for name, value in values.items() if not np.isnan(value)}
    return " · ".join(f"{name} {value:.3f}" for name, value in defined.items())


def _format_measures(measures: Mapping[ImageSource, float]) -> str:
    """Return the measures of a stimulus and its control as a text."""
    values = [*measures.values()]
    if np.isnan(values).any():
        return "no measure is defined for this stimulus and method"
    control = f", control {values[1]:.2f}" if len(values) > 1 else ""
    return f"measure {values[0]:.2f}{control}"
