"""What is ambiguous in a scene: which object is only hinted at, hidden, or seen through.

A `Question` decides what is absent from a share of the world's scenes, what its rival is, what the
control changes, and which pixels are compared. Questions are found by comparing which pixels the
surfaces cover, so they need nothing but the drawing.
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
    area_of,
    corners_of,
    crosses_itself,
    paint,
    pose_about,
)
from napari_lns.stimuli.scene.surface import BACKGROUND, Surface
from napari_lns.stimuli.worlds import Pose
from napari_lns.stimuli.worlds import Scene as Painting

__all__ = ["Piece", "Question", "cover", "outlines", "questions_of", "root_of"]

SIDE = 192  # pixels on which surfaces are compared
LEAST_HIDDEN, MOST_HIDDEN = 0.02, 0.95  # of a surface's area, for its rest to hint at it
BEYOND = 0.05  # of an occluder's area that lies beside what it covers: it cuts the outline
SMALLEST = 0.0006  # of the image's area: smaller pieces are left out
UNDER = 0.6  # zoom of an occluder under which a rival's pieces end

Mask = NDArray[np.bool_]
Field = NDArray[np.float64]
Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Piece:
    """A visible piece of a surface.

    Parameters
    ----------
    surface
        The surface's place in the scene.
    rings
        The corners (n, 2) of its outline, and of each of its holes.
    longer
        The same of the piece that reaches a little way under what covers it.
    away
        Direction in which it can be pulled away from what covers it.
    hinge
        Where it can be turned.
    """

    surface: int
    rings: Rings
    longer: Rings
    away: Points
    hinge: Points


@dataclass(frozen=True, eq=False)
class Question:
    """One ambiguity of a scene.

    Parameters
    ----------
    kind
        ``"illusory"``: a surface of the background's colour covers parts of others.
        ``"outline"``: such a surface has an outline of other surfaces of its object.
        ``"occluded"``: a surface goes on behind another.
        ``"transparent"``: a surface is seen through another.
    subject
        The surface that is hinted at, hidden, or nearest the eye.
    others
        The surfaces that it covers, its outline, those that hide it, or the one behind it.
    pieces
        Visible pieces: of the `others` for ``"illusory"``; of the subject for ``"occluded"``; of
        the surface behind, of the one before, and their overlap for ``"transparent"``.
    """

    kind: Literal["illusory", "outline", "occluded", "transparent"]
    subject: int
    others: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()


def root_of(surfaces: Sequence[Surface], index: int) -> int | None:
    """Return the surface whose colour a surface has in the end; None for the background's."""
    numbers = {surface.name: number for number, surface in enumerate(surfaces)}
    while surfaces[index].colour_of:
        if surfaces[index].colour_of == BACKGROUND:
            return None
        index = numbers[surfaces[index].colour_of]
    return index


def cover(surface: Surface, side: int = SIDE, pose: Pose | None = None) -> Field:
    """Return the share of each pixel that a surface covers (side, side)."""
    painting = Painting(0.0, pose or Pose())
    paint(painting, surface.shape, (1.0, 1.0, 1.0))
    return _drawn(painting, side)


def questions_of(surfaces: Sequence[Surface]) -> tuple[Question, ...]:
    """Find what is ambiguous in a scene, from the nearest surface to the farthest.

    Examples
    --------
    >>> from napari_lns.stimuli.scene import Ellipse, Rectangle
    >>> bar = Surface("bar", Rectangle(0.8, 0.1))
    >>> questions_of([bar, Surface("disc", Ellipse(0.3, 0.3))])[0].kind
    'occluded'
    """
    covers = [cover(surface) for surface in surfaces]
    ghosts = {i for i in range(len(surfaces)) if root_of(surfaces, i) is None}
    asked: list[Question] = []
    taken: set[int] = set()
    for subject in reversed(range(len(surfaces))):
        if subject in ghosts:
            question = _hinted(surfaces, covers, subject, ghosts)
        elif surfaces[subject].opacity < 1:
            question = _seen_through(surfaces, covers, subject)
        else:
            question = None
        if question is not None:
            asked.append(question)
            taken |= {question.subject, *question.others}
    for subject in range(len(surfaces)):
        if subject not in taken | ghosts:
            question = _hidden(surfaces, covers, subject, ghosts)
            if question is not None:
                asked.append(question)
    return tuple(asked)


def _hinted(
    surfaces: Sequence[Surface], covers: Sequence[Field], subject: int, ghosts: set[int]
) -> Question | None:
    own = surfaces[subject].object
    if surfaces[subject].vary.colour == "fixed":  # a patch of background, in the world too
        return None
    covered = [
        i
        for i in range(subject)
        if i not in ghosts
        and surfaces[i].object != own
        and LEAST_HIDDEN <= _share(covers[i], covers[subject]) <= MOST_HIDDEN
    ]
    if covered:
        pieces = [p for i in covered for p in _pieces(surfaces, covers, i, (subject,))]
        return Question("illusory", subject, tuple(covered), tuple(pieces))
    outline = [i for i in range(len(surfaces)) if i not in ghosts and surfaces[i].object == own]
    return Question("outline", subject, tuple(outline)) if outline else None


