"""A scene drawn as it is, and its control: the same pieces without what is seen in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.stimuli.scene.questions import Piece, Question, cover, root_of
from napari_lns.stimuli.scene.shapes import (
    Line,
    Rings,
    corners_of,
    paint,
    paint_rings,
    pose_about,
)
from napari_lns.stimuli.scene.surface import Surface
from napari_lns.stimuli.worlds import Pose
from napari_lns.stimuli.worlds import Scene as Painting

__all__ = ["colours_of", "composite", "paint_control", "paint_surfaces", "parts_of"]

APART = 0.05  # of the image's side: how far a control pulls pieces away
OUTLINE = 0.02  # width of an outline that is not made of lines
MISALIGNED = (40.0, 90.0)  # degrees by which a control turns an outline's fragments

Mask = NDArray[np.bool_]
Rows = NDArray[np.float64]


def colours_of(surfaces: Sequence[Surface], background: Sequence[float]) -> Rows:
    """Return the colour of every surface (n, 3), ties resolved."""
    roots = [root_of(surfaces, index) for index in range(len(surfaces))]
    return np.array([background if i is None else surfaces[i].colour for i in roots], float)


def composite(front: Rows, behind: Rows, opacity: float) -> Rows:
    """Return the colour of a surface of an opacity over another."""
    return opacity * front + (1 - opacity) * behind


def paint_surfaces(painting: Painting, surfaces: Sequence[Surface], colours: Rows) -> None:
    """Paint all surfaces as they are drawn in the scene."""
    for surface, colour in zip(surfaces, colours, strict=True):
        paint(painting, surface.shape, colour, surface.label, opacity=surface.opacity)


def paint_control(
    painting: Painting,
    surfaces: Sequence[Surface],
    colours: Rows,
    question: Question,
    rng: np.random.Generator,
) -> None:
    """Paint the control of a question: turned inducers or fragments, or pieces pulled apart."""
    replaced = {question.subject, *question.others} - set(_kept(question))
    for index, surface in enumerate(surfaces):
        if index not in replaced:
            paint(painting, surface.shape, colours[index], surface.label, opacity=surface.opacity)
        if question.kind == "outline" and index in question.others:
            _paint_misaligned(painting, surface, colours[index], rng)
        for piece in question.pieces:
            if piece.surface == index and index in replaced:
                _paint_piece(painting, surfaces, colours, question, piece)


def _kept(question: Question) -> tuple[int, ...]:
    """Return the surfaces of a question that its control leaves whole: what hides the subject."""
    return question.others if question.kind == "occluded" else ()


def _paint_misaligned(
    painting: Painting, surface: Surface, colour: Rows, rng: np.random.Generator
) -> None:
    turn = float(rng.choice([-1, 1]) * rng.uniform(*MISALIGNED))
    pose = pose_about(corners_of(surface.shape).mean(axis=0), rotation=turn)
    paint(painting, surface.shape, colour, f"{surface.label} fragments", pose=pose)


def _paint_piece(
    painting: Painting,
    surfaces: Sequence[Surface],
    colours: Rows,
    question: Question,
    piece: Piece,
) -> None:
    number = question.pieces.index(piece)
    label, colour = surfaces[piece.surface].label, colours[piece.surface]
    if question.kind == "illusory":
        pose = pose_about(corners_of(surfaces[piece.surface].shape).mean(axis=0), rotation=180)
        paint_rings(painting, piece.rings, colour, label, pose=pose)
        return
    if question.kind == "transparent" and number > 0:
        behind = colours[question.others[0]] if number == 2 else np.asarray(painting.background)
        colour = composite(colour, behind, surfaces[piece.surface].opacity)
        label = f"{label} piece" if number == 1 else "middle piece"
    elif len(question.pieces) > 1:
        label = f"{label} piece {number + 1}" if question.kind == "occluded" else f"{label} piece"
    paint_rings(painting, piece.rings, colour, label, pose=Pose(*(APART * piece.away)))


def parts_of(
    surfaces: Sequence[Surface],
    question: Question,
    pose: Pose,
    side: int,
    control: Painting | None,
) -> dict[str, Mask]:
    """Return masks of what is compared in the scene, or in its control, by the stimuli's names.

    Parameters
    ----------
    surfaces, question
        Of the scene.
    pose
        Of the drawing.
    side
        Of the image in pixels.
    control
        What the control has painted, if it is one.
    """
    subject = cover(surfaces[question.subject], side, pose) > 0.5
    others = [cover(surfaces[i], side, pose) > 0.5 for i in question.others]
    rest = np.logical_or.reduce(others)
    if question.kind == "illusory":
        painted = (
            rest & ~subject if control is None else _painted(control, surfaces, question, side)
        )
        edge = _both_sides(subject) & ~ndimage.binary_dilation(rest)
        return {"illusory_figure": subject, "illusory_contour": edge, "inducers": painted}
    if question.kind == "outline":
        fragments = rest if control is None else _painted(control, surfaces, question, side)
        shapes = (surfaces[i].shape for i in question.others)
        widths = [shape.width for shape in shapes if isinstance(shape, Line)]
        width = max(widths, default=OUTLINE)
        reach = max(1, round(width * pose.zoom * side / 2))
        grown = ndimage.binary_dilation(subject, iterations=reach)
        rim = grown & ~ndimage.binary_erosion(subject, iterations=reach)
        return {
            "inside": subject & ~rim & ~fragments,
            "gaps": rim & ~rest & ~fragments,
            "fragments": fragments,
        }
    if question.kind == "occluded":
        return _occluded_parts(question, pose, side, rest, control is not None)
    return _transparent_parts(question, pose, side, control is not None)


def _occluded_parts(
    question: Question, pose: Pose, side: int, occluder: Mask, pulled: bool
) -> dict[str, Mask]:
    shifts = [APART * piece.away if pulled else np.zeros(2) for piece in question.pieces]
    masks = [
        _filled(piece.rings, shift, pose, side)
        for piece, shift in zip(question.pieces, shifts, strict=True)
    ]
    if len(masks) > 1:
        names = ["left piece", "right piece", *(f"piece {n + 3}" for n in range(len(masks) - 2))]
        return {**dict(zip(names, masks, strict=True)), "occluder": occluder}
    moved = _filled(question.pieces[0].rings, shifts[0], pose, side)
    shift = pose.place([shifts[0]])[0] - pose.place([(0.0, 0.0)])[0]
    rows, columns = round(-shift[1] * side), round(shift[0] * side)
    cut = _both_sides(moved) & ndimage.binary_dilation(
        np.roll(occluder, (rows, columns), axis=(0, 1)), iterations=2
    )
    return {"visible": moved, "occluder": occluder, "cut": cut}


def _transparent_parts(question: Question, pose: Pose, side: int, pulled: bool) -> dict[str, Mask]:
    back, front, overlap = (
        _filled(piece.rings, APART * piece.away if pulled else np.zeros(2), pose, side)
        for piece in question.pieces
    )
    overlap = overlap & ~back & ~front
    return {"back": back | overlap, "front": front | overlap, "overlap": overlap}


def _painted(
    painting: Painting, surfaces: Sequence[Surface], question: Question, side: int
) -> Mask:
    """Return where a painting has what replaces the question's other surfaces."""
    image, labels = np.empty((3, side, side), np.float32), np.empty((side, side), np.int32)
    painting.draw(image, labels)
    names = {surfaces[i].label for i in question.others}
    names |= {f"{name} fragments" for name in names}
    numbers = [number for number, name in enumerate(painting.names) if name in names]
    return np.isin(labels, [number for number in numbers if number])


def _filled(rings: Rings, shift: Rows, pose: Pose, side: int) -> Mask:
    """Return where a piece lies that is shifted in the figure's frame."""
    painting = Painting(0.0, pose)
    paint_rings(painting, rings, (1.0, 1.0, 1.0), pose=Pose(*shift))
    image, labels = np.empty((3, side, side), np.float32), np.empty((side, side), np.int32)
    painting.draw(image, labels)
    filled: Mask = image[0] > 0.5
    return filled


def _both_sides(mask: Mask) -> Mask:
    """Return the pixels on both sides of a mask's edge."""
    edge: Mask = ndimage.binary_dilation(mask) & ~ndimage.binary_erosion(mask)
    return edge
