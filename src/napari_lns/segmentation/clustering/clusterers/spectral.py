"""Spectral clustering of Gaussian affinities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.clusterers._common import chance, refuse_many
from napari_lns.segmentation.clustering.tree import cut, number_largest_first
from napari_lns.segmentation.clustering.ward import ward_tree

__all__ = ["gaussian_affinity", "spectral"]


@clusterer()
def spectral(features: Features, clusters: int, seed: int) -> Clustering:
    """Cluster by normalised cuts (Ng, Jordan and Weiss, 2001) of Gaussian affinities."""
    from sklearn.cluster import spectral_clustering

    if clusters == 1 or len(features) <= clusters:
        return Clustering(cut(ward_tree(features), clusters))
    refuse_many(features, "spectral clustering")
    labels = spectral_clustering(
        gaussian_affinity(features),
        n_clusters=clusters,
        random_state=chance(seed),
        assign_labels="cluster_qr",
    )
    return Clustering(number_largest_first(labels))


def gaussian_affinity(features: Features) -> NDArray[np.float64]:
    """Return affinities exp(-d² / 2s²) of all pairs of rows, s² being their mean squared distance.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.

    Returns
    -------
    (n, n) array
        Between 0 and 1, with 1 on the diagonal.

    Examples
    --------
    >>> gaussian_affinity(np.array([[0.0], [0.0]])).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    from sklearn.metrics.pairwise import rbf_kernel

    spread = 2 * float(features.var(0).sum())
    affinity: NDArray[np.float64] = rbf_kernel(features, gamma=0.5 / spread if spread else 1.0)
    return affinity
