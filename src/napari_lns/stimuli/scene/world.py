"""The world of a scene: training images in which nothing is ambiguous.

In most training scenes, the ambiguous surface is present in a colour of its own, which hardly
differs from the background in half of them. In the others it is absent. In a few, a rival causes
the same image elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.scene.ambiguities import Ambiguity, Piece, find_root
from napari_lns.stimuli.scene.drawing import composite
from napari_lns.stimuli.scene.shapes import Line, find_corners, paint, paint_rings, pose_about
from napari_lns.stimuli.scene.surface import Surface, VaryAll
from napari_lns.stimuli.worlds import Dice, Pose
from napari_lns.stimuli.worlds import Scene as Painting
from napari_lns.stimuli.worlds._dice import ABSENT, RIVAL

__all__ = ["draw_world", "stream_batches"]

WHOLE = 0.3  # share of scenes in which a broken outline is whole
ALONE = 0.04  # largest shift of fragments without a figure, as a share of the image's side
OCCLUDER_ABSENT, OCCLUDER_FAINT = 0.15, 0.15
SEPARATION = (0.01, 0.09)  # of the image's side
TILT = 25.0  # largest rotation of separate pieces in degrees
SHIFT = 0.03  # largest shift of separate pieces, as a share of the image's side

Colour = NDArray[np.float64]
Poses = dict[str, Pose]


class Scene(Protocol):
    """Attributes of a scene that its world uses."""

    @property
    def surfaces(self) -> Sequence[Surface]: ...

    @property
    def background(self) -> Sequence[float]: ...

    @property
    def ambiguities(self) -> Sequence[Ambiguity]: ...

    @property
    def rivals(self) -> bool: ...

    @property
    def vary(self) -> VaryAll: ...


@dataclass
class _SceneDrawing:
    """The state of one training scene during drawing."""

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
        """Paint a surface in the pose of its object."""
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
        The scene whose world is drawn.
    dice
        Random choices.

    Returns
    -------
    napari_lns.stimuli.worlds.Scene
        The surfaces to paint in depth order.
    """
    reach = scene.vary.background
    background = np.clip(np.array(scene.background) + dice.uniform(-reach, reach), 0, 1)
    pose = dice.pose(scene.vary.place, scene.vary.rotation, scene.vary.size)
    states = {id(ambiguity): _draw_state(scene, ambiguity, dice) for ambiguity in scene.ambiguities}
    drawing = _SceneDrawing(
        scene,
        dice,
        background,
        _draw_colours(scene, background, dice),
        _draw_poses(scene.surfaces, dice),
        Painting(background, pose),
    )
    absent = _draw_absences(scene, states, dice)
    rivals: dict[int, Ambiguity] = {}
    for ambiguity in scene.ambiguities:
        if states[id(ambiguity)] == "rival":
            replaced_surfaces = [ambiguity.subject]
            replaced_surfaces += [] if ambiguity.kind == "occluded" else ambiguity.others
            rivals |= dict.fromkeys(replaced_surfaces, ambiguity)
        elif ambiguity.kind == "outline" and states[id(ambiguity)] == "there":
            _make_whole(drawing, ambiguity, absent)
    for index, surface in enumerate(scene.surfaces):
        if index in rivals:
            _paint_rival(drawing, rivals[index], index)
        elif surface.object not in absent and index not in absent:
            drawing.paint(index)
    return drawing.painting


def _draw_state(scene: Scene, ambiguity: Ambiguity, dice: Dice) -> str:
    """Draw whether the subject of an ambiguity is "there", "absent" or replaced by its "rival"."""
    presence = scene.surfaces[ambiguity.subject].vary.presence
    absent = ABSENT if presence is None else 1 - presence
    rival = RIVAL if scene.rivals else 0.0
    chance = dice.uniform(0, 1)
    if chance >= absent + rival:
        return "there"
    if not scene.rivals:
        return "absent"
    return "absent" if ambiguity.kind == "illusory" and chance >= rival else "rival"


