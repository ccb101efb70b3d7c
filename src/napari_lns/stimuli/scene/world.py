"""The world of a scene: training images in which nothing is ambiguous, by the built-in rules.

What the scene only hints at is there in a colour of its own, hardly differs from the background in
half of these scenes, and is absent from the others; now and then a rival causes the same image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.scene.drawing import composite
from napari_lns.stimuli.scene.questions import Piece, Question, root_of
from napari_lns.stimuli.scene.shapes import Line, corners_of, paint, paint_rings, pose_about
from napari_lns.stimuli.scene.surface import Surface, VaryAll
from napari_lns.stimuli.worlds import Dice, Pose
from napari_lns.stimuli.worlds import Scene as Painting
from napari_lns.stimuli.worlds._dice import ABSENT, RIVAL

__all__ = ["batches", "draw_world"]

WHOLE = 0.3  # share of scenes in which a broken outline is whole
ALONE = 0.04  # of the image's side: how far fragments that enclose nothing are shifted
OCCLUDER_ABSENT, OCCLUDER_FAINT = 0.15, 0.15
DRAWN_BACK = (0.01, 0.09)  # of the image's side
TILT = 25.0  # degrees by which separate pieces are turned
SHIFT = 0.03  # of the image's side by which separate pieces are shifted

Colour = NDArray[np.float64]
Poses = dict[str, Pose]


class Scene(Protocol):
    """What a world needs to know of a scene."""

    @property
    def surfaces(self) -> Sequence[Surface]: ...

    @property
    def background(self) -> Sequence[float]: ...

    @property
    def questions(self) -> Sequence[Question]: ...

    @property
    def rivals(self) -> bool: ...

    @property
    def vary(self) -> VaryAll: ...


@dataclass
class _Draw:
    """One training scene while it is drawn."""

    scene: Scene
    dice: Dice
    background: Colour
    colours: list[Colour]
    poses: Poses
    painting: Painting

    @property
    def surfaces(self) -> Sequence[Surface]:
        return self.scene.surfaces

    def paint(self, index: int) -> None:
        """Paint a surface as a part of its object."""
        surface = self.surfaces[index]
        paint(
            self.painting,
            surface.shape,
            self.colours[index],
            surface.label,
            opacity=surface.opacity,
            pose=self.poses[surface.object],
        )


def draw_world(scene: Scene, dice: Dice) -> Painting:
    """Draw one training scene.

    Parameters
    ----------
    scene
        The scene whose world it is.
    dice
        Its random choices.

    Returns
    -------
    napari_lns.stimuli.worlds.Scene
        The surfaces to paint, in depth order.
    """
    reach = scene.vary.background
    background = np.clip(np.array(scene.background) + dice.between(-reach, reach), 0, 1)
    pose = dice.pose(scene.vary.place, scene.vary.rotation, scene.vary.size)
    states = {id(question): _state(scene, question, dice) for question in scene.questions}
    draw = _Draw(
        scene,
        dice,
        background,
        _colours(scene, background, dice),
        _poses(scene.surfaces, dice),
        Painting(background, pose),
    )
    absent = _absent(scene, states, dice)
    rivals: dict[int, Question] = {}
    for question in scene.questions:
        if states[id(question)] == "rival":
            replaced = [question.subject]
            replaced += [] if question.kind == "occluded" else question.others
            rivals |= dict.fromkeys(replaced, question)
        elif question.kind == "outline" and states[id(question)] == "there":
            _make_whole(draw, question, absent)
    for index, surface in enumerate(scene.surfaces):
        if index in rivals:
            _paint_rival(draw, rivals[index], index)
        elif surface.object not in absent and index not in absent:
            draw.paint(index)
    return draw.painting


def _state(scene: Scene, question: Question, dice: Dice) -> str:
    """Return whether what a question is about is there, absent, or replaced by its rival."""
    presence = scene.surfaces[question.subject].vary.presence
    absent = ABSENT if presence is None else 1 - presence
    rival = RIVAL if scene.rivals else 0.0
    chance = dice.between(0, 1)
    if chance >= absent + rival:
        return "there"
    if not scene.rivals:
        return "absent"
    return "absent" if question.kind == "illusory" and chance >= rival else "rival"


def _absent(scene: Scene, states: dict[int, str], dice: Dice) -> set[str | int]:
    """Return the objects, and the single surfaces, that are not in this scene."""
    absent: set[str | int] = set()
    asked = {question.subject for question in scene.questions}
    occluders = {
        i: states[id(question)]
        for question in scene.questions
        if question.kind == "occluded"
        for i in question.others
    }
    for question in scene.questions:
        if states[id(question)] == "absent" or (
            states[id(question)] == "rival" and question.kind in ("illusory", "outline")
        ):
            absent.add(question.subject)
    rolled: set[str] = set()
    for index, surface in enumerate(scene.surfaces):
        if index in asked or surface.object in rolled:
            continue
        rolled.add(surface.object)
        presence = surface.vary.presence
        if presence is None:
            away = index in occluders and occluders[index] == "there"
            presence = 1 - OCCLUDER_ABSENT if away else 1.0
        if not dice.happens(presence):
            absent.add(surface.object)
    return absent


def _colours(scene: Scene, background: Colour, dice: Dice) -> list[Colour]:
    """Draw a colour for every surface; those that are tied have one."""
    drawn: dict[int | str, Colour] = {}
    occluders = {i for q in scene.questions if q.kind == "occluded" for i in q.others}
    colours = []
    for index, surface in enumerate(scene.surfaces):
        root = root_of(scene.surfaces, index)
        key: int | str = surface.object if root is None else root
        if key not in drawn:
            if root is None:
                drawn[key] = _hinted_colour(surface, background, dice)
            else:
                faint = root in occluders and dice.happens(OCCLUDER_FAINT)
                leader = scene.surfaces[root]
                drawn[key] = _near(background, dice) if faint else _strong(leader, scene, dice)
        colours.append(drawn[key])
    return colours


def _hinted_colour(surface: Surface, background: Colour, dice: Dice) -> Colour:
    """Return the colour of what has the background's in the stimulus."""
    if surface.vary.colour == "fixed":
        return background
    if dice.happens(0.5):
        return _near(background, dice)
    return dice.many(0, 1, 3) if surface.vary.colour == "any" else np.full(3, dice.lightness())


