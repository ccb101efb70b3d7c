"""How well labels agree with the ground truth, or two segmentations with each other.

Labels may be any whole numbers; all measures but `foreground_ari` treat the background as one
group among the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "adjusted_rand_index",
    "boundary_f",
    "check_ground_truth",
    "contingency",
    "edge_similarity",
    "edges",
    "foreground_ari",
    "match_labels",
    "mean_best_iou",
    "variation_of_information",
]

Array = NDArray[Any]


def contingency(truth: ArrayLike, labels: ArrayLike) -> NDArray[np.int64]:
    """Count the pixels for each pair of a segment of the ground truth (row) and a segment (column).

    Parameters
    ----------
    truth, labels : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    (segments of the ground truth, segments) array of int64
        Groups in rising order of their numbers.

    Examples
    --------
    >>> contingency([0, 0, 1], [1, 2, 2]).tolist()
    [[1, 1], [0, 1]]
    """
    return _cross(truth, labels)[2]


def check_ground_truth(truth: ArrayLike, where: str = "the ground truth") -> None:
    """Refuse labels of one value: a score against them would mean nothing.

    Parameters
    ----------
    truth
        The labels.
    where
        The file or the stimulus that they came with.

    Raises
    ------
    ValueError
        If there is only one label.

    Examples
    --------
    >>> check_ground_truth([0, 0, 0], "photo.png")
    Traceback (most recent call last):
    ValueError: photo.png has no ground truth: all of its pixels have the label 0. ...
    """
    labels = np.unique(np.asarray(truth))
    if len(labels) == 1:
        raise ValueError(
            f"{where} has no ground truth: all of its pixels have the label {labels[0]}. Put "
            "labels beside an image as NAME.labels.png, or write image and labels into one file "
            "with napari_lns.stimuli.write"
        )


def adjusted_rand_index(truth: ArrayLike, labels: ArrayLike) -> float:
    """Compute the adjusted Rand index (Hubert and Arabie, 1985): 1 if equal, 0 at chance.

    Parameters
    ----------
    truth, labels : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    float

    Examples
    --------
    >>> adjusted_rand_index([0, 0, 1, 1], [5, 5, 2, 2])
    1.0
    """
    table = contingency(truth, labels)
    both = _pairs(table)
    one, other, every = _pairs(table.sum(1)), _pairs(table.sum(0)), _pairs(table.sum())
    # whole numbers of Python: products of pairs overflow 64 bits from 256 × 256 pixels on
    top = 2 * (both * every - one * other)
    bottom = (one + other) * every - 2 * one * other
    return top / bottom if bottom else 1.0


def foreground_ari(truth: ArrayLike, labels: ArrayLike, background: int = 0) -> float:
    """Compute the adjusted Rand index over the pixels that are not background.

    Parameters
    ----------
    truth, labels : arrays of int, one shape
        Two labellings of the same pixels.
    background : int
        The true number of the background, which is left out.

    Returns
    -------
    float

    Examples
    --------
    >>> foreground_ari([0, 1, 1, 2], [1, 1, 1, 2])
    1.0
    """
    true, found = _same_shape(truth, labels)
    figure = true != background
    if not figure.any():
        raise ValueError(f"truth holds nothing but the background {background}: give figures too")
    return adjusted_rand_index(true[figure], found[figure])


def mean_best_iou(truth: ArrayLike, labels: ArrayLike) -> float:
    """Mean over segments of the ground truth of the best intersection over union with any segment.

    Parameters
    ----------
    truth, labels : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> mean_best_iou([0, 0, 1, 1], [1, 1, 1, 2])
    0.5833333333333333
    """
    table = contingency(truth, labels)
    union = table.sum(1)[:, None] + table.sum(0) - table
    return float((table / union).max(1).mean())


def variation_of_information(truth: ArrayLike, labels: ArrayLike) -> float:
    """Variation of information (Meilă, 2007) in bits: 0 for equal partitions.

    Parameters
    ----------
    truth, labels : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    float

    Examples
    --------
    >>> variation_of_information([0, 0, 1, 1], [0, 1, 0, 1])
    2.0
    """
    table = contingency(truth, labels)
    one, other = _entropy(table.sum(1)), _entropy(table.sum(0))
    return max(0.0, 2 * _entropy(table) - one - other)


def edges(labels: ArrayLike) -> NDArray[np.bool_]:
    """Pixels whose right or lower neighbour has another label.

    Parameters
    ----------
    labels : (H, W) array of int
        A label map.

    Returns
    -------
    (H, W) array of bool

    Examples
    --------
    >>> edges([[1, 1, 2]]).tolist()
    [[False, True, False]]
    """
    given = np.asarray(labels)
    if given.ndim != 2:
        raise ValueError(f"labels have shape {given.shape}: edges need a map of (height, width)")
    edge = np.zeros(given.shape, bool)
    edge[:, :-1] |= given[:, :-1] != given[:, 1:]
    edge[:-1] |= given[:-1] != given[1:]
    return edge


def boundary_f(truth: ArrayLike, labels: ArrayLike, tolerance: float = 2.0) -> float:
    """Boundary F: harmonic mean of the shares of edge pixels near an edge of the other map.

    Parameters
    ----------
    truth, labels : (H, W) arrays of int
        Two label maps.
    tolerance : float
        Distance in pixels up to which an edge counts as found.

    Returns
    -------
    float
        Between 0 and 1; 1 if neither map has an edge.

    Examples
    --------
    >>> boundary_f([[1, 1, 2, 2]], [[1, 2, 2, 2]], tolerance=1)
    1.0
    """
    if tolerance < 0:
        raise ValueError(f"tolerance is {tolerance}: it must be 0 pixels or more")
    missed, wrong = _edge_distances(truth, labels)
    if len(missed) == 0 or len(wrong) == 0:
        return float(len(missed) == len(wrong))
    recall, precision = (missed <= tolerance).mean(), (wrong <= tolerance).mean()
    total = recall + precision
    return float(2 * recall * precision / total) if total else 0.0


def edge_similarity(one: ArrayLike, other: ArrayLike) -> float:
    """How alike two maps' edges are: Pratt's figure of merit (1978), the mean of both ways.

    Each edge pixel counts 1 / (1 + d² / 9), d its distance to the nearest edge of the other map.

    Parameters
    ----------
    one, other : (H, W) arrays of int
        Two label maps.

    Returns
    -------
    float
        Between 0 and 1, the same if the maps are exchanged; 1 if neither has an edge.

    Examples
    --------
    >>> edge_similarity([[1, 1, 1, 2]], [[1, 2, 2, 2]])
    0.6923076923076923
    """
    here, there = _edge_distances(one, other)
    most = max(len(here), len(there))
    if min(len(here), len(there)) == 0:
        return float(most == 0)
    merit = [(1 / (1 + distance**2 / 9)).sum() / most for distance in (here, there)]
    return float(sum(merit) / 2)


def match_labels(reference: ArrayLike, labels: ArrayLike) -> NDArray[np.int32]:
    """Renumber labels like the reference's, one to one, so that most pixels agree.

    Parameters
    ----------
    reference, labels : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    array of int32, the same shape
        Groups without a partner get numbers above all of the reference's.

    Examples
    --------
    >>> match_labels([1, 1, 2, 2], [7, 7, 3, 9]).tolist()
    [1, 1, 2, 3]
    """
    from scipy.optimize import linear_sum_assignment  # slow to import: widgets open without it

    names, group, table = _cross(reference, labels)
    row, column = linear_sum_assignment(table, maximize=True)
    number = np.zeros(table.shape[1], np.int64)
    number[column] = names[row]
    single = np.setdiff1d(np.arange(table.shape[1]), column)
    number[single] = names.max() + 1 + np.arange(len(single))
    matched: NDArray[np.int32] = number[group].astype(np.int32).reshape(np.shape(labels))
    return matched


def _cross(truth: ArrayLike, labels: ArrayLike) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return the ground truth's names, the segment of each pixel, and the contingency table."""
    true, found = _same_shape(truth, labels)
    if true.size == 0:
        raise ValueError("the labels are empty: give at least one pixel")
    names, row = np.unique(true.ravel(), return_inverse=True)
    columns, column = np.unique(found.ravel(), return_inverse=True)
    shape = len(names), len(columns)
    count = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1])
    return names, column, count.reshape(shape)


def _same_shape(truth: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    true, found = np.asarray(truth), np.asarray(labels)
    if true.shape != found.shape:
        raise ValueError(f"truth has shape {true.shape}, labels {found.shape}: they must be equal")
    return true, found


def _pairs(count: NDArray[np.int64]) -> int:
    """Twice the number of pairs of pixels within groups of these sizes."""
    return int((count * (count - 1)).sum())


def _entropy(count: NDArray[np.int64]) -> float:
    share = count[count > 0] / count.sum()
    return float(-(share * np.log2(share)).sum())


def _edge_distances(one: ArrayLike, other: ArrayLike) -> tuple[Array, Array]:
    """From each edge pixel of either map the distance to the nearest edge of the other."""
    from scipy.ndimage import distance_transform_edt

    _same_shape(one, other)
    here, there = edges(one), edges(other)
    return distance_transform_edt(~there)[here], distance_transform_edt(~here)[there]
