"""Ward's merge tree of pixel features: exact, or approximate for large images.

The exact tree equals that of SciPy and scikit-learn. It is fast for three reasons: equal pixels are
merged beforehand, coordinates are rotated so that the first few separate most pairs, and the
compiled merging (see `_reciprocal`) compares these coordinates without a matrix of all pairs.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from napari_lns._compile import compile_function
from napari_lns.segmentation.clustering._merges import build_tree
from napari_lns.segmentation.clustering._reciprocal import merge_mutual_neighbours

__all__ = ["ApproximateTree", "approximate_ward_tree", "first_equal_rows", "ward_tree"]

Features = NDArray[np.floating[Any]]
Floats = NDArray[np.float64]
FEW_COORDINATES = 8  # up to this number of coordinates, all are compared
MEASURING_COST = 40_000  # weight of a pair left to be measured against a coordinate compared


class ApproximateTree(NamedTuple):
    """A tree whose lowest merges were made block by block.

    Parameters
    ----------
    tree : (n - 1, 4) array
        Merge tree in SciPy's linkage layout.
    error : float
        Share of the squared deviation that lies within the cells merged block by block.
    """

    tree: Floats
    error: float


def ward_tree(features: Features) -> Floats:
    """Return Ward's merge tree of the rows, in SciPy's linkage layout.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.

    Returns
    -------
    (n - 1, 4) array
        Rows (left, right, height, size) with ascending heights.

    Examples
    --------
    >>> ward_tree(np.array([[0.0], [1.0], [5.0]]))[:, 2].round(2).tolist()
    [1.0, 5.2]
    """
    points, unit = _scale_points(features)
    return _finish_tree(_merge_rows(points), unit)


def approximate_ward_tree(
    features: Features, cells: int = 4096, block: int = 2048
) -> ApproximateTree:
    """Return an approximation of Ward's tree that is fast for many rows.

    Each block of rows gets its own exact tree. All trees are cut at one height so that `cells`
    groups remain, which are then merged exactly.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel, in the image's order.
    cells : int
        Number of groups that are merged exactly, at least one for each block.
    block : int
        Number of rows in a block.

    Returns
    -------
    ApproximateTree
        The tree and the share of the deviation that was merged within blocks.

    Examples
    --------
    >>> tree, error = approximate_ward_tree(np.array([[0.0], [1], [9], [8]]), cells=2, block=2)
    >>> tree[:, 2].round(1).tolist(), round(error, 3)
    ([1.0, 1.0, 11.3], 0.015)
    """
    points, unit = _scale_points(features)
    n = len(points)
    starts = range(0, n, block)
    low = np.concatenate([_merge_rows(points[start : start + block], start) for start in starts])
    low = low[np.argsort(low[:, 2], kind="stable")][: max(0, n - max(cells, len(starts)))]
    merges = np.concatenate((low, _merge_remaining(points, low)))
    total = float(((points - points.mean(0)) ** 2).sum())
    return ApproximateTree(
        _finish_tree(merges, unit), float(low[:, 2].sum()) / total if total else 0.0
    )


def first_equal_rows(features: Features) -> NDArray[np.int64]:
    """Return for each row the index of the first equal row.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.

    Returns
    -------
    (n,) array of int

    Examples
    --------
    >>> first_equal_rows(np.array([[1.0], [2.0], [1.0]])).tolist()
    [0, 1, 0]
    """
    points = np.asarray(features, np.float64) + 0.0  # no negative zeros
    rows = np.arange(len(points))
    first, group = np.unique(_hash_rows(points), return_index=True, return_inverse=True)[1:]
    if len(first) == len(points):
        return rows
    candidates = first[group]
    return np.where((points == points[candidates]).all(1), candidates, rows)


def _scale_points(features: Features) -> tuple[Floats, float]:
    """Scale rows to between -1 and 1 by a power of two; return them and the power."""
    points = np.asarray(features, np.float64)
    if points.ndim != 2 or points.size == 0:
        raise ValueError(f"features have shape {points.shape}: give one row for each pixel")
    greatest = float(np.abs(points).max())
    if not np.isfinite(greatest):
        raise ValueError("features hold NaN or infinite values: check the model's output")
    unit = 2.0 ** float(np.frexp(greatest)[1])
    return points / unit, unit


def _merge_rows(points: Floats, start: int = 0) -> Floats:
    """Merge rows exactly into (name, name, Ward's distance), with names counted from `start`."""
    first = first_equal_rows(points)
    rows = np.arange(len(points))
    distinct, copies = rows[first == rows], rows[first != rows]
    sizes = np.bincount(first)[distinct].astype(np.float64)
    merges = merge_mutual_neighbours(*_rotate(points[distinct]), sizes, np.zeros(len(distinct)))
    merges[:, :2] = distinct[merges[:, :2].astype(np.int64)]
    equal = np.stack((first[copies], copies, np.zeros(len(copies))), axis=1)
    merges = np.concatenate((equal, merges))
    merges[:, :2] += start
    return merges


def _merge_remaining(points: Floats, low: Floats) -> Floats:
    """Merge exactly the groups that remain after the low merges."""
    n = len(points)
    one, other = low[:, :2].astype(np.int64).T
    links = csr_array((np.ones(len(low)), (one, other)), shape=(n, n))
    group = connected_components(links, directed=False)[1]
    first, sizes = np.unique(group, return_index=True, return_counts=True)[1:]
    members = csr_array((np.ones(n), (group, np.arange(n))))
    heights = np.zeros(len(first))
    np.maximum.at(heights, group[one], low[:, 2])
    centres = (members @ points) / sizes[:, None]
    merges = merge_mutual_neighbours(*_rotate(centres), sizes.astype(np.float64), heights)
    merges[:, :2] = first[merges[:, :2].astype(np.int64)]
    return merges


def _finish_tree(merges: Floats, unit: float) -> Floats:
    merges[:, 2] = unit * np.sqrt(2 * merges[:, 2])
    return build_tree(merges)


def _rotate(points: Floats) -> tuple[Floats, int]:
    """Rotate points to their principal axes and choose how many axes to compare.

    The median is the origin, so that most pixels of a flat background lie near it, where single
    precision is finest. Torch does the multiplication, because the threads of NumPy's BLAS spin for
    some 20 ms afterwards and slow down the merging threads.
    """
    n, d = points.shape
    if d > n:
        points = np.linalg.qr(points.T)[1].T
    points = points - np.median(points[:: n // 512 | 1], axis=0)
    if d <= FEW_COORDINATES:  # no choice to make; and equal distances on a grid stay equal
        return points, d
    tensor = torch.from_numpy(points)
    axes = torch.linalg.eigh(tensor.T @ tensor)[1]
    rotated = tensor @ axes.flip(1)
    return rotated.numpy(), _choose_coordinates(rotated)


def _choose_coordinates(points: Tensor) -> int:
    """Choose the number of leading coordinates with the least estimated cost, on sample rows."""
    n, d = points.shape
    # a step that matches no image width
    rows = np.unique((np.arange(16) * 0.618 * n % n).astype(np.int64))
    sizes: list[int] = [2**i * m // 2 for i in range(4, 32) for m in (2, 3)]
    counts = [k for k in sizes if k < d] + [d]
    bounds = _bounds(points, rows, counts)
    nearest = bounds[-1].amin(1, keepdim=True)
    measured = [int((bound <= nearest).sum()) / len(rows) for bound in bounds[:-1]] + [1]
    costs = [
        n * count + MEASURING_COST * pairs for count, pairs in zip(counts, measured, strict=True)
    ]
    return counts[int(np.argmin(costs))]


def _bounds(points: Tensor, rows: NDArray[np.int64], counts: Sequence[int]) -> list[Tensor]:
    """Return the squared distances of some rows to all, for each number of leading coordinates."""
    parts = [_squared_distances(part, rows) for part in points.tensor_split(counts[:-1], dim=1)]
    return list(itertools.accumulate(parts))


def _squared_distances(points: Tensor, rows: NDArray[np.int64]) -> Tensor:
    length = points.square().sum(1)
    distances: Tensor = length[rows, None] + length - 2 * points[rows] @ points.T
    distances[np.arange(len(rows)), rows] = torch.inf
    return distances


@compile_function(nogil=True)
def _hash_rows(points: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Hash the bits of each row; equal rows have equal hashes."""
    bits = points.view(np.uint64)
    keys = np.zeros(len(points), np.uint64)
    for i in range(len(points)):
        for k in range(points.shape[1]):
            keys[i] = (keys[i] ^ bits[i, k]) * np.uint64(0x9E3779B97F4A7C15)
            keys[i] ^= keys[i] >> np.uint64(29)
    return keys
