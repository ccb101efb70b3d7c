"""Pixels laid out in a plane: those that are alike lie together."""

from __future__ import annotations

import numpy as np
import pytest

from napari_lns import Segmentation
from napari_lns.analysis.embedding import umap

SIDE = 8


@pytest.mark.slow
def test_umap_lays_like_pixels_together_and_the_same_way_again() -> None:
    """Slow, for umap-learn compiles itself at its first use."""
    pytest.importorskip("umap")
    random = np.random.default_rng(0)
    labels = np.repeat([1, 2], SIDE * SIDE // 2).reshape(SIDE, SIDE)
    features = 5 * np.eye(6)[labels.ravel()] + random.normal(0, 0.1, (SIDE * SIDE, 6))
    found = Segmentation(np.zeros((SIDE, SIDE, 3)), labels, features=features)
    layout = umap(found, neighbours=5)
    assert layout.shape == (SIDE * SIDE, 2)
    one, other = (layout[labels.ravel() == label] for label in (1, 2))
    spread = max(np.ptp(one, axis=0).max(), np.ptp(other, axis=0).max())
    assert np.abs(one.mean(axis=0) - other.mean(axis=0)).max() > spread
    assert np.array_equal(umap(found, neighbours=5), layout)
