"""Scores that compare labels with the ground truth, or two segmentations with each other.

Labels may be any whole numbers; the background is one segment among the others. Further scores are
in `napari_lns.analysis.scores`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "adjusted_rand_index",
    "check_ground_truth",
    "check_same_shape",
    "contingency",
    "foreground_ari",
    "match_labels",
    "mean_best_iou",
]

Array = NDArray[Any]


def contingency(truth: ArrayLike, labels: ArrayLike) -> NDArray[np.int64]:
    """Count the pixels shared by each true segment (row) and each segment (column).

    Parameters
    ----------
    truth, labels : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    (segments of the ground truth, segments) array of int64
        Segments in ascending order of their labels.

    Examples
    --------
    >>> contingency([0, 0, 1], [1, 2, 2]).tolist()
    [[1, 1], [0, 1]]
    """
    return _cross_tabulate(truth, labels)[2]


def check_ground_truth(truth: ArrayLike, where: str = "the ground truth") -> None:
    """Raise ValueError for labels of a single value, against which scores are meaningless.

    Parameters
    ----------
    truth
        The labels.
    where
        File or stimulus that the labels belong to, for the error message.

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
    # slow to import, and not needed to open a widget
    from sklearn.metrics import adjusted_rand_score

    reference, predicted = check_same_shape(truth, labels)
    return float(adjusted_rand_score(reference.ravel(), predicted.ravel()))


def foreground_ari(truth: ArrayLike, labels: ArrayLike, background: int = 0) -> float:
    """Compute the adjusted Rand index over the pixels that are not background.

    Parameters
    ----------
    truth, labels : arrays of int, one shape
        Two labellings of the same pixels.
    background : int
        The background's label in `truth`; its pixels are left out.

    Returns
    -------
    float

    Examples
    --------
    >>> foreground_ari([0, 1, 1, 2], [1, 1, 1, 2])
    1.0
    """
    reference, predicted = check_same_shape(truth, labels)
    figure = reference != background
    if not figure.any():
        raise ValueError(f"truth contains only the background {background}: label figures too")
    return adjusted_rand_index(reference[figure], predicted[figure])


def mean_best_iou(truth: ArrayLike, labels: ArrayLike) -> float:
    """Compute the best intersection over union of each true segment, and return the mean.

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


def match_labels(reference: ArrayLike, labels: ArrayLike) -> NDArray[np.int32]:
    """Renumber labels to match a reference one to one, so that most pixels agree.

    Parameters
    ----------
    reference, labels : arrays of int, one shape
        Two labellings of the same pixels.

    Returns
    -------
    array of int32, the same shape
        Segments without a match get numbers above those of the reference.

    Examples
    --------
    >>> match_labels([1, 1, 2, 2], [7, 7, 3, 9]).tolist()
    [1, 1, 2, 3]
    """
    # slow to import, and not needed to open a widget
    from scipy.optimize import linear_sum_assignment

    names, group, table = _cross_tabulate(reference, labels)
    row, column = linear_sum_assignment(table, maximize=True)
    number = np.zeros(table.shape[1], np.int64)
    number[column] = names[row]
    single = np.setdiff1d(np.arange(table.shape[1]), column)
    number[single] = names.max() + 1 + np.arange(len(single))
    renumbered: NDArray[np.int32] = number[group].astype(np.int32).reshape(np.shape(labels))
    return renumbered


def _cross_tabulate(truth: ArrayLike, labels: ArrayLike) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return the labels of the true segments, the segment of each pixel and the contingency table.

    Segments are numbered in ascending order of their labels.
    """
    reference, predicted = check_same_shape(truth, labels)
    names, row = np.unique(reference.ravel(), return_inverse=True)
    columns, column = np.unique(predicted.ravel(), return_inverse=True)
    shape = len(names), len(columns)
    count = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1])
    return names, column, count.reshape(shape)


def check_same_shape(truth: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Return two labellings as arrays; raise ValueError if shapes differ or arrays are empty."""
    reference, predicted = np.asarray(truth), np.asarray(labels)
    if reference.shape != predicted.shape:
        raise ValueError(
            f"truth has shape {reference.shape}, labels {predicted.shape}: they must be equal"
        )
    if reference.size == 0:
        raise ValueError("the labels are empty: give at least one pixel")
    return reference, predicted
