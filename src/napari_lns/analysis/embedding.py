"""Embeddings of pixel features: principal components, or UMAP as in the authors' plots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns._extras import extra_module
from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.embedding import principal_components

__all__ = ["principal_components", "umap"]


def umap(segmentation: Segmentation, *, neighbours: int = 15, seed: int = 0) -> NDArray[np.float32]:
    """Embed the grid's pixels in two dimensions by UMAP (McInnes et al., 2018).

    The function needs the extra ``umap``.

    Parameters
    ----------
    segmentation : Segmentation
        A result with features.
    neighbours : int
        Number of neighbours of each pixel.
    seed : int
        Random seed.

    Returns
    -------
    (n, 2) array of float32
        One row for each pixel of the grid.
    """
    if segmentation.features is None:
        raise ValueError("umap needs pixel features, which this segmenter does not provide")
    layout = extra_module("umap", "umap").UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1)
    embedding: NDArray[np.float32] = layout.fit_transform(segmentation.features)
    return embedding
