"""The group around a pixel: PageRank against its own equation, sweeps against plain counts."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from napari_lns.analysis.local_groups import LocalGroups, local_group, neighbour_graph
from napari_lns.segmentation.dwc.planted import planted_partition
from napari_lns.segmentation.segmentation import Segmentation


def planted_features(sizes: list[int], noise: float = 0.5, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    means = rng.standard_normal((len(sizes), 20))
    return np.repeat(means, sizes, axis=0) + noise * rng.standard_normal((sum(sizes), 20))


@pytest.mark.parametrize("noise", [0.1, 0.3, 0.5])
def test_a_seed_grows_into_its_planted_group(noise: float) -> None:
    graph = neighbour_graph(planted_features([200, 300, 100], noise))
    for seed, first, last in ((50, 0, 200), (350, 200, 500), (590, 500, 600)):
        group = local_group(graph, seed)
        assert sorted(group.order[: group.size]) == list(range(first, last))


def test_a_seed_joins_first_and_groups_of_growing_size_are_nested() -> None:
    group = local_group(neighbour_graph(planted_features([50, 50])), 7)
    assert group.order[0] == 7
    masks = [group.mask((10, 10), size) for size in (1, 20, 50)]
    assert [mask.sum() for mask in masks] == [1, 20, 50]
    assert not (masks[0] & ~masks[1]).any()
    assert not (masks[1] & ~masks[2]).any()


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_conductance_is_the_chance_of_leaving(seed: int) -> None:
    dense, _ = planted_partition([15, 20], inside=0.5, across=0.1, seed=seed)
    np.fill_diagonal(dense, 0)
    group = local_group(csr_array(dense), 3)
    for size in (1, 5, 15, len(group.order) - 1):
        inside = np.isin(np.arange(35), group.order[:size])
        smaller = min(dense[inside].sum(), dense[~inside].sum())
        expected = dense[inside][:, ~inside].sum() / smaller if smaller else 1
        assert group.conductance[size - 1] == pytest.approx(expected, abs=1e-6)


def test_pixels_join_in_the_order_of_their_personalised_page_rank() -> None:
    dense, _ = planted_partition([15, 20], inside=0.5, across=0.1)
    np.fill_diagonal(dense, 0)
    degrees = dense.sum(axis=1)
    walk = dense / degrees[:, None]
    start = np.eye(35)[3]
    visits = 0.05 * np.linalg.solve(np.eye(35) - 0.95 * walk.T, start)
    expected = (visits / degrees)[local_group(csr_array(dense), 3).order]
    assert (np.diff(expected[1:]) <= 1e-9).all()


def test_what_walkers_cannot_reach_stays_outside() -> None:
    graph = csr_array(np.kron(np.eye(2), np.ones((10, 10)) - np.eye(10)))
    assert sorted(local_group(graph, 12).order) == list(range(10, 20))


def test_a_pixel_like_no_other_is_a_group_of_its_own() -> None:
    features = planted_features([20])
    features[4] = 0
    group = local_group(neighbour_graph(features), 4)
    assert group.order.tolist() == [4]
    assert group.size == 1


def test_each_pixel_chooses_those_most_like_it() -> None:
    features = planted_features([30, 30])
    graph = neighbour_graph(features, neighbours=3, power=1).toarray()
    directions = features / np.linalg.norm(features, axis=1, keepdims=True)
    alike = directions @ directions.T - 2 * np.eye(60)
    for row in range(60):
        nearest = np.argsort(-alike[row])[:3]
        np.testing.assert_allclose(graph[row, nearest], alike[row, nearest], rtol=1e-5)
    np.testing.assert_allclose(graph, graph.T)


@pytest.mark.parametrize("seed", [-1, 9])
def test_a_seed_outside_the_image_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=f"seed is {seed}: it must be a pixel's number, 0 to 8"):
        local_group(csr_array(np.ones((9, 9))), seed)


@pytest.mark.parametrize("restart", [0, 1, 2])
def test_a_restart_that_is_no_chance_is_refused(restart: float) -> None:
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        local_group(csr_array(np.ones((9, 9))), 0, restart=restart)


def test_a_group_is_found_fast_enough_to_follow_the_mouse() -> None:
    graph = neighbour_graph(planted_features([2000, 1096, 1000], 1))
    spent = []
    for seed in (5, 2500, 4000):
        start = time.process_time()
        local_group(graph, seed)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05


def halves(side: int, grid: int | None = None) -> Segmentation:
    cells = grid or side
    labels = np.ones((side, side), np.int32)
    labels[:, side // 2 :] = 2
    features = planted_features([cells**2 // 2] * 2, 0.3)
    columns = features.reshape(cells, cells, -1).swapaxes(0, 1).reshape(cells**2, -1)
    return Segmentation(
        np.zeros((side, side, 3)),
        labels,
        grid=None if grid is None else (grid, grid),
        features=columns,
    )


@pytest.mark.parametrize("segmentation", [halves(32), halves(128), halves(64, grid=32)])
def test_groups_around_pixels_come_at_the_size_of_the_image(segmentation: Segmentation) -> None:
    groups = LocalGroups(segmentation)
    last = len(segmentation.labels) - 1
    for row, column in ((0, 0), (last, last)):
        wanted = segmentation.labels == segmentation.labels[row, column]
        assert np.array_equal(groups.group_at(row, column), wanted)


def test_a_pixel_outside_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"pixel \(0, 32\) lies outside the 32 × 32 image"):
        LocalGroups(halves(32)).group_at(0, 32)


def test_a_segmentation_without_features_is_refused() -> None:
    bare = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="local segments need pixel features"):
        LocalGroups(bare)
