"""Random graphs with known groups for evaluation: planted partitions and hierarchies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["planted_hierarchy", "planted_partition"]


def planted_partition(
    sizes: Sequence[int], *, inside: float = 0.3, across: float = 0.05, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Draw a graph with planted groups.

    Parameters
    ----------
    sizes
        Number of nodes in each group.
    inside, across
        Probability of an edge between nodes of one group, and of different groups.
    seed
        Random seed.

    Returns
    -------
    tuple
        Adjacency (n, n) of zeros and ones with a self-loop at each node, and labels (n,).

    Examples
    --------
    >>> graph, labels = planted_partition([2, 3], inside=1, across=0)
    >>> graph.sum(axis=1).tolist(), labels.tolist()
    ([2.0, 2.0, 3.0, 3.0, 3.0], [0, 0, 1, 1, 1])
    """
    labels = np.repeat(np.arange(len(sizes)), sizes)
    chance = np.where(labels[:, None] == labels, inside, across)
    return _draw_graph(chance, seed), labels


def planted_hierarchy(
    branches: Sequence[int], size: int, chances: Sequence[float], *, seed: int = 0
) -> tuple[NDArray[np.float32], list[NDArray[np.intp]]]:
    """Draw a graph with nested groups.

    Parameters
    ----------
    branches
        Number of parts of each group at each level, from the top down.
    size
        Number of nodes in each of the finest groups.
    chances
        Probability of an edge between nodes that share 0, 1, … all levels.
    seed
        Random seed.

    Returns
    -------
    tuple
        Adjacency (n, n) as in `planted_partition`, and the labels (n,) at each level.

    Examples
    --------
    >>> graph, labels = planted_hierarchy([2, 2], 1, [0, 0, 1])
    >>> [level.tolist() for level in labels]
    [[0, 0, 1, 1], [0, 1, 2, 3]]
    """
    if len(chances) != len(branches) + 1:
        raise ValueError(
            f"{len(chances)} chances for {len(branches)} levels: there must be one more than levels"
        )
    nodes = np.arange(int(np.prod(branches)) * size)
    labels = [np.asarray(nodes // (len(nodes) // int(k))) for k in np.cumprod(branches)]
    shared = np.sum([level[:, None] == level for level in labels], axis=0)
    return _draw_graph(np.asarray(chances)[shared], seed), labels


def _draw_graph(chance: NDArray[np.float64], seed: int) -> NDArray[np.float32]:
    above = np.triu(np.random.default_rng(seed).random(chance.shape) < chance, 1)
    return np.asarray(above | above.T | np.eye(len(chance), dtype=bool), dtype=np.float32)
