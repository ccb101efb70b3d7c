"""Ward's method, exact."""

from __future__ import annotations

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.tree import cut
from napari_lns.segmentation.clustering.ward import ward_tree

__all__ = ["ward"]


@clusterer(has_ward_tree=True)
def ward(features: Features, clusters: int, seed: int) -> Clustering:
    """Cluster by Ward's exact method (1963), as in the paper; deterministic, with a tree."""
    tree = ward_tree(features)
    return Clustering(cut(tree, clusters), tree)
