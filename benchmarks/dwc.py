"""Diffusing, Walking and Cutting on graphs with known groups: fit of every stopping rule, and time.

Run `python benchmarks/dwc.py`. The tables stand in docs/dwc.md; that of the Good Gestalt sets is
made by `python docs/make_tables.py dwc 12`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np

from napari_lns.analysis.local_groups import local_group, neighbour_graph
from napari_lns.segmentation.dwc.affinity import AffinityKind, affinity
from napari_lns.segmentation.dwc.hierarchy import cut_recursively
from napari_lns.segmentation.dwc.planted import planted_hierarchy, planted_partition
from napari_lns.segmentation.dwc.thresholds import number_of_groups
from napari_lns.segmentation.dwc.walks import Matrix, stationary, transition
from napari_lns.segmentation.measures import adjusted_rand_index

GRAPHS: dict[str, Callable[[int], tuple[Matrix, Matrix]]] = {
    "4 × 60, clear": lambda seed: planted_partition([60] * 4, inside=0.3, across=0.03, seed=seed),
    "4 × 60, hard": lambda seed: planted_partition([60] * 4, inside=0.3, across=0.1, seed=seed),
    "8 × 40": lambda seed: planted_partition([40] * 8, inside=0.4, across=0.04, seed=seed),
    "150, 80, 40, 20": lambda seed: planted_partition(
        [150, 80, 40, 20], inside=0.35, across=0.05, seed=seed
    ),
    "3 × 3 × 30, all 9": lambda seed: _leaves(
        planted_hierarchy([3, 3], 30, [0.02, 0.1, 0.5], seed=seed)
    ),
    "200, no groups": lambda seed: planted_partition([200], inside=0.2, seed=seed),
}
RULES = ("stability", "gap", "otsu", "eigengap")
CONSTANTS = (0.5, 0.7, 0.9)
DRAWS = 10


def main() -> None:
    """Print the tables."""
    print(f"ARI on graphs with planted groups, mean of {DRAWS} draws (groups found)\n")
    for kind, count in (("flow", 1), ("flow", 2), ("flow", 4), ("plain", 2), ("plain", 4)):
        _print_rules(kind, count)
    print(f"4,096 nodes, {os.cpu_count()} cores: seconds, and seconds of processor time\n")
    _print_times()


def _print_rules(kind: AffinityKind, count: int) -> None:
    columns = ["K given", *RULES, *(f"≤ {limit}" for limit in CONSTANTS)]
    print(f"| {kind}, k = {count} | {' | '.join(columns)} |")
    print("|" + "---|" * (len(columns) + 1))
    for name, draw in GRAPHS.items():
        found = np.array([_fits(*draw(seed), kind, count) for seed in range(DRAWS)])
        cells = (f"{fit:.2f} ({groups:.1f})" for fit, groups in found.mean(axis=0))
        print(f"| {name} | {' | '.join(cells)} |")
    print()


def _fits(graph: Matrix, labels: Matrix, kind: AffinityKind, count: int) -> list[tuple[float, int]]:
    walked = affinity(transition(graph), count=count, kind=kind)
    hierarchy = cut_recursively(walked)
    groups = [
        len(np.unique(labels)),
        *(number_of_groups(hierarchy, walked, rule=rule) for rule in RULES),
        *(hierarchy.count(limit) for limit in CONSTANTS),
    ]
    return [(adjusted_rand_index(labels, hierarchy.cut(n)), n) for n in groups]


def _leaves(drawn: tuple[Matrix, list[Matrix]]) -> tuple[Matrix, Matrix]:
    graph, labels = drawn
    return graph, labels[-1]


def _print_times() -> None:
    graph, _ = planted_partition([512] * 8, inside=0.1, across=0.02)
    walk = _timed("transition matrix", lambda: transition(graph))
    _timed("stationary distribution", lambda: stationary(walk))
    for count in (1, 4):
        walked = _timed(f"affinity, k = {count}", lambda k=count: affinity(walk, count=k))
        hierarchy = _timed("  cuts into 32 groups", lambda w=walked: cut_recursively(w))
    for rule in RULES:
        _timed(f"  {rule}", lambda r=rule: number_of_groups(hierarchy, walked, rule=r))
    features = np.random.default_rng(0).standard_normal((4096, 45))
    neighbours = _timed("graph for local groups", lambda: neighbour_graph(features))
    _timed("one local group", lambda: local_group(neighbours, 2000))


def _timed(name: str, work: Callable[[], Matrix]) -> Matrix:
    start, worked = time.perf_counter(), time.process_time()
    result = work()
    passed, used = time.perf_counter() - start, time.process_time() - worked
    print(f"{name:<28} {passed:8.3f} {used:8.3f}")
    return result


if __name__ == "__main__":
    main()
