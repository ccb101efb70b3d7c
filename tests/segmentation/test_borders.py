"""Reassigning pixels at borders: what may change, what may not, and what it is for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns import segment
from napari_lns.models import load
from napari_lns.segmentation.clustering.borders import sharpen
from napari_lns.segmentation.clustering.tree import number_largest_first
from napari_lns.stimuli import draw

Labels = NDArray[np.int32]
LABELS = arrays(np.int32, (9, 12), elements=st.integers(1, 4))
SMOOTH = LABELS.map(lambda labels: np.asarray(ndimage.median_filter(labels, 5)))
WIDTHS = st.integers(1, 3)


def _features(seed: int) -> NDArray[np.float32]:
    features = np.random.default_rng(seed).normal(size=(9 * 12, 5))
    return features.astype(np.float32)


@given(LABELS, st.integers(0, 99))
def test_a_width_of_zero_changes_nothing_but_the_numbers(labels: Labels, seed: int) -> None:
    assert np.array_equal(sharpen(labels, _features(seed), 0), number_largest_first(labels))


@given(SMOOTH, WIDTHS, st.integers(0, 99))
def test_cores_keep_their_pixels_together(labels: Labels, width: int, seed: int) -> None:
    """Within a core all pixels stay together, and no two cores become one."""
    sharp = sharpen(labels, _features(seed), width)
    core = np.zeros(labels.shape, bool)
    for name in np.unique(labels):
        square = np.ones((2 * width + 1,) * 2, bool)
        core |= ndimage.binary_erosion(labels == name, square, border_value=True)
    pairs = {(int(a), int(b)) for a, b in zip(labels[core], sharp[core], strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@given(SMOOTH, WIDTHS, st.integers(0, 99))
def test_the_length_of_features_does_not_count(labels: Labels, width: int, seed: int) -> None:
    features = _features(seed)
    assert np.array_equal(sharpen(labels, features, width), sharpen(labels, 4 * features, width))


def test_pixels_of_an_edge_join_the_side_that_they_show_more_of() -> None:
    """Here the whole edge of a blurred square counts as ground, and is assigned anew."""
    square = np.zeros((16, 16), np.int32)
    square[4:12, 4:12] = 1
    blurred = np.asarray(ndimage.uniform_filter(square.astype(np.float32), 3))
    edge = 4 * blurred * (1 - blurred)
    features = np.stack([blurred, 1 - blurred, edge], axis=-1).reshape(-1, 3)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    inner = (blurred == 1).astype(np.int32)
    assert inner.sum() == 36
    assert np.array_equal(sharpen(inner + 1, features, 1) == 2, blurred > 0.5)


def test_one_segment_stays_one() -> None:
    assert sharpen(np.ones((9, 12), np.int32), _features(0), 2).max() == 1


@pytest.mark.parametrize("width", [0, 2])
def test_the_card_decides_where_nothing_is_given(width: int) -> None:
    model = load("kanizsa-figure")
    assert model.card is not None
    model.card = replace(model.card, border_width=width)
    stimulus = draw("kanizsa_figure")
    by_card = segment(stimulus, model, method="exact")
    given = segment(stimulus, model, method="exact", border_width=width)
    assert np.array_equal(by_card.labels, given.labels)
    assert by_card.record["used"]["border_width"] == by_card.border_width == width


def test_a_cut_of_the_tree_is_sharpened_like_the_labels() -> None:
    stimulus = draw("kanizsa_figure")
    found = segment(stimulus, "kanizsa-figure", clusters=3, method="exact", border_width=1)
    plain = segment(stimulus, "kanizsa-figure", clusters=3, method="exact", border_width=0)
    assert np.array_equal(found.cut(3), found.labels)
    assert not np.array_equal(found.labels, plain.labels)
    fine = segment(stimulus, "kanizsa-figure", clusters=5, method="exact", border_width=1)
    assert np.array_equal(found.cut(5), fine.labels)