def _near(background: Colour, dice: Dice) -> Colour:
    middle = float(background.mean())
    return np.clip(background + dice.near(middle) - middle, 0, 1)


def _strong(surface: Surface, scene: Scene, dice: Dice) -> Colour:
    """Return a colour that is well seen, more often of the polarity that the surface has."""
    if surface.vary.colour == "fixed":
        return np.array(surface.colour)
    if surface.vary.colour == "any":
        return dice.many(0, 1, 3)
    ground = float(np.mean(scene.background))
    lighter = (float(np.mean(surface.colour)) > ground) == dice.happens(0.7)
    if ground < 0.15 or ground > 0.85:
        lighter = ground < 0.5
    low, high = (ground + 0.4 * (1 - ground), 1.0) if lighter else (0.0, 0.6 * ground)
    return np.full(3, dice.between(low, high))


def _poses(surfaces: Sequence[Surface], dice: Dice) -> Poses:
    """Draw where each object lies: its surfaces move as one."""
    members: dict[str, list[Surface]] = {}
    for surface in surfaces:
        members.setdefault(surface.object, []).append(surface)
    poses = {}
    for name, own in members.items():
        vary = own[0].vary
        centre = np.vstack([corners_of(each.shape) for each in own]).mean(axis=0)
        shift = vary.place * dice.many(-1, 1, 2)
        turn = dice.between(-vary.rotation, vary.rotation)
        poses[name] = pose_about(centre, shift, turn, 1 + dice.between(-vary.size, vary.size))
    return poses


