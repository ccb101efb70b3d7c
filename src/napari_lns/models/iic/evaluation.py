"""Clusters against classes: one to one by the best assignment, or many to one by majority."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

__all__ = ["accuracy", "counts", "majority", "one_to_one"]

Labels = NDArray[np.int64]


def accuracy(truth: ArrayLike, answers: ArrayLike) -> float:
    """Return the share of samples that are in their class, clusters matched to classes one to one.

    Clusters that are left over when every class has one count as wrong.

    Examples
    --------
    >>> accuracy([0, 0, 1, 1], [5, 5, 3, 5])
    0.75
    """
    truth, answers = _flat("truth", truth), _flat("answers", answers)
    matched = one_to_one(truth, answers)
    return float(np.mean(matched[answers] == truth))


def one_to_one(truth: ArrayLike, answers: ArrayLike) -> Labels:
    """Return each cluster's class in the best one-to-one assignment; -1 for those left over.

    Examples
    --------
    >>> one_to_one([0, 0, 1], [1, 1, 0]).tolist()
    [1, 0]
    """
    table = counts(truth, answers)
    clusters, classes = linear_sum_assignment(table, maximize=True)
    matched = np.full(len(table), -1)
    matched[clusters] = classes
    return matched


def majority(truth: ArrayLike, answers: ArrayLike, clusters: int | None = None) -> Labels:
    """Return each cluster the class that most of its labelled samples have: many to one.

    Parameters
    ----------
    truth, answers
        Classes and clusters of the labelled samples.
    clusters
        Number of clusters; those without any labelled sample get the most frequent class.

    Examples
    --------
    >>> majority([0, 0, 1], [2, 2, 0], clusters=3).tolist()
    [1, 0, 0]
    """
    table = counts(truth, answers, clusters)
    usual = table.sum(axis=0).argmax()
    return np.where(table.any(axis=1), table.argmax(axis=1), usual)


def counts(truth: ArrayLike, answers: ArrayLike, clusters: int | None = None) -> Labels:
    """Count the samples of every cluster (rows) in every class (columns).

    Examples
    --------
    >>> counts([0, 1, 1], [0, 0, 1]).tolist()
    [[1, 1], [0, 1]]
    """
    truth, answers = _flat("truth", truth), _flat("answers", answers)
    if truth.size != answers.size:
        raise ValueError(f"there are {truth.size} classes beside {answers.size} answers")
    rows = int(answers.max()) + 1 if clusters is None else clusters
    if answers.max() >= rows:
        raise ValueError(f"answers hold cluster {answers.max()}: there are only {rows}")
    table = np.zeros((rows, int(truth.max()) + 1), np.int64)
    np.add.at(table, (answers, truth), 1)
    return table


def _flat(what: str, values: Any) -> Labels:
    given = np.asarray(values).ravel()
    whole = given.astype(np.int64)
    if not given.size or not np.array_equal(whole, given) or whole.min() < 0:
        raise ValueError(f"{what} must be whole numbers from 0 on, and at least one")
    return whole
