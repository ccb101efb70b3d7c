"""How many segments are there? Published criteria behind one function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import unknown
from napari_lns.segmentation.tree import cut, merge_heights

__all__ = ["CRITERIA", "number_of_clusters"]

Features = NDArray[np.floating]
Tree = NDArray[np.float64]
Criterion = Callable[[Features, Tree, int], int]

SAMPLE = 1024
"""Pixels that the criteria with all pairs are computed on: their cost grows with the square."""

NEIGHBOURS = 10
"""Whose distance is a pixel's own scale in the eigengap's graph."""


def number_of_clusters(
    features: Features, tree: Tree, *, criterion: str = "gap", most: int = 12
) -> int:
    """Find the number of segments of pixels.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.
    tree : (n - 1, 4) array
        Ward's merge tree of them.
    criterion : str
        ``"gap"``: the last merge that costs far more than the one before it (the largest ratio
        of successive merge heights, after Thorndike 1953). ``"silhouette"``: the cut whose pixels
        lie closest to their own group and farthest from the next (Rousseeuw 1987).
        ``"eigengap"``: the largest gap among the smallest eigenvalues of the normalised graph
        Laplacian (von Luxburg 2007), each pixel with its own scale (Zelnik-Manor & Perona 2004).
    most : int
        The largest number that can be found.

    Returns
    -------
    int
        1 where all pixels are alike, else from 2 to `most`.

    Examples
    --------
    >>> from napari_lns.segmentation.ward import ward_tree
    >>> points = np.array([[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]])
    >>> number_of_clusters(points, ward_tree(points))
    3
    """
    if criterion not in CRITERIA:
        raise unknown("criterion", criterion, CRITERIA)
    distinct = 1 + int(np.count_nonzero(tree[:, 2]))  # equal pixels are merged at height zero
    if distinct < 3:
        return distinct
    return CRITERIA[criterion](features, tree, min(most, distinct - 1))


def gap(features: Features, tree: Tree, most: int) -> int:
    """Find the largest ratio of successive merge heights."""
    heights = merge_heights(tree, most + 1)
    ratios = heights[:-1] / np.maximum(heights[1:], np.finfo(float).tiny)
    return int(np.argmax(ratios)) + 2


def silhouette(features: Features, tree: Tree, most: int) -> int:
    """Find the cut with the largest mean silhouette."""
    from sklearn.metrics import silhouette_score

    chosen = _sample(len(features))
    scores = {
        k: silhouette_score(features[chosen], labels)
        for k in range(2, most + 1)
        if 1 < len(np.unique(labels := cut(tree, k)[chosen])) < len(chosen)
    }
    return max(scores, key=lambda k: scores[k]) if scores else 1


def eigengap(features: Features, tree: Tree, most: int) -> int:
    """Find the largest gap among the smallest eigenvalues of the normalised Laplacian."""
    from scipy.linalg import eigh
    from scipy.spatial.distance import cdist

    points = features[_sample(len(features))]
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


def _sample(count: int) -> NDArray[np.intp]:
    if count <= SAMPLE:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, SAMPLE, replace=False))


CRITERIA: dict[str, Criterion] = {"gap": gap, "silhouette": silhouette, "eigengap": eigengap}
