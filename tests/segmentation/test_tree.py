"""Merge trees: numbering, cuts, heights between pixels, boundaries."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import cophenet, fcluster, linkage
from scipy.spatial.distance import squareform

from napari_lns.segmentation.clustering.tree import (
    boundaries,
    cut,
    cut_at,
    heights_between,
    is_nested,
    merge_heights,
    number_largest_first,
)
from napari_lns.segmentation.clustering.ward import ward_tree

labels = arrays(np.int64, st.integers(1, 40), elements=st.integers(-5, 5))
NO_MERGES = np.empty((0, 4))


def some_tree(n: int, seed: int = 0, method: str = "ward") -> np.ndarray:
    return linkage(np.random.default_rng(seed).normal(size=(n, 3)), method)


trees = st.builds(some_tree, st.integers(2, 40), st.integers(0, 99))


@given(labels)
def test_numbers_fall_with_size_and_ties_go_by_first_pixel(given_labels: np.ndarray) -> None:
    numbered = number_largest_first(given_labels)
    names = np.arange(1, numbered.max() + 1)
    keys = [(-np.sum(numbered == k), np.flatnonzero(numbered == k)[0]) for k in names]
    assert keys == sorted(keys)
    assert numbered.dtype == np.int32


@given(labels)
def test_numbering_keeps_the_groups(given_labels: np.ndarray) -> None:
    numbered = number_largest_first(given_labels)
    assert is_nested(numbered, given_labels)
    assert is_nested(given_labels, numbered)


@given(labels)
def test_numbering_does_not_depend_on_the_old_names(given_labels: np.ndarray) -> None:
    renamed = 7 - 3 * given_labels
    np.testing.assert_array_equal(number_largest_first(renamed), number_largest_first(given_labels))


def test_numbering_keeps_the_shape_of_a_map() -> None:
    assert number_largest_first([[3, 3], [3, 8]]).tolist() == [[1, 1], [1, 2]]


@given(trees, st.data())
def test_a_cut_gives_as_many_groups_as_asked_for(tree: np.ndarray, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(tree) + 1))
    assert np.unique(cut(tree, k)).tolist() == list(range(1, k + 1))


@given(trees, st.data())
def test_finer_cuts_lie_inside_coarser_ones(tree: np.ndarray, data: st.DataObject) -> None:
    k = data.draw(st.integers(2, len(tree) + 1))
    assert is_nested(cut(tree, k), cut(tree, k - 1))
    assert not is_nested(cut(tree, k - 1), cut(tree, k))


@given(trees, st.data())
def test_cuts_are_those_of_scipy(tree: np.ndarray, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(tree) + 1))
    expected = number_largest_first(fcluster(tree, k, "maxclust"))
    np.testing.assert_array_equal(cut(tree, k), expected)


@given(trees, st.floats(0, 5))
def test_cuts_at_a_height_are_those_of_scipy(tree: np.ndarray, height: float) -> None:
    expected = number_largest_first(fcluster(tree, height, "distance"))
    np.testing.assert_array_equal(cut_at(tree, height), expected)


@pytest.mark.parametrize("k", [0, -1, 6])
def test_a_cut_into_no_or_too_many_groups_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match=f"clusters is {k}: .* between 1 and .* 5"):
        cut(some_tree(5), k)


def test_one_pixel_is_one_group_without_heights() -> None:
    assert cut(NO_MERGES, 1).tolist() == [1]
    assert cut_at(NO_MERGES, 1.0).tolist() == [1]
    assert merge_heights(NO_MERGES, 10).size == 0
    assert heights_between(NO_MERGES, [0], [0]).tolist() == [0.0]
    assert boundaries(NO_MERGES, (1, 1)).tolist() == [[0.0]]


def test_merge_heights_fall_from_two_groups_on() -> None:
    tree = some_tree(9)
    np.testing.assert_array_equal(merge_heights(tree, 4), tree[[-1, -2, -3], 2])
    assert len(merge_heights(tree, 100)) == 8


@given(trees)
def test_heights_between_pixels_are_scipys_cophenetic_distances(tree: np.ndarray) -> None:
    every = np.arange(len(tree) + 1)
    heights = heights_between(tree, every[:, None] + 0 * every, every + 0 * every[:, None])
    np.testing.assert_array_equal(heights, squareform(cophenet(tree)))


@given(st.integers(0, 99))
def test_heights_between_pixels_are_an_ultrametric(seed: int) -> None:
    tree = some_tree(30, seed)
    one, two, three = np.random.default_rng(seed).integers(0, 30, (3, 50))
    longest = np.maximum(heights_between(tree, one, two), heights_between(tree, two, three))
    assert (heights_between(tree, one, three) <= longest).all()


def test_boundaries_above_a_height_are_the_edges_of_the_cut_there() -> None:
    tree = some_tree(48)
    height = float(tree[-5, 2]) * 1.0001
    groups = cut_at(tree, height).reshape(6, 8)
    edge = np.zeros((6, 8), bool)
    across, down = groups[:, 1:] != groups[:, :-1], groups[1:] != groups[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    np.testing.assert_array_equal(boundaries(tree, (6, 8)) > height, edge)


def test_boundaries_of_another_images_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"5 leaves: .* \(2, 3\) image"):
        boundaries(some_tree(5), (2, 3))


def test_labels_are_nested_in_themselves_and_in_one_group_only() -> None:
    fine = np.array([1, 1, 2, 3])
    assert is_nested(fine, fine)
    assert is_nested(fine, np.ones(4, int))
    assert not is_nested([1, 1, 2, 2], [1, 2, 2, 2])


@pytest.mark.parametrize("k", [2, 3, 100, 2000, 4096])
def test_a_cut_of_4096_pixels_takes_less_than_ten_milliseconds(k: int) -> None:
    tree = ward_tree(np.random.default_rng(0).normal(size=(4096, 4)))
    taken = []
    for _ in range(5):
        begin = time.process_time()
        cut(tree, k)
        taken.append(time.process_time() - begin)
    assert min(taken) < 0.01
