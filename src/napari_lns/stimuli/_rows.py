"""Rows of elements in groups, and the elements themselves."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Range
from napari_lns.stimuli._shapes import Field, disc, rectangle

__all__ = ["Element", "ElementShare", "FigureSize", "GapRatio", "element", "row"]

Element = Literal["disc", "square"]
ElementShare = Annotated[float, Range(0.2, 0.8)]
FigureSize = Annotated[float, Range(0.3, 0.95, "of size")]
GapRatio = Annotated[float, Range(1, 5)]


def row(groups: int, members: int, gap_ratio: float, length: float, share: float) -> Field:
    """Return the places along a row, centred, and with them the diameter of its elements.

    The gap between groups is `gap_ratio` times that within; elements take `share` of the length,
    so that neither the length nor the elements change with the ratio.

    Returns
    -------
    numpy.ndarray
        (groups * members,) places of the centres.
    """
    diameter = diameter_in_row(groups * members, length, share)
    within, between = groups * (members - 1), groups - 1
    gap = (length - groups * members * diameter) / (within + between * gap_ratio)
    gaps = np.full(groups * members - 1, gap)
    gaps[members - 1 :: members] *= gap_ratio
    places: Field = np.concatenate([[0.0], np.cumsum(gaps + diameter)])
    places -= places.mean()
    return places


def diameter_in_row(count: int, length: float, share: float) -> float:
    """Return the diameter of elements that together take `share` of a row's length."""
    return length * share / count


def element(kind: Element, u: Field, v: Field, diameter: float) -> Field:
    """Return the distance to one element."""
    return disc(u, v, diameter / 2) if kind == "disc" else rectangle(u, v, diameter, diameter)
