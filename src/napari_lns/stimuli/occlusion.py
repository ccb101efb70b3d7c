"""Occlusion: a partly hidden object is seen as continuing behind its occluder."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field, disc, rectangle, rotate_frame
from napari_lns.stimuli.registry import register

__all__ = ["occluded_bar", "occluded_disc", "relatable"]

GROUP = "Occlusion"
Occluder = Literal["disc", "square"]
OccluderSize = Annotated[float, Range(0.2, 0.5, "of size")]
Junctions = Literal["T", "removed"]


def relatable(offset: float, angle: float, half_gap: float) -> bool:
    """Return whether two edges that end at an occluder are relatable.

    Edges are relatable if their straight extensions meet behind the occluder at an angle of at
    most 90°.

    Parameters
    ----------
    offset
        Distance between the two lines in the occluder's middle.
    angle
        Angle between the two lines, in degrees.
    half_gap
        Distance from the occluder's middle to the edges' ends.

    Returns
    -------
    bool
        Kellman and Shipley's criterion, without tolerance.

    Examples
    --------
    >>> relatable(0.0, 40.0, 0.2), relatable(0.1, 0.0, 0.2)
    (True, False)
    """
    if angle > 90:
        return False
    return bool(abs(offset) <= 2 * half_gap * np.sin(np.deg2rad(angle / 2)))


@register(group=GROUP, control={"junctions": "removed"}, random=False)
@on_canvas
def occluded_bar(
    canvas: Canvas,
    *,
    offset: Annotated[float, Range(0, 1)] = 0.0,
    angle: Annotated[float, Range(0, 150, "deg")] = 0.0,
    junctions: Junctions = "T",
    occluder: Occluder = "square",
    occluder_size: OccluderSize = 0.3,
    bar_width: Annotated[float, Range(0.15, 0.4)] = 0.35,
    bar_length: Annotated[float, Range(0.5, 0.9, "of size")] = 0.8,
    occluder_colour: Colour = (0.8, 0.8, 0.8),
) -> None:
    """Occluded bar: two pieces of a bar are seen as one bar that continues behind the occluder.

    Parameters
    ----------
    offset
        Offset between the two pieces, as a share of the bar's width.
    angle
        Angle by which the bar bends behind the occluder.
    junctions
        Whether the bar's edges end in ``"T"``-junctions at the occluder, or these are
        ``"removed"`` by a gap between the pieces and the occluder.
    occluder
        Shape of the occluder.
    occluder_size
        Diameter or side of the occluder.
    bar_width
        Width of the bar as a share of the occluder's size.
    bar_length
        Length of the bar, including its hidden part.
    occluder_colour
        Colour of the occluder.

    Notes
    -----
    Physical check: the centre lines of the pieces have the given offset and angle. The pieces are
    relatable if their lines meet behind the occluder at 90° or less; only then they have one
    label.

    Perceptual check: one bar behind the occluder if the pieces are relatable, two pieces
    otherwise.

    Control: without T-junctions, the same pieces with the same area are seen as two short bars
    with ends of their own.

    References
    ----------
    Kellman and Shipley (1991), A theory of visual interpolation in object perception. Cognitive
    Psychology, 23, 141-221.

    Examples
    --------
    >>> sorted(occluded_bar(offset=0.9).label_names.values())
    ['background', 'left piece', 'occluder', 'right piece']
    """
    width = bar_width * occluder_size
    shift = 0.0 if junctions == "T" else 0.5 * width
    is_one_bar = junctions == "T" and relatable(offset * width, angle, occluder_size / 2)
    hidden = np.zeros(canvas.u.shape, bool)
    for name, side in (("left piece", -1), ("right piece", 1)):
        right = canvas.u - side * shift * np.cos(np.deg2rad(angle / 2))
        up = canvas.v + shift * np.sin(np.deg2rad(angle / 2))
        outward, across = rotate_frame(side * right, up - side * offset * width / 2, -angle / 2)
        piece = rectangle(outward - bar_length / 4, across, bar_length / 2, width)
        cover = _occluder(occluder, right, up, occluder_size)
        canvas.paint(np.maximum(piece, -cover), None, "bar" if is_one_bar else name, name)
        hidden |= np.maximum(piece, cover) < 0
    cover = _occluder(occluder, canvas.u, canvas.v, occluder_size)
    canvas.paint(cover, occluder_colour, "occluder", "occluder")
    canvas.mark("hidden", hidden & is_one_bar)


@register(group=GROUP, control={"junctions": "removed"}, random=False)
@on_canvas
def occluded_disc(
    canvas: Canvas,
    *,
    overlap: Annotated[float, Range(0.1, 0.8)] = 0.35,
    junctions: Junctions = "T",
    occluder: Occluder = "square",
    occluder_size: OccluderSize = 0.5,
    disc_size: Annotated[float, Range(0.2, 0.5, "of size")] = 0.4,
    occluder_colour: Colour = (0.8, 0.8, 0.8),
) -> None:
    """Occluded disc: the visible part of a disc is seen as a whole disc behind the occluder.

    Parameters
    ----------
    overlap
        Overlap of the occluder and the disc, as a share of the disc's diameter.
    junctions
        Whether the disc's edge ends in ``"T"``-junctions at the occluder, or these are
        ``"removed"`` by a gap between the visible part and the occluder.
    occluder
        Shape of the occluder.
    occluder_size
        Diameter or side of the occluder.
    disc_size
        Diameter of the disc.
    occluder_colour
        Colour of the occluder.

    Notes
    -----
    Physical check: only a part of the disc is painted. Its edge ends at the occluder's edge.

    Perceptual check: a whole disc behind the occluder, not the shape that is physically present.

    Control: apart from the occluder, the same part with the same area is seen as an incomplete
    disc.

    References
    ----------
    Michotte, Thinès and Crabbé (1964), Les compléments amodaux des structures perceptives.
    Publications Universitaires de Louvain.

    Examples
    --------
    >>> occluded_disc(overlap=0.6).label_names[1]
    'disc'
    """
    reach = overlap * disc_size
    middle = (reach - occluder_size) / 2  # of the disc; the two together are centred
    shift = 0.0 if junctions == "T" else 0.15 * disc_size
    occluder_x = middle + disc_size / 2 - reach + occluder_size / 2
    whole = disc(canvas.u - middle + shift, canvas.v, disc_size / 2)
    shifted_occluder = _occluder(occluder, canvas.u - occluder_x + shift, canvas.v, occluder_size)
    is_complete = junctions == "T"
    canvas.paint(
        np.maximum(whole, -shifted_occluder), None, "disc" if is_complete else "piece", "visible"
    )
    cover = _occluder(occluder, canvas.u - occluder_x, canvas.v, occluder_size)
    canvas.paint(cover, occluder_colour, "occluder", "occluder")
    canvas.mark("hidden", (np.maximum(whole, cover) < 0) & is_complete)
    canvas.mark("cut", canvas.near(shifted_occluder) & (whole < 0))


def _occluder(kind: Occluder, u: Field, v: Field, size: float) -> Field:
    return disc(u, v, size / 2) if kind == "disc" else rectangle(u, v, size, size)
