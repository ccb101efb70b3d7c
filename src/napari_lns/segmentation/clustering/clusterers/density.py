"""Dense groups, by HDBSCAN."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.clusterers._common import one_group
from napari_lns.segmentation.clustering.tree import number_largest_first

__all__ = ["density"]


@clusterer()
def density(features: Features, clusters: int, seed: int) -> Clustering:
    """HDBSCAN (Campello, Moulavi and Sander, 2013): finds at most `clusters` dense groups.

    A group holds at least a hundredth of the pixels; the `clusters` largest are kept, and every
    pixel outside joins the kept group whose mean is nearest.
    """
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import pairwise_distances_argmin

    if clusters == 1:
        return one_group(features)
    smallest = max(2, len(features) // 100)
    found = HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(features)
    sizes = np.bincount(found[found >= 0])
    kept = np.argsort(-sizes, kind="stable")[:clusters]
    if len(kept) == 0:
        return one_group(features)
    means = np.stack([features[found == group].mean(0) for group in kept])
    outside = ~np.isin(found, kept)
    if outside.any():
        found[outside] = kept[pairwise_distances_argmin(features[outside], means)]
    return Clustering(number_largest_first(found))
