"""From pixels' features to groups: a clusterer, and the number of groups if it is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.auto import number_of_clusters
from napari_lns.segmentation.clustering import CLUSTERERS, Clustering
from napari_lns.segmentation.tree import cut
from napari_lns.segmentation.ward import ward_tree

__all__ = ["grouped"]


def grouped(
    features: NDArray[np.float32], clusters: int | str, clusterer: str, criterion: str, seed: int
) -> Clustering:
    """Group pixels by their features.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.
    clusters : int or "auto"
        How many groups.
    clusterer : str
        A name in `CLUSTERERS`.
    criterion : str
        How ``"auto"`` finds the number, on Ward's tree.
    seed : int
        Seed of the clusterers that need one.

    Returns
    -------
    Clustering

    Examples
    --------
    >>> points = np.array([[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]], np.float32)
    >>> grouped(points, "auto", "ward", "gap", seed=0).labels.tolist()
    [1, 1, 2, 2, 3, 3]
    """
    if clusters != "auto":
        return CLUSTERERS[clusterer](features, int(clusters), seed)
    tree = ward_tree(features)
    found = number_of_clusters(features, tree, criterion=criterion)
    if clusterer == "ward":
        return Clustering(cut(tree, found), tree)
    return CLUSTERERS[clusterer](features, found, seed)
