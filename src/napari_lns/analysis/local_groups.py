"""The local group around one pixel, by personalised PageRank and a sweep cut.

Walkers start at the seed and return to it with a fixed probability at each step. Pixels are ordered
by the frequency of visits relative to chance, and the group ends where a walker inside is least
likely to leave it (minimal conductance). The graph is sparse: each pixel is connected to the most
similar ones. Once it is built, a group takes milliseconds, so that it can follow the mouse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg

from napari_lns.segmentation.segmentation import Segmentation, resize_map

__all__ = ["LocalGroup", "LocalGroups", "local_group", "neighbour_graph"]

_ROWS = 1024  # rows of the similarity matrix at a time, which is never in memory as a whole
_PRECISION = 1e-6  # relative precision of the frequencies of visits
_SMALLEST = 8  # pixels in a group
_MOST_NODES = 4096  # largest graph for which a group can follow the mouse


@dataclass(frozen=True, eq=False)
class LocalGroup:
    """The pixels around a seed in the order in which they join, and the size of the group.

    Parameters
    ----------
    order
        Pixel numbers in order of joining; only pixels that walkers reach.
    conductance
        Probability of leaving the first 1, 2, … of them in one step.
    size
        Number of pixels in the group, at which the conductance is minimal.

    Examples
    --------
    >>> group = LocalGroup(np.array([2, 1, 0]), np.array([0.9, 0.1, 0.4]), 2)
    >>> group.mask((1, 4)).tolist()
    [[False, True, True, False]]
    """

    order: NDArray[np.intp]
    conductance: NDArray[np.float64]
    size: int

    def mask(self, shape: tuple[int, int], size: int | None = None) -> NDArray[np.bool_]:
        """Return the group as a mask (H, W), with its own or another number of pixels."""
        mask = np.zeros(shape, dtype=bool)
        mask.ravel()[self.order[: self.size if size is None else size]] = True
        return mask


class LocalGroups:
    """Local groups of single pixels of one segmentation; the graph is built once.

    Parameters
    ----------
    segmentation
        A segmentation with features; for more than 4,096 pixels, a coarser grid is used.

    Examples
    --------
    >>> labels = np.repeat([1, 2], 32).reshape(8, 8)
    >>> features = np.eye(2)[labels.ravel() - 1]
    >>> groups = LocalGroups(Segmentation(np.zeros((8, 8, 3)), labels, features=features))
    >>> bool((groups.group_at(1, 1) == (labels == 1)).all())
    True
    """

    def __init__(self, segmentation: Segmentation) -> None:
        features, grid = segmentation.features, segmentation.grid
        if features is None or grid is None:
            raise ValueError(
                "local segments need pixel features, which this segmenter does not provide: "
                "segment "
                "again with segmenter='lns'"
            )
        self.shape = segmentation.labels.shape
        scale = min(1.0, math.sqrt(_MOST_NODES / math.prod(grid)))
        self.grid = (max(1, int(grid[0] * scale)), max(1, int(grid[1] * scale)))
        nodes = resize_map(features.reshape(*grid, -1), self.grid)
        self._graph = neighbour_graph(nodes.reshape(math.prod(self.grid), -1))

    def group_at(self, row: int, column: int, *, restart: float = 0.05) -> NDArray[np.bool_]:
        """Return the group around a pixel as a mask (H, W); see `local_group`."""
        height, width = self.shape
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(f"pixel ({row}, {column}) lies outside the {height} × {width} image")
        seed = (row * self.grid[0] // height) * self.grid[1] + column * self.grid[1] // width
        group = local_group(self._graph, seed, restart=restart)
        return resize_map(group.mask(self.grid), self.shape)


def neighbour_graph(
    features: NDArray[np.floating[Any]], *, neighbours: int = 8, power: float = 10.0
) -> csr_array:
    """Return the graph that connects each pixel to the most similar pixels.

    Parameters
    ----------
    features
        (n, d), one row for each pixel; similarity is the cosine of two rows, raised to a power.
    neighbours
        Number of pixels that each pixel chooses; edges are symmetric.
    power
        Exponent of the similarity.

    Examples
    --------
    >>> graph = neighbour_graph(np.array([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]]), neighbours=1)
    >>> graph.toarray().round(2).tolist()[0]
    [0.0, 0.95, 0.0, 0.0]
    """
    count = len(features)
    neighbours = min(neighbours, count - 1)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    directions = (features / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    columns, likeness = [], []
    for start in range(0, count, _ROWS):
        similarity = directions[start : start + _ROWS] @ directions.T
        similarity[
            np.arange(len(similarity)), start + np.arange(len(similarity))
        ] = -1  # not itself
        nearest = np.argpartition(-similarity, neighbours - 1, axis=1)[:, :neighbours]
        columns.append(nearest)
        likeness.append(np.take_along_axis(similarity, nearest, axis=1).clip(0, 1) ** power)
    rows = np.repeat(np.arange(count), neighbours)
    chosen_edges = csr_array(
        (
            np.concatenate(likeness).ravel().astype(np.float64),
            (rows, np.concatenate(columns).ravel()),
        ),
        shape=(count, count),
    )
    return csr_array(chosen_edges.maximum(chosen_edges.T))


def local_group(graph: csr_array, seed: int, *, restart: float = 0.05) -> LocalGroup:
    """Return the local group around a seed.

    Parameters
    ----------
    graph
        (n, n), symmetric, from `neighbour_graph`.
    seed
        Number of a pixel, counted row by row.
    restart
        Probability of returning to the seed at each step; smaller values give larger groups.

    Examples
    --------
    >>> graph = csr_array(np.kron(np.eye(20), 1 - np.eye(9)))
    >>> sorted(local_group(graph, 3).order.tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8]
    """
    if not 0 <= seed < graph.shape[0]:
        raise ValueError(f"seed is {seed}: it must be a pixel's number, 0 to {graph.shape[0] - 1}")
    if not 0 < restart < 1:
        raise ValueError(f"restart is {restart}: it must lie between 0 and 1, both excluded")
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    density = _relative_visits(graph, degrees, seed, restart)
    density[seed] = np.inf
    return _sweep(graph, degrees, np.argsort(-density, kind="stable")[: (density > 0).sum()])


def _relative_visits(
    graph: csr_array, degrees: NDArray[np.float64], seed: int, restart: float
) -> NDArray[np.float64]:
    """Return the frequency of visits at each pixel, relative to chance.

    Conjugate gradients on the symmetric form need tens of products, whereas iterating the walk
    would need hundreds.
    """
    scale = np.divide(1, np.sqrt(degrees), out=np.zeros_like(degrees), where=degrees > 0)
    start = np.zeros_like(degrees)
    start[seed] = restart * scale[seed]

    def multiply(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(vector - (1 - restart) * scale * (graph @ (scale * vector)))

    system = LinearOperator(graph.shape, matvec=multiply, dtype=np.float64)
    solution, _ = cg(system, start, rtol=_PRECISION)
    return np.asarray(scale * solution)


def _sweep(graph: csr_array, degrees: NDArray[np.float64], order: NDArray[np.intp]) -> LocalGroup:
    volume = np.cumsum(degrees[order])
    leaving = volume - 2 * np.cumsum(_earlier_weights(graph, order))
    total = degrees.sum()
    smaller = np.minimum(volume, total - volume)
    some = smaller > 1e-9 * total  # the whole graph is not a group
    conductance = np.divide(leaving, smaller, out=np.ones_like(leaving), where=some)
    first = min(_SMALLEST, len(order)) - 1
    return LocalGroup(order, conductance, first + 1 + int(conductance[first:].argmin()))


def _earlier_weights(graph: csr_array, order: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return, for each pixel in order, the weight of its edges to those before it."""
    place = np.full(graph.shape[0], len(order))
    place[order] = np.arange(len(order))
    edges = graph.tocoo()
    later = np.maximum(place[edges.row], place[edges.col])
    weights = np.bincount(later, weights=edges.data, minlength=len(order) + 1)
    return np.asarray(weights[: len(order)] / 2)  # each edge is stored twice
