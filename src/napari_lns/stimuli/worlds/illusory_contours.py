"""Worlds of illusory contours: surfaces that occlude parts of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns.stimuli._shapes import polar_points
from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, RIVAL, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["abutting_gratings", "ehrenstein_figure", "kanizsa_figure", "varin_figure"]

_KANIZSA, _VARIN = parameters("kanizsa_figure"), parameters("varin_figure")
_EHRENSTEIN = parameters("ehrenstein_figure")
CORNERS: int = _KANIZSA["corners"].default
FIGURE_SIZE: float = _KANIZSA["figure_size"].default
OUTWARD = 270 - 180 / CORNERS + 360 / CORNERS * np.arange(CORNERS)
RINGS: int = _VARIN["rings"].default
RING_SHARE: float = _VARIN["line_share"].default
LINES: int = _EHRENSTEIN["line_count"].default
LINE_WIDTH: float = _EHRENSTEIN["line_width"].default

Points = NDArray[np.float64]
Inducers = Callable[[Scene, Points, float, Points, Mapping[str, Any]], None]


@register(
    support_ratio=(0.25, 0.75),
    figure_size=(0.54, 0.66),
    background=BACKGROUND,
    polarity=["equal", "mixed"],
    inducers=["facing", "turned"],
    figure_contrast=(-1, 1),
)
def kanizsa_figure(dice: Dice) -> Scene:
    """Draw a square with its own lightness over discs at its corners."""
    return _draw_square_over(dice, add_discs, dice.uniform(0.25, 0.75))


@register(
    support_ratio=(0.5, 0.85),
    figure_size=(0.54, 0.66),
    background=BACKGROUND,
    polarity=["equal", "mixed"],
    inducers=["facing", "turned"],
    figure_contrast=(-1, 1),
)
def varin_figure(dice: Dice) -> Scene:
    """Draw a square with its own lightness over sets of rings at its corners."""
    return _draw_square_over(dice, add_rings, dice.uniform(0.5, 0.85))


def _draw_square_over(dice: Dice, inducers: Inducers, support: float) -> Scene:
    background = dice.background_lightness()
    scene = Scene(background, dice.pose())
    corners = polar_points(FIGURE_SIZE / 2, OUTWARD)
    diameter = support * FIGURE_SIZE * np.sin(np.pi / CORNERS)
    centres = corners + dice.uniform_array(-0.01, 0.01, CORNERS, 2)
    colours = np.full(CORNERS, dice.strong_lightness())
    if dice.happens(0.3):
        colours[1::2] = dice.strong_lightness()
    chance = dice.uniform(0, 1)
    if chance < RIVAL:
        cut = {"opening": 90.0, "direction": dice.uniform_array(0, 360, CORNERS)}
        inducers(scene, centres, diameter, colours, cut)
        return scene
    inducers(scene, centres, diameter, colours, {})
    if chance > RIVAL + ABSENT:
        place, size = dice.uniform_array(-0.02, 0.02, 2), dice.uniform(0.96, 1.04)
        turn = dice.uniform(-2, 2)
        add_square(scene, dice.similar_or_any_lightness(background), size, turn, place)
    return scene


def add_discs(
    scene: Scene, centres: Points, diameter: float, colours: Points, cut: Mapping[str, Any]
) -> None:
    """Add the inducers of a Kanizsa figure."""
    scene.discs(centres, diameter, colours, "inducers", **cut)


def add_rings(
    scene: Scene, centres: Points, diameter: float, colours: Points, cut: Mapping[str, Any]
) -> None:
    """Add the inducers of a Varin figure."""
    spacing = diameter / 2 / (RINGS - 0.5 + RING_SHARE / 2)
    for number in range(RINGS):
        across = 2 * spacing * (number + 0.5)
        scene.rings(centres, across, spacing * RING_SHARE, colours, "inducers", **cut)


def add_square(
    scene: Scene, lightness: float, size: float = 1.0, turn: float = 0.0, place: ArrayLike = 0.0
) -> None:
    """Add the square between the inducers; `size` is relative to that of the stimulus."""
    corners = polar_points(FIGURE_SIZE / 2 * size, OUTWARD + turn)
    scene.polygon(corners + np.asarray(place), lightness, "figure")


@register(
    gap_size=(0.2, 0.3),
    line_length=(0.17, 0.23),
    background=BACKGROUND,
    lines=["radial", "turned"],
    figure_contrast=(-1, 1),
)
def ehrenstein_figure(dice: Dice) -> Scene:
    """Draw a disc with its own lightness over lines that meet in its centre."""
    background, colour = dice.background_lightness(), dice.dark_lightness()
    scene = Scene(background, dice.pose())
    gap, length = dice.uniform(0.2, 0.3), dice.uniform(0.17, 0.23)
    chance = dice.uniform(0, 1)
    if chance < ABSENT + RIVAL:
        if chance < RIVAL:  # pieces at random orientations
            inner: Points = np.full(LINES, gap / 2)
            turns = dice.uniform_array(0, 180, LINES)
        else:  # whole lines, or lines with ends anywhere
            inner = dice.uniform_array(0, 0.2, LINES) if dice.happens(0.4) else np.zeros(LINES)
            turns = np.zeros(LINES)
        add_lines(scene, inner, gap / 2 + length, colour, turns)
        return scene
    add_lines(scene, np.zeros(LINES), gap / 2 + length, colour, np.zeros(LINES))
    size = gap * dice.uniform(0.92, 1.08)
    scene.discs(
        dice.uniform_array(-0.02, 0.02, 1, 2),
        size,
        dice.similar_or_any_lightness(background),
        "disc",
    )
    return scene


def add_lines(scene: Scene, inner: Points, outer: float, colour: float, turns: Points) -> None:
    """Add radial lines from inner radii to an outer radius, each rotated about its centre."""
    angles = 360 / LINES * np.arange(LINES) + 90
    middles, lengths = polar_points((inner + outer) / 2, angles), outer - inner
    scene.boxes(middles, lengths, LINE_WIDTH, colour, "lines", angle=angles + turns)


@register(figure_size=(0.4, 0.5), phase_shift=(0, 180), background=BACKGROUND)
def abutting_gratings(dice: Dice) -> Scene:
    """Draw a square with its own grating over another grating."""
    period, share = 0.1, 0.3
    contrast = dice.uniform(0.6, 1)

    def grating(lightness: float, size: float, place: NDArray[np.float64], label: str) -> None:
        phase = dice.uniform(0, 1)
        if label:
            scene.boxes(place, size, size, lightness, label)
            scene.boxes(place, size, size, (1 - contrast) * lightness, label)
        else:
            scene.boxes([[0.0, 0.0]], 2.0, 2.0, (1 - contrast) * lightness)
        scene.stripe_last(period, phase, share)

    background = dice.background_lightness()
    scene = Scene(background, dice.pose())
    grating(background, 0, np.zeros((1, 2)), "")
    if not dice.happens(ABSENT):
        lightness = (
            dice.similar_lightness(background) if dice.happens(0.5) else dice.uniform(0.25, 0.75)
        )
        place = dice.uniform_array(-0.03, 0.03, 1, 2)
        grating(lightness, 0.45 * dice.uniform(0.93, 1.07), place, "figure")
    return scene
