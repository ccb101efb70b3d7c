"""A mixture of Gaussians."""

from __future__ import annotations

import warnings

from napari_lns.segmentation.clustering import Clustering, Features, clusterer
from napari_lns.segmentation.clustering.clusterers._common import chance, one_group
from napari_lns.segmentation.clustering.tree import number_largest_first

__all__ = ["gaussian_mixture"]


@clusterer()
def gaussian_mixture(features: Features, clusters: int, seed: int) -> Clustering:
    """Cluster by Gaussians with one covariance, on the components with 90 % of the variance.

    With one covariance per cluster, a single cluster would absorb the borders of all others.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    if clusters == 1:
        return one_group(features)
    mixture = GaussianMixture(
        clusters, covariance_type="tied", random_state=chance(seed), max_iter=200
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        labels = mixture.fit_predict(_principal(features, 0.9))
    return Clustering(number_largest_first(labels))


def _principal(features: Features, share: float) -> Features:
    """Return the leading principal components, scaled to be independent of units."""
    from sklearn.decomposition import PCA

    parts = PCA(share, svd_solver="full").fit_transform(features)
    scaled: Features = parts / parts.std(0).max()
    return scaled
