"""Clustering: the merge tree, Ward's method, the number of segments, and the clusterers.

`CLUSTERERS` maps names to clusterers; each takes ``(features, clusters, seed)`` and returns a
`Clustering`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_lns._registry import Registry

__all__ = ["CLUSTERERS", "Clusterer", "Clustering", "clusterer"]

Features = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters of pixels and the merge tree they were cut from, if there is one.

    Parameters
    ----------
    labels : (n,) array of int32
        1 to K, the largest cluster first, ties by first pixel.
    tree : (n - 1, 4) array or None
        Merge tree in SciPy's linkage layout.
    error : float or None
        For an approximate tree, the share of the squared deviation that was merged within blocks.
    """

    labels: NDArray[np.int32]
    tree: NDArray[np.float64] | None = None
    error: float | None = None


GroupFunction = Callable[[Features, int, int], Clustering]


@dataclass(frozen=True)
class Clusterer:
    """A method that clusters pixels by their features; it checks its arguments.

    Parameters
    ----------
    group
        ``f(features, clusters, seed)``; features are finite, (n, d), and `clusters` is at most the
        number of distinct rows.
    has_ward_tree
        Whether it returns Ward's tree, exact or approximate, from which the number of segments can
        be estimated.
    """

    group: GroupFunction
    has_ward_tree: bool = False

    def __call__(self, features: Features, clusters: int, seed: int = 0) -> Clustering:
        """Cluster pixels.

        Parameters
        ----------
        features
            One row for each pixel.
        clusters
            Number of segments; fewer are made if there are fewer distinct rows.
        seed
            Random seed.
        """
        features = _check_features(features)
        if not 1 <= clusters <= len(features):
            raise ValueError(
                f"clusters is {clusters}: it must be between 1 and the number of pixels, "
                f"{len(features)}"
            )
        return self.group(features, _limit_clusters(features, clusters), seed)


def clusterer(*, has_ward_tree: bool = False) -> Callable[[GroupFunction], Clusterer]:
    """Return a decorator that makes a function a `Clusterer`.

    Parameters
    ----------
    has_ward_tree
        Whether the function returns Ward's tree.

    Examples
    --------
    >>> @clusterer()
    ... def halves(features, clusters, seed):
    ...     return Clustering(np.repeat(np.int32([1, 2]), len(features) // 2))
    >>> halves(np.array([[0.0], [0.1], [5.0], [5.1]]), 2).labels.tolist()
    [1, 1, 2, 2]
    """

    def decorate(function: GroupFunction) -> Clusterer:
        return Clusterer(function, has_ward_tree)

    return decorate


CLUSTERERS = Registry(
    "clusterer",
    Clusterer,
    package="napari_lns.segmentation.clustering.clusterers",
    group="napari_lns.clusterers",
    first="ward",
)


def _check_features(features: Features) -> Features:
    features = np.asarray(features)
    if features.ndim != 2 or features.size == 0:
        raise ValueError(f"features have shape {features.shape}: give one row for each pixel")
    if not np.isfinite(features).all():
        raise ValueError("features hold NaN or infinite values: check the model's output")
    return features


def _limit_clusters(features: Features, clusters: int) -> int:
    """Return the number of clusters, limited to the number of distinct rows."""
    from napari_lns.segmentation.clustering.ward import first_equal_rows

    return min(clusters, len(np.unique(first_equal_rows(features))))
