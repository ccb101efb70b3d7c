"""Illusory contours: edges that are seen where the image has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import (
    Field,
    disc,
    polar_points,
    polygon,
    rectangle,
    ring,
    rotate_frame,
    wedge,
)
from napari_lns.stimuli.registry import register

__all__ = ["abutting_gratings", "ehrenstein_figure", "kanizsa_figure", "varin_figure"]

GROUP = "Illusory contours"
Corners = Annotated[int, Range(3, 8)]
Share = Annotated[float, Range(0, 1)]
FigureSize = Annotated[float, Range(0.2, 0.8, "of size")]
Inducers = Literal["facing", "turned"]
Polarity = Literal["equal", "mixed"]
Contrast = Annotated[float, Range(-1, 1)]


@register(group=GROUP, control={"inducers": "turned"}, random=False)
@on_canvas
def kanizsa_figure(
    canvas: Canvas,
    *,
    corners: Corners = 4,
    support_ratio: Share = 0.5,
    figure_size: FigureSize = 0.6,
    inducers: Inducers = "facing",
    polarity: Polarity = "equal",
    figure_contrast: Contrast = 0.0,
) -> None:
    """Kanizsa figure: discs with a sector cut out are seen as whole, behind a shape without edges.

    Parameters
    ----------
    corners
        Corners of the figure, each with its inducer.
    support_ratio
        The share of the figure's edge that the inducers specify physically.
    figure_size
        Diameter of the circle through the figure's corners.
    inducers
        ``"facing"`` the figure, or each ``"turned"`` by 180° about its own centre.
    polarity
        All inducers of the foreground's polarity, or every second one of the opposite.
    figure_contrast
        Contrast of the figure's own surface with the background: 0 for an illusory figure, 1 for
        one of the foreground's colour, -1 for one of the opposite polarity.

    Notes
    -----
    Physical check: at a contrast of 0 the figure has the background's colour. The inducers' radius
    is the support ratio times half the figure's side, so that this share of its edge lies along
    sectors.

    Perceptual check: a polygon with sharp edges that continue between the inducers, seen before
    whole discs. It becomes clearer with the support ratio, and persists with mixed polarity.

    Control: turned inducers have the same area and colours, and no figure is seen.

    References
    ----------
    Kanizsa (1976), Subjective contours. Scientific American, 234(4), 48-52.
    Shipley and Kellman (1992), Strength of visual interpolation depends on the ratio of
    physically specified to total edge length. Perception & Psychophysics, 52, 97-106.

    Examples
    --------
    >>> kanizsa_figure(corners=3).label_names
    mappingproxy({0: 'background', 1: 'inducers', 2: 'figure'})
    """
    edge = _inducers(canvas, corners, support_ratio, figure_size, inducers, polarity, disc)
    _surface(canvas, edge, figure_contrast)


@register(group=GROUP, control={"inducers": "turned"}, random=False)
@on_canvas
def varin_figure(
    canvas: Canvas,
    *,
    corners: Corners = 4,
    support_ratio: Share = 0.7,
    figure_size: FigureSize = 0.6,
    rings: Annotated[int, Range(2, 6)] = 3,
    line_share: Annotated[float, Range(0.2, 0.8)] = 0.5,
    inducers: Inducers = "facing",
    polarity: Polarity = "equal",
    figure_contrast: Contrast = 0.0,
) -> None:
    """Varin figure: sets of concentric rings end on a shape that is seen to cover them.

    Parameters
    ----------
    corners
        Corners of the figure, each with its inducer.
    support_ratio
        The inducers' diameter as a share of the figure's side.
    figure_size
        Diameter of the circle through the figure's corners.
    rings
        Number of rings in each inducer.
    line_share
        Width of a ring as a share of the distance between rings.
    inducers
        ``"facing"`` the figure, or each ``"turned"`` by 180° about its own centre.
    polarity
        All inducers of the foreground's polarity, or every second one of the opposite.
    figure_contrast
        Contrast of the figure's own surface with the background: 0 for an illusory figure, 1 for
        one of the foreground's colour, -1 for one of the opposite polarity.

    Notes
    -----
    Physical check: at a contrast of 0 the figure has the background's colour, and only line ends
    lie on its edge.

    Perceptual check: as in the Kanizsa figure, with an edge made by line ends alone.

    Control: turned inducers have the same area and colours, and no figure is seen.

    References
    ----------
    Varin (1971), Fenomeni di contrasto e diffusione cromatica. Rivista di Psicologia, 65, 101-128.

    Examples
    --------
    >>> "illusory_contour" in varin_figure(rings=4).parts
    True
    """

    def profile(u: Field, v: Field, radius: float) -> Field:
        spacing = radius / (rings - 0.5 + line_share / 2)
        lines = [ring(u, v, spacing * (k + 0.5), spacing * line_share) for k in range(rings)]
        nearest: Field = np.minimum.reduce(lines)
        return nearest

    edge = _inducers(canvas, corners, support_ratio, figure_size, inducers, polarity, profile)
    _surface(canvas, edge, figure_contrast)


def _inducers(
    canvas: Canvas,
    corners: int,
    support_ratio: float,
    figure_size: float,
    inducers: Inducers,
    polarity: Polarity,
    profile: Callable[[Field, Field, float], Field],
) -> Field:
    """Paint an inducer without its sector at each corner of a regular polygon.

    Return the distance to the polygon.
    """
    first = 270 - 180 / corners  # the polygon stands on a side
    outward = first + 360 / corners * np.arange(corners)
    directions = (outward + (180 if inducers == "facing" else 0))[:, None, None]
    radius = support_ratio * figure_size / 2 * np.sin(np.pi / corners)

    def inducer(u: Field, v: Field) -> Field:
        return np.maximum(profile(u, v, radius), -wedge(u, v, directions, 180 - 360 / corners))

    distance, owner = canvas.elements(polar_points(figure_size / 2, outward), radius, inducer)
    colours = np.array([canvas.foreground, canvas.foreground])
    if polarity == "mixed":
        colours[1] = canvas.opposite
    inside = canvas.paint(distance, colours[owner % 2], "inducers", "inducers")
    edge, _, share = polygon(canvas.u, canvas.v, np.full(corners, figure_size / 2), first)
    if inducers == "facing" and inside.any():
        canvas.label((edge < 0) & ~inside, "figure")
    canvas.mark("illusory_figure", edge < 0)
    bare = np.abs(share - 0.5) < (1 - support_ratio) / 2
    canvas.mark("illusory_contour", canvas.near(edge) & bare)
    return edge


def _surface(canvas: Canvas, edge: Field, contrast: float, name: str = "figure") -> None:
    """Paint the figure's surface, unless it is illusory."""
    if contrast != 0:
        canvas.paint_surface(edge, contrast)
        canvas.label(edge < 0, name)


