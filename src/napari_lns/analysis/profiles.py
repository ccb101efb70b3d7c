"""Profiles of variance and affinity along a line, such as across an illusory edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns.analysis.affinity import directions
from napari_lns.segmentation import Segmentation

__all__ = ["Profile", "profile"]


@dataclass(frozen=True, eq=False)
class Profile:
    """Variance and affinity along a line.

    Parameters
    ----------
    distance
        Distance along the line in pixels.
    rows, columns
        Rows and columns of the pixels on the line.
    variance
        Variance of the outputs at these pixels; None if the method has none.
    to_start
        Affinity to the first pixel; None if there are no features.
    to_next
        Affinity of each pixel to the next, low at an edge; one value fewer.
    """

    distance: NDArray[np.float64]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    variance: NDArray[np.float32] | None
    to_start: NDArray[np.float32] | None
    to_next: NDArray[np.float32] | None


def profile(segmentation: Segmentation, path: ArrayLike) -> Profile:
    """Return the profile of a segmentation along a line.

    Parameters
    ----------
    segmentation
        The result.
    path
        (m, 2), rows and columns of the line's corners; points outside the image are left out.

    Returns
    -------
    Profile

    Examples
    --------
    >>> result = Segmentation(np.zeros((2, 4, 3)), np.ones((2, 4)), variance=np.eye(2, 4))
    >>> profile(result, [[0, 0], [0, 3]]).variance.tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    distance, points = _steps(np.asarray(path, np.float64))
    pixels = np.floor(points + 0.5).astype(np.intp)
    inside = np.all((pixels >= 0) & (pixels < segmentation.labels.shape), axis=1)
    distance, (rows, columns) = distance[inside], pixels[inside].T
    variance = None if segmentation.variance is None else segmentation.variance[rows, columns]
    unit = directions(segmentation, rows, columns)
    if unit is None or not len(rows):
        return Profile(distance, rows, columns, variance, None, None)
    to_next = np.einsum("nd,nd->n", unit[:-1], unit[1:])
    return Profile(distance, rows, columns, variance, np.einsum("nd,d->n", unit, unit[0]), to_next)


def _steps(corners: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distances and points along a polyline in steps of one pixel."""
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    corner_distances = np.concatenate([[0.0], np.cumsum(lengths)])
    distance = np.linspace(0.0, corner_distances[-1], round(corner_distances[-1]) + 1)
    points = [np.interp(distance, corner_distances, corners[:, axis]) for axis in (0, 1)]
    return distance, np.stack(points, axis=1)
