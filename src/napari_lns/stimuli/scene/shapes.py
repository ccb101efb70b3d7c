"""The shapes of a scene's surfaces: their fields in files, their corners and their painting.

Positions and lengths are shares of the image's side. x points right and y up from the image's
centre. Angles are counter-clockwise, in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ConfigDict, Field

from napari_lns.stimuli.worlds import Pose
from napari_lns.stimuli.worlds import Scene as Painting

__all__ = [
    "MOST_CORNERS",
    "MOST_HOLES",
    "Ellipse",
    "Line",
    "Polygon",
    "Rectangle",
    "Rings",
    "Shape",
    "compute_area",
    "crosses_itself",
    "find_corners",
    "find_rings",
    "make_polygon",
    "paint",
    "paint_rings",
    "points_inside",
    "pose_about",
]

MOST_CORNERS = 2000
MOST_HOLES = 100
ELLIPSE_CORNERS = 48  # corners of an ellipse
STRICT = ConfigDict(extra="forbid")

Place = Annotated[float, Field(ge=-4, le=4, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=8, allow_inf_nan=False)]
Angle = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Point = tuple[Place, Place]
Ring = Annotated[tuple[Point, ...], Field(min_length=3, max_length=MOST_CORNERS)]
Points = NDArray[np.float64]
Rings = tuple[Points, ...]


@dataclass(frozen=True)
class _Box:
    """A shape with a width and a height, rotated by an angle about its centre."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    width: Length
    height: Length
    x: Place = 0.0
    y: Place = 0.0
    angle: Angle = 0.0


@dataclass(frozen=True)
class Ellipse(_Box):
    """An ellipse or disc, rotated by an angle about its centre.

    Examples
    --------
    >>> Ellipse(0.4, 0.4).kind
    'ellipse'
    """

    kind: Literal["ellipse"] = "ellipse"


@dataclass(frozen=True)
class Rectangle(_Box):
    """A rectangle, rotated by an angle about its centre.

    Examples
    --------
    >>> Rectangle(0.8, 0.1, angle=30).kind
    'rectangle'
    """

    kind: Literal["rectangle"] = "rectangle"


@dataclass(frozen=True)
class Polygon:
    """A polygon whose edges do not cross, with optional holes.

    Parameters
    ----------
    corners
        Corners of the outline.
    holes
        Corners of each hole. A hole lies inside the outline and touches no other hole.

    Examples
    --------
    >>> square, gap = ((-1, -1), (1, -1), (1, 1), (-1, 1)), ((0, 0), (0.5, 0), (0, 0.5))
    >>> len(Polygon(square, (gap,)).holes)
    1
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    corners: Ring
    holes: Annotated[tuple[Ring, ...], Field(max_length=MOST_HOLES)] = ()
    kind: Literal["polygon"] = "polygon"


@dataclass(frozen=True)
class Line:
    """A line through points; `closed` connects the last point with the first.

    Examples
    --------
    >>> Line(((-0.3, 0.0), (0.3, 0.0)), 0.02).closed
    False
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    points: Annotated[tuple[Point, ...], Field(min_length=2, max_length=MOST_CORNERS)]
    width: Length
    closed: bool = False
    kind: Literal["line"] = "line"


Shape = Annotated[Ellipse | Rectangle | Polygon | Line, Field(discriminator="kind")]


def find_corners(shape: Ellipse | Rectangle | Polygon | Line) -> Points:
    """Return the corners (n, 2) of a shape's outline, or the points of a line.

    Examples
    --------
    >>> find_corners(Rectangle(0.2, 0.1)).tolist()
    [[0.1, 0.05], [-0.1, 0.05], [-0.1, -0.05], [0.1, -0.05]]
    """
    if isinstance(shape, Polygon):
        return np.array(shape.corners, float)
    if isinstance(shape, Line):
        return np.array(shape.points, float)
    if isinstance(shape, Rectangle):
        signs: Points = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], float) / 2
    else:
        turns = np.linspace(0, 2 * np.pi, ELLIPSE_CORNERS, endpoint=False)
        signs = np.column_stack([np.cos(turns), np.sin(turns)]) / 2
    return Pose(shape.x, shape.y, shape.angle).place(signs * [shape.width, shape.height])


def find_rings(shape: Ellipse | Rectangle | Polygon | Line) -> Rings:
    """Return the corners (n, 2) of a shape's outline, and of each of its holes.

    Examples
    --------
    >>> len(find_rings(Rectangle(0.2, 0.1)))
    1
    """
    holes = shape.holes if isinstance(shape, Polygon) else ()
    return (find_corners(shape), *(np.array(hole, float) for hole in holes))


def make_polygon(rings: Rings, decimals: int = 6) -> Polygon:
    """Return the polygon of an outline (n, 2) and its holes.

    Examples
    --------
    >>> make_polygon((np.eye(3)[:, :2],)).corners
    ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0))
    """
    outline, *holes = (
        tuple((float(x), float(y)) for x, y in ring.round(decimals)) for ring in rings
    )
    return Polygon(outline, tuple(holes))