def _draw_absences(scene: Scene, states: dict[int, str], dice: Dice) -> set[str | int]:
    """Draw the names of objects, and the indices of surfaces, that this scene lacks."""
    absent: set[str | int] = set()
    subjects = {ambiguity.subject for ambiguity in scene.ambiguities}
    occluders = {
        i: states[id(ambiguity)]
        for ambiguity in scene.ambiguities
        if ambiguity.kind == "occluded"
        for i in ambiguity.others
    }
    for ambiguity in scene.ambiguities:
        if states[id(ambiguity)] == "absent" or (
            states[id(ambiguity)] == "rival" and ambiguity.kind in ("illusory", "outline")
        ):
            absent.add(ambiguity.subject)
    visited: set[str] = set()
    for index, surface in enumerate(scene.surfaces):
        if index in subjects or surface.object in visited:
            continue
        visited.add(surface.object)
        presence = surface.vary.presence
        if presence is None:
            hides_subject = index in occluders and occluders[index] == "there"
            presence = 1 - OCCLUDER_ABSENT if hides_subject else 1.0
        if not dice.happens(presence):
            absent.add(surface.object)
    return absent


def _draw_colours(scene: Scene, background: Colour, dice: Dice) -> list[Colour]:
    """Draw a colour for every surface; tied surfaces share one."""
    palette: dict[int | str, Colour] = {}
    occluders = {i for q in scene.ambiguities if q.kind == "occluded" for i in q.others}
    colours = []
    for index, surface in enumerate(scene.surfaces):
        root = find_root(scene.surfaces, index)
        key: int | str = surface.object if root is None else root
        if key not in palette:
            if root is None:
                palette[key] = _draw_ghost_colour(surface, background, dice)
            else:
                faint = root in occluders and dice.happens(OCCLUDER_FAINT)
                leader = scene.surfaces[root]
                palette[key] = (
                    _draw_faint_colour(background, dice)
                    if faint
                    else _draw_strong_colour(leader, scene, dice)
                )
        colours.append(palette[key])
    return colours


def _draw_ghost_colour(surface: Surface, background: Colour, dice: Dice) -> Colour:
    """Draw the colour of a surface that has the background's colour in the stimulus."""
    if surface.vary.colour == "fixed":
        return background
    if dice.happens(0.5):
        return _draw_faint_colour(background, dice)
    return (
        dice.uniform_array(0, 1, 3)
        if surface.vary.colour == "any"
        else np.full(3, dice.any_lightness())
    )


def _draw_faint_colour(background: Colour, dice: Dice) -> Colour:
    middle = float(background.mean())
    return np.clip(background + dice.similar_lightness(middle) - middle, 0, 1)


def _draw_strong_colour(surface: Surface, scene: Scene, dice: Dice) -> Colour:
    """Draw a colour of high contrast, more often of the surface's own polarity."""
    if surface.vary.colour == "fixed":
        return np.array(surface.colour)
    if surface.vary.colour == "any":
        return dice.uniform_array(0, 1, 3)
    ground = float(np.mean(scene.background))
    lighter = (float(np.mean(surface.colour)) > ground) == dice.happens(0.7)
    if ground < 0.15 or ground > 0.85:
        lighter = ground < 0.5
    low, high = (ground + 0.4 * (1 - ground), 1.0) if lighter else (0.0, 0.6 * ground)
    return np.full(3, dice.uniform(low, high))


def _draw_poses(surfaces: Sequence[Surface], dice: Dice) -> Poses:
    """Draw a pose for each object; its surfaces move together."""
    members: dict[str, list[Surface]] = {}
    for surface in surfaces:
        members.setdefault(surface.object, []).append(surface)
    poses = {}
    for name, own in members.items():
        vary = own[0].vary
        centre = np.vstack([find_corners(each.shape) for each in own]).mean(axis=0)
        shift = vary.place * dice.uniform_array(-1, 1, 2)
        turn = dice.uniform(-vary.rotation, vary.rotation)
        poses[name] = pose_about(centre, shift, turn, 1 + dice.uniform(-vary.size, vary.size))
    return poses


def _make_whole(drawing: _SceneDrawing, ambiguity: Ambiguity, absent: set[str | int]) -> None:
    """Close a broken outline in a share of the scenes."""
    lines = [i for i in ambiguity.others if isinstance(drawing.surfaces[i].shape, Line)]
    if not lines or not drawing.dice.happens(WHOLE):
        return
    subject, line = drawing.surfaces[ambiguity.subject], drawing.surfaces[lines[0]]
    assert isinstance(line.shape, Line)
    points = tuple((float(x), float(y)) for x, y in find_corners(subject.shape))
    whole = Line(points, line.shape.width, closed=True)
    pose = drawing.poses[subject.object]
    paint(
        drawing.painting,
        subject.shape,
        drawing.colours[ambiguity.subject],
        subject.label,
        pose=pose,
    )
    paint(drawing.painting, whole, drawing.colours[lines[0]], line.label, pose=pose)
    absent |= {ambiguity.subject, *ambiguity.others}


