"""What is measured in a segmentation, defined before any curve was looked at.

One measure serves all laws: the mean affinity of pixels that the law binds, less the mean
affinity of pixels that it parts. The laws differ only in which pixels these are; the pixels are
found in the stimulus alone, never in the segmentation, and in the same way in a control.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.segmentation import on_image
from napari_lns.stimuli import Stimulus

__all__ = ["Pairs", "Regions", "across_edge", "along_path", "along_rows", "grouping", "over_gap"]

Mask = NDArray[np.bool_]
Pair = tuple[Mask, Mask]
BAND = 1 / 16  # of the picture's side: how far the bands beside an edge reach


@dataclass(frozen=True)
class Pairs:
    """Pairs of regions whose pixels a law binds, and pairs whose pixels it parts.

    Parameters
    ----------
    together
        Pairs of masks (H, W) that are to be seen as one.
    apart
        Pairs that are not.
    """

    together: Sequence[Pair]
    apart: Sequence[Pair]


Regions = Callable[[Stimulus], Pairs]


def grouping(segmentation: Segmentation, pairs: Pairs) -> float:
    """Measure how much more alike bound pixels respond than parted ones.

    Parameters
    ----------
    segmentation
        With its features: made by the segmenter ``"lns"``.
    pairs
        What is to be compared.

    Returns
    -------
    float
        Mean affinity of the pairs together less that of the pairs apart, between -2 and 2; 0 is
        no grouping.

    Examples
    --------
    >>> features = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    >>> found = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), features=features)
    >>> a, b, c, d = np.eye(4, dtype=bool).reshape(4, 2, 2)
    >>> grouping(found, Pairs(together=[(a, b), (c, d)], apart=[(a, c)]))
    1.0
    """
    together = _mean_affinity(segmentation, pairs.together)
    return together - _mean_affinity(segmentation, pairs.apart)


def across_edge(figure: str, edge: str, painted: str) -> Regions:
    """Compare inside a figure with across that part of its edge where nothing is painted.

    Together: the band inside along the missing edge, with the rest of the inside. Apart: the same
    band with the band outside, which lies nearer: distance alone works against the law.

    Parameters
    ----------
    figure, edge, painted
        Names of the stimulus's parts: the figure's inside, its missing edge, and what is painted.

    Returns
    -------
    Callable
        Finds the pixels in a stimulus.
    """

    def found(stimulus: Stimulus) -> Pairs:
        parts = stimulus.parts
        inside, missing = parts[figure], parts[edge]
        reach = max(2, round(BAND * stimulus.shape[0]))
        bare = ~_grown(parts[painted], 1) & ~_grown(missing, 1)
        near = _grown(missing, reach)
        band = inside & bare & near
        return Pairs([(band, inside & bare & ~near)], [(band, ~inside & bare & near)])

    return found


def along_rows(stimulus: Stimulus) -> Pairs:
    """Compare neighbouring dots of a lattice along a, the shortest distance, with those along b."""
    dots, places = _elements(stimulus.parts["dots"])
    turn = np.deg2rad(stimulus.parameters["rotation"])
    gaps = places[None] - places[:, None]
    along = gaps @ [np.cos(turn), np.sin(turn)]
    across = gaps @ [-np.sin(turn), np.cos(turn)]
    ratio = stimulus.parameters["aspect_ratio"]
    short = stimulus.parameters["spacing"] * stimulus.shape[0] / np.sqrt(ratio)
    slack = 0.3 * short
    a = (np.abs(along - short) < slack) & (np.abs(across) < slack)
    b = (np.abs(across - short * ratio) < slack) & (np.abs(along) < slack)
    return Pairs(_chosen(dots, a), _chosen(dots, b))


def along_path(stimulus: Stimulus) -> Pairs:
    """Compare each element of a path with the nearest one of the path, and of the others."""
    path, places = _elements(stimulus.parts["path"])
    others, around = _elements(stimulus.parts["elements"] & ~stimulus.parts["path"])
    within = np.linalg.norm(places[None] - places[:, None], axis=2)
    np.fill_diagonal(within, np.inf)
    outside = np.linalg.norm(around[None] - places[:, None], axis=2)
    return Pairs(
        [(path[k], path[near]) for k, near in enumerate(within.argmin(axis=1))],
        [(path[k], others[near]) for k, near in enumerate(outside.argmin(axis=1))],
    )


def over_gap(stimulus: Stimulus) -> Pairs:
    """Compare the two pieces of an occluded bar with each other, and with the background."""
    left, right = stimulus.parts["left piece"], stimulus.parts["right piece"]
    ground = (stimulus.labels == 0) & ~_grown(left | right, 1)
    return Pairs([(left, right)], [(left, ground), (right, ground)])


def _mean_affinity(segmentation: Segmentation, pairs: Sequence[Pair]) -> float:
    """Give the mean over pairs of the mean cosine of their regions' pixels."""
    told = [
        float(_direction(segmentation, one) @ _direction(segmentation, other))
        for one, other in pairs
        if one.any() and other.any()
    ]
    if not told:
        raise ValueError(
            "the stimulus has no pixels to compare: take parameters that leave some, such as a "
            "gap in the edge, or a larger picture"
        )
    return float(np.mean(told))


def _direction(segmentation: Segmentation, mask: Mask) -> NDArray[np.float64]:
    """Give the mean of the unit features: products of these are mean cosines."""
    if segmentation.features is None:
        raise ValueError(
            "the measure needs the pixels' features, and this segmenter gives none: segment "
            "again with segmenter='lns'"
        )
    assert segmentation.grid is not None
    height, width = segmentation.grid
    numbers = on_image(np.arange(height * width).reshape(height, width), mask.shape)
    rows = segmentation.features[numbers[mask]].astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    mean: NDArray[np.float64] = (rows / np.where(lengths > 0, lengths, 1)).mean(axis=0)
    return mean


def _elements(mask: Mask) -> tuple[list[Mask], NDArray[np.float64]]:
    """Take a mask apart into its pieces, with their middles as x to the right and y upwards."""
    numbered, count = ndimage.label(mask)
    pieces = [numbered == number for number in range(1, count + 1)]
    middles = np.array([np.mean(np.nonzero(piece), axis=1) for piece in pieces]).reshape(-1, 2)
    return pieces, np.column_stack([middles[:, 1], -middles[:, 0]])


def _chosen(pieces: Sequence[Mask], pairs: Mask) -> list[Pair]:
    return [(pieces[one], pieces[other]) for one, other in np.argwhere(pairs)]


def _grown(mask: Mask, pixels: int) -> Mask:
    grown: Mask = ndimage.binary_dilation(mask, iterations=pixels)
    return grown
