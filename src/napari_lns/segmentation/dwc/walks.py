"""Random walks over the patches of an image.

Row i of a transition matrix P holds the probabilities of the next patch for a walker at patch i.
All matrices are dense: 4,096 patches need 64 MB in float32. P^k is computed once by repeated
squaring with log2(k) matrix products, after which every cut is cheap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Matrix", "Walk", "check_similarities", "stationary", "steps", "transition"]

Matrix = NDArray[np.floating[Any]]

_ROW_SUM_TOLERANCE = 1e-2  # attention in half precision sums to 1 within a few thousandths
_REST = 1e-6  # largest sum of |π - πP| that counts as converged
_FOLLOWED = 50  # largest number of iterations: each is cheap, but some walks would need thousands
_SQUARED_UP_TO = 500  # nodes: above it Arnoldi iterations are faster


@dataclass(frozen=True, eq=False)
class Walk:
    """A random walk over the patches of an image.

    Parameters
    ----------
    transition
        (n, n), row i: probabilities of the next patch from patch i. Rows are normalised to sum to
        1 exactly.
    grid
        Rows and columns of patches, n = rows × columns, in reading order.

    Examples
    --------
    >>> import numpy as np
    >>> Walk(np.full((6, 6), 1 / 6), (2, 3)).transition.shape
    (6, 6)
    """

    transition: Matrix
    grid: tuple[int, int]

    def __post_init__(self) -> None:
        matrix = _check_transition(self.transition)
        if math.prod(self.grid) != len(matrix):
            rows, columns = self.grid
            raise ValueError(
                f"the walk has {len(matrix)} patches, the grid {rows} × {columns}: "
                "the numbers must be equal"
            )
        object.__setattr__(self, "transition", matrix)


def transition(similarities: ArrayLike) -> Matrix:
    """Return the transition matrix of a walk with probabilities proportional to similarities.

    A node without any similarity, not even to itself, is absorbing.

    Parameters
    ----------
    similarities
        (n, n), not negative.

    Examples
    --------
    >>> transition([[3, 1], [0, 0]]).tolist()
    [[0.75, 0.25], [0.0, 1.0]]
    """
    matrix = check_similarities(similarities).copy()
    sums = matrix.sum(axis=1)
    isolated = np.flatnonzero(sums == 0)
    matrix[isolated, isolated] = 1
    sums[isolated] = 1
    matrix /= sums[:, None]
    return matrix


def steps(transition: Matrix, count: int) -> Matrix:
    """Return the transition matrix of a number of steps, its power.

    Parameters
    ----------
    transition
        (n, n), row-stochastic.
    count
        Number of steps, at least 1; more steps connect patches over longer paths.

    Examples
    --------
    >>> steps(transition([[0, 1], [1, 0]]), 2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if count < 1:
        raise ValueError(f"steps is {count}: it must be at least 1")
    return np.asarray(np.linalg.matrix_power(transition, count), dtype=transition.dtype)


def stationary(transition: Matrix) -> Matrix:
    """Return the stationary distribution π = πP of walkers with a uniform initial distribution.

    Fast-mixing walks are iterated to convergence; for others, an eigenvector is computed.

    Parameters
    ----------
    transition
        (n, n), row-stochastic. If it has several closed components, each keeps the share of the
        walkers that end in it.

    Examples
    --------
    >>> stationary(transition([[1, 1], [1, 3]])).round(3).tolist()
    [0.333, 0.667]
    """
    shares: Matrix = np.full(len(transition), 1 / len(transition), transition.dtype)
    for _ in range(_FOLLOWED):
        next_ = np.asarray(shares @ transition)
        if np.abs(next_ - shares).sum() <= _REST:
            return next_
        shares = next_
    if len(transition) <= _SQUARED_UP_TO:
        return _long_run_distribution(transition)
    from scipy.sparse.linalg import eigs  # slow to import, seldom needed

    _, vectors = eigs(transition.T, k=1, which="LR", v0=shares, tol=_REST)
    shares = np.abs(vectors[:, 0].real)
    return np.asarray(shares / shares.sum(), dtype=transition.dtype)


def _long_run_distribution(transition: Matrix) -> Matrix:
    """Return the distribution after 2 ** 20 steps of the lazy walk, which is aperiodic."""
    lazy = (transition.astype(np.float64) + np.eye(len(transition))) / 2
    return np.asarray(np.linalg.matrix_power(lazy, 2**20).mean(axis=0), dtype=transition.dtype)


def check_similarities(similarities: ArrayLike) -> Matrix:
    """Return a square matrix of finite, non-negative numbers; raise ValueError otherwise."""
    matrix = _to_square(similarities)
    if matrix.min() < 0:
        row, column = _first(matrix < 0)
        raise ValueError(
            f"similarity ({row}, {column}) is {matrix[row, column]:g}: none may be negative"
        )
    return matrix


def _check_transition(matrix_like: ArrayLike) -> Matrix:
    matrix = check_similarities(matrix_like)
    sums = matrix.sum(axis=1, dtype=np.float64)
    wrong = np.flatnonzero(np.abs(sums - 1) > _ROW_SUM_TOLERANCE)
    if wrong.size:
        raise ValueError(
            f"row {wrong[0]} of the walk sums to {sums[wrong[0]]:g}: every row must sum to 1; "
            "transition(similarities) normalises rows"
        )
    return np.asarray(matrix / sums[:, None], dtype=matrix.dtype)


def _to_square(matrix_like: ArrayLike) -> Matrix:
    matrix = np.asarray(matrix_like)
    if matrix.dtype not in (np.float32, np.float64):
        matrix = matrix.astype(np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"the graph has the shape {matrix.shape}: it must be (n, n)")
    finite = np.isfinite(matrix)
    if not finite.all():
        row, column = _first(~finite)
        raise ValueError(
            f"the graph holds {matrix[row, column]} at ({row}, {column}): all must be finite"
        )
    return matrix


def _first(mask: NDArray[np.bool_]) -> tuple[int, int]:
    row, column = divmod(int(mask.argmax()), mask.shape[1])
    return row, column
