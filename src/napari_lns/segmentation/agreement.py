"""`Agreement`: the three scores that compare labels with the ground truth."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from napari_lns.segmentation.measures import adjusted_rand_index, foreground_ari, mean_best_iou

__all__ = ["Agreement"]


@dataclass(frozen=True)
class Agreement:
    """How well labels agree with ground truth.

    Parameters
    ----------
    ari
        Adjusted Rand index over all pixels, background included.
    foreground_ari
        Adjusted Rand index over the figures' pixels; NaN for fewer than two figures.
    iou
        Best intersection over union with any segment, mean over the true segments.

    Examples
    --------
    >>> print(Agreement.from_labels([0, 0, 1, 2], [3, 3, 1, 2]))
    ARI 1.000, foreground ARI 1.000, best IoU 1.000
    """

    ari: float
    foreground_ari: float
    iou: float

    @classmethod
    def from_labels(cls, truth: ArrayLike, labels: ArrayLike) -> Agreement:
        """Score labels against ground truth, whose background is 0.

        Parameters
        ----------
        truth, labels : arrays of int, one shape
            The ground truth, and a segmentation.
        """
        figures = np.setdiff1d(np.asarray(truth), 0)
        return cls(
            adjusted_rand_index(truth, labels),
            foreground_ari(truth, labels) if len(figures) > 1 else math.nan,
            mean_best_iou(truth, labels),
        )

    @classmethod
    def mean(cls, several: Collection[Agreement]) -> Agreement:
        """Return the mean of each score over the images to which it applies."""
        rows = [[each.ari, each.foreground_ari, each.iou] for each in several]
        columns = (
            [value for value in column if value == value] for column in zip(*rows, strict=True)
        )
        return cls(*(float(np.mean(column)) if column else math.nan for column in columns))

    @property
    def record(self) -> dict[str, Any]:
        """The scores that apply, JSON-compatible."""
        return {
            name: round(value, 4) for name, value in asdict(self).items() if not math.isnan(value)
        }

    def __str__(self) -> str:
        """Return the scores that apply, as text."""
        names = {"ARI": self.ari, "foreground ARI": self.foreground_ari, "best IoU": self.iou}
        return ", ".join(
            f"{name} {value:.3f}" for name, value in names.items() if not math.isnan(value)
        )
