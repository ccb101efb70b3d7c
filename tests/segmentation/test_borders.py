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
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.borders import Borders, dissolve_slivers, sharpen
from napari_lns.segmentation.clustering.tree import cut, number_largest_first
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


def _wide(labels: Labels, width: int) -> set[int]:
    """The segments into which a square fits somewhere; beyond the image they go on."""
    square = np.ones((width, width), bool)
    names = np.unique(labels).tolist()
    return {
        name
        for name in names
        if ndimage.binary_erosion(labels == name, square, border_value=True).any()
    }


@given(st.integers(0, 999), st.integers(1, 5), st.sampled_from([3, 5]))
def test_slivers_are_dissolved_and_the_number_of_segments_stays(
    seed: int, number: int, width: int
) -> None:
    blurred = ndimage.gaussian_filter(_features(seed).reshape(9, 12, 5), (1, 1, 0))
    features = blurred.reshape(-1, 5)
    grouping = CLUSTERERS["ward"](features, number, 0)
    assert grouping.tree is not None
    labels = grouping.labels.reshape(9, 12)
    dissolved = dissolve_slivers(labels, grouping.tree, features, width)
    assert dissolved.max() == labels.max()
    if len(_wide(labels, width)) == number or np.array_equal(dissolved, labels):
        assert np.array_equal(dissolved, labels)
    else:
        assert _wide(dissolved, width) == set(range(1, number + 1))
        deeper = [cut(grouping.tree, number + more).reshape(9, 12) for more in range(21)]
        assert any(_is_from(finer, dissolved, width) for finer in deeper)


def _is_from(finer: Labels, dissolved: Labels, width: int) -> bool:
    """Whether the wide segments of a cut, each whole, became the segments."""
    wide = [np.unique(dissolved[finer == name]).tolist() for name in _wide(finer, width)]
    return sorted(wide) == [[name] for name in range(1, int(dissolved.max()) + 1)]


def test_a_sliver_between_two_surfaces_is_no_segment() -> None:
    """Two surfaces, and an edge that resembles neither: of two segments it is not the second."""
    angle = np.repeat([[0.0] * 5 + [2.5] + [0.8] * 6], 9, axis=0)
    features = np.stack([np.cos(angle), np.sin(angle)], axis=-1).reshape(-1, 2).astype(np.float32)
    grouping = CLUSTERERS["ward"](features, 2, 0)
    labels = grouping.labels.reshape(9, 12)
    assert np.bincount(labels.ravel()).tolist() == [0, 99, 9]
    borders = Borders(min_width=3)
    finished = borders.finish(labels, grouping.tree, features)
    assert np.bincount(finished.ravel()).tolist() == [0, 63, 45]
    assert np.array_equal(borders.finish(labels, None, features), labels)  # no tree to cut


@pytest.mark.parametrize("width", [0, 7])
def test_the_card_decides_how_wide_a_segment_is(width: int) -> None:
    model = load("rubin-vase")
    assert model.card is not None
    model.card = replace(model.card, min_width=width)
    stimulus = draw("rubin_vase")
    by_card = segment(stimulus, model, clusters=4, method="exact")
    given = segment(stimulus, model, clusters=4, method="exact", min_width=width)
    assert np.array_equal(by_card.labels, given.labels)
    assert by_card.record["used"]["min_width"] == by_card.borders.min_width == width
    assert np.array_equal(by_card.cut(4), by_card.labels)
    assert (by_card.score(stimulus) > 0.8) == bool(width)


@pytest.mark.parametrize("width", [0, 2])
def test_the_card_decides_where_nothing_is_given(width: int) -> None:
    model = load("kanizsa-figure")
    assert model.card is not None
    model.card = replace(model.card, border_width=width)
    stimulus = draw("kanizsa_figure")
    by_card = segment(stimulus, model, method="exact")
    given = segment(stimulus, model, method="exact", border_width=width)
    assert np.array_equal(by_card.labels, given.labels)
    assert by_card.record["used"]["border_width"] == by_card.borders.border_width == width


def test_a_cut_of_the_tree_is_sharpened_like_the_labels() -> None:
    stimulus = draw("kanizsa_figure")
    found = segment(stimulus, "kanizsa-figure", clusters=3, method="exact", border_width=1)
    plain = segment(stimulus, "kanizsa-figure", clusters=3, method="exact", border_width=0)
    assert np.array_equal(found.cut(3), found.labels)
    assert not np.array_equal(found.labels, plain.labels)
    fine = segment(stimulus, "kanizsa-figure", clusters=5, method="exact", border_width=1)
    assert np.array_equal(found.cut(5), fine.labels)
