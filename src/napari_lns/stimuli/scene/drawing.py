"""Paint a scene and its control, and return the part masks of either."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.stimuli.scene.ambiguities import Ambiguity, Piece, coverage, find_root
from napari_lns.stimuli.scene.shapes import (
    Line,
    Rings,
    find_corners,
    paint,
    paint_rings,
    pose_about,
)
from napari_lns.stimuli.scene.surface import Surface
from napari_lns.stimuli.worlds import Pose
from napari_lns.stimuli.worlds import Scene as Painting

__all__ = ["composite", "make_parts", "paint_control", "paint_surfaces", "resolve_colours"]

APART = 0.05  # shift of a control's pieces, as a share of the image's side
OUTLINE = 0.02  # width of an outline that does not consist of lines
MISALIGNED = (40.0, 90.0)  # rotation of a control's fragments in degrees

Mask = NDArray[np.bool_]
Rows = NDArray[np.float64]


def resolve_colours(surfaces: Sequence[Surface], background: Sequence[float]) -> Rows:
    """Return the colours (n, 3) of the surfaces, with ties resolved."""
    roots = [find_root(surfaces, index) for index in range(len(surfaces))]
    return np.array([background if i is None else surfaces[i].colour for i in roots], float)


def composite(front: Rows, behind: Rows, opacity: float) -> Rows:
    """Return the colour of a transparent surface in front of another."""
    return opacity * front + (1 - opacity) * behind


def paint_surfaces(painting: Painting, surfaces: Sequence[Surface], colours: Rows) -> None:
    """Paint all surfaces of the scene."""
    for surface, colour in zip(surfaces, colours, strict=True):
        paint(painting, surface.shape, colour, surface.label, opacity=surface.opacity)


def paint_control(
    painting: Painting,
    surfaces: Sequence[Surface],
    colours: Rows,
    ambiguity: Ambiguity,
    rng: np.random.Generator,
) -> None:
    """Paint the control of an ambiguity: rotated inducers or fragments, or separated pieces."""
    replaced_surfaces = {ambiguity.subject, *ambiguity.others} - set(_unchanged_surfaces(ambiguity))
    for index, surface in enumerate(surfaces):
        if index not in replaced_surfaces:
            paint(painting, surface.shape, colours[index], surface.label, opacity=surface.opacity)
        if ambiguity.kind == "outline" and index in ambiguity.others:
            _paint_misaligned(painting, surface, colours[index], rng)
        for piece in ambiguity.pieces:
            if piece.surface == index and index in replaced_surfaces:
                _paint_piece(painting, surfaces, colours, ambiguity, piece)


def _unchanged_surfaces(ambiguity: Ambiguity) -> tuple[int, ...]:
    """Return the surfaces of an ambiguity that its control leaves unchanged: the occluders."""
    return ambiguity.others if ambiguity.kind == "occluded" else ()


def _paint_misaligned(
    painting: Painting, surface: Surface, colour: Rows, rng: np.random.Generator
) -> None:
    turn = float(rng.choice([-1, 1]) * rng.uniform(*MISALIGNED))
    pose = pose_about(find_corners(surface.shape).mean(axis=0), rotation=turn)
    paint(painting, surface.shape, colour, f"{surface.label} fragments", pose=pose)


def _paint_piece(
    painting: Painting,
    surfaces: Sequence[Surface],
    colours: Rows,
    ambiguity: Ambiguity,
    piece: Piece,
) -> None:
    number = ambiguity.pieces.index(piece)
    label, colour = surfaces[piece.surface].label, colours[piece.surface]
    if ambiguity.kind == "illusory":
        pose = pose_about(find_corners(surfaces[piece.surface].shape).mean(axis=0), rotation=180)
        paint_rings(painting, piece.rings, colour, label, pose=pose)
        return
    if ambiguity.kind == "transparent" and number > 0:
        behind = colours[ambiguity.others[0]] if number == 2 else np.asarray(painting.background)
        colour = composite(colour, behind, surfaces[piece.surface].opacity)
        label = f"{label} piece" if number == 1 else "middle piece"
    elif len(ambiguity.pieces) > 1:
        label = f"{label} piece {number + 1}" if ambiguity.kind == "occluded" else f"{label} piece"
    paint_rings(painting, piece.rings, colour, label, pose=Pose(*(APART * piece.direction)))


def make_parts(
    surfaces: Sequence[Surface],
    ambiguity: Ambiguity,
    pose: Pose,
    side: int,
    control: Painting | None,
) -> dict[str, Mask]:
    """Return the part masks of a scene or of its control, named as in the parametric stimuli.

    Parameters
    ----------
    surfaces, ambiguity
        Surfaces and main ambiguity of the scene.
    pose
        Pose of the drawing.
    side
        Side of the image in pixels.
    control
        The painting of the control; None for the scene itself.
    """
    subject = coverage(surfaces[ambiguity.subject], side, pose) > 0.5
    others = [coverage(surfaces[i], side, pose) > 0.5 for i in ambiguity.others]
    rest = np.logical_or.reduce(others)
    if ambiguity.kind == "illusory":
        inducers = (
            rest & ~subject
            if control is None
            else _painted_mask(control, surfaces, ambiguity, side)
        )
        edge = _edge_pixels(subject) & ~ndimage.binary_dilation(rest)
        return {"illusory_figure": subject, "illusory_contour": edge, "inducers": inducers}
    if ambiguity.kind == "outline":
        fragments = rest if control is None else _painted_mask(control, surfaces, ambiguity, side)
        shapes = (surfaces[i].shape for i in ambiguity.others)
        widths = [shape.width for shape in shapes if isinstance(shape, Line)]
        width = max(widths, default=OUTLINE)
        reach = max(1, round(width * pose.zoom * side / 2))
        dilated = ndimage.binary_dilation(subject, iterations=reach)
        rim = dilated & ~ndimage.binary_erosion(subject, iterations=reach)
        return {
            "inside": subject & ~rim & ~fragments,
            "gaps": rim & ~rest & ~fragments,
            "fragments": fragments,
        }
    if ambiguity.kind == "occluded":
        return _occluded_parts(ambiguity, pose, side, rest, control is not None)
    return _transparent_parts(ambiguity, pose, side, control is not None)


def _occluded_parts(
    ambiguity: Ambiguity, pose: Pose, side: int, occluder: Mask, is_control: bool
) -> dict[str, Mask]:
    shifts = [APART * piece.direction if is_control else np.zeros(2) for piece in ambiguity.pieces]
    masks = [
        _piece_mask(piece.rings, shift, pose, side)
        for piece, shift in zip(ambiguity.pieces, shifts, strict=True)
    ]
    if len(masks) > 1:
        names = ["left piece", "right piece", *(f"piece {n + 3}" for n in range(len(masks) - 2))]
        return {**dict(zip(names, masks, strict=True)), "occluder": occluder}
    piece_mask = _piece_mask(ambiguity.pieces[0].rings, shifts[0], pose, side)
    shift = pose.place([shifts[0]])[0] - pose.place([(0.0, 0.0)])[0]
    rows, columns = round(-shift[1] * side), round(shift[0] * side)
    cut = _edge_pixels(piece_mask) & ndimage.binary_dilation(
        np.roll(occluder, (rows, columns), axis=(0, 1)), iterations=2
    )
    return {"visible": piece_mask, "occluder": occluder, "cut": cut}


def _transparent_parts(
    ambiguity: Ambiguity, pose: Pose, side: int, is_control: bool
) -> dict[str, Mask]:
    back, front, overlap = (
        _piece_mask(piece.rings, APART * piece.direction if is_control else np.zeros(2), pose, side)
        for piece in ambiguity.pieces
    )
    overlap = overlap & ~back & ~front
    return {"back": back | overlap, "front": front | overlap, "overlap": overlap}


def _painted_mask(
    painting: Painting, surfaces: Sequence[Surface], ambiguity: Ambiguity, side: int
) -> Mask:
    """Return the pixels of a control that belong to the ambiguity's other surfaces."""
    image, labels = np.empty((3, side, side), np.float32), np.empty((side, side), np.int32)
    painting.draw(image, labels)
    names = {surfaces[i].label for i in ambiguity.others}
    names |= {f"{name} fragments" for name in names}
    numbers = [number for number, name in enumerate(painting.names) if name in names]
    return np.isin(labels, [number for number in numbers if number])


def _piece_mask(rings: Rings, shift: Rows, pose: Pose, side: int) -> Mask:
    """Return the pixels of a piece that is shifted in the figure's frame."""
    painting = Painting(0.0, pose)
    paint_rings(painting, rings, (1.0, 1.0, 1.0), pose=Pose(*shift))
    image, labels = np.empty((3, side, side), np.float32), np.empty((side, side), np.int32)
    painting.draw(image, labels)
    mask: Mask = image[0] > 0.5
    return mask


def _edge_pixels(mask: Mask) -> Mask:
    """Return the pixels along the edge of a mask, on both of its sides."""
    edge: Mask = ndimage.binary_dilation(mask) & ~ndimage.binary_erosion(mask)
    return edge
