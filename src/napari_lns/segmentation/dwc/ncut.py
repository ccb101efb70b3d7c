"""Normalised Cut: the best split of a graph in two along its second eigenvector.

The eigenvectors are computed by Lanczos iterations on the normalised affinities, after deflating
the known first eigenvector √d; small graphs are solved densely. A disconnected graph is cut between
its components at no cost; components that are too small join the larger side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its subpackages are slow to import and are loaded on first use
from numpy.typing import NDArray

from napari_lns.segmentation.dwc.walks import Matrix

__all__ = ["Cut", "best_cut", "leading_eigenvectors", "ncut_cost", "second_eigenvector"]

_DENSE_UP_TO = 400  # nodes: above it Lanczos is faster than the dense solver
# LAPACK driver; those for a subset of eigenvectors fail if many eigenvalues are equal
_DRIVER = "evd"
_EQUAL = 1e-5  # relative difference below which affinities are considered equal
# a second eigenvalue this close to 1 indicates a graph that may be disconnected
_IN_PIECES = 1 - 1e-5


@dataclass(frozen=True, eq=False)
class Cut:
    """A split of a graph in two: the side without the first node, and the NCut cost."""

    side: NDArray[np.bool_]
    cost: float


def ncut_cost(affinities: Matrix, side: NDArray[np.bool_]) -> float:
    """Return the Normalised Cut cost of one split, from 0 to 2.

    Parameters
    ----------
    affinities
        (n, n), symmetric.
    side
        (n,), True on one side.

    Examples
    --------
    >>> ncut_cost(np.ones((4, 4)), np.array([True, True, False, False]))
    1.0
    """
    across = float(affinities[side][:, ~side].sum(dtype=np.float64))
    degrees = affinities.sum(axis=1, dtype=np.float64)
    return float(
        _leaving_chance(across, degrees[side].sum()) + _leaving_chance(across, degrees[~side].sum())
    )


def best_cut(affinities: Matrix, *, smallest: int = 1) -> Cut | None:
    """Split a graph where the Normalised Cut along its second eigenvector costs least.

    Parameters
    ----------
    affinities
        (n, n), symmetric.
    smallest
        Smallest number of nodes on either side.

    Returns
    -------
    Cut or None
        None if there are too few nodes for two sides, or if all affinities are equal.

    Examples
    --------
    >>> graph = np.array([[1, 1, 0, 0], [1, 1, 0.1, 0], [0, 0.1, 1, 1], [0, 0, 1, 1]])
    >>> best_cut(graph).side.tolist()
    [False, False, True, True]
    """
    if len(affinities) < 2 * max(smallest, 1):
        return None
    highest = affinities.max()
    if highest - affinities.min() <= _EQUAL * highest:
        return None
    value, vector = second_eigenvector(affinities)
    if value > _IN_PIECES:
        pieces = scipy.sparse.csgraph.connected_components(
            scipy.sparse.csr_array(affinities > 0), directed=False
        )[1]
        if pieces.any():
            return _cut_pieces(affinities, pieces, smallest) or _sweep(affinities, vector, smallest)
    return _sweep(affinities, vector, smallest)


def second_eigenvector(affinities: Matrix) -> tuple[float, Matrix]:
    """Return the walk's second largest eigenvalue and its eigenvector.

    Parameters
    ----------
    affinities
        (n, n), symmetric, n > 1.

    Examples
    --------
    >>> value, vector = second_eigenvector(np.array([[3.0, 1], [1, 3]]))
    >>> round(value, 6), vector.round(6).tolist()
    (0.5, [0.353553, -0.353553])
    """
    scale = _scale(affinities)
    first = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)  # √degrees
    first /= np.linalg.norm(first) or 1
    solve = _dense if len(affinities) <= _DENSE_UP_TO else _lanczos
    value, vector = solve(affinities, scale, first)
    vector = vector * scale
    vector *= np.sign(vector[np.abs(vector).argmax()]) or 1  # an eigenvector's sign is arbitrary
    return value, vector


def leading_eigenvectors(affinities: Matrix, count: int) -> tuple[Matrix, Matrix]:
    """Return the walk's largest eigenvalues, the first of which is 1, and their eigenvectors.

    Parameters
    ----------
    affinities
        (n, n), symmetric.
    count
        Number of eigenvalues, limited to n.

    Returns
    -------
    tuple
        Eigenvalues (count,) in descending order, and eigenvectors (n, count).

    Examples
    --------
    >>> leading_eigenvectors(np.array([[3.0, 1], [1, 3]]), 2)[0].round(6).tolist()
    [1.0, 0.5]
    """
    scale = _scale(affinities)
    matrix = scale[:, None] * affinities * scale
    if len(matrix) > max(_DENSE_UP_TO, 4 * count):
        start = np.random.default_rng(0).standard_normal(len(matrix)).astype(matrix.dtype)
        values, vectors = scipy.sparse.linalg.eigsh(matrix, k=count, which="LA", v0=start, tol=1e-4)
    else:
        values, vectors = scipy.linalg.eigh(matrix, driver=_DRIVER)
    falling = np.argsort(-values, kind="stable")[:count]
    return values[falling], scale[:, None] * vectors[:, falling]


def _scale(affinities: Matrix) -> Matrix:
    """Return 1 / √degree of each node, 0 for nodes without edges."""
    degrees = affinities.sum(axis=1, dtype=np.float64)
    scale = np.divide(1, np.sqrt(degrees), out=np.zeros_like(degrees), where=degrees > 0)
    return np.asarray(scale, dtype=affinities.dtype)


def _dense(affinities: Matrix, scale: Matrix, first: Matrix) -> tuple[float, Matrix]:
    matrix = scale[:, None] * affinities * scale - 2 * np.outer(first, first)
    values, vectors = scipy.linalg.eigh(matrix, driver=_DRIVER, overwrite_a=True)
    return float(values[-1]), vectors[:, -1]


def _lanczos(affinities: Matrix, scale: Matrix, first: Matrix) -> tuple[float, Matrix]:
    def times(vector: Matrix) -> Matrix:
        flat = vector.ravel()
        return np.asarray(scale * (affinities @ (scale * flat)) - 2 * first * (first @ flat))

    operator = scipy.sparse.linalg.LinearOperator(
        affinities.shape, matvec=times, dtype=affinities.dtype
    )
    start = np.random.default_rng(0).standard_normal(len(first)).astype(affinities.dtype)
    try:
        values, vectors = scipy.sparse.linalg.eigsh(operator, k=1, which="LA", v0=start, tol=1e-4)
    except scipy.sparse.linalg.ArpackNoConvergence:
        return _dense(affinities, scale, first)
    return float(values[0]), vectors[:, 0]


def _sweep(affinities: Matrix, vector: Matrix, smallest: int) -> Cut:
    order = np.argsort(vector, kind="stable")
    costs = _sweep_costs(affinities, order)
    allowed = costs[smallest - 1 : len(order) - smallest]
    side = np.zeros(len(order), dtype=bool)
    side[order[smallest + int(allowed.argmin()) :]] = True
    return Cut(side ^ side[0], float(allowed.min()))


def _sweep_costs(affinities: Matrix, order: NDArray[np.intp]) -> Matrix:
    """Return the cost of splitting the ordered nodes after the first, the second, …."""
    sorted_ = affinities[np.ix_(order, order)]
    degrees = sorted_.sum(axis=1, dtype=np.float64)
    own = sorted_.diagonal().astype(np.float64)
    before = np.tril(sorted_, -1).sum(axis=1, dtype=np.float64)
    across = np.cumsum(degrees - own - 2 * before).clip(0)[:-1]
    left = np.cumsum(degrees)[:-1]
    right = degrees.sum() - left
    return np.asarray(_leaving_chance(across, left) + _leaving_chance(across, right))


def _leaving_chance(across: Any, volume: Any) -> Any:
    """Return the probability of leaving a side; 1 for a side without volume."""
    return np.divide(across, volume, out=np.ones(np.shape(across)), where=np.asarray(volume) > 0)


def _cut_pieces(affinities: Matrix, pieces: NDArray[np.int32], smallest: int) -> Cut | None:
    sizes = np.bincount(pieces)
    by_size = np.argsort(-sizes, kind="stable")
    sums = np.cumsum(sizes[by_size])
    splits = np.flatnonzero((sums >= smallest) & (sums <= len(pieces) - smallest))
    if splits.size:
        side = np.isin(pieces, by_size[: splits[0] + 1])
        return Cut(side ^ side[0], ncut_cost(affinities, side))
    members = np.flatnonzero(pieces == by_size[0])
    inner = best_cut(affinities[np.ix_(members, members)], smallest=smallest)
    if inner is None:
        return None
    larger = 2 * inner.side.sum() > len(members)
    side = np.full(len(pieces), larger)  # components that are too small join the larger side
    side[members] = inner.side
    return Cut(side ^ side[0], ncut_cost(affinities, side))