@register(
    group=GROUP,
    control={"lines": "turned"},
    random=lambda values: values["lines"] == "turned",
)
@on_canvas
def ehrenstein_figure(
    canvas: Canvas,
    *,
    line_count: Annotated[int, Range(4, 12)] = 8,
    gap_size: Annotated[float, Range(0.15, 0.4, "of size")] = 0.25,
    line_length: Annotated[float, Range(0.05, 0.25, "of size")] = 0.2,
    line_width: Annotated[float, Range(0.01, 0.035, "of size")] = 0.03,
    lines: Literal["radial", "turned"] = "radial",
    figure_contrast: Contrast = 0.0,
) -> None:
    """Ehrenstein figure: a disc is seen where radial lines end around a gap.

    Parameters
    ----------
    line_count
        Number of lines around the gap.
    gap_size
        Diameter of the gap between the lines' inner ends.
    line_length
        Length of the lines.
    line_width
        Width of the lines.
    lines
        ``"radial"``, or ``"turned"``: each rotated about its own centre by a random 40° to 70°.
    figure_contrast
        Contrast of the disc's own surface with the background: 0 for an illusory disc, 1 for one
        of the foreground's colour, -1 for one of the opposite polarity.

    Notes
    -----
    Physical check: at a contrast of 0 the gap has the background's colour, and all inner ends lie
    on one circle.

    Perceptual check: a disc with a sharp edge, brighter than the background if lines are dark.

    Control: turned lines have the same number, length and colour, but their ends do not lie on a
    circle, and no disc is seen.

    References
    ----------
    Ehrenstein (1941), Über Abwandlungen der L. Hermannschen Helligkeitserscheinung.
    Zeitschrift für Psychologie, 150, 83-91.

    Examples
    --------
    >>> ehrenstein_figure(line_count=4, rotation=45.0).label_names[1]
    'lines'
    """
    angles = 360 / line_count * np.arange(line_count) + 90
    centres = polar_points((gap_size + line_length) / 2, angles)
    if lines == "turned":
        angles = angles + canvas.rng.uniform(40, 70, line_count) * canvas.rng.choice(
            [-1, 1], line_count
        )

    def line(u: Field, v: Field) -> Field:
        return rectangle(*rotate_frame(u, v, angles[:, None, None]), line_length, line_width)

    distance, _ = canvas.elements(centres, np.hypot(line_length, line_width) / 2, line)
    inside = canvas.paint(distance, label="lines", part="lines")
    edge = disc(canvas.u, canvas.v, gap_size / 2)
    if lines == "radial":
        canvas.label((edge < 0) & ~inside, "disc")
    canvas.mark("illusory_figure", edge < 0)
    canvas.mark("illusory_contour", canvas.near(edge) & ~inside)
    _surface(canvas, edge, figure_contrast, "disc")


