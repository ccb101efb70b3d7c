"""Worlds of figure and ground: figures before a ground that continues behind them.

Each figure moves as one, with its border and its outer edges, before a panel. Most figures are
convex, small, surrounded or low; in some scenes it is the other way round.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli._shapes import polar_points
from napari_lns.stimuli.figure_ground import face
from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, RIVAL, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene
from napari_lns.stimuli.worlds.strings import logistic

__all__ = ["convexity", "lower_region", "relative_area", "rubin_vase", "surroundedness"]

_CONVEXITY = parameters("convexity")
PANEL: float = _CONVEXITY["panel_size"].default
REGIONS: int = _CONVEXITY["regions"].default
LOBES: int = _CONVEXITY["lobes"].default
WIDTH = PANEL / (2 * REGIONS)
CONVEX, CONCAVE = (-2, 0, 2), (-1, 1, -3, 3)  # centres of the regions, in units of their mean width
Points = NDArray[np.float64]


def _draw_two_lightnesses(dice: Dice) -> tuple[float, float]:
    """Draw the lightnesses of two regions, which differ clearly in most scenes."""
    first = dice.uniform(0, 0.25) if dice.happens(0.5) else dice.uniform(0.75, 1)
    if dice.happens(0.3):
        return first, dice.similar_lightness(first)
    if dice.happens(0.6):
        return first, dice.uniform(0.75, 1) if first < 0.5 else dice.uniform(0, 0.25)
    return first, dice.any_lightness()


def _add_panel(scene: Scene, dice: Dice, lightness: float, label: str = "ground") -> None:
    place, stretch = dice.uniform_array(-0.015, 0.015, 1, 2), dice.uniform_array(0.97, 1.03, 2)
    scene.boxes(place, PANEL * stretch[0], PANEL * stretch[1], lightness, label)


@register(bulge=(0, 0.7), background=BACKGROUND)
def convexity(dice: Dice) -> Scene:
    """Draw convex figures before a panel, in some scenes concave ones."""
    scene = Scene(dice.background_lightness(), dice.pose())
    ground, figure = _draw_two_lightnesses(dice)
    _add_panel(scene, dice, ground)
    bulge = dice.uniform(0, 0.7)
    convex = dice.happens(logistic(6 * bulge))
    middles = np.array(CONVEX if convex else CONCAVE) * WIDTH
    same = dice.happens(0.7)
    greys = (
        np.full(len(middles), figure)
        if same
        else np.clip(figure + dice.uniform_array(-0.15, 0.15, len(middles)), 0, 1)
    )
    for x, grey in zip(middles, greys, strict=True):
        outline = region(x, bulge if convex else -bulge)
        scene.polygon(outline + dice.uniform_array(-1, 1, 2) * [0.012, 0.015], grey, "figure")
    return scene


def region(middle: float, bulge: float) -> Points:
    """Return the outline of one region, convex if its bulge is positive, within the panel."""
    height = np.linspace(-PANEL / 2, PANEL / 2, 19)
    lobes = np.abs(np.sin(np.pi * LOBES * (height / PANEL - 0.5)))
    half = WIDTH / 2 + bulge * WIDTH * (lobes - 2 / np.pi)
    left, right = middle - half, middle + half
    if abs(middle) > 2.5 * WIDTH:  # cut by the panel's edge
        left, right = np.maximum(left, -PANEL / 2), np.minimum(right, PANEL / 2)
    return np.concatenate([np.column_stack([left, height]), np.column_stack([right, height])[::-1]])


@register(area_share=(0.1, 0.5), background=BACKGROUND)
def relative_area(dice: Dice) -> Scene:
    """Draw a cross of narrow sectors before a disc, in some scenes one of wide sectors."""
    sectors = 4
    scene = Scene(dice.background_lightness(), dice.pose())
    ground, figure = _draw_two_lightnesses(dice)
    place = dice.uniform_array(-0.015, 0.015, 1, 2)
    scene.discs(place, PANEL * dice.uniform(0.96, 1.04), ground, "ground")
    share = dice.uniform(0.1, 0.5)
    narrow = dice.happens(logistic(12 * (0.5 - share)))
    sector_share, first_angle = (share, 90.0) if narrow else (1 - share, 90.0 + 180 / sectors)
    half = 180 / sectors * sector_share
    turn, radius = dice.uniform(-6, 6), PANEL / 2 * dice.uniform(0.96, 1.04)
    middle = dice.uniform_array(-0.015, 0.015, 2)
    for number in range(sectors):
        angle = first_angle + turn + 360 / sectors * number
        arc = polar_points(radius, angle + np.linspace(-half, half, 7))
        scene.polygon(np.concatenate([np.zeros((1, 2)), arc]) + middle, figure, "figure")
    return scene


@register(surround=["closed", "open"], area_share=(0.15, 0.4), background=BACKGROUND)
def surroundedness(dice: Dice) -> Scene:
    """Draw a disc before a panel, a hole in a panel, or two panels in either depth order."""
    scene = Scene(dice.background_lightness(), dice.pose())
    ground, figure = _draw_two_lightnesses(dice)
    share = dice.uniform(0.15, 0.4)
    chance = dice.uniform(0, 1)
    if chance < ABSENT:
        border = PANEL * (share - 0.5)
        boxes = [
            (-PANEL / 2, border, figure, "first region"),
            (border, PANEL / 2, ground, "second region"),
        ]
        behind = dice.choice((0, 1))
        for number, (left, right, grey, name) in enumerate((boxes[behind], boxes[1 - behind])):
            if number == 0:  # it continues behind the other one
                left, right = (left, right + 0.05) if behind == 0 else (left - 0.05, right)
            place = np.array([[(left + right) / 2, 0.0]]) + dice.uniform_array(-0.015, 0.015, 1, 2)
            scene.boxes(place, right - left, PANEL * dice.uniform(0.97, 1.03), grey, name)
        return scene
    _add_panel(scene, dice, ground)
    diameter = PANEL * np.sqrt(4 * share / np.pi)
    if chance < ABSENT + RIVAL:  # a hole
        scene.discs(np.zeros((1, 2)), diameter, scene.background, "background")
    else:
        grey = dice.similar_lightness(ground) if dice.happens(0.2) else figure
        scene.discs(dice.uniform_array(-0.04, 0.04, 1, 2), diameter, grey, "figure")
    return scene


@register(division=["upper-lower", "left-right"], background=BACKGROUND)
def lower_region(dice: Dice) -> Scene:
    """Draw a region with a skyline before a panel, more often below than above."""
    steps = 8
    scene = Scene(dice.background_lightness(), dice.pose())
    ground, figure = _draw_two_lightnesses(dice)
    _add_panel(scene, dice, ground)
    heights = dice.uniform_array(-1, 1, steps)
    heights -= heights.mean()
    heights *= dice.uniform(0.1, 0.2) * PANEL / np.abs(heights).max()
    across = np.repeat(np.linspace(-PANEL / 2, PANEL / 2, steps + 1), 2)[1:-1]
    border = np.column_stack([across, np.repeat(heights, 2)])
    upright = dice.happens(1 - ABSENT)
    below = dice.happens(0.85 if upright else 0.5)
    end = -PANEL / 2 if below else PANEL / 2
    outline = np.concatenate([border, [[PANEL / 2, end], [-PANEL / 2, end]]])
    if not upright:
        outline = np.column_stack([outline[:, 1], -outline[:, 0]])
    scene.polygon(outline + dice.uniform_array(-0.02, 0.02, 2), figure, "figure")
    return scene


@register(
    vase_width=(0.35, 0.45),
    relief=(0.5, 1),
    profile=["faces", "straight"],
    background=BACKGROUND,
)
def rubin_vase(dice: Dice) -> Scene:
    """Draw a vase before a panel, or two faces, each with its own lightness and place.

    Most straight borders bound a bar in the middle, and most profiles bound two faces.
    """
    scene = Scene(dice.background_lightness(), dice.pose())
    ground, figure = _draw_two_lightnesses(dice)
    width, relief = dice.uniform(0.35, 0.45), dice.uniform(0.5, 1)
    height = np.asarray(np.linspace(-0.5, 0.5, 27), np.float64)
    straight = dice.happens(0.3)
    swell = np.zeros(27) if straight else 0.35 * relief * face(height)
    half, up = PANEL * width * (0.5 + swell), PANEL * height
    chance = dice.uniform(0, 1)
    _add_panel(scene, dice, ground)
    if chance < (0.85 if straight else 0.35):
        outline = np.concatenate([np.column_stack([-half, up]), np.column_stack([half, up])[::-1]])
        scene.polygon(outline + dice.uniform_array(-1, 1, 2) * [0.02, 0.015], figure, "vase")
        return scene
    greys = (
        np.full(2, figure)
        if dice.happens(0.4)
        else np.clip(figure + dice.uniform_array(-0.2, 0.2, 2), 0, 1)
    )
    for side, name, grey in zip((-1, 1), ("left face", "right face"), greys, strict=True):
        inner = np.column_stack([side * half, up])
        outline = np.concatenate(
            [inner, [[side * PANEL / 2, PANEL / 2], [side * PANEL / 2, -PANEL / 2]]]
        )
        scene.polygon(outline + dice.uniform_array(-1, 1, 2) * [0.02, 0.015], grey, name)
    return scene
