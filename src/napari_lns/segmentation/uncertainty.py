"""Uncertainty of a segmentation over repeated runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.measures import match_labels

__all__ = ["disagreement", "entropy"]

Labels = NDArray[np.int32]
_ROWS = 512  # rows of the co-assignment matrix at a time, which is never in memory as a whole


def disagreement(labels: Labels, alternatives: Sequence[Labels] | Labels) -> NDArray[np.float32]:
    """Compute the share of repeated runs in which a pixel's label differs, after matching.

    Parameters
    ----------
    labels : array of int
        The labels to compare with.
    alternatives : sequence of such arrays
        Labels of the other runs.

    Returns
    -------
    array of float32, the same shape
        0 if all runs agree.

    Examples
    --------
    >>> disagreement(np.array([1, 1, 2]), [np.array([2, 2, 1]), np.array([1, 2, 2])]).tolist()
    [0.0, 0.5, 0.0]
    """
    differ = [match_labels(labels, each) != labels for each in alternatives]
    share: NDArray[np.float32] = np.mean(differ, axis=0, dtype=np.float32)
    return share


def entropy(labelings: Sequence[Labels]) -> NDArray[np.float32]:
    """Compute the entropy, in bits, of whether a pixel shares its segment with another one.

    The result is the mean over all other pixels. Labels need no matching, and runs may differ in
    their number of segments.

    Parameters
    ----------
    labelings : sequence of arrays of int, one shape
        Labels of several runs.

    Returns
    -------
    array of float32, the same shape
        Between 0 (all runs agree) and 1.

    Examples
    --------
    >>> entropy([np.array([1, 1]), np.array([1, 2])]).tolist()
    [0.5, 0.5]
    """
    runs = np.stack([np.ravel(each) for each in labelings])
    # there are few distinct combinations of labels over runs
    kinds, kind, count = np.unique(runs, axis=1, return_inverse=True, return_counts=True)
    member = np.concatenate([_membership(each) for each in kinds], axis=1)
    levels, weight = len(labelings), count / count.sum()
    share = np.arange(levels + 1) / levels
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    bits = np.nan_to_num(bits).astype(np.float32)
    mean = np.empty(len(member), np.float32)
    for start in range(0, len(member), _ROWS):
        together = member[start : start + _ROWS] @ member.T
        mean[start : start + _ROWS] = bits[np.rint(together).astype(np.intp)] @ weight
    return mean[np.ravel(kind)].reshape(np.shape(labelings[0]))


def _membership(labels: Labels) -> NDArray[np.float32]:
    groups = np.unique(labels)
    member: NDArray[np.bool_] = np.ravel(labels)[:, None] == groups
    return member.astype(np.float32)
