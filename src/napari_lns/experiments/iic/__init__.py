"""Evaluation of IIC on digits, textures, few labels and the Good Gestalt sets.

Runs and sub-heads are selected by their loss alone; labels are used only for scoring.
"""

from __future__ import annotations

from napari_lns.experiments.iic.digits import score_digits, score_labels
from napari_lns.experiments.iic.lines import Line, as_markdown
from napari_lns.experiments.iic.sets import SETS, score_sets, train_set
from napari_lns.experiments.iic.textures import score_textures

__all__ = [
    "SETS",
    "Line",
    "as_markdown",
    "score_digits",
    "score_labels",
    "score_sets",
    "score_textures",
    "train_set",
]
