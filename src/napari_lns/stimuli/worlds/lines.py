"""Worlds of lines and elements: pairs of mirrored lines, and paths among distractors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, Dice
from napari_lns.stimuli.worlds._layout import lay_path, scatter
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["contour_integration", "symmetry_pairs"]

CANDIDATES = 850  # positions of distractors, after which hardly any finds room


@register(pairing=["mirrored", "translated"], background=BACKGROUND)
def symmetry_pairs(dice: Dice) -> Scene:
    """Draw pairs of mirrored lines of one lightness each, or parallel lines."""
    pairs, size = 3, 0.8
    scene = Scene(dice.background_lightness(), dice.pose())
    pitch = size / (2 * pairs)
    strength = float(dice.rng.dirichlet(np.ones(2))[0])
    mirrored = not dice.happens(ABSENT)
    phases = dice.uniform_array(0, 1, pairs) if mirrored else np.full(pairs, dice.uniform(0, 1))
    common = dice.dark_lightness()
    lightness = dice.dark_lightnesses(common, pairs if mirrored else 2 * pairs)
    shift = dice.uniform_array(-0.006, 0.006, pairs if mirrored else 2 * pairs)
    height, width = 0.3 * pitch, 0.15 * pitch
    for line in range(2 * pairs):
        pair = line // 2
        owner = pair if mirrored else line
        amplitude = -height if mirrored and line % 2 else height
        x = (line - pairs + 0.5) * pitch + shift[owner]
        label = f"pair {pair + 1}" if mirrored else f"line {line + 1}"
        scene.wave(x, width, size, amplitude, phases[pair], strength, lightness[owner], label)
    return scene


@register(path_angle=(0, 45), alignment=["aligned", "random"], background=BACKGROUND)
def contour_integration(dice: Dice) -> Scene:
    """Draw a path of elements of one contrast among distractors, or elements without a path."""
    spacing, share, length = 0.12, 0.7, 7
    background = dice.background_lightness()
    scene = Scene(background, dice.pose())
    turns = dice.uniform(0, 45) * dice.rng.choice((-1.0, 1.0), length - 1)
    path, along = lay_path(dice.uniform(0, 360), turns, spacing)
    reach = 0.5 + spacing
    candidates = dice.uniform_array(-reach, reach, CANDIDATES, 2)
    others = scatter(candidates, path, 0.85 * spacing)
    angles = dice.uniform_array(0, 360, length + len(others))
    aligned = not dice.happens(ABSENT)
    common = -dice.uniform(0.2, 1) * background
    contrasts: NDArray[np.float64] = np.full(len(angles), common)
    if aligned:
        angles[:length] = along
        contrasts[:length] = common + dice.choice((-1, 1)) * (
            dice.uniform(0.02, 0.1) if dice.happens(0.5) else dice.uniform(0.1, 0.4)
        )
    contrasts = np.clip(contrasts, -0.5, 0.0)
    centres = np.concatenate([path, others])
    names = ["path" if aligned and k < length else "distractors" for k in range(len(angles))]
    scene.gabors(centres, share * spacing, contrasts, angles, names)
    return scene
