"""Exact Ward trees of pixel features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import ward

__all__ = ["ward_tree"]


def ward_tree(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """Ward's merge tree of the rows, in SciPy's linkage layout.

    Parameters
    ----------
    features : (n, d) array
        One row for each pixel.

    Returns
    -------
    (n - 1, 4) array
        Rows (left, right, height, size), heights rising.

    Examples
    --------
    >>> ward_tree(np.array([[0.0], [1.0], [5.0]]))[:, 2].round(2).tolist()
    [1.0, 5.2]
    """
    if len(features) < 2:
        return np.empty((0, 4))
    return np.asarray(ward(np.asarray(features, np.float64)))
