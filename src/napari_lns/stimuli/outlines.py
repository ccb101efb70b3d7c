"""Closure: an outline with gaps is seen as one closed figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field, Indices, disc, polar_points, polygon, rotate_frame
from napari_lns.stimuli.registry import register

__all__ = ["fragmented_outline"]

Shape = Literal["circle", "triangle", "square", "hexagon", "star"]
Gaps = Literal["on sides", "at corners"]

_SIDES = {"circle": 8, "triangle": 3, "square": 4, "hexagon": 6, "star": 10}


@register(
    group="Closure",
    control={"fragments": "misaligned"},
    random=lambda values: values["fragments"] == "misaligned" and values["gap_fraction"] < 1,
)
@on_canvas
def fragmented_outline(
    canvas: Canvas,
    *,
    shape: Shape = "square",
    gap_fraction: Annotated[float, Range(0, 1)] = 0.4,
    gaps: Gaps = "on sides",
    figure_size: Annotated[float, Range(0.2, 0.9, "of size")] = 0.6,
    line_width: Annotated[float, Range(0.01, 0.06, "of size")] = 0.03,
    fragments: Literal["aligned", "misaligned"] = "aligned",
    figure_contrast: Annotated[float, Range(-1, 1)] = 0.0,
) -> None:
    """Fragmented outline: pieces of an outline are seen as one closed figure.

    Parameters
    ----------
    shape
        Shape of the figure. The circle has eight gaps, every other figure one gap for each side.
    gap_fraction
        Share of the outline that is missing.
    gaps
        Whether gaps lie in the middle of the sides, or at the corners.
    figure_size
        Diameter of the circle through the figure's corners.
    line_width
        Width of the outline.
    fragments
        ``"aligned"`` on the outline, or ``"misaligned"``: each rotated about its own centre by a
        random angle of 40° to 90°.
    figure_contrast
        Contrast between the figure's surface and the background: 0 for an empty outline, 1 for a
        surface in the foreground's colour, -1 for the opposite polarity.

    Notes
    -----
    Physical check: the painted share of the outline's area is 1 minus the gap fraction.

    Perceptual check: one figure with an inside. Gaps on sides disturb it less than gaps at
    corners, where the outline changes its direction.

    Control: misaligned fragments have the same number, length and colour, and enclose nothing.

    References
    ----------
    Elder and Zucker (1993), The effect of contour closure on the rapid discrimination of
    two-dimensional shapes. Vision Research, 33, 981-991.

    Examples
    --------
    >>> fragmented_outline(shape="star", gap_fraction=0.2).label_names[1]
    'figure'
    """
    outline = _Outline(shape, figure_size / 2, line_width, gap_fraction, gaps)
    edge = outline.nearest_side(canvas.u, canvas.v)[0]
    fragment_distance, _ = outline.fragments(canvas.u, canvas.v)
    rim = np.abs(edge) < line_width / 2
    if figure_contrast != 0:
        canvas.paint_surface(edge, figure_contrast)
        canvas.label(edge < 0, "figure")
    if fragments == "aligned":
        if canvas.paint(fragment_distance, part="fragments").any():
            canvas.label(rim | (edge < 0), "figure")
    else:
        sign = canvas.rng.choice([-1, 1], outline.count)
        turns = sign * canvas.rng.uniform(40, 90, outline.count)
        canvas.paint(
            outline.misaligned_fragments(canvas.u, canvas.v, turns), None, "fragments", "fragments"
        )
    canvas.mark("rim", rim)
    canvas.mark("inside", (edge < 0) & ~rim)
    canvas.mark("gaps", rim & (fragment_distance >= 0))


@dataclass(frozen=True)
class _Outline:
    """An outline that is cut into fragments."""

    shape: Shape
    radius: float
    width: float
    gap_fraction: float
    gaps: Gaps

    @property
    def count(self) -> int:
        """Number of sides, and of fragments; a side of the circle is an eighth of it."""
        return _SIDES[self.shape]

    @property
    def first(self) -> float:
        """Angle of the first corner: polygons stand on a side, the star on two points."""
        return 90.0 if self.shape == "star" else 270 - 180 / self.count

    @property
    def radii(self) -> Field:
        """Distance of each corner from the centre."""
        inner = 0.5 if self.shape == "star" else 1.0
        return self.radius * np.where(np.arange(self.count) % 2, inner, 1.0)

    @property
    def corners(self) -> Field:
        """The corners (n, 2)."""
        return polar_points(self.radii, self.first + 360 / self.count * np.arange(self.count))

    @property
    def side_length(self) -> float:
        """The length of a side."""
        if self.shape == "circle":
            return float(2 * np.pi * self.radius / self.count)
        return float(np.hypot(*(self.corners[1] - self.corners[0])))

    def nearest_side(self, u: Field, v: Field) -> tuple[Field, Indices, Field]:
        """Return the distance to the figure, the nearest side, and the position on it."""
        distance, side, share = polygon(u, v, self.radii, self.first)
        if self.shape == "circle":
            turns = (np.rad2deg(np.arctan2(v, u)) - self.first) / 360 % 1 * self.count
            return disc(u, v, self.radius), side, turns % 1
        return distance, side, share

    def fragments(self, u: Field, v: Field) -> tuple[Field, Indices]:
        """Return the distance to the painted fragments of the rim, and the nearest fragment."""
        edge, side, share = self.nearest_side(u, v)
        rim, on_sides = np.abs(edge) - self.width / 2, self.gaps == "on sides"
        owner = (side + (share > 0.5)) % self.count if on_sides else side
        if self.gap_fraction in (0, 1):
            return (rim if self.gap_fraction == 0 else np.ones_like(rim)), owner
        from_middle = np.abs(share - 0.5) * self.side_length
        if on_sides:
            gap = self.gap_fraction * self.side_length / 2 - from_middle
        else:
            gap = from_middle - (1 - self.gap_fraction) * self.side_length / 2
        return np.maximum(rim, gap), owner

    def misaligned_fragments(self, u: Field, v: Field, turns: Field) -> Field:
        """Return the distance to the fragments, each rotated about its own centre."""
        corners = self.corners
        middles = corners if self.gaps == "on sides" else (corners + np.roll(corners, -1, 0)) / 2
        nearest = np.ones_like(u)
        for index, ((x, y), turn) in enumerate(zip(middles, turns, strict=True)):
            across, up = rotate_frame(u - x, v - y, turn)
            distance, owner = self.fragments(across + x, up + y)
            nearest = np.where(owner == index, np.minimum(nearest, distance), nearest)
        return nearest
