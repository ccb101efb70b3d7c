"""Average linkage."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.clusterers._common import refuse_many
from napari_lns.segmentation.clustering.tree import cut

__all__ = ["average"]


@clusterer()
def average(features: Features, clusters: int, seed: int) -> Clustering:
    """Cluster by average linkage, UPGMA (Sokal and Michener, 1958); deterministic, with a tree."""
    from scipy.cluster.hierarchy import linkage

    refuse_many(features, "average linkage")
    tree = linkage(features, "average") if len(features) > 1 else np.empty((0, 4))
    return Clustering(cut(tree, clusters), tree)
