"""Similarity: elements that look alike are seen together."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._rows import FigureSize
from napari_lns.stimuli._shapes import Field, disc, rectangle, rotate_frame
from napari_lns.stimuli.registry import register

__all__ = ["similarity_rows"]


@register(
    group="Similarity",
    control={"arrangement": "shuffled"},
    random=lambda values: values["arrangement"] == "shuffled" and values["difference"] > 0,
)
@on_canvas
def similarity_rows(
    canvas: Canvas,
    *,
    feature: Literal["colour", "size", "orientation", "polarity"] = "colour",
    difference: Annotated[float, Range(0, 1)] = 1.0,
    arrangement: Literal["rows", "shuffled"] = "rows",
    rows: Annotated[int, Range(3, 8)] = 6,
    element_share: Annotated[float, Range(0.3, 0.8)] = 0.6,
    figure_size: FigureSize = 0.85,
    second_colour: Colour = (1.0, 0.0, 0.0),
) -> None:
    """Similarity rows: evenly spaced elements are seen in rows of those that look alike.

    Parameters
    ----------
    feature
        The feature in which every second row differs.
    difference
        Size of the difference: 1 is the second colour, half the size, a quarter turn, or the
        opposite polarity.
    arrangement
        Whether similar elements form ``"rows"``, or the same elements are ``"shuffled"``.
    rows
        Number of rows, and of elements in a row.
    element_share
        Diameter of an element as a share of the distance between elements.
    figure_size
        Side of the square that the elements fill.
    second_colour
        Colour of every second row if the feature is colour.

    Notes
    -----
    Physical check: elements lie on a square grid, with equal distances along rows and columns.

    Perceptual check: rows (columns if `rotation` is 90°), clearest for colour and size.

    Control: the same elements, shuffled, form no rows.

    References
    ----------
    Wertheimer (1923), Untersuchungen zur Lehre von der Gestalt II. Psychologische Forschung, 4,
    301-350.

    Examples
    --------
    >>> len(similarity_rows(feature="orientation", rows=4).label_names)
    5
    """
    pitch = figure_size / rows
    across, up = np.meshgrid(np.arange(rows), np.arange(rows))
    places = np.column_stack([across.ravel(), -up.ravel()]) + [-1, 1] * np.array((rows - 1) / 2)
    other = difference * (np.arange(rows**2) // rows % 2)
    if arrangement == "shuffled":
        other = canvas.rng.permutation(other)
    diameter = element_share * pitch
    diameters = diameter * (1 - 0.5 * other if feature == "size" else np.ones(rows**2))
    angles = 45 - 90 * other

    def shape(u: Field, v: Field) -> Field:
        if feature == "orientation":
            return rectangle(*rotate_frame(u, v, angles[:, None, None]), diameter, diameter / 3)
        return disc(u, v, diameters[:, None, None] / 2)

    distance, owner = canvas.elements(places * pitch, diameter * 0.6, shape)
    colours = np.tile(canvas.foreground, (rows**2, 1))
    target = {"colour": second_colour, "polarity": canvas.opposite}.get(feature)
    if target is not None:
        colours += other[:, None] * (np.array(target) - colours)
    inside = canvas.paint(distance, colours[owner], part="elements")
    has_rows = arrangement == "rows" and difference > 0
    labels = [f"row {k // rows + 1}" if has_rows else "elements" for k in range(rows**2)]
    canvas.label_elements(inside, owner, labels)