@register(group=GROUP, control={"phase_shift": 0.0}, random=False)
@on_canvas
def abutting_gratings(
    canvas: Canvas,
    *,
    shape: Literal["line", "disc", "square"] = "square",
    phase_shift: Annotated[float, Range(0, 180, "deg")] = 180.0,
    period: Annotated[float, Range(0.05, 0.2, "of size")] = 0.1,
    line_share: Annotated[float, Range(0.1, 0.9)] = 0.3,
    figure_size: FigureSize = 0.45,
) -> None:
    """Abutting gratings: an edge is seen where the lines of two gratings meet out of phase.

    Parameters
    ----------
    shape
        The border between the gratings: a straight line, or the outline of a disc or square.
    phase_shift
        Phase difference between the gratings.
    period
        Distance between successive lines of a grating.
    line_share
        Width of a line as a share of the period (duty cycle).
    figure_size
        Diameter of the disc, or side of the square.

    Notes
    -----
    Physical check: both gratings have the same period, line width and colours. They differ only in
    phase, and the border is not drawn.

    Perceptual check: a sharp edge along the line ends, clearest at 180°.

    Control: without a phase shift the lines continue, and no edge is seen.

    References
    ----------
    Soriano, Spillmann and Bach (1996), The abutting grating illusion. Vision Research, 36,
    109-116.

    Examples
    --------
    >>> abutting_gratings(shape="disc", phase_shift=90.0).label_names[1]
    'figure'
    """
    u, v = canvas.u, canvas.v
    half = figure_size / 2
    edge = {
        "line": -u,
        "disc": disc(u, v, half),
        "square": rectangle(u, v, figure_size, figure_size),
    }[shape]

    inside = edge < 0
    cycles = v / period - np.where(inside, phase_shift / 360, 0)
    lines = (np.abs(cycles - np.round(cycles)) - line_share / 2) * period
    canvas.paint(lines, part="lines")
    if phase_shift > 0:
        canvas.label(inside, "figure")
    canvas.mark("illusory_figure", inside)
    canvas.mark("illusory_contour", canvas.near(edge))
