"""Post-process segments at edges: dissolve slivers and sharpen borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.segmentation.clustering.tree import Tree, cut, number_largest_first

__all__ = ["Borders", "dissolve_slivers", "sharpen"]

DEEPER = 20  # largest number of additional segments in the search for enough wide ones

Labels = NDArray[np.int32]
Features = NDArray[np.float32]


@dataclass(frozen=True)
class Borders:
    """Post-processing of segments after clustering.

    Parameters
    ----------
    min_width
        Width in pixels that a segment must have at its widest place; 0 allows any. See
        `dissolve_slivers`.
    border_width
        Distance from borders in pixels within which pixels are reassigned; 0 reassigns none. See
        `sharpen`.
    """

    min_width: int = 0
    border_width: int = 0

    def finish(self, labels: Labels, tree: Tree | None, features: Features) -> Labels:
        """Return the post-processed segments (h, w), the largest first."""
        if self.min_width and tree is not None:
            labels = dissolve_slivers(labels, tree, features, self.min_width)
        return sharpen(labels, features, self.border_width)


def dissolve_slivers(labels: Labels, tree: Tree, features: Features, min_width: int) -> Labels:
    """Cut a tree deeper until enough segments are wide, and dissolve the narrow ones.

    If the position of an edge is ambiguous, the pixels along it have similar responses and form
    slivers, which use up the requested number of segments. Their pixels join the wide segment whose
    core has the most similar responses.

    Parameters
    ----------
    labels : (h, w) array of int
        Segments from a cut of the tree.
    tree
        The pixels' merge tree.
    features : (h · w, d) array
        One row for each pixel; the cosine of two rows is their similarity.
    min_width : int
        Side in pixels of a square that must fit into a wide segment; an even number is rounded up
        to the next odd one.

    Returns
    -------
    (h, w) array of int32
        The same number of segments. If no cut has enough wide segments, the labels are unchanged.

    Examples
    --------
    >>> from napari_lns.segmentation.clustering import CLUSTERERS
    >>> row = [0.0, 0.0, 0.0, 3.0, 1.0, 1.0, 1.0]
    >>> features = np.array([[np.cos(x), np.sin(x)] for x in 3 * row], np.float32)
    >>> grouping = CLUSTERERS["ward"](features, 2, 0)
    >>> labels = grouping.labels.reshape(3, 7)
    >>> labels[0].tolist()
    [1, 1, 1, 2, 1, 1, 1]
    >>> dissolve_slivers(labels, grouping.tree, features, 3)[0].tolist()
    [2, 2, 2, 1, 1, 1, 1]
    """
    number, reach = int(labels.max()), min_width // 2
    for more in range(min(DEEPER, len(tree) - number) + 1):
        finer = labels if more == 0 else cut(tree, number + more).reshape(labels.shape)
        core = ~_near_border(finer, reach)
        wide = np.unique(finer[core])
        if len(wide) == number:
            return _join_nearest(finer, features, wide, core)
    return labels


def _join_nearest(
    labels: Labels, features: Features, wide: Labels, core: NDArray[np.bool_]
) -> Labels:
    """Return labels in which the pixels of narrow segments join the most similar wide segment."""
    narrow = ~np.isin(labels, wide)
    if not narrow.any():
        return labels
    rows = features.reshape(*labels.shape, -1)
    directions = np.stack([_mean_direction(rows[core & (labels == name)]) for name in wide])
    joined = labels.copy()
    joined[narrow] = wide[(rows[narrow] @ directions.T).argmax(axis=1)]
    return number_largest_first(joined)


def sharpen(labels: Labels, features: Features, width: int) -> Labels:
    """Reassign pixels at borders to the segment whose core has the most similar responses.

    The core of a segment consists of its pixels farther than `width` from all other segments, or
    of all its pixels if there are none. Cores keep their labels, so no segment is lost.

    A pixel on an edge responds mainly to the position of the edge, unlike the surfaces on both
    sides. It is similar to a core in so far as it follows the lightness of that surface, which
    depends on how much of the surface it shows.

    Parameters
    ----------
    labels : (h, w) array of int
        Segments.
    features : (h · w, d) array
        One row for each pixel; the cosine of two rows is their similarity.
    width : int
        Distance from a border in pixels within which pixels are reassigned; 0 changes nothing.

    Returns
    -------
    (h, w) array of int32
        1 to K, the largest segment first.

    Examples
    --------
    >>> labels = np.repeat([[1, 1, 1, 1, 2, 2, 2]], 7, axis=0)
    >>> features = np.repeat([[[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 1]]], 7, axis=0)
    >>> sharpen(labels, features.reshape(49, 2).astype(np.float32), 1)[0].tolist()
    [2, 2, 2, 1, 1, 1, 1]
    """
    if width == 0 or labels.min() == labels.max():
        return number_largest_first(labels)
    near = _near_border(labels, width)
    names, own = np.unique(labels, return_inverse=True)
    own = own.reshape(labels.shape)
    rows = features.reshape(*labels.shape, -1)
    cores = np.stack([_core(rows, own == name, near) for name in range(len(names))])
    similarity = rows[near] @ cores.T
    at_border = own[near]
    best, current = similarity.max(axis=1), similarity[np.arange(len(similarity)), at_border]
    sharp = own.copy()
    sharp[near] = np.where(best > current, similarity.argmax(axis=1), at_border)
    return number_largest_first(sharp)


def _near_border(labels: Labels, width: int) -> NDArray[np.bool_]:
    """Return the pixels with another segment within `width` pixels in row or column."""
    size = 2 * width + 1
    highest = ndimage.maximum_filter(labels, size, mode="nearest")
    near: NDArray[np.bool_] = highest != ndimage.minimum_filter(labels, size, mode="nearest")
    return near


def _core(rows: Features, inside: NDArray[np.bool_], near: NDArray[np.bool_]) -> Features:
    """Return the mean feature direction of a segment's core."""
    core = inside & ~near
    return _mean_direction(rows[core if core.any() else inside])


def _mean_direction(rows: Features) -> Features:
    mean = rows.mean(axis=0)
    length = np.linalg.norm(mean)
    direction: Features = mean / length if length > 0 else mean
    return direction
