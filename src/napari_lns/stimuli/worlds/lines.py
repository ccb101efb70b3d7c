"""The world of pairs of mirrored lines."""

from __future__ import annotations

import numpy as np

from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["symmetry_pairs"]


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
