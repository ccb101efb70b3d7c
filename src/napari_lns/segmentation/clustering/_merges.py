"""Conversion of merges to a merge tree in SciPy's linkage layout."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns._compile import compile_function

__all__ = ["build_tree"]


def build_tree(merges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sort merges (name, name, height) by height and number them as in SciPy's linkage.

    Parameters
    ----------
    merges : (n - 1, 3) array
        Each merge follows the merges of its parts and is not lower.

    Returns
    -------
    (n - 1, 4) array
        Rows (left, right, height, size).

    Examples
    --------
    >>> build_tree(np.array([[1.0, 2, 0.5], [0, 1, 2.0]])).tolist()
    [[1.0, 2.0, 0.5, 2.0], [0.0, 3.0, 2.0, 3.0]]
    """
    tree: NDArray[np.float64] = _number(merges[np.argsort(merges[:, 2], kind="stable")])
    return tree


@compile_function(nogil=True)
def _number(merges: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(merges) + 1
    parent, node, size = np.arange(n), np.arange(n), np.ones(n)
    tree = np.empty((n - 1, 4))
    for row in range(n - 1):
        one, other = _root(parent, int(merges[row, 0])), _root(parent, int(merges[row, 1]))
        parent[other] = one
        size[one] += size[other]
        tree[row, 0], tree[row, 1] = min(node[one], node[other]), max(node[one], node[other])
        tree[row, 2], tree[row, 3] = merges[row, 2], size[one]
        node[one] = n + row
    return tree


@compile_function()
def _root(parent: NDArray[np.int64], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
