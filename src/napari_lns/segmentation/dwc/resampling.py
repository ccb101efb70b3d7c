"""Between grids of patches and pixels: bilinear interpolation as a sparse matrix.

Its rows sum to 1, so that it is itself a walk from fine to coarse cells, and an attention map is
brought to a finer grid by walking to the coarse cells, one step there, and back.
"""

from __future__ import annotations

import numpy as np
import scipy  # its parts are slow to import and come when used: widgets open without them

from napari_lns.segmentation.dwc.walks import Matrix

__all__ = ["interpolation", "refined"]


def interpolation(grid: tuple[int, int], shape: tuple[int, int]) -> scipy.sparse.csr_array:
    """Return the matrix that interpolates values on a grid at the centres of another one's cells.

    Parameters
    ----------
    grid
        Rows and columns that values are known on.
    shape
        Rows and columns that they are wanted on.

    Examples
    --------
    >>> interpolation((1, 2), (1, 4)).toarray().tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    return scipy.sparse.csr_array(
        scipy.sparse.kron(_along(grid[0], shape[0]), _along(grid[1], shape[1]))
    )


def refined(transition: Matrix, grid: tuple[int, int], fine: tuple[int, int]) -> Matrix:
    """Bring a walk over a coarse grid to a finer one; rows still sum to 1.

    Parameters
    ----------
    transition
        (n, n), row-stochastic, over `grid`.
    grid
        Its rows and columns of patches.
    fine
        The rows and columns wanted.

    Examples
    --------
    >>> refined(np.eye(1), (1, 1), (1, 2)).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    if grid == fine:
        return transition
    there = interpolation(grid, fine).astype(transition.dtype)
    back = scipy.sparse.csr_array(there.T)
    back = back.multiply(1 / back.sum(axis=1)[:, None]).tocsr()
    coarse_to_fine = (back.T @ transition.T).T
    return np.asarray(there @ coarse_to_fine)


def _along(known: int, wanted: int) -> scipy.sparse.coo_array:
    at = ((np.arange(wanted) + 0.5) * known / wanted - 0.5).clip(0, known - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, known - 1)
    rows = np.tile(np.arange(wanted), 2)
    share = np.concatenate([1 - (at - low), at - low])
    return scipy.sparse.coo_array(
        (share, (rows, np.concatenate([low, high]))), shape=(wanted, known)
    )
