"""Lay out the last merges of a tree as a dendrogram, and find the two regions of a merge.

This code must not use Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.clustering.tree import cut, cut_at
from napari_lns.segmentation.segmentation import resize_map

__all__ = ["Dendrogram", "labels_below", "lay_out_tree", "merged_regions"]

MAX_MERGES = 30
Tree = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """The last merges of a tree, the lowest first.

    Parameters
    ----------
    rows
        The row of each merge in the tree, (m,).
    heights
        The height of each merge, as a share of the last merge's, (m,).
    paths
        The line of each merge: up from one part, across, and down to the other, (m, 4, 2) as x, y.
    pixels
        The index in the grid of one pixel below each merge, (m,).
    """

    rows: NDArray[np.intp]
    heights: NDArray[np.float64]
    paths: NDArray[np.float64]
    pixels: NDArray[np.intp]


def lay_out_tree(tree: Tree, merges: int = MAX_MERGES) -> Dendrogram:
    """Lay out the last merges of a tree, the larger part of each on the left.

    Parameters
    ----------
    tree
        A merge tree in SciPy's layout, (n - 1, 4).
    merges
        Maximum number of merges.

    Returns
    -------
    Dendrogram

    Examples
    --------
    >>> layout = lay_out_tree(np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]]))
    >>> layout.paths[1].tolist()
    [[0.5, 0.25], [0.5, 1.0], [2.0, 1.0], [2.0, 0.0]]
    """
    count, first = len(tree) + 1, max(0, len(tree) - merges)
    highest = float(tree[-1, 2]) or 1.0
    place: dict[int, tuple[float, float]] = {}  # of a node: x, and its lower end
    for x, node in enumerate(_leaves(tree, count, first)):
        place[node] = float(x), 0.0
    rows = np.arange(first, len(tree), dtype=np.intp)
    heights = tree[rows, 2] / highest
    paths = np.empty((len(rows), 4, 2))
    for path, row, height in zip(paths, rows, heights, strict=True):
        (left, low), (right, deep) = (place[node] for node in _children(tree, count, int(row)))
        path[:] = (left, low), (left, height), (right, height), (right, deep)
        place[count + int(row)] = (left + right) / 2, float(height)
    pixels = np.array([_any_pixel(tree, count, count + int(row)) for row in rows], np.intp)
    return Dendrogram(rows, heights, paths, pixels)


def merged_regions(segmentation: Segmentation, row: int) -> NDArray[np.uint8]:
    """Return an image with the two regions of a merge, labelled 1 and 2, (H, W).

    Parameters
    ----------
    segmentation
        A result with a merge tree.
    row
        The merge's row in the tree.

    Returns
    -------
    array of uint8

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])
    >>> segmentation = Segmentation(np.zeros((1, 3, 3)), np.array([[1, 2, 3]]), tree=tree)
    >>> merged_regions(segmentation, 1).tolist()
    [[1, 1, 2]]
    """
    tree, grid = segmentation.tree, segmentation.grid
    assert tree is not None
    assert grid is not None
    count = len(tree) + 1
    labels = cut(tree, count - row)  # just before the merge
    regions = np.zeros(count, np.uint8)
    for number, node in enumerate(_children(tree, count, row), start=1):
        regions[labels == labels[_any_pixel(tree, count, node)]] = number
    return np.asarray(resize_map(regions.reshape(grid), segmentation.labels.shape))


def labels_below(tree: Tree, layout: Dendrogram, share: float) -> NDArray[np.int32]:
    """Return the segment of each merge when the tree is cut at a height; 0 above the cut.

    Examples
    --------
    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])
    >>> labels_below(tree, lay_out_tree(tree), 0.5).tolist()
    [1, 0]
    """
    labels = cut_at(tree, share * (float(tree[-1, 2]) or 1.0))[layout.pixels]
    return np.where(layout.heights <= share, labels, 0).astype(np.int32)


def _children(tree: Tree, count: int, row: int) -> tuple[int, int]:
    """Return the two nodes that a merge joins, the larger one first."""
    one, other = int(tree[row, 0]), int(tree[row, 1])
    larger = _size(tree, count, one) >= _size(tree, count, other)
    return (one, other) if larger else (other, one)


def _size(tree: Tree, count: int, node: int) -> float:
    return 1.0 if node < count else float(tree[node - count, 3])


def _leaves(tree: Tree, count: int, first: int) -> list[int]:
    """Return the nodes at the bottom of the dendrogram, from left to right."""
    leaves, waiting = [], [count + len(tree) - 1]
    while waiting:
        node = waiting.pop()
        if node < count + first:
            leaves.append(node)
        else:
            waiting += reversed(_children(tree, count, node - count))
    return leaves


def _any_pixel(tree: Tree, count: int, node: int) -> int:
    """Return one pixel below a node."""
    while node >= count:
        node = int(tree[node - count, 0])
    return node
