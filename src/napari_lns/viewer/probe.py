"""`Probe`: what one pixel has to do with all others: affinity, groups it joins, the group it grows.

All of it is plain Python without Qt; the widget calls it off the main thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.tree import heights_between

if TYPE_CHECKING:
    from napari_lns.segmentation.local import LocalGroups

__all__ = ["Probe", "Reading", "directions", "merge_partners", "places", "told"]


@dataclass(frozen=True, eq=False)
class Reading:
    """The values at a pixel.

    Parameters
    ----------
    row, column
        The pixel.
    label
        Its group.
    variance
        Variance of the outputs there; None where the method has none.
    partners
        The other groups and when its own joins them, as a share of the last merge's height,
        the nearest first; empty without a merge tree.
    affinity
        Its similarity to all pixels, (H, W); None where the pixels have no features.
    group
        The group grown around it, (H, W), if it was asked for.
    """

    row: int
    column: int
    label: int
    variance: float | None
    partners: tuple[tuple[int, float], ...] = ()
    affinity: NDArray[np.float32] | None = None
    group: NDArray[np.bool_] | None = None


class Probe:
    """Reads one segmentation; what a group is grown on is made once.

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
        """Read a pixel.

        Parameters
        ----------
        row, column
            The pixel.
        affinity
            Whether to give its similarity to all others.
        restart
            Grow the group around it: the walkers' chance of returning; None grows none.

        Returns
        -------
        Reading
        """
        found = self.segmentation
        known = found.features is not None
        label = int(found.labels[row, column])
        return Reading(
            row,
            column,
            label,
            None if found.variance is None else float(found.variance[row, column]),
            merge_partners(found, label),
            found.affinity(row, column) if affinity and known else None,
            self._groups.around(row, column, restart=restart) if restart and known else None,
        )

    @cached_property
    def _groups(self) -> LocalGroups:
        from napari_lns.segmentation.local import LocalGroups  # SciPy is slow to import

        return LocalGroups(self.segmentation)


def merge_partners(segmentation: Segmentation, label: int) -> tuple[tuple[int, float], ...]:
    """Return the other groups and when one joins them, the nearest first.

    Parameters
    ----------
    segmentation
        The result.
    label
        The group that joins them.

    Returns
    -------
    tuple of (int, float)
        Group, and merge height as a share of the last merge's; empty without a merge tree.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])
    >>> found = Segmentation(np.zeros((1, 3, 3)), np.array([[1, 2, 3]]), tree=tree)
    >>> merge_partners(found, 1)
    ((2, 0.25), (3, 1.0))
    """
    tree = segmentation.tree
    if tree is None or not len(tree) or tree[-1, 2] <= 0:
        return ()
    labels, first = np.unique(segmentation.labels, return_index=True)
    leaves = places(segmentation, *np.unravel_index(first, segmentation.labels.shape))
    own = leaves[labels == label]
    shares = heights_between(tree, np.full(len(leaves), own[0]), leaves) / tree[-1, 2]
    order = [int(each) for each in np.argsort(shares, kind="stable") if labels[each] != label]
    return tuple((int(labels[each]), float(shares[each])) for each in order)


def places(
    segmentation: Segmentation, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the numbers of the grid's pixels that show an image's pixels."""
    assert segmentation.grid is not None
    (height, width), grid = segmentation.labels.shape, segmentation.grid
    numbers: NDArray[np.intp] = (rows * grid[0] // height) * grid[1] + columns * grid[1] // width
    return numbers


def directions(
    segmentation: Segmentation, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float32] | None:
    """Return pixels' features at length 1, (n, d), so that a product is an affinity."""
    if segmentation.features is None:
        return None
    features = segmentation.features[places(segmentation, rows, columns)]
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: NDArray[np.float32] = features / np.where(lengths > 0, lengths, 1)
    return unit


def told(reading: Reading, pinned: Reading | None = None) -> str:
    """Describe a reading in words.

    Examples
    --------
    >>> print(told(Reading(3, 4, 2, 0.0012, ((1, 0.5),))))
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
