"""The ambiguities of a scene: surfaces that are illusory, outlined, occluded or transparent.

An `Ambiguity` determines what is absent from a share of the world's scenes, what its rival is, what
the control changes, and which pixels are compared. Ambiguities are found by comparing the pixels
that the surfaces cover, so they need no input but the drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.stimuli.scene.shapes import (
    Rings,
    compute_area,
    crosses_itself,
    find_corners,
    paint,
    pose_about,
)
from napari_lns.stimuli.scene.surface import BACKGROUND, Surface
from napari_lns.stimuli.worlds import Pose
from napari_lns.stimuli.worlds import Scene as Painting

__all__ = ["Ambiguity", "Piece", "coverage", "find_ambiguities", "find_root", "trace_outlines"]

SIDE = 192  # side in pixels of the images that are compared
LEAST_HIDDEN, MOST_HIDDEN = 0.02, 0.95  # hidden share at which the rest suggests the whole
BEYOND = 0.05  # share of an occluder beside the covered surface, so that it cuts the outline
SMALLEST = 0.0006  # share of the image's area below which pieces are ignored
UNDER = 0.6  # zoom of an occluder that determines the extended pieces

Mask = NDArray[np.bool_]
Field = NDArray[np.float64]
Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Piece:
    """A visible piece of a surface.

    Parameters
    ----------
    surface
        Index of the surface in the scene.
    rings
        Corners (n, 2) of its outline, and of each of its holes.
    extended
        The rings of the same piece, extended a little under its occluder.
    direction
        Unit vector that points away from the occluder.
    pivot
        Point about which the piece can be rotated.
    """

    surface: int
    rings: Rings
    extended: Rings
    direction: Points
    pivot: Points


@dataclass(frozen=True, eq=False)
class Ambiguity:
    """One ambiguity of a scene.

    Parameters
    ----------
    kind
        ``"illusory"``: a surface of the background's colour covers parts of others.
        ``"outline"``: other surfaces of its object outline such a surface.
        ``"occluded"``: a surface continues behind another.
        ``"transparent"``: a surface is seen through another.
    subject
        Index of the illusory, outlined, occluded or transparent surface.
    others
        Indices of the surfaces that the subject covers, that outline or occlude it, or of the one
        behind it.
    pieces
        Visible pieces: of the `others` for ``"illusory"``; of the subject for ``"occluded"``; for
        ``"transparent"``, of the surface behind, of the one in front, and their overlap.
    """

    kind: Literal["illusory", "outline", "occluded", "transparent"]
    subject: int
    others: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()


def find_root(surfaces: Sequence[Surface], index: int) -> int | None:
    """Return the index of the surface that a surface takes its colour from; None: background."""
    numbers = {surface.name: number for number, surface in enumerate(surfaces)}
    while surfaces[index].colour_of:
        if surfaces[index].colour_of == BACKGROUND:
            return None
        index = numbers[surfaces[index].colour_of]
    return index


def coverage(surface: Surface, side: int = SIDE, pose: Pose | None = None) -> Field:
    """Return the share (side, side) of each pixel that a surface covers."""
    painting = Painting(0.0, pose or Pose())
    paint(painting, surface.shape, (1.0, 1.0, 1.0))
    return _render_coverage(painting, side)


def find_ambiguities(surfaces: Sequence[Surface]) -> tuple[Ambiguity, ...]:
    """Return the ambiguities of a scene, from the nearest surface to the farthest.

    Examples
    --------
    >>> from napari_lns.stimuli.scene import Ellipse, Rectangle
    >>> bar = Surface("bar", Rectangle(0.8, 0.1))
    >>> find_ambiguities([bar, Surface("disc", Ellipse(0.3, 0.3))])[0].kind
    'occluded'
    """
    coverages = [coverage(surface) for surface in surfaces]
    ghosts = {i for i in range(len(surfaces)) if find_root(surfaces, i) is None}
    ambiguities: list[Ambiguity] = []
    used: set[int] = set()
    for subject in reversed(range(len(surfaces))):
        if subject in ghosts:
            ambiguity = _find_suggested(surfaces, coverages, subject, ghosts)
        elif surfaces[subject].opacity < 1:
            ambiguity = _find_transparent(surfaces, coverages, subject)
        else:
            ambiguity = None
        if ambiguity is not None:
            ambiguities.append(ambiguity)
            used |= {ambiguity.subject, *ambiguity.others}
    for subject in range(len(surfaces)):
        if subject not in used | ghosts:
            ambiguity = _find_occluded(surfaces, coverages, subject, ghosts)
            if ambiguity is not None:
                ambiguities.append(ambiguity)
    return tuple(ambiguities)


def _find_suggested(
    surfaces: Sequence[Surface], coverages: Sequence[Field], subject: int, ghosts: set[int]
) -> Ambiguity | None:
    own = surfaces[subject].object
    if surfaces[subject].vary.colour == "fixed":  # a patch of background in the world too
        return None
    covered = [
        i
        for i in range(subject)
        if i not in ghosts
        and surfaces[i].object != own
        and LEAST_HIDDEN <= _covered_share(coverages[i], coverages[subject]) <= MOST_HIDDEN
    ]
    if covered:
        pieces = [p for i in covered for p in _visible_pieces(surfaces, coverages, i, (subject,))]
        return Ambiguity("illusory", subject, tuple(covered), tuple(pieces))
    outline = [i for i in range(len(surfaces)) if i not in ghosts and surfaces[i].object == own]
    return Ambiguity("outline", subject, tuple(outline)) if outline else None


def _find_transparent(
    surfaces: Sequence[Surface], coverages: Sequence[Field], subject: int
) -> Ambiguity | None:
    for behind in reversed(range(subject)):
        both = np.minimum(coverages[behind], coverages[subject])
        if surfaces[behind].object == surfaces[subject].object:
            continue
        shares = [both.sum() / coverages[i].sum() for i in (behind, subject)]
        if not all(LEAST_HIDDEN <= share <= MOST_HIDDEN for share in shares):
            continue
        rests = [np.clip(coverages[i] - both, 0, 1) for i in (behind, subject)]
        overlap = _centroid(both)
        pieces = [
            Piece(
                i,
                rings,
                rings,
                _unit_vector(rings[0].mean(axis=0) - overlap),
                rings[0].mean(axis=0),
            )
            for i, region in zip((behind, subject), rests, strict=True)
            for rings in trace_outlines(region)[:1]
        ]
        pieces += [
            Piece(subject, rings, rings, np.zeros(2), overlap) for rings in trace_outlines(both)[:1]
        ]
        if len(pieces) == 3:
            return Ambiguity("transparent", subject, (behind,), tuple(pieces))
    return None


def _find_occluded(
    surfaces: Sequence[Surface], coverages: Sequence[Field], subject: int, ghosts: set[int]
) -> Ambiguity | None:
    if surfaces[subject].opacity < 1:
        return None
    occluders = tuple(
        i
        for i in range(subject + 1, len(surfaces))
        if i not in ghosts
        and surfaces[i].opacity == 1
        and surfaces[i].object != surfaces[subject].object
        and _covered_share(coverages[subject], coverages[i]) >= LEAST_HIDDEN
        and _covered_share(coverages[i], coverages[subject]) <= 1 - BEYOND
    )
    hidden = sum(_covered_share(coverages[subject], coverages[i]) for i in occluders)
    if not LEAST_HIDDEN <= hidden <= MOST_HIDDEN:
        return None
    pieces = _visible_pieces(surfaces, coverages, subject, occluders)
    return Ambiguity("occluded", subject, occluders, tuple(pieces)) if pieces else None


def _visible_pieces(
    surfaces: Sequence[Surface], coverages: Sequence[Field], index: int, before: Sequence[int]
) -> list[Piece]:
    """Return the pieces of a surface that its occluders leave visible."""
    visible = _visible_coverage(surfaces, index, before, 1.0)
    longer = trace_outlines(_visible_coverage(surfaces, index, before, UNDER))
    rings_of_pieces = trace_outlines(visible)
    if len(longer) != len(rings_of_pieces):
        longer = rings_of_pieces
    covered_centre = _centroid(coverages[index] - visible)
    centre = _centroid(coverages[index])
    pieces = []
    for rings in rings_of_pieces:
        middle = rings[0].mean(axis=0)
        extended = min(longer, key=lambda other: float(np.hypot(*(other[0].mean(axis=0) - middle))))
        hinge = (middle + covered_centre) / 2
        pieces.append(Piece(index, rings, extended, _unit_vector(middle - covered_centre), hinge))
    if len(pieces) == 1:  # a single piece rotates about the centre of its surface
        only = pieces[0]
        pieces = [Piece(index, only.rings, only.extended, only.direction, centre)]
    return pieces


def _visible_coverage(
    surfaces: Sequence[Surface], index: int, before: Sequence[int], zoom: float
) -> Field:
    painting = Painting(0.0)
    paint(painting, surfaces[index].shape, (1.0, 1.0, 1.0))
    for other in before:
        centre = find_corners(surfaces[other].shape).mean(axis=0)
        pose = pose_about(centre, zoom=zoom)
        paint(painting, surfaces[other].shape, (0.0, 0.0, 0.0), pose=pose)
    return _render_coverage(painting, SIDE)


def _render_coverage(painting: Painting, side: int) -> Field:
    image, labels = np.empty((3, side, side), np.float32), np.empty((side, side), np.int32)
    painting.draw(image, labels)
    share: Field = image[0].astype(float)
    return share


def trace_outlines(region: Field, tolerance: float = 0.35) -> list[Rings]:
    """Return the outline (n, 2) and the holes of each part of a square region, the largest first.

    Parameters
    ----------
    region
        Share (side, side) of each pixel that the region covers.
    tolerance
        Largest distance between corners and the outline, in pixels.
    """
    from skimage.measure import approximate_polygon, find_contours  # slow to import

    side = len(region)
    parts, count = ndimage.label(region > 0.5)
    sized: list[tuple[int, Rings]] = []
    for number in range(1, count + 1):
        inside = parts == number
        if inside.mean() < SMALLEST:
            continue
        neighbourhood = ndimage.binary_dilation(inside, iterations=2)
        padded = np.pad(np.where(neighbourhood, region, 0.0), 1)
        contours = find_contours(padded, 0.5)  # type: ignore[no-untyped-call]
        sorted_contours = sorted(
            (contour[:-1] - 1 for contour in contours), key=_enclosed_area, reverse=True
        )
        large = [
            sorted_contours[0],
            *(ring for ring in sorted_contours[1:] if _enclosed_area(ring) > SMALLEST * side**2),
        ]
        rings = [approximate_polygon(ring, tolerance) for ring in map(_close_ring, large)]  # type: ignore[no-untyped-call]
        rings = [ring[:-1] for ring in rings if len(ring) > 3]
        if rings and crosses_itself(*rings):  # at places as narrow as the tolerance
            rings = large
        if rings:
            sized.append((int(inside.sum()), tuple(_to_scene_frame(ring, side) for ring in rings)))
    return [rings for _, rings in sorted(sized, key=lambda each: -each[0])]


def _enclosed_area(ring: Points) -> float:
    return abs(compute_area(ring))


def _close_ring(ring: Points) -> Points:
    return np.vstack([ring, ring[:1]])


def _to_scene_frame(ring: Points, side: int) -> Points:
    """Convert corners from rows and columns to the frame of a scene."""
    return np.column_stack([(ring[:, 1] + 0.5) / side - 0.5, 0.5 - (ring[:, 0] + 0.5) / side])


def _covered_share(one: Field, other: Field) -> float:
    """Return the share of one region that another covers."""
    return float(np.minimum(one, other).sum() / max(one.sum(), 1e-9))


def _centroid(region: Field) -> Points:
    row, column = ndimage.center_of_mass(np.clip(region, 0, 1))
    return np.array([(column + 0.5) / SIDE - 0.5, 0.5 - (row + 0.5) / SIDE])


def _unit_vector(vector: Points) -> Points:
    length = float(np.hypot(*vector))
    return vector / length if length > 1e-9 else np.zeros(2)
