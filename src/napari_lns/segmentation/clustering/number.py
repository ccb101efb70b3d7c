"""Estimation of the number of segments by published criteria."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from napari_lns._registry import Registry

__all__ = ["CRITERIA", "Criterion", "number_of_clusters"]

Features = NDArray[np.floating]
Tree = NDArray[np.float64]


@runtime_checkable
class Criterion(Protocol):
    """A function of features, Ward's tree and a limit that returns a number from 2 to the limit."""

    def __call__(self, features: Features, tree: Tree, most: int) -> int:
        """Return the estimated number of segments."""


CRITERIA = Registry(
    "criterion",
    Criterion,  # type: ignore[type-abstract]
    package="napari_lns.segmentation.clustering.criteria",
    group="napari_lns.criteria",
    first="gap",
)


def number_of_clusters(
    features: Features, tree: Tree, *, criterion: str = "gap", most: int = 12
) -> int:
    """Estimate the number of segments.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.
    tree : (n - 1, 4) array
        Ward's merge tree of them.
    criterion : str
        ``"gap"``: the largest ratio of successive merge heights (after Thorndike 1953).
        ``"silhouette"``: the cut whose pixels are closest to their own segment and farthest from
        the next (Rousseeuw 1987).
        ``"eigengap"``: the largest gap among the smallest eigenvalues of the normalised graph
        Laplacian (von Luxburg 2007), each pixel with its own scale (Zelnik-Manor & Perona 2004).
    most : int
        Largest number that is returned.

    Returns
    -------
    int
        1 if all pixels are equal, else from 2 to `most`.

    Examples
    --------
    >>> from napari_lns.segmentation.clustering.ward import ward_tree
    >>> points = np.array([[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]])
    >>> number_of_clusters(points, ward_tree(points))
    3
    """
    find = CRITERIA[criterion]
    distinct = 1 + int(np.count_nonzero(tree[:, 2]))  # equal pixels are merged at height zero
    if distinct < 3:
        return distinct
    return find(features, tree, min(most, distinct - 1))
