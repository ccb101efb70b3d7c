"""The clusterers: planted groups found, numbering, few or equal pixels, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.clusterers import _common
from napari_lns.segmentation.clustering.clusterers.spectral import gaussian_affinity
from napari_lns.segmentation.clustering.tree import cut, number_largest_first
from napari_lns.segmentation.measures import adjusted_rand_index

every = pytest.mark.parametrize("name", CLUSTERERS)
TREES = ("ward", "approximate_ward", "average")


def planted(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    truth = np.repeat([0, 1, 2], [60, 90, 50])
    chance = np.random.default_rng(seed)
    return truth, 5 * np.eye(3, 8)[truth] + chance.normal(0, 0.3, (200, 8))


@every
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
def test_planted_groups_are_found_at_any_scale(name: str, scale: float) -> None:
    truth, features = planted()
    found = CLUSTERERS[name]((scale * features).astype(np.float32), 3, 0).labels
    np.testing.assert_array_equal(found, number_largest_first(truth))
    assert found.dtype == np.int32


@every
def test_the_same_seed_gives_the_same_groups(name: str) -> None:
    features = np.random.default_rng(1).normal(size=(150, 5))
    one, other = (CLUSTERERS[name](features, 4, 3).labels for _ in range(2))
    np.testing.assert_array_equal(one, other)


@every
def test_the_order_of_pixels_leaves_the_groups_as_they_are(name: str) -> None:
    truth, features = planted(2)
    order = np.random.default_rng(3).permutation(len(truth))
    found = CLUSTERERS[name](features[order], 3, 0).labels
    assert adjusted_rand_index(truth[order], found) == 1


@every
def test_a_tree_is_kept_exactly_where_the_groups_are_cut_from_one(name: str) -> None:
    _, features = planted()
    found = CLUSTERERS[name](features, 3, 0)
    assert (found.tree is not None) == (name in TREES)
    if found.tree is not None:
        np.testing.assert_array_equal(cut(found.tree, 3), found.labels)


@settings(max_examples=30)
@given(
    name=st.sampled_from(sorted(CLUSTERERS)),
    features=arrays(
        np.float32, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.integers(-1, 1)
    ),
    data=st.data(),
)
def test_few_or_equal_pixels_give_at_most_the_groups_asked_for(
    name: str, features: np.ndarray, data: st.DataObject
) -> None:
    clusters = data.draw(st.integers(1, len(features)))
    labels = CLUSTERERS[name](features, clusters, 0).labels
    groups = np.unique(labels)
    assert groups.tolist() == list(range(1, len(groups) + 1))
    assert len(groups) <= min(clusters, len(np.unique(features, axis=0)))


@every
def test_features_that_are_all_zero_are_one_group(name: str) -> None:
    assert (CLUSTERERS[name](np.zeros((64, 5), np.float32), 3, 0).labels == 1).all()


@every
@pytest.mark.parametrize("clusters", [0, -1, 5])
def test_a_number_of_groups_that_cannot_be_is_refused(name: str, clusters: int) -> None:
    with pytest.raises(ValueError, match=f"clusters is {clusters}: .* between 1 and .* 4"):
        CLUSTERERS[name](np.eye(4), clusters, 0)


@every
@pytest.mark.parametrize(
    ("features", "told"),
    [(np.zeros(4), "shape"), (np.empty((0, 2)), "shape"), (np.array([[np.nan]]), "NaN")],
)
def test_features_that_cannot_be_grouped_are_refused(
    name: str, features: np.ndarray, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        CLUSTERERS[name](features, 1, 0)


@pytest.mark.parametrize("name", ["average", "spectral"])
def test_too_many_pixels_for_all_pairs_are_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_common, "QUADRATIC_LIMIT", 10)
    with pytest.raises(ValueError, match=r"11 pixels needs .* GB: use ward, approximate_ward or"):
        CLUSTERERS[name](np.random.default_rng(0).normal(size=(11, 2)), 2, 0)


def test_density_gives_pixels_outside_to_the_nearest_group() -> None:
    truth, features = planted()
    stray = np.array([[4.0] + [0.0] * 7])
    found = CLUSTERERS["density"](np.concatenate((features, stray)), 3, 0).labels
    assert found[-1] == found[0]
    assert adjusted_rand_index(truth, found[:-1]) == 1


def test_affinity_falls_with_distance() -> None:
    affinity = gaussian_affinity(np.array([[0.0], [1.0], [3.0]]))
    np.testing.assert_array_equal(np.diag(affinity), 1)
    assert affinity[0, 1] > affinity[1, 2] > affinity[0, 2] > 0


@pytest.mark.parametrize("name", CLUSTERERS)
def test_a_seed_may_be_as_large_as_numpys(name: str) -> None:
    features = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    found = CLUSTERERS[name](features, 3, 2**100 + 1)
    assert np.array_equal(found.labels, CLUSTERERS[name](features, 3, 2**100 + 1).labels)
