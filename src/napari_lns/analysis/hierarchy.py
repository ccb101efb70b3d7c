"""Relations between segments in the merge tree of a segmentation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.clustering.tree import heights_between

__all__ = ["grid_indices", "merge_partners"]


def merge_partners(segmentation: Segmentation, label: int) -> tuple[tuple[int, float], ...]:
    """Return the other segments and the heights at which a segment joins them, nearest first.

    Parameters
    ----------
    segmentation
        The result.
    label
        Label of the segment.

    Returns
    -------
    tuple of (int, float)
        Label, and merge height as a share of the last merge's; empty without a merge tree.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])
    >>> result = Segmentation(np.zeros((1, 3, 3)), np.array([[1, 2, 3]]), tree=tree)
    >>> merge_partners(result, 1)
    ((2, 0.25), (3, 1.0))
    """
    tree = segmentation.tree
    if tree is None or not len(tree) or tree[-1, 2] <= 0:
        return ()
    labels, first = np.unique(segmentation.labels, return_index=True)
    leaves = grid_indices(segmentation, *np.unravel_index(first, segmentation.labels.shape))
    own = leaves[labels == label]
    shares = heights_between(tree, np.full(len(leaves), own[0]), leaves) / tree[-1, 2]
    order = [int(each) for each in np.argsort(shares, kind="stable") if labels[each] != label]
    return tuple((int(labels[each]), float(shares[each])) for each in order)


def grid_indices(
    segmentation: Segmentation, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the indices of the grid's pixels that show pixels of the image."""
    assert segmentation.grid is not None
    (height, width), grid = segmentation.labels.shape, segmentation.grid
    numbers: NDArray[np.intp] = (rows * grid[0] // height) * grid[1] + columns * grid[1] // width
    return numbers
