"""The measure of perceptual grouping, defined before any curve was computed.

The same measure is used for all stimuli: the mean affinity of pixels that the law groups, minus the
mean affinity of pixels that it separates. Stimuli differ only in these pixels (`regions`), which
are derived from the stimulus alone, not from a segmentation, and in the same way for a control. The
measure does not depend on a number of segments. Affinities are normalised, so that even very weak
responses have one; `strength` measures the difference of responses in image units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.segmentation import resize_map
from napari_lns.stimuli import Stimulus

__all__ = ["HasFeatures", "Pairs", "Regions", "grouping", "strength"]

Mask = NDArray[np.bool_]
Pair = tuple[Mask, Mask]
Rows = NDArray[np.float64]
NO_PIXELS = (
    "the stimulus has no pixels to compare: use parameters that leave some, such as a gap in the "
    "edge, or a larger image"
)


@dataclass(frozen=True)
class Pairs:
    """Pairs of regions whose pixels a law groups, and pairs whose pixels it separates.

    Parameters
    ----------
    together
        Pairs of masks (H, W) that the law groups.
    apart
        Pairs of masks that the law separates.
    edges
        Whether the regions are bands along edges. If a surface moves, one of its edges becomes
        lighter and the opposite one darker, so that the sign of an affinity does not depend on
        which surface owns the edges: only its magnitude is used.
    averaged
        Whether the regions are elements with light and dark lobes. If an element moves, its lobes
        change in opposite directions, so that responses are averaged over each region first.
    """

    together: Sequence[Pair]
    apart: Sequence[Pair]
    edges: bool = False
    averaged: bool = False


Regions = Callable[[Stimulus], Pairs]


class HasFeatures(Protocol):
    """An object with features of the pixels of a grid, such as `Segmentation`."""

    @property
    def features(self) -> NDArray[np.float32] | None:
        """(n, d), one row for each pixel of the grid."""

    @property
    def grid(self) -> tuple[int, int] | None:
        """Height and width of the grid."""


def grouping(pixels: HasFeatures, pairs: Pairs) -> float:
    """Compute how much more the pixels of grouped regions covary than those of separated regions.

    Parameters
    ----------
    pixels
        Result of `napari_lns.segmentation.pixels.pixel_features`, or a segmentation by the
        segmenter ``"lns"``.
    pairs
        The regions to compare.

    Returns
    -------
    float
        Mean affinity of the pairs together minus that of the pairs apart, between -2 and 2; 0 is no
        grouping.

    Examples
    --------
    >>> from napari_lns.segmentation import Segmentation
    >>> features = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    >>> result = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), features=features)
    >>> a, b, c, d = np.eye(4, dtype=bool).reshape(4, 2, 2)
    >>> grouping(result, Pairs(together=[(a, b), (c, d)], apart=[(a, c)]))
    1.0
    """

    def affinity(one: Mask, other: Mask) -> float:
        first, second = (_directions(pixels, mask, pairs.averaged) for mask in (one, other))
        if pairs.edges:
            return float(np.abs(first @ second.T).mean())
        return float(first.mean(axis=0) @ second.mean(axis=0))

    return _mean(affinity, pairs.together) - _mean(affinity, pairs.apart)


def strength(responses: NDArray[np.float32], pairs: Pairs) -> float:
    """Compute how differently the regions of the pairs apart respond, in image units.

    Parameters
    ----------
    responses
        (H, W, 3, z), result of `napari_lns.segmentation.responses.responses`.
    pairs
        The regions to compare.

    Returns
    -------
    float
        Mean over the pairs apart of the norm of the difference of their regions' mean responses,
        per channel (root mean square). For edges, whose responses have either sign, it is the mean
        over their pixels, with the sign that makes the difference smaller.

    Examples
    --------
    >>> a, b = np.eye(2, dtype=bool).reshape(2, 1, 2)
    >>> moved = np.array([[[[0.1], [0.1], [0.1]], [[0.3], [0.3], [0.3]]]])
    >>> round(strength(moved, Pairs(together=[], apart=[(a, b)])), 6)
    0.2
    """
    channels = responses.shape[2]

    def difference(one: Mask, other: Mask) -> float:
        first, second = (responses[mask].reshape(mask.sum(), -1) for mask in (one, other))
        if not pairs.edges:
            distance = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
            return float(distance / np.sqrt(channels))
        squares = np.square(first).sum(axis=1)[:, None] + np.square(second).sum(axis=1)
        nearest = np.clip(squares - 2 * np.abs(first @ second.T), 0, None)
        return float(np.sqrt(nearest / channels).mean())

    return _mean(difference, pairs.apart)


def _mean(measure: Callable[[Mask, Mask], float], pairs: Sequence[Pair]) -> float:
    """Return the mean over the pairs whose regions both have pixels."""
    values = [measure(one, other) for one, other in pairs if one.any() and other.any()]
    if not values:
        raise ValueError(NO_PIXELS)
    return float(np.mean(values))


def _directions(pixels: HasFeatures, mask: Mask, averaged: bool) -> Rows:
    """Return the features of a region's pixels (n, d), or their mean (1, d), scaled to length 1."""
    if pixels.features is None:
        raise ValueError(
            "the measure needs pixel features, which this segmenter does not provide: segment "
            "again with segmenter='lns'"
        )
    assert pixels.grid is not None
    height, width = pixels.grid
    numbers = resize_map(np.arange(height * width).reshape(height, width), mask.shape)
    rows = pixels.features[numbers[mask]].astype(np.float64)
    if averaged:
        rows = rows.mean(axis=0, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    directions: Rows = rows / np.where(lengths > 0, lengths, 1)
    return directions
