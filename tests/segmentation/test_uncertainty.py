"""Uncertainty from several labellings: disagreement after matching, co-assignment entropy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_lns.segmentation.uncertainty import disagreement, entropy

runs = st.tuples(st.integers(1, 5), st.integers(1, 30)).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(1, 4))
)


def plain_entropy(labelings: np.ndarray) -> np.ndarray:
    together = np.mean([each[:, None] == each for each in labelings], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = -together * np.log2(together) - (1 - together) * np.log2(1 - together)
    return np.nan_to_num(bits).mean(1)


@given(runs)
def test_entropy_is_that_of_all_pairs_of_pixels(labelings: np.ndarray) -> None:
    np.testing.assert_allclose(entropy(labelings), plain_entropy(labelings), atol=1e-6)


@given(runs)
def test_runs_that_agree_leave_no_doubt(labelings: np.ndarray) -> None:
    same = [labelings[0]] * 3
    assert (entropy(same) == 0).all()
    assert (disagreement(labelings[0], same) == 0).all()


@given(runs, st.permutations(range(5)))
def test_names_of_groups_do_not_matter(labelings: np.ndarray, names: list[int]) -> None:
    renamed = np.array(names)[labelings]
    np.testing.assert_allclose(entropy(renamed), entropy(labelings), atol=1e-6)


def test_a_pixel_that_changes_sides_is_the_doubtful_one() -> None:
    maps = [np.array([[1, 1, 2], [1, 2, 2]]), np.array([[2, 2, 1], [2, 2, 1]])]
    np.testing.assert_array_equal(disagreement(maps[0], maps), [[0, 0, 0], [0, 0.5, 0]])
    assert np.unravel_index(entropy(maps).argmax(), (2, 3)) == (1, 1)


def test_a_large_image_needs_no_matrix_of_its_pixels() -> None:
    labels = np.arange(256 * 256).reshape(256, 256) % 3
    assert entropy([labels, labels]).max() == 0
