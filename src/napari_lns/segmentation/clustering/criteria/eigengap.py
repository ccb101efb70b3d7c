"""The largest gap among the smallest eigenvalues of a graph's Laplacian."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering.criteria._common import sample
from napari_lns.segmentation.clustering.number import Features, Tree

__all__ = ["eigengap"]

NEIGHBOURS = 10
"""The distance to the neighbour of this rank is the scale of a pixel in the graph."""


def eigengap(features: Features, tree: Tree, most: int) -> int:
    """Find the largest gap among the smallest eigenvalues of the normalised Laplacian."""
    from scipy.linalg import eigh
    from scipy.spatial.distance import cdist

    points = features[sample(len(features))]
    squares = cdist(points, points, "sqeuclidean")
    nearest_few = min(NEIGHBOURS, len(points) - 1)
    own = np.sqrt(np.partition(squares, nearest_few, axis=1)[:, nearest_few])
    scale = np.maximum(np.outer(own, own), np.finfo(float).eps * squares.max())
    weights = np.exp(-squares / scale)
    degree = 1 / np.sqrt(weights.sum(axis=1))
    walk = weights * np.outer(degree, degree)
    last = len(points) - 1
    top = eigh(walk, eigvals_only=True, subset_by_index=(max(0, last - most), last))[::-1]
    return int(np.argmax(top[1:-1] - top[2:])) + 2
