"""Worlds of dots in strings, each of which has one lightness and moves as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns.stimuli import _rows
from napari_lns.stimuli.proximity import lattice
from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["common_region", "connectedness", "dot_lattice", "proximity_row", "similarity_rows"]

_ROW = parameters("proximity_row")
PAIRS: int = _ROW["groups"].default
ROW: float = _ROW["figure_size"].default
DOTS: float = _ROW["element_share"].default
Numbers = NDArray[np.float64]


def logistic(advantage: float) -> float:
    """Return the probability of the likelier of two groupings; 0.5 without an advantage."""
    return float(1 / (1 + np.exp(-advantage)))


@register(aspect_ratio=(1, 2), background=BACKGROUND)
def dot_lattice(dice: Dice) -> Scene:
    """Draw strings of dots along the shorter distance more often than along the longer one.

    The shorter distance is horizontal in half of the scenes and vertical in the others, so that
    nothing but the distances distinguishes the two directions.
    """
    spacing, share = 0.1, 0.5
    scene = Scene(dice.background_lightness(), dice.pose())
    ratio = dice.uniform(1, 2.1)  # the stimulus's largest ratio lies within, not at the end
    centres, rows = lattice(ratio, 90.0, spacing, 0.9)
    columns = np.round(centres[:, 0] * np.sqrt(ratio) / spacing).astype(int)
    alone = dice.happens(ABSENT)
    along = dice.happens(logistic(8 * (ratio - 1)))
    string = np.arange(len(centres)) if alone else np.asarray(rows if along else columns, int)
    string = string - string.min()
    count = int(string.max()) + 1
    lightness = dice.dark_lightnesses(dice.dark_lightness(), count)
    shift = dice.uniform_array(-0.005, 0.005, count, 2)
    if not alone:  # strings move farther along their own direction
        shift[:, 0 if along else 1] *= 1.5
    places = centres + shift[string]
    scene.discs(
        places if dice.happens(0.5) else places[:, ::-1],
        share * spacing,
        lightness[string],
        [f"row {k + 1}" for k in string],
    )
    return scene


@register(gap_ratio=(1, 5), background=BACKGROUND)
def proximity_row(dice: Dice) -> Scene:
    """Draw pairs of dots, more often of near dots, or dots that move independently."""
    scene = Scene(dice.background_lightness(), dice.pose())
    log_ratio = dice.uniform(-np.log(2), np.log(5))
    number = np.arange(2 * PAIRS)
    if dice.happens(ABSENT):
        group = number
    else:
        group = (number + (0 if dice.happens(logistic(4 * log_ratio)) else 1)) // 2
    count = int(group.max()) + 1
    lightness = dice.dark_lightnesses(dice.dark_lightness(), count)
    shift = dice.uniform_array(-1, 1, count, 2) * [0.006, 0.008]
    add_row(scene, float(np.exp(log_ratio)), lightness[group], group, shift[group])
    return scene


def add_row(
    scene: Scene, ratio: float, lightness: Numbers, group: NDArray[np.intp], shift: ArrayLike = 0.0
) -> None:
    """Add a row of dots with a gap ratio, each dot with its lightness, group and shift."""
    places = _rows.row(PAIRS, 2, ratio, ROW, DOTS)
    centres = np.column_stack([places, np.zeros(2 * PAIRS)]) + np.asarray(shift)
    diameter = _rows.diameter_in_row(2 * PAIRS, ROW, DOTS)
    scene.discs(centres, diameter, lightness, [f"group {k + 1}" for k in group])


@register(feature=["colour", "polarity"], arrangement=["rows", "shuffled"], background=BACKGROUND)
def similarity_rows(dice: Dice) -> Scene:
    """Draw rows or columns of one colour each, or single elements of two colours."""
    rows, pitch = 6, 0.85 / 6
    scene = Scene(dice.background_lightness(), dice.pose())
    across, up = (axis.ravel() for axis in np.meshgrid(np.arange(rows), np.arange(rows)))
    centres = (np.column_stack([across, -up]) + np.array([-1, 1]) * (rows - 1) / 2) * pitch
    chance = dice.uniform(0, 1)
    if chance < ABSENT:
        string = np.arange(rows**2)
        palette = dice.rng.random((2, 3))
        colours = palette[dice.rng.integers(0, 2, rows**2)]
    else:
        string = up if chance < ABSENT + 0.45 else across
        palette = dice.rng.random((2, 3))
        colours = palette[np.arange(rows) % 2] if dice.happens(0.5) else dice.rng.random((rows, 3))
        colours = np.clip(colours + dice.uniform_array(-0.08, 0.08, rows, 3), 0, 1)
    shift = dice.uniform_array(-0.005, 0.005, int(string.max()) + 1, 2)
    scene.discs(
        centres + shift[string], 0.6 * pitch, colours[string], [f"row {k + 1}" for k in string]
    )
    return scene


@register(regions=["around", "beside"], background=BACKGROUND, region_colour=(0.7, 0.9))
def common_region(dice: Dice) -> Scene:
    """Draw outlined regions that move as one with two dots each, or regions beside the dots."""
    background = dice.background_lightness()
    scene = Scene(background, dice.pose())
    places = _rows.row(PAIRS, 2, 1.0, 0.9, 0.45)
    diameter = _rows.diameter_in_row(2 * PAIRS, 0.9, 0.45)
    outer = places[2] - places[1] - diameter
    width, height = places[1] - places[0] + diameter + 0.7 * outer, 2 * diameter
    line = 0.3 * min(diameter, outer)
    middles = places.reshape(-1, 2).mean(axis=1)
    together = not dice.happens(ABSENT)
    up = 0.0 if together else 1.2 * height * dice.uniform(0.85, 1.3) * dice.choice((-1, 1))
    shift = dice.uniform_array(-1, 1, PAIRS, 2) * [0.006, 0.012]
    rim = dice.uniform_array(0.62, 1, PAIRS)
    for pair, middle in enumerate(middles):
        place = [[middle + shift[pair, 0], up + shift[pair, 1]]]
        label = f"pair {pair + 1}" if together else "regions"
        inside = dice.similar_or_any_lightness(background)
        scene.boxes(place, width, height, rim[pair], label)
        scene.boxes(place, width - 2 * line, height - 2 * line, inside, label)
    owner = np.arange(2 * PAIRS) // 2 if together else np.arange(2 * PAIRS)
    if not together:
        shift = dice.uniform_array(-1, 1, 2 * PAIRS, 2) * [0.006, 0.012]
    dots = dice.dark_lightnesses(dice.dark_lightness(), int(owner.max()) + 1)
    centres = np.column_stack([places, np.zeros(2 * PAIRS)]) + shift[owner]
    labels = [f"pair {k + 1}" if together else f"element {k + 1}" for k in owner]
    scene.discs(centres, diameter, dots[owner], labels)
    return scene


@register(bars=["connecting", "beside"], background=BACKGROUND)
def connectedness(dice: Dice) -> Scene:
    """Draw dumb-bells of one lightness each, or dots and separate bars."""
    scene = Scene(dice.background_lightness(), dice.pose())
    places = _rows.row(PAIRS, 2, 1.0, 0.9, 0.5)
    diameter = _rows.diameter_in_row(2 * PAIRS, 0.9, 0.5)
    length = places[1] - places[0] - 0.8 * diameter
    middles = places.reshape(-1, 2).mean(axis=1)
    together = not dice.happens(ABSENT)
    objects = PAIRS if together else 3 * PAIRS
    lightness = dice.dark_lightnesses(dice.dark_lightness(), objects)
    shift = dice.uniform_array(-1, 1, objects, 2) * [0.006, 0.012]
    up = 0.0 if together else 1.2 * diameter * dice.uniform(0.95, 1.8) * dice.choice((-1, 1))
    if not together:  # bars stay clear of the dots
        shift[:, 1] *= 0.3
    owner = np.arange(2 * PAIRS) // 2 if together else np.arange(2 * PAIRS)
    bar = np.arange(PAIRS) if together else 2 * PAIRS + np.arange(PAIRS)
    bars = np.column_stack([middles, np.full(PAIRS, up)]) + shift[bar]
    names = [f"pair {k + 1}" if together else "bars" for k in range(PAIRS)]
    scene.boxes(bars, length, 0.3 * diameter, lightness[bar], names)
    centres = np.column_stack([places, np.zeros(2 * PAIRS)]) + shift[owner]
    labels = [f"pair {k + 1}" if together else f"element {k + 1}" for k in owner]
    scene.discs(centres, diameter, lightness[owner], labels)
    return scene
