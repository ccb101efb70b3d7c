"""Ward's method for large images."""

from __future__ import annotations

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.tree import cut
from napari_lns.segmentation.clustering.ward import approximate_ward_tree

__all__ = ["approximate_ward"]


@clusterer(has_ward_tree=True)
def approximate_ward(features: Features, clusters: int, seed: int) -> Clustering:
    """Cluster large images by Ward's method: within blocks of pixels, then exactly on 4,096 groups.

    The result is deterministic, includes the tree and its error, and is exact up to 4,096 pixels.
    """
    tree, error = approximate_ward_tree(features)
    return Clustering(cut(tree, clusters), tree, error)
