"""Symmetric affinities of a random walk, which are cut.

With `flow`, the Normalised Cut is exactly the probability of walking across it: the row sums are
the stationary distribution π, so cut(A, B) / assoc(A) = P(A → B | A).
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
        Transition matrix of one step, (n, n), row-stochastic.
    count
        Number of steps k.
    kind
        "flow": probability of walking between two patches, (diag(π) Pᵏ + its transpose) / 2;
        "plain": (Pᵏ + its transpose) / 2;
        "features": cosine of two rows of Pᵏ, to a power.
    power
        Exponent for "features"; greater values emphasise high similarities.

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
    """Return the probability of a stationary step from i to j, averaged with j to i.

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
    """Return the cosines of all pairs of rows raised to a power, negative ones set to 0.

    A row of zeros has cosine 0 with every row, itself included.

    Parameters
    ----------
    features
        (n, d), one row for each node.
    power
        Exponent; values above 1 emphasise high similarities.

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