def _seen_through(
    surfaces: Sequence[Surface], covers: Sequence[Field], subject: int
) -> Question | None:
    for behind in reversed(range(subject)):
        both = np.minimum(covers[behind], covers[subject])
        if surfaces[behind].object == surfaces[subject].object:
            continue
        shares = [both.sum() / covers[i].sum() for i in (behind, subject)]
        if not all(LEAST_HIDDEN <= share <= MOST_HIDDEN for share in shares):
            continue
        rests = [np.clip(covers[i] - both, 0, 1) for i in (behind, subject)]
        overlap = _middle(both)
        pieces = [
            Piece(i, rings, rings, _unit(rings[0].mean(axis=0) - overlap), rings[0].mean(axis=0))
            for i, region in zip((behind, subject), rests, strict=True)
            for rings in outlines(region)[:1]
        ]
        pieces += [
            Piece(subject, rings, rings, np.zeros(2), overlap) for rings in outlines(both)[:1]
        ]
        if len(pieces) == 3:
            return Question("transparent", subject, (behind,), tuple(pieces))
    return None


def _hidden(
    surfaces: Sequence[Surface], covers: Sequence[Field], subject: int, ghosts: set[int]
) -> Question | None:
    if surfaces[subject].opacity < 1:
        return None
    occluders = tuple(
        i
        for i in range(subject + 1, len(surfaces))
        if i not in ghosts
        and surfaces[i].opacity == 1
        and surfaces[i].object != surfaces[subject].object
        and _share(covers[subject], covers[i]) >= LEAST_HIDDEN
        and _share(covers[i], covers[subject]) <= 1 - BEYOND
    )
    hidden = sum(_share(covers[subject], covers[i]) for i in occluders)
    if not LEAST_HIDDEN <= hidden <= MOST_HIDDEN:
        return None
    pieces = _pieces(surfaces, covers, subject, occluders)
    return Question("occluded", subject, occluders, tuple(pieces)) if pieces else None


def _pieces(
    surfaces: Sequence[Surface], covers: Sequence[Field], index: int, before: Sequence[int]
) -> list[Piece]:
    """Return the pieces of a surface that others leave visible."""
    visible = _without(surfaces, index, before, 1.0)
    longer = outlines(_without(surfaces, index, before, UNDER))
    seen = outlines(visible)
    if len(longer) != len(seen):
        longer = seen
    covered = _middle(covers[index] - visible)
    whole = _middle(covers[index])
    pieces = []
    for rings in seen:
        middle = rings[0].mean(axis=0)
        long = min(longer, key=lambda other: float(np.hypot(*(other[0].mean(axis=0) - middle))))
        hinge = (middle + covered) / 2
        pieces.append(Piece(index, rings, long, _unit(middle - covered), hinge))
    if len(pieces) == 1:  # turned about the middle of what it is a piece of
        only = pieces[0]
        pieces = [Piece(index, only.rings, only.longer, only.away, whole)]
    return pieces


def _without(surfaces: Sequence[Surface], index: int, before: Sequence[int], zoom: float) -> Field:
    painting = Painting(0.0)
    paint(painting, surfaces[index].shape, (1.0, 1.0, 1.0))
    for other in before:
        centre = corners_of(surfaces[other].shape).mean(axis=0)
        pose = pose_about(centre, zoom=zoom)
        paint(painting, surfaces[other].shape, (0.0, 0.0, 0.0), pose=pose)
    return _drawn(painting, SIDE)


def _drawn(painting: Painting, side: int) -> Field:
    image, labels = np.empty((3, side, side), np.float32), np.empty((side, side), np.int32)
    painting.draw(image, labels)
    drawn: Field = image[0].astype(float)
    return drawn


def outlines(region: Field, tolerance: float = 0.35) -> list[Rings]:
    """Return the outline (n, 2) and the holes of each part of a square region, the largest first.

    Parameters
    ----------
    region
        (side, side), the share of each pixel that it covers.
    tolerance
        In pixels, by which corners may lie beside the outline.
    """
    from skimage.measure import approximate_polygon, find_contours  # slow to import

    side = len(region)
    parts, count = ndimage.label(region > 0.5)
    sized: list[tuple[int, Rings]] = []
    for number in range(1, count + 1):
        inside = parts == number
        if inside.mean() < SMALLEST:
            continue
        near = ndimage.binary_dilation(inside, iterations=2)
        padded = np.pad(np.where(near, region, 0.0), 1)
        contours = find_contours(padded, 0.5)  # type: ignore[no-untyped-call]
        traced = sorted((contour[:-1] - 1 for contour in contours), key=_enclosed, reverse=True)
        large = [traced[0], *(ring for ring in traced[1:] if _enclosed(ring) > SMALLEST * side**2)]
        rings = [approximate_polygon(ring, tolerance) for ring in map(_closed, large)]  # type: ignore[no-untyped-call]
        rings = [ring[:-1] for ring in rings if len(ring) > 3]
        if rings and crosses_itself(*rings):  # where it is as narrow as the tolerance
            rings = large
        if rings:
            sized.append((int(inside.sum()), tuple(_placed(ring, side) for ring in rings)))
    return [rings for _, rings in sorted(sized, key=lambda each: -each[0])]


def _enclosed(ring: Points) -> float:
    return abs(area_of(ring))


def _closed(ring: Points) -> Points:
    return np.vstack([ring, ring[:1]])


def _placed(ring: Points, side: int) -> Points:
    """Return corners given as rows and columns in the frame of a scene."""
    return np.column_stack([(ring[:, 1] + 0.5) / side - 0.5, 0.5 - (ring[:, 0] + 0.5) / side])


def _share(one: Field, other: Field) -> float:
    """Return the share of a region that another covers."""
    return float(np.minimum(one, other).sum() / max(one.sum(), 1e-9))


def _middle(region: Field) -> Points:
    row, column = ndimage.center_of_mass(np.clip(region, 0, 1))
    return np.array([(column + 0.5) / SIDE - 0.5, 0.5 - (row + 0.5) / SIDE])


def _unit(vector: Points) -> Points:
    length = float(np.hypot(*vector))
    return vector / length if length > 1e-9 else np.zeros(2)