def compute_area(ring: Points) -> float:
    """Return the signed area of a ring of corners (n, 2), positive if it is counter-clockwise.

    Examples
    --------
    >>> compute_area(find_corners(Rectangle(0.2, 0.1))).__round__(6)
    0.02
    """
    x, y = ring.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def crosses_itself(*rings: Points) -> bool:
    """Return whether any two edges of closed outlines cross.

    Examples
    --------
    >>> crosses_itself(np.array([[0, 0], [1, 1], [1, 0], [0, 1]]))
    True
    """
    start = np.concatenate(rings)
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    sides = [
        np.sign(_twice_area(start[:, None], end[:, None], points[None]).round(12))
        for points in (start, end)
    ]
    separates = sides[0] * sides[1] < 0  # an edge's ends lie on either side of another edge
    return bool((separates & separates.T).any())


def points_inside(outline: Points, points: Points) -> NDArray[np.bool_]:
    """Return which points (n, 2) lie inside an outline.

    Examples
    --------
    >>> points_inside(find_corners(Rectangle(0.2, 0.2)), np.array([[0, 0], [1, 1]])).tolist()
    [True, False]
    """
    (x, y), (x0, y0) = points.T[:, :, None], outline.T[:, None, :]
    x1, y1 = np.roll(x0, -1, axis=1), np.roll(y0, -1, axis=1)
    rises = np.where(y1 == y0, 1.0, y1 - y0)
    right = x < x0 + (y - y0) / rises * (x1 - x0)
    crosses = ((y0 > y) != (y1 > y)) & right
    inside: NDArray[np.bool_] = crosses.sum(axis=1) % 2 == 1
    return inside


def _twice_area(a: Points, b: Points, c: Points) -> Points:
    """Return twice the signed area of triangles."""
    ab, ac = b - a, c - a
    area: Points = ab[..., 0] * ac[..., 1] - ab[..., 1] * ac[..., 0]
    return area


def pose_about(
    centre: ArrayLike, shift: ArrayLike = (0.0, 0.0), rotation: float = 0.0, zoom: float = 1.0
) -> Pose:
    """Return the pose that rotates and zooms about a centre, and then shifts.

    Examples
    --------
    >>> pose_about((0.1, 0.0), rotation=180).place([(0.3, 0.0)]).round(6).tolist()
    [[-0.1, 0.0]]
    """
    middle = np.asarray(centre, float)
    (turned_middle,) = Pose(0.0, 0.0, rotation, zoom).place(middle)
    x, y = (middle + np.asarray(shift, float) - turned_middle).tolist()
    return Pose(x, y, rotation, zoom)


def paint(
    painting: Painting,
    shape: Ellipse | Rectangle | Polygon | Line,
    colour: ArrayLike,
    label: str = "",
    *,
    opacity: float = 1.0,
    pose: Pose | None = None,
) -> None:
    """Paint a shape in a pose over the earlier surfaces.

    Parameters
    ----------
    painting
        The painting to add the shape to.
    shape
        The shape.
    colour
        Red, green and blue in [0, 1].
    label
        Label of the shape; an empty one does not change the labels.
    opacity
        Opacity; 1 is opaque.
    pose
        Pose of the shape's frame in the figure's frame.
    """
    at = pose or Pose()
    rgb = np.asarray(colour, float).reshape(1, 3)
    if isinstance(shape, Line):
        _paint_line(painting, shape, rgb, label, opacity, at)
    elif isinstance(shape, Rectangle):
        centre = at.place([(shape.x, shape.y)])
        width, height = shape.width * at.zoom, shape.height * at.zoom
        angle = shape.angle + at.rotation
        painting.boxes(centre, width, height, rgb, label, angle=angle, opacity=opacity)
    elif isinstance(shape, Ellipse) and shape.width == shape.height:
        centre = at.place([(shape.x, shape.y)])
        painting.discs(centre, shape.width * at.zoom, rgb, label, opacity=opacity)
    else:
        paint_rings(painting, find_rings(shape), rgb, label, opacity=opacity, pose=at)


def paint_rings(
    painting: Painting,
    rings: Rings,
    colour: ArrayLike,
    label: str = "",
    *,
    opacity: float = 1.0,
    pose: Pose,
) -> None:
    """Paint the region between an outline and its holes in a pose; see `paint`."""
    outline, *holes = (pose.place(ring) for ring in rings)
    rgb = np.asarray(colour, float).reshape(1, 3)
    painting.polygon(outline, rgb, label, holes=holes, opacity=opacity)


def _paint_line(
    painting: Painting, line: Line, rgb: Points, label: str, opacity: float, at: Pose
) -> None:
    points = at.place(find_corners(line))
    if line.closed:
        points = np.vstack([points, points[:1]])
    steps = np.diff(points, axis=0)
    lengths = np.hypot(*steps.T)
    angles = np.rad2deg(np.arctan2(steps[:, 1], steps[:, 0]))
    width = line.width * at.zoom
    many = np.repeat(rgb, len(steps), axis=0)
    middles = (points[1:] + points[:-1]) / 2
    painting.boxes(middles, lengths, width, many, label, angle=angles, opacity=opacity)
    joints = points[1:] if line.closed else points[1:-1]
    if len(joints):
        painting.discs(joints, width, np.repeat(rgb, len(joints), axis=0), label, opacity=opacity)
