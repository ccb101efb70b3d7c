"""Merge trees of pixels in SciPy's linkage layout: cuts, merge heights, boundaries.

A tree of n leaves has n - 1 rows ``(left, right, height, size)`` with ascending heights; row i
creates node n + i.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns._compile import compile_function

__all__ = [
    "boundaries",
    "check_tree",
    "cut",
    "cut_at",
    "heights_between",
    "is_nested",
    "merge_heights",
    "number_largest_first",
]

Labels = NDArray[np.int32]
Tree = NDArray[np.float64]


def number_largest_first(labels: ArrayLike) -> Labels:
    """Renumber segments 1 to K, the largest first, ties by their first pixel.

    Parameters
    ----------
    labels : array of int, any shape
        One number for each pixel; pixels with equal numbers form a segment.

    Returns
    -------
    array of int32, the same shape

    Examples
    --------
    >>> number_largest_first([7, 4, 4, -1]).tolist()
    [2, 1, 1, 3]
    """
    array = np.asarray(labels)
    _, first, group, size = np.unique(
        array, return_index=True, return_inverse=True, return_counts=True
    )
    number = np.empty(len(first), np.int32)
    number[np.lexsort((first, -size))] = np.arange(1, len(first) + 1)
    return number[group].reshape(array.shape)


def check_tree(tree: Tree, leaves: int | None = None) -> None:
    """Raise ValueError for an invalid merge tree, whose indices compiled code would not check.

    Parameters
    ----------
    tree : (n - 1, 4) array
        A merge tree in SciPy's layout.
    leaves : int, optional
        Required number of leaves.

    Raises
    ------
    ValueError
        Unless each node is merged once, into a later one, sizes add up and heights ascend.

    Examples
    --------
    >>> check_tree(np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]]), 3)
    >>> check_tree(np.array([[0, 1, 1.0, 2], [2, 4, 2.0, 3]]))
    Traceback (most recent call last):
    ValueError: the merge tree's row 1 merges nodes that do not exist yet
    """
    n = len(tree) + 1
    if tree.ndim != 2 or tree.shape[1] != 4 or (leaves is not None and n != leaves):
        expected = "(n - 1, 4)" if leaves is None else (leaves - 1, 4)
        raise ValueError(f"the merge tree has the shape {tree.shape}: it must be {expected}")
    if not np.isfinite(tree).all() or (tree < 0).any():
        raise ValueError("the merge tree holds values that are negative, NaN or infinite")
    children, rows = tree[:, :2], np.arange(n - 1)
    wrong = (children >= (n + rows)[:, None]).any(axis=1) | (children % 1 != 0).any(axis=1)
    if wrong.any():
        raise ValueError(
            f"the merge tree's row {wrong.argmax()} merges nodes that do not exist yet"
        )
    nodes = children.astype(np.int64)
    if len(np.unique(nodes)) != nodes.size:
        raise ValueError("the merge tree merges a node twice")
    sizes = np.concatenate([np.ones(n), tree[:, 3]])
    if not np.array_equal(sizes[nodes].sum(axis=1), tree[:, 3]):
        raise ValueError("the merge tree's sizes do not add up")
    if (np.diff(tree[:, 2]) < 0).any():
        raise ValueError("the merge tree's heights are not ascending")


def cut(tree: Tree, k: int) -> Labels:
    """Cut a tree into k segments, numbered largest first.

    Parameters
    ----------
    tree : (n - 1, 4) array
        A merge tree in SciPy's layout.
    k : int
        Number of segments, 1 to n.

    Returns
    -------
    (n,) array of int32
        Labels 1 to k; the segments for k lie inside those for k - 1.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]])
    >>> cut(tree, 2).tolist()
    [1, 1, 2]
    """
    n = len(tree) + 1
    if not 1 <= k <= n:
        raise ValueError(f"clusters is {k}: it must be between 1 and the number of pixels, {n}")
    return number_largest_first(_roots(tree, n - k))


def cut_at(tree: Tree, height: float) -> Labels:
    """Cut a tree at a height; pixels joined at or below it form a segment.

    Parameters
    ----------
    tree : (n - 1, 4) array
        A merge tree in SciPy's layout.
    height : float
        Merge height up to which pixels are joined.

    Returns
    -------
    (n,) array of int32
        Labels, the largest segment first.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]])
    >>> cut_at(tree, 1.5).tolist()
    [1, 1, 2]
    """
    return number_largest_first(_roots(tree, int(np.searchsorted(tree[:, 2], height, "right"))))


def merge_heights(tree: Tree, most: int) -> NDArray[np.float64]:
    """Return the heights at which 2, 3, … `most` segments become one fewer.

    Parameters
    ----------
    tree : (n - 1, 4) array
        A merge tree in SciPy's layout.
    most : int
        Largest number of segments.

    Returns
    -------
    (most - 1,) array
        Descending heights; fewer if the tree has fewer leaves.

    Examples
    --------
    >>> merge_heights(np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]]), 3).tolist()
    [2.0, 1.0]
    """
    return tree[::-1, 2][: max(most - 1, 0)]


def heights_between(tree: Tree, first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return the height at which each pair of pixels is joined, their ultrametric distance.

    Parameters
    ----------
    tree : (n - 1, 4) array
        A merge tree in SciPy's layout.
    first, second : arrays of int, one shape
        Pixel numbers, row by row.

    Returns
    -------
    array, the same shape
        Zero for a pixel and itself.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]])
    >>> heights_between(tree, [0, 0], [1, 2]).tolist()
    [1.0, 2.0]
    """
    one, other = np.asarray(first), np.asarray(second)
    check_tree(tree)
    if len(tree) == 0:
        return np.zeros(one.shape)
    place, gaps = _unfold(tree[:, :2].astype(np.int64), tree[:, 3].astype(np.int64))
    highest = _range_maxima(tree[gaps, 2])
    low = np.minimum(place[one], place[other])
    high = np.maximum(place[one], place[other])
    span = np.maximum(high - low, 1)
    level = np.frexp(span)[1] - 1
    left = np.minimum(low, len(gaps) - 1)
    right = np.maximum(high - (1 << level), 0)
    heights = np.maximum(highest[level, left], highest[level, right])
    return np.where(low == high, 0.0, heights)


