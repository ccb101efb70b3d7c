"""Walks, affinities and cuts, held against brute force and against graphs with known groups."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import is_valid_linkage
from sklearn.metrics import adjusted_rand_score

from napari_lns.segmentation.clustering import tree
from napari_lns.segmentation.dwc.affinity import affinity, cosines, flow
from napari_lns.segmentation.dwc.hierarchy import Hierarchy, cut_recursively, iter_hierarchy
from napari_lns.segmentation.dwc.ncut import (
    best_cut,
    leading_eigenvectors,
    ncut_cost,
    second_eigenvector,
)
from napari_lns.segmentation.dwc.planted import planted_hierarchy, planted_partition
from napari_lns.segmentation.dwc.resampling import interpolation, refine_walk
from napari_lns.segmentation.dwc.thresholds import number_of_groups, stability
from napari_lns.segmentation.dwc.walks import Walk, stationary, steps, transition

seeds = st.integers(0, 10_000)


def random_walk(seed: int, n: int = 12) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return transition(rng.random((n, n)) ** 4)


def shuffled(graph: np.ndarray, labels: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(seed).permutation(len(labels))
    return graph[np.ix_(order, order)], labels[order]


def bipartitions(n: int) -> list[np.ndarray]:
    rest = itertools.product([False, True], repeat=n - 1)
    return [np.array([False, *sides]) for sides in rest if any(sides)]


# Walks


@given(seeds)
def test_the_stationary_distribution_stays_as_it_is(seed: int) -> None:
    walk = random_walk(seed)
    resting = stationary(walk)
    assert resting.sum() == pytest.approx(1)
    np.testing.assert_allclose(resting @ walk, resting, atol=1e-6)


def test_the_stationary_distribution_of_symmetric_similarities_is_their_degree() -> None:
    graph = cosines(np.random.default_rng(0).standard_normal((700, 30)))
    expected = graph.sum(axis=1) / graph.sum()
    np.testing.assert_allclose(stationary(transition(graph)), expected, rtol=1e-3)


def test_a_slow_walk_on_a_long_ring_comes_to_rest() -> None:
    ring = np.eye(901) + 0.2 * np.eye(901)[np.r_[1:901, 0]] + 0.2 * np.eye(901)[np.r_[900, 0:900]]
    ring[0, 1] = 0.7
    walk = transition(ring)
    resting = stationary(walk)
    assert np.abs(resting @ walk - resting).sum() < 1e-5


def test_a_walk_with_a_period_comes_to_rest() -> None:
    bipartite = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    np.testing.assert_allclose(stationary(transition(bipartite)), [0.25, 0.25, 0.5], atol=1e-6)


def test_parts_that_are_never_left_keep_their_walkers() -> None:
    parts = transition(np.kron(np.diag([1.0, 1.0]), [[1.0, 3.0], [1.0, 1.0]]))
    assert stationary(parts)[:2].sum() == pytest.approx(0.5)


def test_many_steps_are_one_step_many_times() -> None:
    walk = random_walk(0)
    np.testing.assert_allclose(steps(walk, 5), walk @ walk @ walk @ walk @ walk)


def test_a_node_like_no_other_stays_where_it_is() -> None:
    walk = transition([[1, 1, 0], [1, 1, 0], [0, 0, 0]])
    assert walk[2].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        ([[1.0, np.nan], [0.5, 0.5]], r"nan at \(0, 1\)"),
        ([[1.0, -0.5], [0.5, 0.5]], r"\(0, 1\) is -0\.5: none may be negative"),
        ([[1.0, 0.0, 0.0]], r"shape \(1, 3\): it must be \(n, n\)"),
    ],
)
def test_what_is_no_graph_is_refused(graph: list[list[float]], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        transition(graph)


def test_a_walk_whose_rows_do_not_sum_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"row 1 of the walk sums to 0: .*transition"):
        Walk(np.array([[1.0, 0.0], [0.0, 0.0]]), (1, 2))


def test_a_walk_that_does_not_fit_its_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="4 patches, the grid 2 × 3"):
        Walk(np.eye(4), (2, 3))


def test_rows_in_half_precision_are_brought_to_sum_to_one() -> None:
    rows = random_walk(0).astype(np.float16)
    np.testing.assert_allclose(Walk(rows, (3, 4)).transition.sum(axis=1), 1, rtol=1e-6)


def test_a_walk_of_no_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="steps is 0: it must be at least 1"):
        steps(np.eye(2), 0)


# Affinities


@given(seeds, st.integers(1, 5))
def test_a_cut_of_the_flow_costs_the_chance_of_walking_across(seed: int, count: int) -> None:
    walk = random_walk(seed)
    walked, resting = steps(walk, count), stationary(walk)
    side = np.random.default_rng(seed).permutation(12) < 5
    there = resting[side] @ walked[side][:, ~side].sum(axis=1) / resting[side].sum()
    back = resting[~side] @ walked[~side][:, side].sum(axis=1) / resting[~side].sum()
    assert ncut_cost(affinity(walk, count=count), side) == pytest.approx(there + back, abs=1e-4)


def test_the_flow_of_the_walk_sums_to_its_stationary_distribution() -> None:
    walk = random_walk(3)
    resting = stationary(walk)
    np.testing.assert_allclose(flow(walk, resting).sum(axis=1), resting, atol=1e-6)


@pytest.mark.parametrize("kind", ["flow", "plain", "features"])
def test_affinities_are_symmetric_and_not_negative(kind: str) -> None:
    found = affinity(random_walk(1), count=3, kind=kind)
    np.testing.assert_allclose(found, found.T)
    assert found.min() >= 0


def test_flow_and_plain_agree_where_all_nodes_are_visited_alike() -> None:
    even = transition(np.eye(20) + np.roll(np.eye(20), 1, axis=1) + np.roll(np.eye(20), -1, axis=1))
    np.testing.assert_allclose(affinity(even, count=4) * 20, affinity(even, count=4, kind="plain"))


def test_unknown_kinds_of_affinity_are_refused() -> None:
    with pytest.raises(ValueError, match="there is no affinity 'flows'; did you mean 'flow'"):
        affinity(np.eye(2), kind="flows")


# Cuts


@given(seeds)
@settings(max_examples=20)
def test_the_cost_of_a_cut_is_never_below_what_its_eigenvalue_allows(seed: int) -> None:
    graph = affinity(random_walk(seed))
    value, _ = second_eigenvector(graph)
    found = best_cut(graph)
    assert found is not None
    assert found.cost == pytest.approx(ncut_cost(graph, found.side))
    assert found.cost >= 1 - value - 1e-6


@given(seeds, st.integers(3, 6))
@settings(max_examples=15, deadline=None)
def test_two_planted_groups_are_cut_where_brute_force_cuts_them(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.arange(9) < size
    graph = np.where(labels[:, None] == labels, 1.0, 0.1) * rng.uniform(0.5, 1, (9, 9))
    graph = graph + graph.T
    found = best_cut(graph)
    assert found is not None
    assert found.cost == pytest.approx(min(ncut_cost(graph, s) for s in bipartitions(9)))


def test_random_graphs_are_cut_nearly_as_well_as_by_brute_force() -> None:
    for seed in range(10):
        graph = np.random.default_rng(seed).random((9, 9))
        graph = graph + graph.T
        found = best_cut(graph)
        assert found is not None
        assert found.cost <= min(ncut_cost(graph, side) for side in bipartitions(9)) + 0.06


@pytest.mark.parametrize("n", [40, 700])
def test_dense_and_iterative_solvers_find_the_same_eigenvalue(n: int) -> None:
    graph, _ = planted_partition([n // 2, n // 2], inside=0.5, across=0.1)
    value, vector = second_eigenvector(graph)
    walk = transition(graph)
    np.testing.assert_allclose(walk @ vector, value * vector, atol=2e-3 * np.abs(vector).max())
    assert value == pytest.approx(leading_eigenvectors(graph, 2)[0][1], abs=1e-4)


def test_no_side_is_smaller_than_allowed() -> None:
    graph, _ = planted_partition([5, 60], inside=0.8, across=0.01)
    free, held = best_cut(graph), best_cut(graph, smallest=8)
    assert free is not None
    assert held is not None
    assert min(free.side.sum(), (~free.side).sum()) == 5
    assert min(held.side.sum(), (~held.side).sum()) >= 8


def test_too_few_nodes_are_not_cut() -> None:
    assert best_cut(np.ones((15, 15)), smallest=8) is None
    assert best_cut(np.ones((1, 1))) is None


@pytest.mark.parametrize("sizes", [[20, 30], [9, 9, 9, 9], [300, 400]])
def test_a_graph_in_pieces_is_cut_between_them_at_no_cost(sizes: list[int]) -> None:
    graph, labels = shuffled(*planted_partition(sizes, inside=0.7, across=0))
    hierarchy = cut_recursively(graph, most=len(sizes))
    np.testing.assert_allclose(hierarchy.levels, 0, atol=1e-6)
    assert adjusted_rand_score(labels, hierarchy.groups) == 1


def test_isolated_nodes_do_not_hide_the_groups() -> None:
    graph, labels = planted_partition([40, 40, *[1] * 6], inside=0.5, across=0)
    graph[:80, :80] = planted_partition([40, 40], inside=0.5, across=0.05)[0]
    found = cut_recursively(graph).cut(2)
    assert adjusted_rand_score(labels[:80], found[:80]) == 1


def test_nodes_without_any_edge_do_no_harm() -> None:
    graph, labels = planted_partition([40, 40], inside=0.5, across=0.02)
    graph = np.pad(graph, (0, 5))
    assert adjusted_rand_score(labels, cut_recursively(graph).cut(2)[:80]) == 1
    assert cut_recursively(np.zeros((20, 20))).cut(1).tolist() == [0] * 20


@pytest.mark.parametrize("n", [200, 500])
def test_nodes_that_are_all_alone_or_all_alike_do_no_harm(n: int) -> None:
    alone = cut_recursively(np.eye(n, dtype=np.float32), most=4)
    assert len(alone.levels) == 3
    alike = cut_recursively(np.ones((n, n), np.float32))
    assert alike.groups.max() == 0


def test_equal_eigenvalues_are_cut_all_the_same() -> None:
    ring = np.kron(np.eye(4), np.ones((10, 10))) + 0.01
    found = cut_recursively(ring, most=4)
    assert adjusted_rand_score(np.repeat(range(4), 10), found.groups) == 1
    assert found.levels == pytest.approx(np.full(3, found.levels[0]), abs=0.02)


def test_cuts_are_the_same_each_time() -> None:
    graph, _ = planted_partition([350, 350], inside=0.1, across=0.05)
    first, second = cut_recursively(graph, most=6), cut_recursively(graph, most=6)
    assert np.array_equal(first.groups, second.groups)
    assert np.array_equal(first.levels, second.levels)


# Hierarchies


@pytest.mark.parametrize(
    ("sizes", "inside", "across", "least"),
    [
        ([60] * 4, 0.3, 0.03, 0.99),
        ([60] * 4, 0.3, 0.1, 0.8),
        ([150, 80, 40, 20], 0.35, 0.05, 0.85),
        ([40] * 8, 0.4, 0.04, 0.95),
    ],
)
def test_planted_groups_are_found(
    sizes: list[int], inside: float, across: float, least: float
) -> None:
    for seed in range(3):
        graph, labels = shuffled(*planted_partition(sizes, inside=inside, across=across, seed=seed))
        hierarchy = cut_recursively(affinity(transition(graph), count=2))
        assert adjusted_rand_score(labels, hierarchy.cut(len(sizes))) >= least


@pytest.mark.slow
def test_4096_nodes_are_cut_within_seconds() -> None:
    graph, labels = planted_partition([1024] * 4, inside=0.1, across=0.02)
    start = time.process_time()
    hierarchy = cut_recursively(affinity(transition(graph), count=1), most=4)
    assert time.process_time() - start < 10
    assert adjusted_rand_score(labels, hierarchy.groups) == 1


def test_the_fit_falls_as_noise_rises() -> None:
    def fit(across: float) -> float:
        graph, labels = planted_partition([60] * 4, inside=0.3, across=across)
        return float(adjusted_rand_score(labels, cut_recursively(graph).cut(4)))

    fits = [fit(across) for across in (0.02, 0.1, 0.15, 0.3)]
    assert fits == sorted(fits, reverse=True)
    assert fits[-1] < 0.1


def test_groups_within_groups_are_found_at_their_levels() -> None:
    graph, (coarse, fine) = planted_hierarchy([3, 3], 30, [0.02, 0.1, 0.5])
    hierarchy = cut_recursively(graph)
    assert adjusted_rand_score(coarse, hierarchy.cut(3)) == 1
    assert adjusted_rand_score(fine, hierarchy.cut(9)) > 0.98


def test_more_steps_look_for_coarser_groups() -> None:
    graph, _ = planted_hierarchy([3, 3], 30, [0.02, 0.1, 0.5])
    found = {}
    for count in (1, 8):
        walked = affinity(transition(graph), count=count)
        found[count] = number_of_groups(cut_recursively(walked), walked, rule="gap")
    assert found == {1: 9, 8: 3}


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_levels_rise_and_groupings_are_nested(seed: int) -> None:
    graph, _ = planted_partition([20, 25, 30], inside=0.4, across=0.2, seed=seed)
    hierarchy = cut_recursively(graph)
    assert (np.diff(hierarchy.levels) >= 0).all()
    assert np.bincount(hierarchy.groups).min() >= 8
    for clusters in range(2, len(hierarchy.levels) + 2):
        fine, coarse = hierarchy.cut(clusters), hierarchy.cut(clusters - 1)
        assert tree.is_nested(fine, coarse)
        assert len(np.unique(fine)) == clusters


def test_the_hierarchy_grows_by_one_split_at_a_time() -> None:
    graph, _ = planted_partition([20, 25, 30], inside=0.4, across=0.1)
    grown = list(iter_hierarchy(graph, most=4))
    assert [len(step.levels) for step in grown] == [0, 1, 2, 3]
    for before, after in itertools.pairwise(grown):
        assert np.array_equal(before.groups, after.cut(len(before.levels) + 1))


def test_a_threshold_splits_what_lies_at_or_below_it() -> None:
    hierarchy = Hierarchy(np.array([0, 0, 1, 2]), np.array([0, 1]), np.array([0.1, 0.6]))
    assert [hierarchy.count(t) for t in (0, 0.1, 0.5, 0.6, 2)] == [1, 2, 2, 3, 3]


@pytest.mark.parametrize("clusters", [0, 4, 100])
def test_more_groups_than_the_cuts_give_are_refused(clusters: int) -> None:
    hierarchy = Hierarchy(np.array([0, 0, 1, 2]), np.array([0, 1]), np.array([0.1, 0.6]))
    with pytest.raises(
        ValueError, match=f"{clusters} groups were requested, but the cuts yield 1 to 3"
    ):
        hierarchy.cut(clusters)


def test_the_merge_tree_gives_the_same_groupings() -> None:
    graph, labels = planted_hierarchy([2, 3], 12, [0.05, 0.3, 0.8])
    graph, _ = shuffled(graph, labels[-1])
    hierarchy = cut_recursively(graph)
    linkage = hierarchy.linkage()
    assert is_valid_linkage(linkage)
    assert (np.diff(linkage[:, 2]) >= 0).all()
    for clusters in range(1, len(hierarchy.levels) + 2):
        assert adjusted_rand_score(hierarchy.cut(clusters), tree.cut(linkage, clusters)) == 1
    for threshold in hierarchy.levels:
        cut = tree.cut_at(linkage, np.nextafter(2 - threshold, 0))
        assert adjusted_rand_score(hierarchy.at(threshold), cut) == 1


def test_merge_heights_are_the_normalised_association() -> None:
    graph, _ = planted_partition([20, 20], inside=0.6, across=0.1)
    hierarchy = cut_recursively(graph, most=2)
    side = hierarchy.groups == 1
    degrees = graph.sum(axis=1)
    association = sum(graph[s][:, s].sum() / degrees[s].sum() for s in (side, ~side))
    assert hierarchy.linkage()[-1, 2] == pytest.approx(association)
    assert (hierarchy.linkage()[:-1, 2] == 0).all()


# Resampling


def test_groups_of_patches_are_brought_to_pixels() -> None:
    groups = np.array([[0, 0, 1, 1], [2, 2, 1, 1]]).ravel()
    patches = Hierarchy(groups, np.array([0, 0]), np.array([0.2, 0.4]))
    pixels = patches.resample((2, 4), (20, 40))
    assert (
        adjusted_rand_score(
            np.kron(groups.reshape(2, 4), np.ones((10, 10), int)).ravel(), pixels.groups
        )
        == 1
    )
    assert tree.is_nested(pixels.cut(3), pixels.cut(2))


def test_a_diagonal_border_of_patches_is_smooth_in_pixels() -> None:
    patches = Hierarchy(np.tri(6, dtype=int).ravel(), np.array([0]), np.array([0.3]))
    smooth = patches.resample((6, 6), (60, 60)).groups.reshape(60, 60)
    blocks = np.kron(np.tri(6, dtype=int), np.ones((10, 10), int))
    assert (smooth != blocks).mean() > 0.02
    steps_down = np.diff(smooth[:50].argmin(axis=1)[10:])
    assert steps_down.max() < 10


def test_a_group_too_small_for_the_pixels_is_passed_over_in_the_tree() -> None:
    groups = np.zeros((9, 9), int)
    groups[0, 1] = 1
    small = Hierarchy(groups.ravel(), np.array([0]), np.array([0.3])).resample((9, 9), (3, 3))
    assert is_valid_linkage(small.linkage())
    assert len(small.linkage()) == 8


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 9), st.integers(1, 9))
def test_interpolation_keeps_constants(rows: int, columns: int, height: int, width: int) -> None:
    matrix = interpolation((rows, columns), (height, width))
    np.testing.assert_allclose(matrix @ np.ones(rows * columns), 1)


def test_a_refined_walk_is_still_a_walk_and_blurs_no_distant_patches() -> None:
    fine = refine_walk(np.eye(16), (4, 4), (8, 8))
    np.testing.assert_allclose(fine.sum(axis=1), 1)
    assert fine[0, 63] == 0


# Thresholds


@pytest.mark.parametrize("rule", ["gap", "stability", "otsu", "eigengap"])
def test_every_rule_finds_plain_groups(rule: str) -> None:
    for sizes in ([60] * 4, [100, 100], [40] * 8):
        graph, _ = planted_partition(sizes, inside=0.4, across=0.03)
        found = number_of_groups(cut_recursively(graph), graph, rule=rule)
        assert found == len(sizes)


def test_stability_is_the_modularity_of_the_walk() -> None:
    graph, _ = planted_partition([20, 30], inside=0.4, across=0.1)
    hierarchy = cut_recursively(graph, most=3)
    total = graph.sum()
    for clusters, found in enumerate(stability(hierarchy, graph), 1):
        groups = hierarchy.cut(clusters)
        same = groups[:, None] == groups
        chance = np.outer(graph.sum(axis=1), graph.sum(axis=1)) / total
        assert found == pytest.approx(((graph - chance) * same).sum() / total, abs=1e-6)


def test_unknown_rules_are_refused() -> None:
    hierarchy = cut_recursively(np.ones((20, 20)))
    with pytest.raises(ValueError, match="there is no rule 'gaps'; did you mean 'gap'"):
        number_of_groups(hierarchy, np.ones((20, 20)), rule="gaps")


def test_a_graph_too_small_to_cut_has_one_group() -> None:
    graph = np.ones((10, 10))
    for rule in ("gap", "stability", "otsu", "eigengap", "constant"):
        assert number_of_groups(cut_recursively(graph), graph, rule=rule) == 1
