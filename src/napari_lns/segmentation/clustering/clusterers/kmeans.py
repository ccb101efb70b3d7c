"""k-means with several starts."""

from __future__ import annotations

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.clusterers._common import chance
from napari_lns.segmentation.clustering.tree import number_largest_first

__all__ = ["kmeans"]


@clusterer()
def kmeans(features: Features, clusters: int, seed: int) -> Clustering:
    """Cluster by k-means (Lloyd, 1982) with four k-means++ starts."""
    from sklearn.cluster import KMeans

    labels = KMeans(clusters, n_init=4, random_state=chance(seed)).fit_predict(features)
    return Clustering(number_largest_first(labels))
