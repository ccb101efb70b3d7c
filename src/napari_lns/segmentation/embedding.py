"""Pixels' features in few dimensions: principal components, or UMAP as the authors plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns._extras import extra_module

if TYPE_CHECKING:
    from napari_lns.segmentation.segmentation import Segmentation

__all__ = ["principal_components", "umap"]


def principal_components(features: NDArray[np.floating], count: int) -> NDArray[np.float32]:
    """Project rows on their first principal components, the strongest first.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.
    count : int
        How many components; those beyond the features' dimension are zero.

    Returns
    -------
    (n, count) array of float32
        Each component's sign is such that its largest weight is positive.

    Examples
    --------
    >>> principal_components(np.array([[0.0, 1.0], [0.0, 3.0]]), 1).tolist()
    [[-1.0], [1.0]]
    """
    centred = np.asarray(features, np.float64) - features.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :count]
    largest = np.abs(axes).argmax(0)
    axes = axes * np.where(np.take_along_axis(axes, largest[None], 0) < 0, -1, 1)
    projected = np.zeros((len(features), count), np.float32)
    projected[:, : axes.shape[1]] = centred @ axes
    return projected


def umap(segmentation: Segmentation, *, neighbours: int = 15, seed: int = 0) -> NDArray[np.float32]:
    """Lay the grid's pixels out in a plane, alike ones near each other (McInnes and others, 2018).

    Needs the extra ``umap``.

    Parameters
    ----------
    segmentation : Segmentation
        A result with features.
    neighbours : int
        How many neighbours each pixel is kept near to.
    seed : int
        Seed of the layout.

    Returns
    -------
    (n, 2) array of float32
        One row for each pixel of the grid.
    """
    if segmentation.features is None:
        raise ValueError("umap needs the pixels' features, and this segmenter gives none")
    layout = extra_module("umap", "umap").UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1)
    found: NDArray[np.float32] = layout.fit_transform(segmentation.features)
    return found
