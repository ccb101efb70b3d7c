"""`Probe`: the relation of one pixel to all others by affinity, merge tree and local group.

The module uses no Qt; the widget calls it outside the main thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns.analysis.hierarchy import grid_indices, merge_partners
from napari_lns.segmentation import Segmentation

if TYPE_CHECKING:
    from napari_lns.analysis.local_groups import LocalGroups

__all__ = ["Probe", "Reading", "describe", "directions"]


@dataclass(frozen=True, eq=False)
class Reading:
    """The values at a pixel.

    Parameters
    ----------
    row, column
        The pixel.
    label
        Label of its segment.
    variance
        Variance of the outputs at the pixel; None if the method has none.
    partners
        The other segments and the height at which its own joins them, as a share of the last
        merge's height, the nearest first; empty without a merge tree.
    affinity
        Its similarity to all pixels, (H, W); None if there are no features.
    group
        The local group around it, (H, W), if requested.
    """

    row: int
    column: int
    label: int
    variance: float | None
    partners: tuple[tuple[int, float], ...] = ()
    affinity: NDArray[np.float32] | None = None
    group: NDArray[np.bool_] | None = None


class Probe:
    """Reader of the values of single pixels in a segmentation.

    Parameters
    ----------
    segmentation
        The result.

    Examples
    --------
    >>> halves = np.array([[1, 2], [1, 2]])
    >>> Probe(Segmentation(np.zeros((2, 2, 3)), halves)).read(0, 1).label
    2
    """

    def __init__(self, segmentation: Segmentation) -> None:
        self.segmentation = segmentation

    def read(
        self, row: int, column: int, *, affinity: bool = True, restart: float | None = None
    ) -> Reading:
        """Return the values at a pixel.

        Parameters
        ----------
        row, column
            The pixel.
        affinity
            Whether to compute its similarity to all others.
        restart
            Restart probability of the walk that grows the local group; None grows no group.

        Returns
        -------
        Reading
        """
        segmentation = self.segmentation
        has_features = segmentation.features is not None
        label = int(segmentation.labels[row, column])
        return Reading(
            row,
            column,
            label,
            None if segmentation.variance is None else float(segmentation.variance[row, column]),
            merge_partners(segmentation, label),
            segmentation.affinity(row, column) if affinity and has_features else None,
            self._groups.group_at(row, column, restart=restart)
            if restart and has_features
            else None,
        )

    @cached_property
    def _groups(self) -> LocalGroups:
        from napari_lns.analysis.local_groups import LocalGroups  # SciPy is slow to import

        return LocalGroups(self.segmentation)


def directions(
    segmentation: Segmentation, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float32] | None:
    """Return the features of pixels (n, d), normalised so that products are affinities."""
    if segmentation.features is None:
        return None
    features = segmentation.features[grid_indices(segmentation, rows, columns)]
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: NDArray[np.float32] = features / np.where(lengths > 0, lengths, 1)
    return unit


def describe(reading: Reading, pinned: Reading | None = None) -> str:
    """Describe a reading in words.

    Examples
    --------
    >>> print(describe(Reading(3, 4, 2, 0.0012, ((1, 0.5),))))
    Row 3, column 4: segment 2, variance 0.0012
    Joins segment 1 at 50 % of the last merge
    """
    variance = "" if reading.variance is None else f", variance {reading.variance:.3g}"
    lines = [f"Row {reading.row}, column {reading.column}: segment {reading.label}{variance}"]
    if reading.partners:
        joins = ", ".join(f"{label} at {share:.0%}" for label, share in reading.partners[:3])
        lines.append(f"Joins segment {joins} of the last merge".replace("%", " %"))
    if pinned is not None and pinned.affinity is not None:
        likeness = float(pinned.affinity[reading.row, reading.column])
        lines.append(f"Affinity to the pin at {pinned.row}, {pinned.column}: {likeness:.2f}")
    return "\n".join(lines)
