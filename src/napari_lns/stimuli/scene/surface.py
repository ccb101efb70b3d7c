"""`Surface`: one surface of a scene, and its variation in the scene's world."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from napari_lns._files import shorten
from napari_lns._records import validate_json
from napari_lns.stimuli.scene.shapes import (
    MOST_CORNERS,
    STRICT,
    Line,
    Polygon,
    Shape,
    compute_area,
    crosses_itself,
    find_corners,
    find_rings,
    points_inside,
)
from napari_lns.stimuli.worlds._dice import PLACE, TURN, ZOOM

__all__ = ["BACKGROUND", "MOST_LETTERS", "MOST_SURFACES", "Surface", "Vary", "VaryAll"]

BACKGROUND = "background"
MOST_SURFACES = 200  # of a scene
MOST_LETTERS = 100  # of a name
LEAST_AREA = 1e-4  # share of the image's area: half a pixel at 64 × 64

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Colour = tuple[Share, Share, Share]
Text = Annotated[str, Field(max_length=MOST_LETTERS)]
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Vary:
    """Variation of a surface between scenes, in either direction.

    Parameters
    ----------
    place
        Shift along x and along y, as a share of the image's side.
    size
        Relative change of size.
    rotation
        Rotation about the surface's centre, in degrees.
    colour
        ``"grey"`` draws a lightness, ``"any"`` draws a colour, ``"fixed"`` keeps the colour.
    presence
        Share of the scenes that contain the surface; None uses the world's rules.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    place: Annotated[float, Field(ge=0, le=0.5)] = 0.02
    size: Annotated[float, Field(ge=0, le=0.5)] = 0.04
    rotation: Annotated[float, Field(ge=0, le=180)] = 2.0
    colour: Literal["grey", "any", "fixed"] = "grey"
    presence: Share | None = None


@dataclass(frozen=True)
class VaryAll:
    """Variation of the whole scene, in either direction; see `Vary`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    place: Annotated[float, Field(ge=0, le=0.5)] = PLACE
    size: Annotated[float, Field(ge=0, le=0.5)] = ZOOM
    rotation: Annotated[float, Field(ge=0, le=180)] = TURN
    background: Annotated[float, Field(ge=0, le=0.5)] = 0.1


@dataclass(frozen=True)
class Surface:
    """One surface of a scene.

    Parameters
    ----------
    name
        Name of the surface, unique in its scene.
    shape
        Shape of the surface.
    colour
        Red, green and blue in [0, 1].
    opacity
        Opacity; 1 is opaque.
    label
        Name in the ground truth, which surfaces may share. The default is the surface's name.
    object
        Name of the object. Surfaces of one object move together. The default is the label.
    colour_of
        Name of the surface whose colour is used, or ``"background"``.
    vary
        Variation of the surface. That of an object is the one of its farthest surface.

    Examples
    --------
    >>> from napari_lns.stimuli.scene import Ellipse
    >>> Surface("disc", Ellipse(0.4, 0.4), (0.1, 0.1, 0.1)).label
    'disc'
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: Annotated[Text, Field(min_length=1)]
    shape: Shape
    colour: Colour = (0.0, 0.0, 0.0)
    opacity: Annotated[float, Field(gt=0, le=1)] = 1.0
    label: Text = ""
    object: Text = ""
    colour_of: Text = ""
    vary: Vary = field(default_factory=Vary)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or self.name)
        object.__setattr__(self, "object", self.object or self.label)
        subject = f"surface {shorten(repr(self.name), MOST_LETTERS)}"
        validate_json(type(self.shape), json.dumps(asdict(self.shape), default=float), subject)
        fault = self._fault()
        if fault:
            raise ValueError(f"{subject} {fault}")

    def _fault(self) -> str:
        """Return what is wrong with the surface and what to do; empty if it is valid."""
        if self.name == BACKGROUND:
            return "has the name of the background: give another name"
        longest = max(map(len, (self.name, self.label, self.object)))
        if longest > MOST_LETTERS:
            return f"has a name of {longest} letters: {MOST_LETTERS} are the most"
        if not all(0 <= share <= 1 for share in (*self.colour, self.opacity)) or not self.opacity:
            return "has a colour or an opacity outside of [0, 1]: choose another"
        corners = find_corners(self.shape)
        reach = self.shape.width / 2 if isinstance(self.shape, Line) else 0.0
        if (corners.min(axis=0) > 0.5 + reach).any() or (corners.max(axis=0) < -0.5 - reach).any():
            return "lies outside the canvas, which reaches from -0.5 to 0.5: move it inside"
        if isinstance(self.shape, Line):
            if self.opacity < 1 and len(corners) > 2:
                return (
                    f"is a line with a bend and the opacity {self.opacity:g}: only filled shapes "
                    "can be transparent; draw its outline as a polygon"
                )
            length = float(np.hypot(*np.diff(corners, axis=0).T).sum())
            return "" if length > 0 else "is empty: its points are one point; draw it again"
        outline, *holes = find_rings(self.shape)
        if isinstance(self.shape, Polygon) and crosses_itself(outline):
            return "crosses itself: draw it as two surfaces, or move the corner that crosses over"
        if holes and len(corners) + sum(map(len, holes)) > MOST_CORNERS:
            return f"has more than {MOST_CORNERS} corners with its holes: draw it with fewer"
        if holes and (crosses_itself(outline, *holes) or not _are_apart(outline, holes)):
            return (
                "has a hole that crosses or leaves its outline, or meets another hole: move it "
                "inside, or join the holes"
            )
        if abs(compute_area(outline)) - sum(abs(compute_area(hole)) for hole in holes) < LEAST_AREA:
            return "is empty: its area is less than half a pixel of 64 × 64; draw it larger"
        return ""


def _are_apart(outline: Points, holes: Sequence[Points]) -> bool:
    """Return whether rings that do not cross lie inside an outline and outside each other."""
    nested = any(
        points_inside(one, other).any() for one in holes for other in holes if one is not other
    )
    return not nested and all(points_inside(outline, hole).all() for hole in holes)
