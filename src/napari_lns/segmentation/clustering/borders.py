"""Sharpen segments at their borders, where pixels respond to the place of an edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.segmentation.clustering.tree import number_largest_first

__all__ = ["sharpen"]

Labels = NDArray[np.int32]


def sharpen(labels: Labels, features: NDArray[np.float32], width: int) -> Labels:
    """Reassign pixels at borders to the segment whose core responds most like them.

    The core of a segment is what lies farther than `width` from all others, or the whole segment
    if nothing does. Cores keep their labels, so no segment is lost.

    A pixel on an edge responds above all to the edge's place, which surfaces on both sides share
    as little with it as with each other. What it shares with a core is how it follows that
    surface's lightness, the more the more of the surface it shows.

    Parameters
    ----------
    labels : (h, w) array of int
        Segments.
    features : (h · w, d) array
        One row for each pixel; the cosine of two rows is their similarity.
    width : int
        How far from a border pixels are reassigned; 0 changes nothing.

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
    """Return where a square of this reach around a pixel shows another segment."""
    size = 2 * width + 1
    highest = ndimage.maximum_filter(labels, size, mode="nearest")
    near: NDArray[np.bool_] = highest != ndimage.minimum_filter(labels, size, mode="nearest")
    return near


def _core(
    rows: NDArray[np.float32], inside: NDArray[np.bool_], near: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return the mean direction of a segment's core."""
    core = inside & ~near
    mean = rows[core if core.any() else inside].mean(axis=0)
    length = np.linalg.norm(mean)
    direction: NDArray[np.float32] = mean / length if length > 0 else mean
    return direction