def _paint_rival(drawing: _SceneDrawing, ambiguity: Ambiguity, index: int) -> None:
    """Paint another cause of the same image elements, at the depth of one surface."""
    surface, dice = drawing.surfaces[index], drawing.dice
    if ambiguity.kind == "outline":
        if index != ambiguity.subject:
            centre = find_corners(surface.shape).mean(axis=0)
            shift = ALONE * dice.uniform_array(-1, 1, 2)
            pose = pose_about(centre, shift, dice.uniform(0, 360))
            label = f"{surface.label} fragments"
            paint(drawing.painting, surface.shape, drawing.colours[index], label, pose=pose)
        return
    own = [(n, piece) for n, piece in enumerate(ambiguity.pieces) if piece.surface == index]
    gap = dice.choice((0.0, SEPARATION[1] / 2, SEPARATION[1] / 2))
    has_gap = dice.happens(0.5)
    for number, piece in own:
        if ambiguity.kind == "illusory":
            centre = find_corners(surface.shape).mean(axis=0)
            pose = pose_about(centre, rotation=dice.uniform(0, 360))
            colour = drawing.colours[index]
            paint_rings(drawing.painting, piece.rings, colour, surface.label, pose=pose)
        elif ambiguity.kind == "occluded":
            _paint_separate(drawing, ambiguity, number, piece, has_gap)
        else:
            _paint_opaque(drawing, ambiguity, number, piece, gap)


def _paint_separate(
    drawing: _SceneDrawing, ambiguity: Ambiguity, number: int, piece: Piece, has_gap: bool
) -> None:
    """Paint a visible piece of an occluded surface as a separate object."""
    dice, surface = drawing.dice, drawing.surfaces[piece.surface]
    several = len(ambiguity.pieces) > 1
    shift_away = dice.uniform(*SEPARATION) * piece.direction if has_gap else 0.0
    shift = SHIFT * dice.uniform_array(-1, 1, 2) * (1.0 if several else 0.5) + shift_away
    turn = dice.uniform(-TILT, TILT) if several else 0.0
    pose = pose_about(piece.pivot, shift, turn)
    common = drawing.colours[piece.surface]
    colour = common if dice.happens(0.4) else _draw_strong_colour(surface, drawing.scene, dice)
    rings = piece.rings if has_gap or not several else piece.extended
    label = f"{surface.label} piece {number + 1}" if several else f"{surface.label} piece"
    paint_rings(drawing.painting, rings, colour, label, pose=pose)


def _paint_opaque(
    drawing: _SceneDrawing, ambiguity: Ambiguity, number: int, piece: Piece, gap: float
) -> None:
    """Paint a part of two transparent surfaces as an opaque piece."""
    dice, surface = drawing.dice, drawing.surfaces[piece.surface]
    colour = drawing.colours[piece.surface]
    if number > 0:
        behind = drawing.colours[ambiguity.others[0]] if number == 2 else drawing.background
        colour = composite(colour, behind, surface.opacity)
    if number == 2 and dice.happens(0.7):
        colour = _draw_strong_colour(surface, drawing.scene, dice)
    shift = gap * piece.direction + 0.015 * dice.uniform_array(-1, 1, 2)
    label = "middle piece" if number == 2 else f"{surface.label} piece"
    paint_rings(drawing.painting, piece.rings, colour, label, pose=Pose(*shift))


def stream_batches(
    scene: Scene, seed: int, batch: int, start: int, side: int
) -> Iterator[NDArray[np.float32]]:
    """Stream the training images (batch, 3, side, side) of a scene's world endlessly."""
    labels = np.empty((side, side), np.int32)
    step = start
    while True:
        dice = Dice(np.random.default_rng([seed, step]))
        images = np.empty((batch, 3, side, side), np.float32)
        for image in images:
            draw_world(scene, dice).draw(image, labels)
        yield images
        step += 1
