"""The largest ratio of successive merge heights."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering.number import Features, Tree
from napari_lns.segmentation.clustering.tree import merge_heights

__all__ = ["gap"]


def gap(features: Features, tree: Tree, most: int) -> int:
    """Find the largest ratio of successive merge heights."""
    heights = merge_heights(tree, most + 1)
    ratios = heights[:-1] / np.maximum(heights[1:], np.finfo(float).tiny)
    return int(np.argmax(ratios)) + 2
