"""Scatter plots of pixels in feature space, and selection by a lasso."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns.analysis.embedding import principal_components, umap
from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.segmentation import resize_map

__all__ = ["PCA", "UMAP", "grid_labels", "layout", "select_in_lasso"]

PCA, UMAP = "PCA", "UMAP"


def layout(segmentation: Segmentation, kind: str = PCA) -> NDArray[np.float32]:
    """Return the positions of the grid's pixels in a plane.

    Parameters
    ----------
    segmentation
        A result with features.
    kind
        ``"PCA"`` for the first two principal components, or ``"UMAP"``, which needs its extra.

    Returns
    -------
    (n, 2) array of float32

    Examples
    --------
    >>> layout(Segmentation(np.zeros((1, 2, 3)), np.ones((1, 2)), features=np.eye(2))).shape
    (2, 2)
    """
    if kind == UMAP:
        return umap(segmentation)
    if segmentation.features is None:
        raise ValueError("this method stores no pixel features: segment again with segmenter='lns'")
    return principal_components(segmentation.features, 2)


def grid_labels(segmentation: Segmentation) -> NDArray[np.int32]:
    """Return the segment labels of the grid's pixels, (n,)."""
    assert segmentation.grid is not None
    groups: NDArray[np.int32] = resize_map(segmentation.labels, segmentation.grid).ravel()
    return groups


def select_in_lasso(
    segmentation: Segmentation, points: ArrayLike, lasso: ArrayLike
) -> NDArray[np.bool_]:
    """Return the pixels (H, W) whose dots lie inside a lasso.

    Parameters
    ----------
    segmentation
        The result.
    points
        (n, 2), positions of the grid's pixels from `layout`.
    lasso
        (m, 2), corners of a polygon in the same plane.

    Examples
    --------
    >>> result = Segmentation(np.zeros((1, 2, 3)), np.ones((1, 2)))
    >>> select_in_lasso(result, [[0, 0], [5, 5]], [[-1, -1], [-1, 1], [1, 1], [1, -1]]).tolist()
    [[True, False]]
    """
    from matplotlib.path import Path  # slow to import, and not needed to open a widget

    assert segmentation.grid is not None

    inside = Path(lasso).contains_points(np.asarray(points))
    mask: NDArray[np.bool_] = resize_map(
        inside.reshape(segmentation.grid), segmentation.labels.shape
    )
    return mask
