"""Helpers shared by clusterers: seeds, a single cluster, and a limit on pairs of pixels."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering import Clustering, Features

__all__ = ["chance", "one_group", "refuse_many"]

QUADRATIC_LIMIT = 20_000
"""Largest number of pixels for methods with a matrix of all pairs: 20,000 need 3.2 GB."""


def chance(seed: int) -> int:
    """Map a seed to scikit-learn's range; seeds within it are unchanged."""
    return seed % 2**32


def one_group(features: Features) -> Clustering:
    """Assign all pixels to one cluster."""
    return Clustering(np.ones(len(features), np.int32))


def refuse_many(features: Features, method: str) -> None:
    """Raise ValueError if a matrix of all pairs of pixels would not fit into memory."""
    n = len(features)
    if n > QUADRATIC_LIMIT:
        raise ValueError(
            f"{method} of {n} pixels needs {8e-9 * n * n:.0f} GB: use ward, "
            "approximate_ward or kmeans instead"
        )
