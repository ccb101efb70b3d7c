"""Measures: against scikit-learn, scikit-image and cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.metrics import variation_of_information as skimage_information
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from napari_lns.analysis.scores import (
    boundary_f,
    edge_similarity,
    edges,
    foreground_ari,
    mean_best_iou,
    variation_of_information,
)
from napari_lns.segmentation.clustering.tree import is_nested
from napari_lns.segmentation.measures import adjusted_rand_index, contingency, match_labels

partitions = st.integers(1, 60).flatmap(
    lambda n: st.tuples(*(arrays(np.int64, n, elements=st.integers(-3, 4)) for _ in range(2)))
)
maps = st.tuples(st.integers(1, 8), st.integers(1, 8)).flatmap(
    lambda shape: st.tuples(
        *(arrays(np.int32, shape, elements=st.integers(0, 2)) for _ in range(2))
    )
)
SYMMETRIC = (adjusted_rand_index, variation_of_information)
OF_MAPS = (boundary_f, edge_similarity)
WORST = {variation_of_information: 0.0}


def square(row: int, column: int, side: int = 10) -> np.ndarray:
    drawn = np.zeros((32, 32), np.int32)
    drawn[row : row + side, column : column + side] = 1
    return drawn


@given(partitions)
def test_contingency_and_rand_index_are_scikit_learns(both: tuple[np.ndarray, ...]) -> None:
    np.testing.assert_array_equal(contingency(*both), contingency_matrix(*both))
    assert adjusted_rand_index(*both) == pytest.approx(adjusted_rand_score(*both), abs=1e-12)


@given(partitions)
def test_variation_of_information_is_scikit_images(both: tuple[np.ndarray, ...]) -> None:
    shifted = [each + 3 for each in both]
    expected = skimage_information(*shifted, ignore_labels=()).sum()
    assert variation_of_information(*both) == pytest.approx(expected, abs=1e-9)


@given(partitions, st.permutations(range(8)))
def test_names_of_groups_do_not_matter(both: tuple[np.ndarray, ...], names: list[int]) -> None:
    truth, labels = both
    renamed = np.array(names)[labels + 3]
    for measure in (*SYMMETRIC, mean_best_iou):
        assert measure(truth, renamed) == pytest.approx(measure(truth, labels))


@given(partitions)
def test_measures_of_partitions_do_not_mind_which_comes_first(
    both: tuple[np.ndarray, ...],
) -> None:
    for measure in SYMMETRIC:
        assert measure(*both) == pytest.approx(measure(*both[::-1]))


@given(maps)
def test_measures_of_edges_lie_between_0_and_1_whichever_comes_first(
    both: tuple[np.ndarray, ...],
) -> None:
    for measure in OF_MAPS:
        assert 0 <= measure(*both) <= 1
        assert measure(*both) == pytest.approx(measure(*both[::-1]))


@given(maps)
def test_equal_maps_score_best(both: tuple[np.ndarray, ...]) -> None:
    labels = both[0]
    for measure in (adjusted_rand_index, mean_best_iou, *OF_MAPS):
        assert measure(labels, labels) == 1
    assert variation_of_information(labels, labels) == pytest.approx(0, abs=1e-12)


def test_the_rand_index_of_a_large_image_does_not_overflow() -> None:
    truth = np.random.default_rng(0).integers(0, 3, 512 * 512)
    labels = np.where(np.arange(512 * 512) % 5, truth, 0)
    expected = adjusted_rand_score(truth, labels)
    assert adjusted_rand_index(truth, labels) == pytest.approx(expected, rel=1e-12)


def test_foreground_index_leaves_out_the_true_background() -> None:
    truth, labels = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 1, 1, 2, 2])
    assert foreground_ari(truth, labels) == 1
    assert adjusted_rand_index(truth, labels) < 1
    expected = adjusted_rand_score(truth[:4], labels[:4])
    assert foreground_ari(truth, labels, background=2) == pytest.approx(expected)


def test_foreground_index_without_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="only the background 0"):
        foreground_ari([0, 0], [1, 2])


def test_best_overlap_by_hand() -> None:
    # group 0: 2 of 3 with group 7; group 1: 1 of 3 with either
    assert mean_best_iou([0, 0, 1, 1], [7, 7, 7, 8]) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_edges_lie_left_of_and_above_a_change() -> None:
    assert edges([[1, 1], [1, 2]]).tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize(("shift", "score"), [(0, 1.0), (1, 1.0), (2, 1.0)])
def test_edges_within_the_tolerance_count_as_found(shift: int, score: float) -> None:
    assert boundary_f(square(5, 5), square(5, 5 + shift), tolerance=2) == score


def test_boundary_f_by_hand() -> None:
    # edges at columns 2 and 6 of the truth, at column 2 of the labels: recall 1/2, precision 1
    truth, labels = np.zeros((4, 10), int), np.zeros((4, 10), int)
    truth[:, 3:7] = 1
    labels[:, 3:] = 1
    assert boundary_f(truth, labels, tolerance=1) == pytest.approx(2 / 3)
    assert boundary_f(labels, truth, tolerance=1) == pytest.approx(2 / 3)
    assert boundary_f(truth, labels, tolerance=4) == 1


def test_edges_farther_apart_are_less_alike() -> None:
    alike = [edge_similarity(square(5, 5), square(5, 5 + shift)) for shift in range(8)]
    assert alike[0] == 1
    assert alike == sorted(alike, reverse=True)
    assert len(set(alike)) == 8


def test_edge_similarity_by_hand() -> None:
    # one edge pixel each, three columns apart: 1 / (1 + 9 / 9)
    assert edge_similarity([[1, 2, 2, 2, 2]], [[1, 1, 1, 1, 2]]) == pytest.approx(1 / 2)


def test_a_map_without_edges_is_like_no_map_with_them() -> None:
    flat = np.zeros((32, 32), int)
    for measure in OF_MAPS:
        assert measure(flat, flat) == 1
        assert measure(flat, square(5, 5)) == measure(square(5, 5), flat) == 0


@given(partitions)
def test_matched_labels_are_the_same_groups_and_agree_most(both: tuple[np.ndarray, ...]) -> None:
    reference, labels = both
    matched = match_labels(reference, labels)
    assert is_nested(matched, labels)
    assert is_nested(labels, matched)
    assert (matched == reference).sum() >= (labels == reference).sum()


@given(arrays(np.int32, (6,), elements=st.integers(1, 4)), st.permutations(range(5)))
def test_renamed_labels_are_matched_back(labels: np.ndarray, names: list[int]) -> None:
    np.testing.assert_array_equal(match_labels(labels, np.array(names)[labels]), labels)


def test_groups_without_a_partner_get_new_numbers() -> None:
    assert match_labels([5, 5, 5], [1, 1, 2]).tolist() == [5, 5, 6]


@pytest.mark.parametrize(
    "measure", [adjusted_rand_index, mean_best_iou, variation_of_information, boundary_f]
)
def test_labels_of_other_shapes_are_refused(measure: object) -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 2\), labels \(2, 3\)"):
        measure(np.zeros((2, 2)), np.zeros((2, 3)))


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        adjusted_rand_index([], [])
    with pytest.raises(ValueError, match="a map of"):
        edges([1, 2])
    with pytest.raises(ValueError, match="tolerance is -1"):
        boundary_f(square(5, 5), square(5, 6), tolerance=-1)
