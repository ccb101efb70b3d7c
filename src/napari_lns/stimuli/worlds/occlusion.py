"""Worlds of occlusion and transparency: whole objects behind others, or separate pieces."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from napari_lns.stimuli._shapes import polar_points
from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, RIVAL, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["occluded_bar", "occluded_disc", "transparent_overlap"]

_BAR = parameters("occluded_bar")
OCCLUDER: float = _BAR["occluder_size"].default
BAR_LENGTH: float = _BAR["bar_length"].default
BAR_WIDTH: float = _BAR["bar_width"].default * OCCLUDER


@register(offset=(0, 1), angle=(0, 60), junctions=["T", "removed"], background=BACKGROUND)
def occluded_bar(dice: Dice) -> Scene:
    """Draw a whole bar behind a square, or two pieces with their own lightness and place."""
    size, width = OCCLUDER, BAR_WIDTH
    background = dice.background_lightness()
    scene = Scene(background, dice.pose())
    common = dice.dark_lightness()
    chance = dice.uniform(0, 1)
    if chance > ABSENT + RIVAL:
        place, turn = dice.uniform_array(-1, 1, 1, 2) * [0.02, 0.04], dice.uniform(-6, 6)
        add_bar(scene, common, place, turn)
    else:
        lightness = dice.dark_lightnesses(common, 2)
        has_gap = dice.happens(0.5)
        for side, name, grey in zip((-1, 1), ("left piece", "right piece"), lightness, strict=True):
            inner = size / 2 + dice.uniform(0.2, 0.8) * width if has_gap else 0.1
            outer = BAR_LENGTH / 2 + dice.uniform(-0.02, 0.02) + (0.5 * width if has_gap else 0)
            tilt = np.deg2rad(dice.uniform(-30, 30))
            hinge = np.array([side * size / 2, dice.uniform(-0.5, 0.5) * width])
            reach, along = (
                (inner + outer) / 2 - size / 2,
                [side * np.cos(tilt), side * np.sin(tilt)],
            )
            middle = hinge + reach * np.array(along)
            scene.boxes([middle], outer - inner, width, grey, name, angle=np.rad2deg(tilt))
    if chance < ABSENT + RIVAL or not dice.happens(0.15):
        grey = (
            dice.similar_or_any_lightness(background)
            if dice.happens(0.3)
            else dice.strong_lightness()
        )
        add_occluder(scene, grey, dice.uniform_array(-0.015, 0.015, 1, 2))
    return scene


def add_bar(
    scene: Scene, lightness: float, place: ArrayLike = ((0.0, 0.0),), turn: float = 0.0
) -> None:
    """Add the whole bar."""
    scene.boxes(place, BAR_LENGTH, BAR_WIDTH, lightness, "bar", angle=turn)


def add_occluder(scene: Scene, lightness: float, place: ArrayLike = ((0.0, 0.0),)) -> None:
    """Add the square in front of the bar."""
    scene.boxes(place, OCCLUDER, OCCLUDER, lightness, "occluder")


@register(overlap=(0.2, 0.5), junctions=["T", "removed"], background=BACKGROUND)
def occluded_disc(dice: Dice) -> Scene:
    """Draw a whole disc behind a square, or a piece of a disc with its own straight edge."""
    size, diameter = 0.5, 0.4
    background = dice.background_lightness()
    scene = Scene(background, dice.pose())
    overlap = dice.uniform(0.2, 0.5)
    reach = overlap * diameter
    middle = (reach - size) / 2
    right = middle + diameter / 2 - reach + size / 2
    grey = dice.dark_lightness()
    place = np.array([middle, 0.0]) + dice.uniform_array(-1, 1, 2) * [0.02, 0.05]
    chance = dice.uniform(0, 1)
    if chance < ABSENT + RIVAL:  # a piece with its own edge, at the square or before it
        place[0] -= dice.uniform(0, 0.25) * diameter
        edge = diameter / 2 - reach + dice.uniform(-0.02, 0.02)
        turns = np.linspace(
            np.arccos(edge / diameter * 2), 2 * np.pi - np.arccos(edge / diameter * 2), 24
        )
        scene.polygon(place + polar_points(diameter / 2, np.rad2deg(turns)), grey, "piece")
    else:
        scene.discs([place], diameter, grey, "disc")
    if not dice.happens(0.15):
        shade = (
            dice.similar_or_any_lightness(background)
            if dice.happens(0.3)
            else dice.strong_lightness()
        )
        at = np.array([[right, 0.0]]) + dice.uniform_array(-0.015, 0.015, 1, 2)
        scene.boxes(at, size, size, shade, "occluder")
    return scene


@register(transmittance=(0.2, 0.8), junctions=["X", "removed"], background=BACKGROUND)
def transparent_overlap(dice: Dice) -> Scene:
    """Draw two surfaces, one seen through the other, or three opaque pieces."""
    size, overlap = 0.4, 0.5
    shift = size * (1 - overlap) / 2
    scene = Scene(dice.background_lightness(), dice.pose())
    back, front = dice.rng.random((2, 1, 3))
    if dice.happens(0.5):
        back = np.full((1, 3), dice.dark_lightness())
    if dice.happens(0.3):
        front = np.full((1, 3), dice.any_lightness())
    through = dice.uniform(0.2, 0.8)
    if not dice.happens(ABSENT + RIVAL):
        for sign, colour, name, opacity in (
            (-1, back, "back", 1.0),
            (1, front, "front", 1 - through),
        ):
            at = dice.uniform_array(-0.025, 0.025, 1, 2) + sign * shift
            scene.boxes(at, size, size, colour, name, opacity=opacity)
        return scene
    gap = dice.choice((0.0, 0.1, 0.1)) * size
    middle = (
        dice.rng.random((1, 3)) if dice.happens(0.7) else through * back + (1 - through) * front
    )
    for sign, colour, name in ((-1, back, "back piece"), (1, front, "front piece")):
        a, b = (
            shift - size / 2,
            shift + size / 2,
        )  # the piece beyond the overlap, to the upper right
        inner = -shift + size / 2
        shape = np.array([[inner, a], [b, a], [b, b], [a, b], [a, inner], [inner, inner]])
        at = dice.uniform_array(-0.015, 0.015, 2) + sign * gap
        scene.polygon(sign * shape + at, colour, name)
    side = size - 2 * shift
    scene.boxes(dice.uniform_array(-0.01, 0.01, 1, 2), side, side, middle, "middle piece")
    return scene
