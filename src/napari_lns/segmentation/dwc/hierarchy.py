"""The hierarchy of cuts, from which groupings at any threshold are read.

The level of a node is the largest cost on the path from the root to it; the node is split if its
level does not exceed the threshold. Groups are split in order of their levels, and within one level
in order of their own costs, so that the first k - 1 splits give k groups.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.dwc.ncut import best_cut
from napari_lns.segmentation.dwc.resampling import interpolation
from napari_lns.segmentation.dwc.walks import Matrix

__all__ = ["Hierarchy", "cut_recursively", "iter_hierarchy"]

_WHOLE = 2.0  # the highest possible cost of a cut


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Nested groupings of n nodes, from one group to the finest.

    Parameters
    ----------
    groups
        (n,), the finest group of each node, 0 to m for m splits.
    parents
        (m,), split s separates group s + 1 from group `parents[s]`, which keeps its number.
    levels
        (m,), the threshold at which each split is made, in ascending order.

    Examples
    --------
    >>> import numpy as np
    >>> tree = Hierarchy(np.array([0, 0, 1, 2]), np.array([0, 1]), np.array([0.1, 0.6]))
    >>> tree.cut(2).tolist(), tree.at(0.7).tolist()
    ([0, 0, 1, 1], [0, 0, 1, 2])
    """

    groups: NDArray[np.intp]
    parents: NDArray[np.intp]
    levels: NDArray[np.float64]

    def cut(self, clusters: int) -> NDArray[np.intp]:
        """Return the group of each node, from 0, for a number of groups."""
        most = len(self.levels) + 1
        if not 1 <= clusters <= most:
            raise ValueError(
                f"{clusters} groups were requested, but the cuts yield 1 to {most}: for more, "
                "reduce the smallest group size or use a finer grid"
            )
        return self.origins(clusters)[self.groups]

    def at(self, threshold: float) -> NDArray[np.intp]:
        """Return the group of each node after all splits with levels up to a threshold."""
        return self.cut(self.count(threshold))

    def count(self, threshold: float) -> int:
        """Return the number of segments at a threshold."""
        return 1 + int(np.searchsorted(self.levels, threshold, side="right"))

    def linkage(self) -> NDArray[np.float64]:
        """Return the merge tree in SciPy's layout, with merge heights of 2 - level.

        2 - NCut is the normalised association, 2 for two unconnected groups. The nodes of a finest
        group merge at height 0, in their order.
        """
        tree = _Tree(len(self.groups))
        tops = [
            tree.merge_leaves(np.flatnonzero(self.groups == g)) for g in range(len(self.levels) + 1)
        ]
        for split in range(len(self.levels) - 1, -1, -1):
            parent = self.parents[split]
            height = max(_WHOLE - self.levels[split], 0.0)
            tops[parent] = tree.merge(tops[parent], tops[split + 1], height)
        return np.array(tree.merges, dtype=np.float64).reshape(-1, 4)

    def resample(self, grid: tuple[int, int], shape: tuple[int, int]) -> Hierarchy:
        """Resample groups of patches to the pixels of an image.

        At each split, a pixel is assigned to the side with the greater bilinear weight of the
        patches around it. So all groupings of the pixels are nested too.

        Parameters
        ----------
        grid
            Rows and columns of patches.
        shape
            Height and width in pixels.
        """
        to_pixels = interpolation(grid, shape)
        groups = np.zeros(to_pixels.shape[0], dtype=np.intp)
        for split, parent in enumerate(self.parents):
            origins = self.origins(split + 2)[self.groups]
            preference = to_pixels @ ((origins == split + 1) * 1.0 - (origins == parent) * 1.0)
            groups[(groups == parent) & (preference > 0)] = split + 1
        return Hierarchy(groups, self.parents, self.levels)

    def origins(self, clusters: int) -> NDArray[np.intp]:
        """Return the group, of a number of groups, that contains each of the finest groups."""
        origins = np.arange(len(self.levels) + 1)
        for group in range(clusters, len(origins)):
            origins[group] = origins[self.parents[group - 1]]
        return origins


def cut_recursively(affinities: Matrix, *, smallest: int = 8, most: int = 32) -> Hierarchy:
    """Cut a graph recursively by Normalised Cuts, the cheapest cut first.

    Parameters
    ----------
    affinities
        (n, n), symmetric, not negative.
    smallest
        Smallest number of nodes in a group.
    most
        Largest number of groups.

    Examples
    --------
    >>> import numpy as np
    >>> cut_recursively(np.kron(np.eye(3), np.ones((9, 9)))).levels.round(3).tolist()
    [0.0, 0.0]
    """
    *_, last = iter_hierarchy(affinities, smallest=smallest, most=most)
    return last


def iter_hierarchy(affinities: Matrix, *, smallest: int = 8, most: int = 32) -> Iterator[Hierarchy]:
    """Yield the hierarchy after 0, 1, 2, … splits, with the parameters of `cut_recursively`."""
    groups = np.zeros(len(affinities), dtype=np.intp)
    parents: list[int] = []
    levels: list[float] = []
    queue: list[tuple[float, float, int, int, NDArray[np.intp]]] = []
    order = itertools.count()

    def queue_cut(group: int, above: float) -> None:
        members = np.flatnonzero(groups == group)
        whole = len(members) == len(groups)
        cut = best_cut(
            affinities if whole else affinities[np.ix_(members, members)], smallest=smallest
        )
        if cut is not None:
            level = max(above, cut.cost)
            entry = (level, cut.cost, next(order), group, members[cut.side])
            heapq.heappush(queue, entry)

    def snapshot() -> Hierarchy:
        return Hierarchy(groups.copy(), np.array(parents, np.intp), np.array(levels, np.float64))

    yield snapshot()
    queue_cut(0, 0.0)
    while queue and len(levels) < most - 1:
        level, _, _, parent, side = heapq.heappop(queue)
        parents.append(parent)
        levels.append(level)
        groups[side] = len(levels)
        yield snapshot()
        if len(levels) < most - 1:
            queue_cut(parent, level)
            queue_cut(len(levels), level)


class _Tree:
    """Builder of a merge tree in SciPy's layout."""

    def __init__(self, leaves: int) -> None:
        self.sizes = [1] * leaves
        self.merges: list[tuple[float, float, float, float]] = []

    def merge_leaves(self, leaves: NDArray[np.intp]) -> int | None:
        """Merge leaves at height 0 and return the node of all of them."""
        top: int | None = None
        for leaf in leaves.tolist():
            top = self.merge(top, leaf, 0.0)
        return top

    def merge(self, first: int | None, second: int | None, height: float) -> int | None:
        """Merge two nodes and return the new node; None stands for an empty group."""
        if first is None or second is None:
            return second if first is None else first
        low, high = sorted((first, second))
        self.sizes.append(self.sizes[low] + self.sizes[high])
        self.merges.append((low, high, height, self.sizes[-1]))
        return len(self.sizes) - 1
