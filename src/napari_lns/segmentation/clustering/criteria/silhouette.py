"""The cut with the largest mean silhouette."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering.criteria._common import sample
from napari_lns.segmentation.clustering.number import Features, Tree
from napari_lns.segmentation.clustering.tree import cut

__all__ = ["silhouette"]


def silhouette(features: Features, tree: Tree, most: int) -> int:
    """Find the cut with the largest mean silhouette."""
    from sklearn.metrics import silhouette_score

    rows = sample(len(features))
    scores = {
        k: silhouette_score(features[rows], labels)
        for k in range(2, most + 1)
        if 1 < len(np.unique(labels := cut(tree, k)[rows])) < len(rows)
    }
    return max(scores, key=lambda k: scores[k]) if scores else 1
