"""Positions and shapes of elements in a row, shared by stimuli of grouping."""

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
    """Return the positions of the elements of a row of groups, centred at 0.

    The gap between groups is `gap_ratio` times the gap within them. The elements cover `share` of
    the length, so that neither the length nor the elements change with the ratio.

    Returns
    -------
    numpy.ndarray
        Positions (groups * members,) of the elements' centres.
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
    """Return the diameter at which `count` elements cover `share` of a row's length."""
    return length * share / count


def element(kind: Element, u: Field, v: Field, diameter: float) -> Field:
    """Return the signed distance to one element."""
    return disc(u, v, diameter / 2) if kind == "disc" else rectangle(u, v, diameter, diameter)
