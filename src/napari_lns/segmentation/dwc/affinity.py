"""From a random walk to the symmetric affinities that are cut.

`flow` is the one under which a Normalised Cut is exactly the chance of walking across it:
its row sums are the stationary distribution π, so cut(A, B) / assoc(A) = P(A → B | A).
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from napari_lns._parameters import unknown_name_error
from napari_lns.segmentation.dwc.walks import Matrix, stationary, steps

__all__ = ["AffinityKind", "affinity", "cosines", "flow"]

AffinityKind = Literal["flow", "plain", "features"]


def affinity(
    transition: Matrix, *, count: int = 1, kind: AffinityKind = "flow", power: float = 10.0
) -> Matrix:
    """Return the affinities (n, n) of a walk of `count` steps.

    Parameters
    ----------
    transition
        (n, n), row-stochastic: one step.
    count
        Number of steps k.
    kind
        "flow": how often walkers go between two patches, (diag(π) Pᵏ + its transpose) / 2;
        "plain": (Pᵏ + its transpose) / 2;
        "features": cosine of two rows of Pᵏ, to a power.
    power
        Sharpens "features"; the others make no use of it.

    Examples
    --------
    >>> affinity(np.array([[0.5, 0.5], [0.25, 0.75]])).round(3).tolist()
    [[0.167, 0.167], [0.167, 0.5]]
    """
    if kind not in get_args(AffinityKind):
        raise unknown_name_error("affinity", kind, get_args(AffinityKind))
    walk = steps(transition, count)
    if kind == "flow":
        return flow(walk, stationary(transition))
    if kind == "plain":
        return _symmetric(walk)
    return cosines(walk, power=power)


def flow(transition: Matrix, stationary_shares: Matrix) -> Matrix:
    """Return how often walkers at rest go from i to j, averaged with j to i.

    Parameters
    ----------
    transition
        (n, n), row-stochastic.
    stationary_shares
        (n,), its stationary distribution.

    Examples
    --------
    >>> flow(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5])).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    return _symmetric(stationary_shares[:, None] * transition)


def cosines(features: Matrix, *, power: float = 1.0) -> Matrix:
    """Return the cosines of all pairs of rows, negative ones set to 0, to a power.

    A row of zeros is like nothing, itself included.

    Parameters
    ----------
    features
        (n, d), one row a node.
    power
        Above 1 sharpens: middling likenesses lose to strong ones.

    Examples
    --------
    >>> cosines(np.array([[1.0, 0], [1, 1], [0, 0]]), power=2).round(3).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    directions = features / np.where(lengths > 0, lengths, 1)
    products = directions @ directions.T
    np.clip(products, 0, 1, out=products)
    return np.asarray(np.power(products, power, out=products))


def _symmetric(matrix: Matrix) -> Matrix:
    return np.asarray((matrix + matrix.T) / 2)