def _make_whole(draw: _Draw, question: Question, absent: set[str | int]) -> None:
    """Close a broken outline in a share of the scenes."""
    lines = [i for i in question.others if isinstance(draw.surfaces[i].shape, Line)]
    if not lines or not draw.dice.happens(WHOLE):
        return
    subject, line = draw.surfaces[question.subject], draw.surfaces[lines[0]]
    assert isinstance(line.shape, Line)
    points = tuple((float(x), float(y)) for x, y in corners_of(subject.shape))
    whole = Line(points, line.shape.width, closed=True)
    pose = draw.poses[subject.object]
    paint(draw.painting, subject.shape, draw.colours[question.subject], subject.label, pose=pose)
    paint(draw.painting, whole, draw.colours[lines[0]], line.label, pose=pose)
    absent |= {question.subject, *question.others}


def _paint_rival(draw: _Draw, question: Question, index: int) -> None:
    """Paint what causes the same image elements in another way, at one surface's depth."""
    surface, dice = draw.surfaces[index], draw.dice
    if question.kind == "outline":
        if index != question.subject:
            centre = corners_of(surface.shape).mean(axis=0)
            shift = ALONE * dice.many(-1, 1, 2)
            pose = pose_about(centre, shift, dice.between(0, 360))
            label = f"{surface.label} fragments"
            paint(draw.painting, surface.shape, draw.colours[index], label, pose=pose)
        return
    own = [(n, piece) for n, piece in enumerate(question.pieces) if piece.surface == index]
    gap = dice.one_of((0.0, DRAWN_BACK[1] / 2, DRAWN_BACK[1] / 2))
    back = dice.happens(0.5)
    for number, piece in own:
        if question.kind == "illusory":
            centre = corners_of(surface.shape).mean(axis=0)
            pose = pose_about(centre, rotation=dice.between(0, 360))
            colour = draw.colours[index]
            paint_rings(draw.painting, piece.rings, colour, surface.label, pose=pose)
        elif question.kind == "occluded":
            _paint_separate(draw, question, number, piece, back)
        else:
            _paint_opaque(draw, question, number, piece, gap)


def _paint_separate(draw: _Draw, question: Question, number: int, piece: Piece, back: bool) -> None:
    """Paint a visible piece of a hidden surface as a thing of its own."""
    dice, surface = draw.dice, draw.surfaces[piece.surface]
    several = len(question.pieces) > 1
    away = dice.between(*DRAWN_BACK) * piece.away if back else 0.0
    shift = SHIFT * dice.many(-1, 1, 2) * (1.0 if several else 0.5) + away
    turn = dice.between(-TILT, TILT) if several else 0.0
    pose = pose_about(piece.hinge, shift, turn)
    common = draw.colours[piece.surface]
    colour = common if dice.happens(0.4) else _strong(surface, draw.scene, dice)
    rings = piece.rings if back or not several else piece.longer
    label = f"{surface.label} piece {number + 1}" if several else f"{surface.label} piece"
    paint_rings(draw.painting, rings, colour, label, pose=pose)


def _paint_opaque(draw: _Draw, question: Question, number: int, piece: Piece, gap: float) -> None:
    """Paint a part of two sheets as an opaque piece."""
    dice, surface = draw.dice, draw.surfaces[piece.surface]
    colour = draw.colours[piece.surface]
    if number > 0:
        behind = draw.colours[question.others[0]] if number == 2 else draw.background
        colour = composite(colour, behind, surface.opacity)
    if number == 2 and dice.happens(0.7):
        colour = _strong(surface, draw.scene, dice)
    shift = gap * piece.away + 0.015 * dice.many(-1, 1, 2)
    label = "middle piece" if number == 2 else f"{surface.label} piece"
    paint_rings(draw.painting, piece.rings, colour, label, pose=Pose(*shift))


def batches(
    scene: Scene, seed: int, batch: int, start: int, side: int
) -> Iterator[NDArray[np.float32]]:
    """Stream the training images (batch, 3, side, side) of a scene's world without end."""
    labels = np.empty((side, side), np.int32)
    step = start
    while True:
        dice = Dice(np.random.default_rng([seed, step]))
        images = np.empty((batch, 3, side, side), np.float32)
        for image in images:
            draw_world(scene, dice).draw(image, labels)
        yield images
        step += 1
