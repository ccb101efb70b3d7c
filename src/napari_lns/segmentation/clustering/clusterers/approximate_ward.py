"""Ward's method for large images."""

from __future__ import annotations

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.tree import cut
from napari_lns.segmentation.clustering.ward import approximate_ward_tree

__all__ = ["approximate_ward"]


@clusterer(has_ward_tree=True)
def approximate_ward(features: Features, clusters: int, seed: int) -> Clustering:
    """Ward's method for large images: within blocks of pixels, then exact on 4,096 groups.

    Without chance; keeps the tree, and tells its error. Up to 4,096 pixels it is exact.
    """
    tree, error = approximate_ward_tree(features)
    return Clustering(cut(tree, clusters), tree, error)
