"""From pixels' features to groups: a clusterer, and the number of groups if it is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import nearest
from napari_lns.segmentation.clustering import CLUSTERERS, Clustering

__all__ = ["grouped"]

MOST = 12
"""The largest number of groups that ``clusters="auto"`` finds."""


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
        How ``"auto"`` finds the number.
    seed : int
        Seed of the clusterers that need one.

    Returns
    -------
    Clustering
    """
    if clusterer not in CLUSTERERS:
        raise ValueError(nearest("clusterer", clusterer, CLUSTERERS))
    if clusters != "auto":
        return CLUSTERERS[clusterer](features, int(clusters), seed)
    from napari_lns.segmentation.auto import number_of_clusters

    tree = CLUSTERERS["ward"](features, 1, seed).tree
    found = number_of_clusters(features, tree, criterion=criterion)
    return CLUSTERERS[clusterer](features, found, seed)
