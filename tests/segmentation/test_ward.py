"""Ward's tree: the same as SciPy's and scikit-learn's, whatever the features; approximate trees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import is_valid_linkage, ward
from sklearn.cluster import AgglomerativeClustering

from napari_lns.segmentation.clustering import _reciprocal
from napari_lns.segmentation.clustering import ward as ward_module
from napari_lns.segmentation.clustering._reciprocal import merge_mutual_neighbours
from napari_lns.segmentation.clustering.tree import cut, number_largest_first
from napari_lns.segmentation.clustering.ward import (
    approximate_ward_tree,
    first_equal_rows,
    ward_tree,
)
from napari_lns.segmentation.measures import adjusted_rand_index

sizes = st.tuples(st.integers(2, 60), st.integers(1, 40))
seeds = st.integers(0, 2**32 - 1)


def scattered(shape: tuple[int, int], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def like_responses(n: int, latents: int = 15, seed: int = 0) -> np.ndarray:
    """Rows of unit length in a space of few dimensions, half of them nearly equal."""
    chance = np.random.default_rng(seed)
    mix = np.cumsum(chance.normal(size=(n, latents)), axis=0)
    mix[n // 2 :] = mix[0] + 1e-3 * chance.normal(size=(n - n // 2, latents))
    rows = mix @ chance.normal(size=(latents, 39))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def assert_same_tree(found: np.ndarray, expected: np.ndarray) -> None:
    tolerance = 1e-12 * expected[-1, 2]
    np.testing.assert_allclose(found[:, 2], expected[:, 2], rtol=1e-9, atol=tolerance)
    np.testing.assert_array_equal(found[:, [0, 1, 3]], expected[:, [0, 1, 3]])


@given(sizes, seeds)
def test_the_tree_is_scipys(shape: tuple[int, int], seed: int) -> None:
    features = scattered(shape, seed)
    assert_same_tree(ward_tree(features), ward(features))


@pytest.mark.parametrize("n", [255, 256, 257, 1000])
def test_the_tree_is_scipys_where_tiles_end(n: int) -> None:
    features = like_responses(n, seed=n)
    assert_same_tree(ward_tree(features), ward(features))


@pytest.mark.parametrize("k", [2, 3, 10])
def test_cuts_are_scikit_learns(k: int) -> None:
    features = like_responses(1024)
    theirs = AgglomerativeClustering(k, linkage="ward").fit_predict(features)
    np.testing.assert_array_equal(cut(ward_tree(features), k), number_largest_first(theirs))


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1.0, 1e30])
def test_heights_grow_with_the_features(scale: float) -> None:
    features = scattered((80, 20), 1)
    expected = ward_tree(features)
    expected[:, 2] *= scale
    assert_same_tree(ward_tree(scale * features), expected)


def test_a_shift_and_a_turn_leave_the_tree_as_it_is() -> None:
    features = scattered((200, 24), 2)
    turn = np.linalg.qr(scattered((24, 24), 3))[0]
    assert_same_tree(ward_tree(3 + features @ turn), ward_tree(features))


@given(sizes, seeds)
def test_the_order_of_pixels_leaves_the_heights_as_they_are(
    shape: tuple[int, int], seed: int
) -> None:
    features = scattered(shape, seed)
    mixed = np.random.default_rng(seed).permutation(features)
    np.testing.assert_allclose(
        ward_tree(mixed)[:, 2], ward_tree(features)[:, 2], rtol=1e-9, atol=1e-12
    )


@settings(max_examples=50)
@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=st.integers(-2, 2)
    )
)
def test_ties_of_any_kind_give_a_sound_tree(features: np.ndarray) -> None:
    tree = ward_tree(features)
    assert tree.shape == (len(features) - 1, 4)
    assert (np.diff(tree[:, 2]) >= 0).all()
    assert len(features) < 2 or is_valid_linkage(tree)
    deviation = ((features - features.mean(0)) ** 2).sum()
    np.testing.assert_allclose((tree[:, 2] ** 2).sum() / 2, deviation, rtol=1e-6, atol=1e-9)


@settings(max_examples=50)
@given(
    arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 2)), elements=st.integers(0, 2))
)
def test_equal_pixels_are_merged_first_and_at_no_height(features: np.ndarray) -> None:
    kinds = len(np.unique(features, axis=0))
    tree = ward_tree(features)
    assert np.count_nonzero(tree[:, 2] == 0) == len(features) - kinds
    np.testing.assert_array_equal(
        cut(tree, kinds), number_largest_first(np.unique(features, axis=0, return_inverse=True)[1])
    )


def test_pixels_at_equal_distances_are_merged_in_few_rounds() -> None:
    heights = ward_tree(np.eye(512))[:, 2]
    np.testing.assert_allclose(heights[:256], np.sqrt(2))


def test_features_that_are_all_zero_merge_at_no_height() -> None:
    tree = ward_tree(np.zeros((4096, 45), np.float32))
    assert (tree[:, 2] == 0).all()
    assert tree[-1, 3] == 4096


def test_one_pixel_has_no_merges_and_two_have_one() -> None:
    assert ward_tree(np.ones((1, 3))).shape == (0, 4)
    np.testing.assert_allclose(ward_tree(np.array([[0.0], [3.0]])), [[0, 1, 3, 2]])


def test_negative_zeros_equal_positive_ones() -> None:
    assert first_equal_rows(np.array([[0.0, 1.0], [-0.0, 1.0]])).tolist() == [0, 0]


def test_rows_whose_bits_mix_to_one_number_are_distinguished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ward_module, "_hash_rows", lambda rows: np.zeros(len(rows), np.uint64))
    assert first_equal_rows(np.array([[1.0], [2.0], [1.0], [3.0]])).tolist() == [0, 1, 0, 3]


@pytest.mark.parametrize("coordinates", [1, 2, 5, 12, 24])
def test_the_number_of_coordinates_compared_changes_no_merge(coordinates: int) -> None:
    points = scattered((300, 24), 4) / 4
    ones, zeros = np.ones(300), np.zeros(300)
    merges = [merge_mutual_neighbours(points, count, ones, zeros) for count in (coordinates, 24)]
    np.testing.assert_allclose(*(np.sort(each[:, 2]) for each in merges), rtol=1e-12)


@pytest.mark.parametrize("kind", ["scattered", "tied"])
def test_the_number_of_threads_changes_no_merge(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    points = scattered((900, 6), 7) / 4
    if kind == "tied":
        points = np.round(2 * points) / 2  # many rows are equally far from each other
    ones, zeros = np.ones(900), np.zeros(900)
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(_reciprocal, "get_num_threads", lambda threads=threads: threads)
        found.append(merge_mutual_neighbours(points, 4, ones, zeros))
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    ("features", "told"),
    [
        (np.zeros(5), "shape"),
        (np.zeros((0, 3)), "shape"),
        (np.zeros((3, 0)), "shape"),
        (np.array([[0.0], [np.nan]]), "NaN"),
        (np.array([[0.0], [np.inf]]), "infinite"),
    ],
)
def test_features_that_cannot_be_merged_are_refused(features: np.ndarray, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ward_tree(features)


def test_an_approximate_tree_with_enough_cells_is_exact() -> None:
    features = like_responses(300)
    tree, error = approximate_ward_tree(features, cells=300, block=100)
    assert_same_tree(tree, ward_tree(features))
    assert error == 0


def test_an_approximate_tree_is_sound_and_tells_its_error() -> None:
    features = like_responses(2000)
    tree, error = approximate_ward_tree(features, cells=200, block=500)
    assert is_valid_linkage(tree)
    assert tree[-1, 3] == 2000
    cells = cut(tree, 200)
    centres = np.stack([features[cells == k].mean(0) for k in range(1, 201)])
    within = ((features - centres[cells - 1]) ** 2).sum()
    assert error == pytest.approx(within / ((features - features.mean(0)) ** 2).sum(), rel=0.05)
    assert error < 0.01


def test_an_approximate_tree_finds_the_groups_of_the_exact_one() -> None:
    features = like_responses(3000, seed=5)
    tree, _ = approximate_ward_tree(features, cells=300, block=1000)
    assert adjusted_rand_index(cut(ward_tree(features), 3), cut(tree, 3)) > 0.9


def test_an_approximate_tree_keeps_one_cell_for_each_block_at_least() -> None:
    tree, _ = approximate_ward_tree(scattered((50, 3), 6), cells=1, block=10)
    assert is_valid_linkage(tree)
    assert (np.diff(tree[:, 2]) >= 0).all()


def test_an_approximate_tree_of_equal_pixels_has_no_error() -> None:
    tree, error = approximate_ward_tree(np.zeros((40, 3)), cells=5, block=10)
    assert error == 0
    assert (tree[:, 2] == 0).all()