def boundaries(tree: Tree, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the soft boundary map: greatest merge height of each pixel and its four neighbours.

    Parameters
    ----------
    tree : (n - 1, 4) array
        A merge tree of the pixels, row by row.
    shape : (int, int)
        Height and width of the image in pixels.

    Returns
    -------
    (height, width) array
        In units of the tree's heights; a cut at height h has boundaries where the map exceeds h.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]])
    >>> boundaries(tree, (1, 3)).tolist()
    [[1.0, 2.0, 2.0]]
    """
    if len(tree) + 1 != shape[0] * shape[1]:
        raise ValueError(f"the tree has {len(tree) + 1} leaves: it does not fit a {shape} image")
    pixel = np.arange(len(tree) + 1).reshape(shape)
    across = heights_between(tree, pixel[:, :-1], pixel[:, 1:])
    down = heights_between(tree, pixel[:-1], pixel[1:])
    edge = np.zeros(shape)
    for part, height in (
        (edge[:, :-1], across),
        (edge[:, 1:], across),
        (edge[:-1], down),
        (edge[1:], down),
    ):
        np.maximum(part, height, out=part)
    return edge


def is_nested(fine: ArrayLike, coarse: ArrayLike) -> bool:
    """Return whether each segment of fine labels lies inside one segment of coarse labels.

    Parameters
    ----------
    fine, coarse : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_nested([1, 2, 3, 3], [1, 1, 2, 2])
    True
    """
    _, first, group = np.unique(np.ravel(fine), return_index=True, return_inverse=True)
    outer = np.ravel(coarse)
    return bool(np.array_equal(outer[first][group], outer))


def _roots(tree: Tree, merges: int) -> NDArray[np.int64]:
    """Return the topmost node above each leaf after a number of merges, by pointer doubling."""
    n = len(tree) + 1
    above = np.arange(2 * n - 1)
    above[tree[:merges, :2].astype(np.int64)] = np.arange(n, n + merges)[:, None]
    while not np.array_equal(higher := above[above], above):
        above = higher
    return above[:n]


@compile_function()
def _unfold(
    children: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the position of each leaf in the drawn tree, and the merge that closes each gap."""
    n = len(children) + 1
    start = np.zeros(2 * n - 1, np.int64)
    gaps = np.empty(n - 1, np.int64)
    for merge in range(n - 2, -1, -1):
        left, right = children[merge]
        start[left] = start[n + merge]
        start[right] = start[left] + (1 if left < n else sizes[left - n])
        gaps[start[right] - 1] = merge
    return start[:n], gaps


def _range_maxima(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a sparse table whose row l holds the maximum of each run of 2**l values."""
    rows = [values]
    step = 1
    while 2 * step <= len(values):
        row = rows[-1].copy()
        row[:-step] = np.maximum(row[:-step], row[step:])
        rows.append(row)
        step *= 2
    return np.stack(rows)
