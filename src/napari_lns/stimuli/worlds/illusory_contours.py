"""Worlds of the illusory contours: surfaces that hide parts of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli._shapes import polar
from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, RIVAL, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["abutting_gratings", "ehrenstein_figure", "kanizsa_figure", "varin_figure"]

CORNERS = 4
FIGURE_SIZE = 0.6
OUTWARD = 270 - 180 / CORNERS + 360 / CORNERS * np.arange(CORNERS)

Points = NDArray[np.float64]
Inducers = Callable[[Scene, Points, float, Points, Mapping[str, Any]], None]


@register(
    support_ratio=(0.25, 0.75),
    figure_size=(0.54, 0.66),
    background=BACKGROUND,
    polarity=["equal", "mixed"],
    inducers=["facing", "turned"],
)
def kanizsa_figure(dice: Dice) -> Scene:
    """Draw a square of its own lightness over discs at its corners."""

    def discs(
        scene: Scene, centres: Points, diameter: float, colours: Points, cut: Mapping[str, Any]
    ) -> None:
        scene.discs(centres, diameter, colours, "inducers", **cut)

    return _square_over(dice, discs, dice.between(0.25, 0.75))


@register(
    support_ratio=(0.5, 0.85),
    figure_size=(0.54, 0.66),
    background=BACKGROUND,
    polarity=["equal", "mixed"],
    inducers=["facing", "turned"],
)
def varin_figure(dice: Dice) -> Scene:
    """Draw a square of its own lightness over sets of rings at its corners."""
    rings, share = 3, 0.5

    def sets(
        scene: Scene, centres: Points, diameter: float, colours: Points, cut: Mapping[str, Any]
    ) -> None:
        spacing = diameter / 2 / (rings - 0.5 + share / 2)
        for number in range(rings):
            across = 2 * spacing * (number + 0.5)
            scene.rings(centres, across, spacing * share, colours, "inducers", **cut)

    return _square_over(dice, sets, dice.between(0.5, 0.85))


def _square_over(dice: Dice, inducers: Inducers, support: float) -> Scene:
    background = dice.background()
    scene = Scene(background, dice.pose())
    corners = polar(FIGURE_SIZE / 2, OUTWARD)
    diameter = support * FIGURE_SIZE * np.sin(np.pi / CORNERS)
    centres = corners + dice.many(-0.01, 0.01, CORNERS, 2)
    colours = np.full(CORNERS, dice.strong())
    if dice.happens(0.3):
        colours[1::2] = dice.strong()
    chance = dice.between(0, 1)
    if chance < RIVAL:
        cut = {"opening": 90.0, "direction": dice.many(0, 360, CORNERS)}
        inducers(scene, centres, diameter, colours, cut)
        return scene
    inducers(scene, centres, diameter, colours, {})
    if chance > RIVAL + ABSENT:
        place = dice.many(-0.02, 0.02, 2)
        square = polar(FIGURE_SIZE / 2 * dice.between(0.96, 1.04), OUTWARD + dice.between(-2, 2))
        scene.polygon(square + place, dice.maybe_faint(background), "figure")
    return scene


@register(
    gap_size=(0.2, 0.3),
    line_length=(0.17, 0.23),
    background=BACKGROUND,
    lines=["radial", "turned"],
)
def ehrenstein_figure(dice: Dice) -> Scene:
    """Draw a disc of its own lightness over lines that meet in its middle."""
    count, width = 8, 0.03
    background, colour = dice.background(), dice.dark()
    scene = Scene(background, dice.pose())
    gap, length = dice.between(0.2, 0.3), dice.between(0.17, 0.23)
    angles = 360 / count * np.arange(count) + 90
    chance = dice.between(0, 1)
    if chance < ABSENT + RIVAL:
        if chance < RIVAL:  # pieces at random orientations
            middle, turns = np.full(count, (gap + length) / 2), dice.many(0, 180, count)
            lengths = np.full(count, length)
        else:  # whole lines, or lines that end anywhere
            inner = dice.many(0, 0.2, count) if dice.happens(0.4) else np.zeros(count)
            middle, turns = (inner + gap / 2 + length) / 2, np.zeros(count)
            lengths = gap / 2 + length - inner
        scene.boxes(polar(middle, angles), lengths, width, colour, "lines", angle=angles + turns)
        return scene
    whole = gap / 2 + length
    scene.boxes(polar(whole / 2, angles), whole, width, colour, "lines", angle=angles)
    size = gap * dice.between(0.92, 1.08)
    scene.discs(dice.many(-0.02, 0.02, 1, 2), size, dice.maybe_faint(background), "disc")
    return scene


@register(figure_size=(0.4, 0.5), phase_shift=(0, 180), background=BACKGROUND)
def abutting_gratings(dice: Dice) -> Scene:
    """Draw a square with a grating of its own over another grating."""
    period, share = 0.1, 0.3
    contrast = dice.between(0.6, 1)

    def grating(lightness: float, size: float, place: NDArray[np.float64], label: str) -> None:
        phase = dice.between(0, 1)
        if label:
            scene.boxes(place, size, size, lightness, label)
            scene.boxes(place, size, size, (1 - contrast) * lightness, label)
        else:
            scene.boxes([[0.0, 0.0]], 2.0, 2.0, (1 - contrast) * lightness)
        scene.stripe_last(period, phase, share)

    background = dice.background()
    scene = Scene(background, dice.pose())
    grating(background, 0, np.zeros((1, 2)), "")
    if not dice.happens(ABSENT):
        lightness = dice.near(background) if dice.happens(0.5) else dice.between(0.25, 0.75)
        place = dice.many(-0.03, 0.03, 1, 2)
        grating(lightness, 0.45 * dice.between(0.93, 1.07), place, "figure")
    return scene
