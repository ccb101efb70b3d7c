"""What several clusterers need: seeds, one group, and a limit to pairs of pixels."""

from __future__ import annotations

import numpy as np

from napari_lns.segmentation.clustering import Clustering, Features

__all__ = ["chance", "one_group", "refuse_many"]

QUADRATIC_LIMIT = 20_000
"""Most pixels for methods that hold all pairs of pixels: 20,000 need 3.2 GB."""


def chance(seed: int) -> int:
    """Bring a seed into the range that scikit-learn takes; those within stay."""
    return seed % 2**32


def one_group(features: Features) -> Clustering:
    """Put all pixels into one group."""
    return Clustering(np.ones(len(features), np.int32))


def refuse_many(features: Features, method: str) -> None:
    """Refuse more pixels than all pairs of which fit into memory."""
    n = len(features)
    if n > QUADRATIC_LIMIT:
        raise ValueError(
            f"{method} of {n} pixels needs {8e-9 * n * n:.0f} GB: use ward, "
            "approximate_ward or kmeans instead"
        )
