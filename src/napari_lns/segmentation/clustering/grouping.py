"""Clustering of pixels by name of clusterer, with a given or estimated number of segments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.clustering import CLUSTERERS, Clustering
from napari_lns.segmentation.clustering.number import number_of_clusters
from napari_lns.segmentation.clustering.tree import cut

__all__ = ["group_pixels", "missing_segments_warnings"]


def group_pixels(
    features: NDArray[np.float32], clusters: int | str, clusterer: str, criterion: str, seed: int
) -> Clustering:
    """Cluster pixels by their features.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.
    clusters : int or "auto"
        Number of segments.
    clusterer : str
        A name in `CLUSTERERS`.
    criterion : str
        Criterion by which ``"auto"`` estimates the number on Ward's tree.
    seed : int
        Random seed for clusterers that need one.

    Returns
    -------
    Clustering

    Examples
    --------
    >>> points = np.array([[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]], np.float32)
    >>> group_pixels(points, "auto", "ward", "gap", seed=0).labels.tolist()
    [1, 1, 2, 2, 3, 3]
    """
    group = CLUSTERERS[clusterer]
    if clusters != "auto":
        return group(features, int(clusters), seed)
    tree_clusterer = group if group.has_ward_tree else CLUSTERERS["ward"]
    clustering = tree_clusterer(features, 1, seed)
    assert clustering.tree is not None
    number = number_of_clusters(features, clustering.tree, criterion=criterion)
    if tree_clusterer is group:
        return replace(clustering, labels=cut(clustering.tree, number))
    return group(features, number, seed)


def missing_segments_warnings(requested: int | str, number: int) -> list[str]:
    """Return a warning if fewer segments were made than requested, else an empty list.

    Examples
    --------
    >>> missing_segments_warnings(3, 2)
    ['3 segments were requested, 2 were made: the other pixels have equal features']
    """
    if requested in ("auto", number):
        return []
    return [
        f"{requested} segments were requested, {number} were made: the other pixels have equal "
        "features"
    ]
