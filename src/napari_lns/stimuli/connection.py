"""Common region and connectedness: what is enclosed or joined is seen together."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli import _rows
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field, rectangle
from napari_lns.stimuli.registry import register

__all__ = ["common_region", "connectedness"]

GROUP = "Region and connection"
Pairs = Annotated[int, Range(2, 4)]
PairGapRatio = Annotated[float, Range(0.4, 2)]


@register(group=GROUP, control={"regions": "beside"}, random=False)
@on_canvas
def common_region(
    canvas: Canvas,
    *,
    pairs: Pairs = 3,
    gap_ratio: PairGapRatio = 1.0,
    region: Literal["outlined", "filled"] = "outlined",
    regions: Literal["around", "beside"] = "around",
    element: _rows.Element = "disc",
    element_share: Annotated[float, Range(0.2, 0.5)] = 0.45,
    figure_size: _rows.FigureSize = 0.9,
    region_colour: Colour = (0.8, 0.8, 0.8),
) -> None:
    """Common region: elements that one region encloses are seen together.

    Parameters
    ----------
    pairs
        Number of pairs of elements.
    gap_ratio
        Ratio of the gap between pairs to the gap within pairs. Below 1, proximity conflicts with
        the regions.
    region
        Whether regions are outlined or filled.
    regions
        ``"around"`` the pairs, or ``"beside"`` the row.
    element
        Shape of the elements.
    element_share
        Share of the row's length that the elements cover.
    figure_size
        Length of the row.
    region_colour
        Colour of the regions.

    Notes
    -----
    Physical check: regions do not touch each other, and each contains exactly two elements.

    Perceptual check: pairs, even where a neighbour outside the region is somewhat nearer.

    Control: with the same regions beside the row, the evenly spaced row has no pairs (at a ratio
    of 1).

    References
    ----------
    Palmer (1992), Common region: a new principle of perceptual grouping. Cognitive Psychology,
    24, 436-447.

    Examples
    --------
    >>> common_region(pairs=2).label_names[2]
    'pair 2'
    """  # noqa: D401 (the first words are its name)
    places = _rows.row(pairs, 2, gap_ratio, figure_size, element_share)
    diameter = _rows.diameter_in_row(2 * pairs, figure_size, element_share)
    outer = places[2] - places[1] - diameter if pairs > 1 else diameter
    width, height = places[1] - places[0] + diameter + 0.7 * outer, 2 * diameter
    encloses = regions == "around"
    shift = 0.0 if encloses else 1.2 * height
    for pair, middle in enumerate(places.reshape(-1, 2).mean(axis=1)):
        box = rectangle(canvas.u - middle, canvas.v - shift, width, height)
        label = f"pair {pair + 1}" if encloses else "regions"
        line = 0.3 * min(diameter, outer)
        canvas.paint(
            box if region == "filled" else np.maximum(box, -box - line),
            region_colour,
            part="drawn_regions",
        )
        canvas.label(box < 0, label)
        canvas.mark("regions", box < 0)
    _elements(canvas, places, element, diameter, encloses)


@register(group=GROUP, control={"bars": "beside"}, random=False)
@on_canvas
def connectedness(
    canvas: Canvas,
    *,
    pairs: Pairs = 3,
    gap_ratio: PairGapRatio = 1.0,
    bars: Literal["connecting", "beside"] = "connecting",
    bar_width: Annotated[float, Range(0.1, 0.8)] = 0.3,
    element: _rows.Element = "disc",
    element_share: Annotated[float, Range(0.2, 0.7)] = 0.5,
    figure_size: _rows.FigureSize = 0.9,
) -> None:
    """Connectedness: elements that a bar joins are seen together.

    Parameters
    ----------
    pairs
        Number of pairs of elements.
    gap_ratio
        Ratio of the gap between pairs to the gap within pairs. Below 1, proximity conflicts with
        the bars.
    bars
        ``"connecting"`` the elements of a pair, or ``"beside"`` the row, where they join nothing.
    bar_width
        Width of a bar as a share of the elements' diameter.
    element
        Shape of the elements.
    element_share
        Share of the row's length that the elements cover.
    figure_size
        Length of the row.

    Notes
    -----
    Physical check: a connected pair is one region of one colour; the bars of the control touch
    no element.

    Perceptual check: pairs like dumb-bells, even where an unconnected neighbour is nearer.

    Control: with the same bars beside the row, the evenly spaced row has no pairs (at a ratio of
    1).

    References
    ----------
    Palmer and Rock (1994), Rethinking perceptual organization: the role of uniform connectedness.
    Psychonomic Bulletin & Review, 1, 29-55.

    Examples
    --------
    >>> connectedness(bars="beside").label_names[1]
    'bars'
    """
    places = _rows.row(pairs, 2, gap_ratio, figure_size, element_share)
    diameter = _rows.diameter_in_row(2 * pairs, figure_size, element_share)
    connects = bars == "connecting"
    shift = 0.0 if connects else 1.2 * diameter
    overlap = 0.1 * diameter
    length = places[1] - places[0] - diameter + 2 * overlap
    for pair, middle in enumerate(places.reshape(-1, 2).mean(axis=1)):
        bar = rectangle(canvas.u - middle, canvas.v - shift, length, bar_width * diameter)
        canvas.paint(bar, None, f"pair {pair + 1}" if connects else "bars", "bars")
    _elements(canvas, places, element, diameter, connects)


def _elements(
    canvas: Canvas, places: Field, element: _rows.Element, diameter: float, paired: bool
) -> None:
    """Paint the elements of the row, and label them by pair or with one label."""
    distance, owner = canvas.elements(
        np.column_stack([places, np.zeros(len(places))]),
        diameter * np.sqrt(0.5),
        lambda u, v: _rows.element(element, u, v, diameter),
    )
    inside = canvas.paint(distance, part="elements")
    labels = [f"pair {k // 2 + 1}" if paired else "elements" for k in range(len(places))]
    canvas.label_elements(inside, owner, labels)
