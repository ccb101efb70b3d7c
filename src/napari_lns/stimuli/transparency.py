"""Transparency: one surface is seen through another."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli import _rows
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field
from napari_lns.stimuli.registry import register

__all__ = ["transparent_overlap"]


@register(group="Occlusion", control={"junctions": "removed"}, random=False)
@on_canvas
def transparent_overlap(
    canvas: Canvas,
    *,
    transmittance: Annotated[float, Range(0, 1)] = 0.5,
    overlap: Annotated[float, Range(0.2, 0.8)] = 0.5,
    junctions: Literal["X", "removed"] = "X",
    shape: _rows.Element = "square",
    figure_size: Annotated[float, Range(0.2, 0.5, "of size")] = 0.4,
    front_colour: Colour = (0.9, 0.4, 0.1),
) -> None:
    """Transparent overlap: where two shapes cross, the one behind is seen through the other.

    Parameters
    ----------
    transmittance
        Share of the light from behind that the front shape transmits; 0 is opaque.
    overlap
        Overlap of the shapes, as a share of their side.
    junctions
        Whether edges cross in ``"X"``-junctions, or these are ``"removed"`` by gaps between the
        three pieces.
    shape
        Shape of both figures.
    figure_size
        Side or diameter of each shape.
    front_colour
        Colour of the front surface.

    Notes
    -----
    Physical check: Metelli's episcotister model. A colour c behind a front shape of transmittance
    α and colour t appears as α c + (1 - α) t.

    Perceptual check: two complete shapes, one seen through the other.

    Control: without X-junctions, the three pieces with the same areas and colours are seen as
    three opaque shapes.

    References
    ----------
    Metelli (1974), The perception of transparency. Scientific American, 230(4), 90-98.

    Examples
    --------
    >>> transparent_overlap(transmittance=0.3).label_names[2]
    'front'
    """
    shift = figure_size * (1 - overlap) / 2
    has_junctions = junctions == "X"
    gap = 0.0 if has_junctions else 0.1 * figure_size

    def figure(side: int, away: float) -> Field:
        place = side * (shift + away)
        return _rows.element(shape, canvas.u - place, canvas.v - place, figure_size)

    opacity = 1 - transmittance
    back, front = figure(-1, 0), figure(1, 0)
    if has_junctions:
        canvas.paint(back, None, "back", "back")
        inside = canvas.paint(front, front_colour, part="front", opacity=opacity)
        canvas.mark("overlap", inside & (back < 0))
        if opacity > 0:
            canvas.label(inside, "front")
        return
    for side, name, colour, part_opacity in (
        (-1, "back", None, 1.0),
        (1, "front", front_colour, opacity),
    ):
        away = side * gap
        cut = _rows.element(
            shape, canvas.u - away + side * shift, canvas.v - away + side * shift, figure_size
        )
        canvas.paint(
            np.maximum(figure(side, gap), -cut), colour, f"{name} piece", name, part_opacity
        )
    both = np.maximum(back, front)
    canvas.paint(both)
    canvas.paint(both, front_colour, "middle piece", "overlap", opacity)
