"""Compare clusters with classes, matched one to one or by majority."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

__all__ = ["accuracy", "contingency_table", "majority_classes", "one_to_one_classes"]

Labels = NDArray[np.int64]


def accuracy(ground_truth: ArrayLike, predictions: ArrayLike) -> float:
    """Compute the share of correct samples when clusters are matched to classes one to one.

    Samples in clusters without a class are wrong.

    Examples
    --------
    >>> accuracy([0, 0, 1, 1], [5, 5, 3, 5])
    0.75
    """
    ground_truth, predictions = (
        _check_labels("ground_truth", ground_truth),
        _check_labels("predictions", predictions),
    )
    classes = one_to_one_classes(ground_truth, predictions)
    return float(np.mean(classes[predictions] == ground_truth))


def one_to_one_classes(ground_truth: ArrayLike, predictions: ArrayLike) -> Labels:
    """Return each cluster's class in the best one-to-one assignment; -1 without a class.

    Examples
    --------
    >>> one_to_one_classes([0, 0, 1], [1, 1, 0]).tolist()
    [1, 0]
    """
    table = contingency_table(ground_truth, predictions)
    clusters, classes = linear_sum_assignment(table, maximize=True)
    assignment = np.full(len(table), -1)
    assignment[clusters] = classes
    return assignment


def majority_classes(
    ground_truth: ArrayLike, predictions: ArrayLike, clusters: int | None = None
) -> Labels:
    """Return the class of the majority of labelled samples in each cluster.

    Parameters
    ----------
    ground_truth, predictions
        Classes and clusters of the labelled samples.
    clusters
        Number of clusters. Those without labelled samples receive the most frequent class.

    Examples
    --------
    >>> majority_classes([0, 0, 1], [2, 2, 0], clusters=3).tolist()
    [1, 0, 0]
    """
    table = contingency_table(ground_truth, predictions, clusters)
    most_frequent = table.sum(axis=0).argmax()
    return np.where(table.any(axis=1), table.argmax(axis=1), most_frequent)


def contingency_table(
    ground_truth: ArrayLike, predictions: ArrayLike, clusters: int | None = None
) -> Labels:
    """Count the samples of every cluster (rows) in every class (columns).

    Examples
    --------
    >>> contingency_table([0, 1, 1], [0, 0, 1]).tolist()
    [[1, 1], [0, 1]]
    """
    ground_truth, predictions = (
        _check_labels("ground_truth", ground_truth),
        _check_labels("predictions", predictions),
    )
    if ground_truth.size != predictions.size:
        raise ValueError(
            f"there are {ground_truth.size} classes beside {predictions.size} predictions"
        )
    rows = int(predictions.max()) + 1 if clusters is None else clusters
    if predictions.max() >= rows:
        raise ValueError(f"predictions hold cluster {predictions.max()}: there are only {rows}")
    table = np.zeros((rows, int(ground_truth.max()) + 1), np.int64)
    np.add.at(table, (predictions, ground_truth), 1)
    return table


def _check_labels(name: str, values: object) -> Labels:
    array = np.asarray(values).ravel()
    whole = array.astype(np.int64)
    if not array.size or not np.array_equal(whole, array) or whole.min() < 0:
        raise ValueError(f"{name} must be whole numbers from 0 on, and at least one")
    return whole
