"""Principal components of pixel features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["principal_components"]


def principal_components(features: NDArray[np.floating], count: int) -> NDArray[np.float32]:
    """Project rows onto their leading principal components.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.
    count : int
        Number of components; components beyond the features' dimension are zero.

    Returns
    -------
    (n, count) array of float32
        The sign of each component makes its largest weight positive.

    Examples
    --------
    >>> principal_components(np.array([[0.0, 1.0], [0.0, 3.0]]), 1).tolist()
    [[-1.0], [1.0]]
    """
    centred = np.asarray(features, np.float64) - features.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :count]
    largest = np.abs(axes).argmax(0)
    axes = axes * np.where(np.take_along_axis(axes, largest[None], 0) < 0, -1, 1)
    components = np.zeros((len(features), count), np.float32)
    components[:, : axes.shape[1]] = centred @ axes
    return components
