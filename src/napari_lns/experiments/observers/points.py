"""The two dots of a trial: random, balanced, across an edge, or around an anchor."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_lns.experiments.observers.plan import Pairs

__all__ = ["Pair", "Point", "choose_pairs", "distance"]

Point: TypeAlias = tuple[int, int]
Pair: TypeAlias = tuple[Point, Point]
Labels: TypeAlias = NDArray[np.int32]
MOST_TRIES = 2000  # first points to try before giving up on a pair
SMOOTHING = 2.0  # pixels; the gradient of the smoothed mask gives an edge's normal


def choose_pairs(labels: Labels, pairs: Pairs, rng: np.random.Generator) -> list[Pair]:
    """Choose the pairs of points for one image.

    Parameters
    ----------
    labels
        The ground truth (H, W).
    pairs
        How to choose them.
    rng
        Random generator.

    Returns
    -------
    list of pairs of (row, column)

    Examples
    --------
    >>> halves = np.repeat([[0, 1]], 16, axis=1).repeat(32, axis=0)
    >>> pairs = Pairs("balanced", 4, (0.1, 0.3, 0.6))
    >>> result = choose_pairs(halves, pairs, np.random.default_rng(0))
    >>> [bool(halves[one] == halves[other]) for one, other in result]
    [True, False, True, False]
    """
    if pairs.kind == "random":
        return [_random(labels, rng) for _ in range(pairs.count)]
    if pairs.kind == "edge":
        return _across_edge(labels, pairs, rng)
    if pairs.kind == "around":
        return _around(labels.shape, pairs)
    each = pairs.count // (2 * len(pairs.ranges))
    return [
        _at_distance(labels, limits, same, rng)
        for limits in pairs.ranges
        for _ in range(each)
        for same in (True, False)
    ]


def distance(pair: Pair, shape: tuple[int, ...]) -> float:
    """Return the distance of two points as a share of the image's longer side.

    Examples
    --------
    >>> distance(((0, 0), (3, 4)), (10, 10))
    0.5
    """
    (row, column), (other_row, other_column) = pair
    return float(np.hypot(row - other_row, column - other_column) / max(shape))


def _random(labels: Labels, rng: np.random.Generator) -> Pair:
    first, second = rng.choice(labels.size, 2, replace=False)
    return _point(first, labels), _point(second, labels)


def _at_distance(
    labels: Labels, limits: tuple[float, float], same: bool, rng: np.random.Generator
) -> Pair:
    """Choose a first point, its segment drawn uniformly, then a second one within the range."""
    rows, columns = np.indices(labels.shape)
    low, high = (limit * max(labels.shape) for limit in limits)
    segments = np.unique(labels)
    for _ in range(MOST_TRIES):
        within = np.flatnonzero(labels == rng.choice(segments))
        first = _point(rng.choice(within), labels)
        distances = np.hypot(rows - first[0], columns - first[1])
        fits = (distances >= max(low, 1)) & (distances < high) & ((labels == labels[first]) == same)
        if fits.any():
            return first, _point(rng.choice(np.flatnonzero(fits)), labels)
    where = "within one segment" if same else "across two segments"
    raise ValueError(
        f"no two pixels {where} lie {limits[0]:g} to {limits[1]:g} of the image's side apart: use "
        "other distances"
    )


def _across_edge(labels: Labels, pairs: Pairs, rng: np.random.Generator) -> list[Pair]:
    """Choose an edge pixel whose line lies inside the image; the first dot is at the line's end."""
    edge = np.flatnonzero(_edges(labels))
    if not edge.size:
        raise ValueError(
            "the ground truth has one segment only, so there is no edge to cross: use another "
            "stimulus"
        )
    length = pairs.span * max(labels.shape)
    steps = np.linspace(-0.5, 0.5, pairs.count + 1)[:, None] * length
    for middle in rng.permutation(edge)[:MOST_TRIES]:
        centre = np.array(_point(middle, labels))
        places = np.rint(centre + steps * _normal(labels, centre)).astype(int)
        inside = ((places >= 0) & (places < labels.shape)).all()
        anchor, *others = [(int(row), int(column)) for row, column in places]
        if inside and labels[anchor] != labels[others[-1]] and anchor not in others:
            return [(anchor, other) for other in others]
    raise ValueError(
        f"no line of {pairs.span:g} of the image's side across an edge lies inside the image with "
        "its ends in two segments: use a shorter span"
    )


def _around(shape: tuple[int, ...], pairs: Pairs) -> list[Pair]:
    """Pair the anchor with the centre of each cell of a square grid."""
    height, width = shape
    anchor = int(pairs.anchor[0] * height), int(pairs.anchor[1] * width)
    side = math.isqrt(pairs.count)
    if min(shape) < 4 * side:  # so that the dot next to the anchor stays in its cell
        raise ValueError(
            f"an image of {height} × {width} pixels is too small for a grid of {side} × {side} "
            f"dots: use fewer pairs than {pairs.count}"
        )
    shares = (np.arange(side) + 0.5) / side
    grid = [(int(down * height), int(right * width)) for down in shares for right in shares]
    # never the anchor
    beside = (anchor[0], anchor[1] + (1 if anchor[1] + 1 < width else -1))
    return [(anchor, beside if place == anchor else place) for place in grid]


def _edges(labels: Labels) -> NDArray[np.bool_]:
    edges = np.zeros(labels.shape, bool)
    edges[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edges[:-1] |= labels[:-1] != labels[1:]
    return edges


def _normal(labels: Labels, centre: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return the direction across the edge at a pixel, pointing out of the pixel's segment."""
    from scipy.ndimage import gaussian_filter

    mask = (labels == labels[tuple(centre)]).astype(float)
    row, column = centre
    slope = [
        gaussian_filter(mask, SMOOTHING, order=order)[row, column] for order in ((1, 0), (0, 1))
    ]
    length = float(np.hypot(*slope))
    return -np.asarray(slope, np.float64) / length if length else np.array([0.0, 1.0])


def _point(index: np.int_, labels: Labels) -> Point:
    row, column = np.unravel_index(index, labels.shape)
    return int(row), int(column)
