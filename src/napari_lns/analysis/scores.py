"""Scores that compare labels with the ground truth, or two segmentations with each other.

Labels may be any whole numbers; all scores but `foreground_ari` treat the background as one
segment among the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns.segmentation.measures import (
    adjusted_rand_index,
    check_ground_truth,
    check_same_shape,
    contingency,
    foreground_ari,
    match_labels,
    mean_best_iou,
)

__all__ = [
    "adjusted_rand_index",
    "best_overlap",
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


def best_overlap(region: NDArray[np.bool_], truth: NDArray[Any]) -> float:
    """Return the largest intersection over union of a mask with any true segment.

    The result is 0 for an empty mask.

    Examples
    --------
    >>> best_overlap(np.array([True, True, False]), np.array([1, 2, 2]))
    0.5
    """
    if not region.any():
        return 0.0
    candidates = [truth == value for value in np.unique(truth[region])]
    return max(float((region & one).sum() / (region | one).sum()) for one in candidates)


def variation_of_information(truth: ArrayLike, labels: ArrayLike) -> float:
    """Compute the variation of information (Meilă, 2007) in bits; 0 for equal partitions.

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
    from skimage.metrics import variation_of_information as conditional_entropies

    reference, predicted = (
        np.unique(each, return_inverse=True)[1] for each in check_same_shape(truth, labels)
    )
    parts = conditional_entropies(reference.ravel(), predicted.ravel())  # type: ignore[no-untyped-call]
    return max(0.0, float(sum(parts)))


def edges(labels: ArrayLike) -> NDArray[np.bool_]:
    """Return the pixels whose right or lower neighbour has another label.

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
    array = np.asarray(labels)
    if array.ndim != 2:
        raise ValueError(f"labels have shape {array.shape}: edges need a map of (height, width)")
    edge = np.zeros(array.shape, bool)
    edge[:, :-1] |= array[:, :-1] != array[:, 1:]
    edge[:-1] |= array[:-1] != array[1:]
    return edge


def boundary_f(truth: ArrayLike, labels: ArrayLike, tolerance: float = 2.0) -> float:
    """Compute the boundary F score: harmonic mean of the shares of edge pixels near an edge.

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
    to_labels, to_truth = _edge_distances(truth, labels)
    if len(to_labels) == 0 or len(to_truth) == 0:
        return float(len(to_labels) == len(to_truth))
    recall, precision = (to_labels <= tolerance).mean(), (to_truth <= tolerance).mean()
    total = recall + precision
    return float(2 * recall * precision / total) if total else 0.0


def edge_similarity(one: ArrayLike, other: ArrayLike) -> float:
    """Compute the similarity of two maps' edges: Pratt's figure of merit (1978), symmetrised.

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
    from_one, from_other = _edge_distances(one, other)
    most = max(len(from_one), len(from_other))
    if min(len(from_one), len(from_other)) == 0:
        return float(most == 0)
    merit = [(1 / (1 + distance**2 / 9)).sum() / most for distance in (from_one, from_other)]
    return float(sum(merit) / 2)


def _edge_distances(one: ArrayLike, other: ArrayLike) -> tuple[Array, Array]:
    """Return the distance of each edge pixel of either map to the nearest edge of the other."""
    from scipy.ndimage import distance_transform_edt

    check_same_shape(one, other)
    edges_of_one, edges_of_other = edges(one), edges(other)
    return distance_transform_edt(~edges_of_other)[edges_of_one], distance_transform_edt(
        ~edges_of_one
    )[edges_of_other]
