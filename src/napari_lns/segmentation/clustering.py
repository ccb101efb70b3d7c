"""Ways to group pixels by their features, all with one signature.

`CLUSTERERS` names them; each takes ``(features, clusters, seed)`` and gives a `Clustering`.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.tree import cut, number_largest_first
from napari_lns.segmentation.ward import approximate_ward_tree, first_alike, ward_tree

__all__ = ["CLUSTERERS", "Clusterer", "Clustering"]

Features = NDArray[np.floating]
QUADRATIC_LIMIT = 20_000
"""Most pixels for methods that hold all pairs of pixels: 20,000 need 3.2 GB."""


@dataclass(frozen=True, eq=False)
class Clustering:
    """Groups of pixels, and the tree they were cut from if there is one.

    Parameters
    ----------
    labels : (n,) array of int32
        1 to K, the largest group first, ties by first pixel.
    tree : (n - 1, 4) array or None
        Merge tree in SciPy's linkage layout.
    error : float or None
        Of an approximate tree: the share of all squared deviation that it merged block by block.
    """

    labels: NDArray[np.int32]
    tree: NDArray[np.float64] | None = None
    error: float | None = None


Clusterer = Callable[[Features, int, int], Clustering]
CLUSTERERS: dict[str, Clusterer] = {}


def _register(function: Clusterer) -> Clusterer:
    """Add a clusterer under its own name, behind one check of what it is given."""

    @functools.wraps(function)
    def checked(features: Features, clusters: int, seed: int = 0) -> Clustering:
        features = _finite(features)
        if not 1 <= clusters <= len(features):
            raise ValueError(
                f"clusters is {clusters}: it must be between 1 and the number of pixels, "
                f"{len(features)}"
            )
        return function(features, _most_groups(features, clusters), seed)

    CLUSTERERS[function.__name__] = checked
    return checked


@_register
def ward(features: Features, clusters: int, seed: int) -> Clustering:
    """Ward's method (1963), exact: the paper's choice. Without chance; keeps the tree."""
    tree = ward_tree(features)
    return Clustering(cut(tree, clusters), tree)


@_register
def approximate_ward(features: Features, clusters: int, seed: int) -> Clustering:
    """Ward's method for large images: within blocks of pixels, then exact on 4,096 groups.

    Without chance; keeps the tree, and tells its error. Up to 4,096 pixels it is exact.
    """
    tree, error = approximate_ward_tree(features)
    return Clustering(cut(tree, clusters), tree, error)


@_register
def average(features: Features, clusters: int, seed: int) -> Clustering:
    """Average linkage, UPGMA (Sokal and Michener, 1958). Without chance; keeps the tree."""
    from scipy.cluster.hierarchy import linkage

    _refuse_many(features, "average linkage")
    tree = linkage(features, "average") if len(features) > 1 else np.empty((0, 4))
    return Clustering(cut(tree, clusters), tree)


def _chance(seed: int) -> int:
    """Bring a seed into the range that scikit-learn takes; those within stay."""
    return seed % 2**32


@_register
def kmeans(features: Features, clusters: int, seed: int) -> Clustering:
    """k-means (Lloyd, 1982) from four k-means++ starts."""
    from sklearn.cluster import KMeans

    found = KMeans(clusters, n_init=4, random_state=_chance(seed)).fit_predict(features)
    return Clustering(number_largest_first(found))


@_register
def gaussian_mixture(features: Features, clusters: int, seed: int) -> Clustering:
    """Mixture of Gaussians of one shape on the components that hold 90 % of the variance.

    With a shape for each group, one group takes in the borders of all others.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    if clusters == 1:
        return _one_group(features)
    mixture = GaussianMixture(
        clusters, covariance_type="tied", random_state=_chance(seed), max_iter=200
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = mixture.fit_predict(_principal(features, 0.9))
    return Clustering(number_largest_first(found))


@_register
def spectral(features: Features, clusters: int, seed: int) -> Clustering:
    """Normalised cuts (Ng, Jordan and Weiss, 2001) of Gaussian affinities of median width."""
    from sklearn.cluster import spectral_clustering

    if clusters == 1 or len(features) <= clusters:
        return Clustering(cut(ward_tree(features), clusters))
    _refuse_many(features, "spectral clustering")
    found = spectral_clustering(
        gaussian_affinity(features),
        n_clusters=clusters,
        random_state=_chance(seed),
        assign_labels="cluster_qr",
    )
    return Clustering(number_largest_first(found))


@_register
def density(features: Features, clusters: int, seed: int) -> Clustering:
    """HDBSCAN (Campello, Moulavi and Sander, 2013): finds at most `clusters` dense groups.

    A group holds at least a hundredth of the pixels; the `clusters` largest are kept, and every
    pixel outside joins the kept group whose mean is nearest.
    """
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import pairwise_distances_argmin

    if clusters == 1:
        return _one_group(features)
    smallest = max(2, len(features) // 100)
    found = HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(features)
    sizes = np.bincount(found[found >= 0])
    kept = np.argsort(-sizes, kind="stable")[:clusters]
    if len(kept) == 0:
        return _one_group(features)
    means = np.stack([features[found == group].mean(0) for group in kept])
    outside = ~np.isin(found, kept)
    if outside.any():
        found[outside] = kept[pairwise_distances_argmin(features[outside], means)]
    return Clustering(number_largest_first(found))


def gaussian_affinity(features: Features) -> NDArray[np.float64]:
    """Affinity exp(-d² / 2s²) of all pairs of rows, s² their mean squared distance.

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


def _one_group(features: Features) -> Clustering:
    return Clustering(np.ones(len(features), np.int32))


def _finite(features: Features) -> Features:
    features = np.asarray(features)
    if features.ndim != 2 or features.size == 0:
        raise ValueError(f"features have shape {features.shape}: give one row for each pixel")
    if not np.isfinite(features).all():
        raise ValueError("features hold NaN or infinite values: check the model's output")
    return features


def _most_groups(features: Features, clusters: int) -> int:
    """Fewer groups where fewer rows differ: equal pixels cannot be told apart."""
    return min(clusters, len(np.unique(first_alike(features))))


def _refuse_many(features: Features, method: str) -> None:
    n = len(features)
    if n > QUADRATIC_LIMIT:
        raise ValueError(
            f"{method} of {n} pixels needs {8e-9 * n * n:.0f} GB: use ward or kmeans instead"
        )


def _principal(features: Features, share: float) -> Features:
    """Return the first components, with one unit of length so that small features are as good."""
    from sklearn.decomposition import PCA

    parts = PCA(share, svd_solver="full").fit_transform(features)
    scaled: Features = parts / parts.std(0).max()
    return scaled
