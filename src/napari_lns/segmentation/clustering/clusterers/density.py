"""HDBSCAN, density-based clustering."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.clusterers._common import one_group
from napari_lns.segmentation.clustering.tree import number_largest_first

__all__ = ["density"]


@clusterer()
def density(features: Features, clusters: int, seed: int) -> Clustering:
    """Cluster by HDBSCAN (Campello, Moulavi and Sander, 2013) into at most `clusters` dense groups.

    A group contains at least 1 % of the pixels. The `clusters` largest groups are kept, and all
    other pixels join the kept group with the nearest mean.
    """
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import pairwise_distances_argmin

    if clusters == 1:
        return one_group(features)
    smallest = max(2, len(features) // 100)
    labels = HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(features)
    sizes = np.bincount(labels[labels >= 0])
    kept = np.argsort(-sizes, kind="stable")[:clusters]
    if len(kept) == 0:
        return one_group(features)
    means = np.stack([features[labels == group].mean(0) for group in kept])
    outside = ~np.isin(labels, kept)
    if outside.any():
        labels[outside] = kept[pairwise_distances_argmin(features[outside], means)]
    return Clustering(number_largest_first(labels))
