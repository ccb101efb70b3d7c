"""Resampling between grids of patches and pixels by bilinear interpolation as a sparse matrix.

The rows of the matrix sum to 1, so that it is a walk from fine to coarse cells. An attention map is
resampled to a finer grid by walking to the coarse cells, taking one step there, and walking back.
"""

from __future__ import annotations

import numpy as np
import scipy  # its subpackages are slow to import and are loaded on first use

from napari_lns.segmentation.dwc.walks import Matrix

__all__ = ["interpolation", "refine_walk"]


def interpolation(grid: tuple[int, int], shape: tuple[int, int]) -> scipy.sparse.csr_array:
    """Return the matrix that interpolates values on a grid at the cell centres of another grid.

    Parameters
    ----------
    grid
        Rows and columns of the given grid.
    shape
        Rows and columns of the new grid.

    Examples
    --------
    >>> interpolation((1, 2), (1, 4)).toarray().tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    return scipy.sparse.csr_array(
        scipy.sparse.kron(
            _interpolation_1d(grid[0], shape[0]), _interpolation_1d(grid[1], shape[1])
        )
    )


def refine_walk(transition: Matrix, grid: tuple[int, int], fine: tuple[int, int]) -> Matrix:
    """Resample a walk over a coarse grid to a finer grid; rows still sum to 1.

    Parameters
    ----------
    transition
        (n, n), row-stochastic, over `grid`.
    grid
        Rows and columns of patches.
    fine
        Rows and columns of the finer grid.

    Examples
    --------
    >>> refine_walk(np.eye(1), (1, 1), (1, 2)).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    if grid == fine:
        return transition
    to_fine = interpolation(grid, fine).astype(transition.dtype)
    to_coarse = scipy.sparse.csr_array(to_fine.T)
    to_coarse = to_coarse.multiply(1 / to_coarse.sum(axis=1)[:, None]).tocsr()
    coarse_to_fine = (to_coarse.T @ transition.T).T
    return np.asarray(to_fine @ coarse_to_fine)


def _interpolation_1d(coarse: int, fine: int) -> scipy.sparse.coo_array:
    at = ((np.arange(fine) + 0.5) * coarse / fine - 0.5).clip(0, coarse - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, coarse - 1)
    rows = np.tile(np.arange(fine), 2)
    share = np.concatenate([1 - (at - low), at - low])
    return scipy.sparse.coo_array(
        (share, (rows, np.concatenate([low, high]))), shape=(fine, coarse)
    )
