"""Figure and ground: which side of an edge is seen as the thing that it bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field, disc, rectangle
from napari_lns.stimuli.registry import register

__all__ = ["convexity", "face", "lower_region", "relative_area", "rubin_vase", "surroundedness"]

GROUP = "Figure and ground"
PanelSize = Annotated[float, Range(0.3, 0.9, "of size")]
Names = tuple[str, str]

LIGHT = (1.0, 1.0, 1.0)
_EVEN = ("first region", "second region")
_FACE = (  # height and depth of a face's profile, from chin to brow
    (-0.5, 1.1),
    (-0.4, 0.7),
    (-0.29, -0.15),  # chin
    (-0.235, 0.2),
    (-0.19, -0.2),  # lower lip
    (-0.16, 0.1),
    (-0.13, -0.25),  # upper lip
    (-0.075, 0.15),
    (-0.01, -0.75),  # tip of the nose
    (0.16, 0.2),  # eye
    (0.27, -0.1),  # brow
    (0.42, 0.6),
    (0.5, 1.0),
)


@register(group=GROUP, control={"bulge": 0.0}, random=False)
@on_canvas
def convexity(
    canvas: Canvas,
    *,
    regions: Annotated[int, Range(2, 4)] = 3,
    bulge: Annotated[float, Range(0, 0.7)] = 0.6,
    lobes: Annotated[int, Range(1, 6)] = 3,
    panel_size: PanelSize = 0.8,
    second_colour: Colour = LIGHT,
) -> None:
    """Convexity: of regions that alternate, the convex ones are seen as figures.

    Parameters
    ----------
    regions
        Number of convex regions. Concave ones lie between and beside them.
    bulge
        Bulge of the convex regions as a share of the regions' mean width.
    lobes
        Number of lobes of each border.
    panel_size
        Side of the panel that the regions fill.
    second_colour
        Colour of the concave regions.

    Notes
    -----
    Physical check: convex and concave regions have the same area, whatever the bulge; borders
    are arcs that bulge out of the convex regions.

    Perceptual check: the convex regions, of either colour, lie in front. The concave ones continue
    behind them.

    Control: straight borders bound regions of the same areas, and neither is a figure.

    References
    ----------
    Kanizsa and Gerbino (1976), Convexity and symmetry in figure-ground organization. In Henle
    (ed.), Vision and Artifact, 25-32. Springer.

    Examples
    --------
    >>> convexity(regions=2).label_names[1]
    'figure'
    """
    width = panel_size / (2 * regions)
    height = np.abs(np.sin(np.pi * lobes * (canvas.v / panel_size - 0.5)))
    swell = bulge * width * (height - 2 / np.pi)  # of zero mean, to keep the areas
    place = canvas.u / (2 * width) + (0.5 if regions % 2 == 0 else 0)
    convex = np.abs(place - np.round(place)) * 2 * width - width / 2 - swell
    panel = rectangle(canvas.u, canvas.v, panel_size, panel_size)
    _panel(canvas, panel, convex, second_colour, ("figure", "ground") if bulge else _EVEN)
    bulge_pixels = (panel < 0) & (height > 2 / np.pi) & canvas.near(convex)
    number = 2 * np.round(place + (regions - 1) / 2 - (0.5 if regions % 2 == 0 else 0))
    number += np.where(place > np.round(place), 2, 1)  # borders from left to right
    for border in range(1, 2 * regions + 1):
        canvas.mark(f"border {border}", bulge_pixels & (number == border))


@register(group=GROUP, control={"area_share": 0.5}, random=False)
@on_canvas
def relative_area(
    canvas: Canvas,
    *,
    area_share: Annotated[float, Range(0.1, 0.5)] = 0.25,
    sectors: Annotated[int, Range(3, 8)] = 4,
    panel_size: PanelSize = 0.8,
    second_colour: Colour = LIGHT,
) -> None:
    """Relative area: of sectors that alternate, the narrow ones are seen as a cross on a disc.

    Parameters
    ----------
    area_share
        Share of the disc's area that the foreground's sectors cover.
    sectors
        Number of sectors of each colour.
    panel_size
        Diameter of the disc.
    second_colour
        Colour of the wide sectors.

    Notes
    -----
    Physical check: the sectors cover exactly the area share of the disc.

    Perceptual check: the narrow sectors form a Maltese cross before a disc that continues behind
    it.

    Control: at a share of 0.5 both sets of sectors have the same shape and area, and either is
    seen as the cross. Since areas are the cue, colours cannot keep their shares.

    References
    ----------
    Koffka (1935), Principles of Gestalt Psychology. Harcourt, Brace.

    Examples
    --------
    >>> relative_area(sectors=4).label_names[1]
    'figure'
    """
    radius = np.hypot(canvas.u, canvas.v)
    turns = np.arctan2(canvas.u, canvas.v) / (2 * np.pi) * sectors
    beyond = np.abs(turns - np.round(turns)) - area_share / 2
    edge = radius * np.sin(np.clip(beyond * 2 * np.pi / sectors, -np.pi / 2, np.pi / 2))
    panel = disc(canvas.u, canvas.v, panel_size / 2)
    labels = ("figure", "ground") if area_share < 0.5 else _EVEN
    _panel(canvas, panel, edge, second_colour, labels)


@register(group=GROUP, control={"surround": "open"}, random=False)
@on_canvas
def surroundedness(
    canvas: Canvas,
    *,
    surround: Literal["closed", "open"] = "closed",
    shape: Literal["disc", "square"] = "disc",
    area_share: Annotated[float, Range(0.1, 0.6)] = 0.25,
    panel_size: PanelSize = 0.8,
    second_colour: Colour = LIGHT,
) -> None:
    """Surroundedness: the region that another one surrounds is seen as a figure before it.

    Parameters
    ----------
    surround
        Whether one region surrounds the other (``"closed"``), or both share one straight border.
    shape
        Shape of the surrounded region.
    area_share
        Share of the panel's area that the surrounded region covers.
    panel_size
        Side of the panel that both regions fill.
    second_colour
        Colour of the surrounding region.

    Notes
    -----
    Physical check: the inner region covers the area share, and the other one surrounds it.

    Perceptual check: a figure before a panel that continues behind it.

    Control: regions of the same areas lie side by side, and neither surrounds the other.

    References
    ----------
    Rubin (1915), Synsoplevede Figurer. Gyldendal.

    Examples
    --------
    >>> surroundedness(shape="square").label_names[1]
    'figure'
    """
    u, v = canvas.u, canvas.v
    side = panel_size * np.sqrt(area_share)
    if surround == "open":
        inner = u + panel_size * (0.5 - area_share)
    elif shape == "disc":
        inner = disc(u, v, side / np.sqrt(np.pi))
    else:
        inner = rectangle(u, v, side, side)
    panel = rectangle(u, v, panel_size, panel_size)
    labels = ("figure", "ground") if surround == "closed" else _EVEN
    _panel(canvas, panel, inner, second_colour, labels)


@register(group=GROUP, control={"division": "left-right"})
@on_canvas
def lower_region(
    canvas: Canvas,
    *,
    division: Literal["upper-lower", "left-right"] = "upper-lower",
    amplitude: Annotated[float, Range(0.05, 0.2)] = 0.15,
    steps: Annotated[int, Range(4, 12)] = 8,
    panel_size: PanelSize = 0.8,
    second_colour: Colour = LIGHT,
) -> None:
    """Lower region: of two regions above each other, the lower one is seen as the figure.

    Parameters
    ----------
    division
        Whether the border runs from side to side, or from top to bottom.
    amplitude
        Largest deviation of the border from a straight line, as a share of the panel's side.
    steps
        Number of steps of the border, of random heights.
    panel_size
        Side of the panel that both regions fill.
    second_colour
        Colour of the upper (right) region.

    Notes
    -----
    Physical check: both regions have the same area and share one border.

    Perceptual check: the lower region, of either colour, appears nearer, like a skyline.

    Control: rotated by 90°, the same regions lie side by side, and neither is preferred.

    References
    ----------
    Vecera, Vogel and Woodman (2002), Lower region: a new cue for figure-ground assignment.
    Journal of Experimental Psychology: General, 131, 194-205.

    Examples
    --------
    >>> lower_region(seed=3).label_names[1]
    'figure'
    """
    upright = division == "upper-lower"
    along, across = (canvas.u, canvas.v) if upright else (-canvas.v, canvas.u)
    heights = canvas.rng.uniform(-1, 1, steps)
    heights -= heights.mean()
    heights *= amplitude * panel_size / np.abs(heights).max()
    step = np.clip(((along / panel_size + 0.5) * steps).astype(int), 0, steps - 1)
    panel = rectangle(canvas.u, canvas.v, panel_size, panel_size)
    labels = ("figure", "ground") if upright else ("left", "right")
    _panel(canvas, panel, across - heights[step], second_colour, labels)


@register(group=GROUP, control={"profile": "straight"}, random=False)
@on_canvas
def rubin_vase(
    canvas: Canvas,
    *,
    profile: Literal["faces", "straight"] = "faces",
    vase_width: Annotated[float, Range(0.25, 0.5)] = 0.4,
    relief: Annotated[float, Range(0.3, 1)] = 1.0,
    panel_size: PanelSize = 0.8,
    second_colour: Colour = LIGHT,
) -> None:
    """Rubin's vase: one border is seen as that of a vase, or of two faces in profile.

    Parameters
    ----------
    profile
        Shape of the border: ``"faces"`` or ``"straight"``.
    vase_width
        Mean width of the vase as a share of the panel's side.
    relief
        Depth of the profile, relative to that of a face.
    panel_size
        Side of the panel that vase and faces fill.
    second_colour
        Colour of the faces.

    Notes
    -----
    Physical check: the vase is symmetric. Its area does not change with profile or relief.

    Perceptual check: vase and faces alternate, and only the one that is seen as a figure has a
    shape.

    Control: a straight border bounds the same areas, and neither vase nor faces are seen.

    References
    ----------
    Rubin (1915), Synsoplevede Figurer. Gyldendal.

    Examples
    --------
    >>> rubin_vase().label_names[2]
    'left face'
    """
    faces = profile == "faces"
    swell = 0.35 * relief * face(canvas.v / panel_size) if faces else 0.0
    border = np.abs(canvas.u) - panel_size * vase_width * (0.5 + swell)
    panel = rectangle(canvas.u, canvas.v, panel_size, panel_size)
    _panel(canvas, panel, border, second_colour, ("vase" if faces else "bar", "left face"))
    canvas.label((panel < 0) & (border >= 0) & (canvas.u > 0), "right face")


def face(height: Field) -> Field:
    """Return the depth of a face's profile at heights from -0.5 to 0.5; its mean is zero."""
    heights, depths = np.array(_FACE).T
    place = np.interp(height, heights, np.arange(len(heights)))
    knot = np.minimum(place.astype(int), len(heights) - 2)
    share = place - knot
    between = share**2 * (3 - 2 * share)
    mean = np.diff(heights) @ (depths[1:] + depths[:-1]) / 2
    depth: Field = depths[knot] + between * (depths[knot + 1] - depths[knot]) - mean
    return depth


def _panel(
    canvas: Canvas, panel: Field, region: Field, second_colour: Sequence[float], names: Names
) -> None:
    """Paint a panel: the region in the foreground's colour, the rest in the second colour."""
    first, second = np.array(canvas.foreground), np.array(second_colour)
    share = canvas.coverage(region)
    inside = canvas.paint(panel, second + share * (first - second), part="panel")
    canvas.label(inside & (region < 0), names[0])
    canvas.label(inside & (region >= 0), names[1])
    canvas.mark(names[0].replace(" ", "_"), inside & (region < 0))
