"""The number of groups, found: planted groups, all alike, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from napari_lns.segmentation.clustering.number import CRITERIA, number_of_clusters
from napari_lns.segmentation.clustering.ward import ward_tree


def planted(groups: int, seed: int, each: int = 60) -> np.ndarray:
    chance = np.random.default_rng(seed)
    centres = 10 * np.eye(groups, 6)
    return np.repeat(centres, each, axis=0) + chance.normal(0, 0.5, (groups * each, 6))


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("groups", [2, 3, 5])
def test_planted_groups_are_counted(criterion: str, groups: int) -> None:
    features = planted(groups, seed=groups)
    assert number_of_clusters(features, ward_tree(features), criterion=criterion) == groups


def test_one_or_two_kinds_of_pixels_are_counted_without_a_criterion() -> None:
    alike, two_kinds = np.zeros((20, 3)), np.repeat([[0.0, 0.0], [1.0, 0.0]], 10, axis=0)
    assert number_of_clusters(alike, ward_tree(alike)) == 1
    assert number_of_clusters(two_kinds, ward_tree(two_kinds)) == 2


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("most", [2, 3, 12])
def test_a_criterion_finds_at_most_as_many_as_it_may(criterion: str, most: int) -> None:
    features = planted(4, seed=4)
    found = CRITERIA[criterion](features, ward_tree(features), most)
    assert 2 <= found <= most
    assert most < 4 or found == 4


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_number_does_not_depend_on_the_order_of_few_pixels(criterion: str) -> None:
    features = planted(4, seed=1)
    order = np.random.default_rng(2).permutation(len(features))
    mixed = features[order]
    found = [
        number_of_clusters(one, ward_tree(one), criterion=criterion) for one in (features, mixed)
    ]
    assert found[0] == found[1]


def test_an_unknown_criterion_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'silhouette'"):
        number_of_clusters(np.zeros((2, 1)), np.zeros((1, 4)), criterion="silouette")
