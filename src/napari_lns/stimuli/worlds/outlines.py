"""The world of closure: filled squares with outlines, and separate fragments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, RIVAL, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["fragmented_outline"]

_OUTLINE = parameters("fragmented_outline")
SIDE = float(_OUTLINE["figure_size"].default / np.sqrt(2))
WIDTH: float = _OUTLINE["line_width"].default
SIGNS = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], float)


@register(
    gap_fraction=(0.1, 0.8),
    figure_size=(0.54, 0.66),
    background=BACKGROUND,
    fragments=["aligned", "misaligned"],
    figure_contrast=(-1, 1),
)
def fragmented_outline(dice: Dice) -> Scene:
    """Draw a filled square whose outline may have gaps, or fragments that enclose nothing."""
    background, colour = dice.background_lightness(), dice.dark_lightness()
    scene = Scene(background, dice.pose())
    gap = 0.0 if dice.happens(0.3) else dice.uniform(0.1, 0.8)
    alone = dice.happens(ABSENT + RIVAL)
    if not alone:
        scene.boxes([[0.0, 0.0]], SIDE, SIDE, dice.similar_or_any_lightness(background), "figure")
    for sign in SIGNS:
        corner = make_corner(gap) * sign
        if alone:
            turn = np.deg2rad(dice.uniform(0, 360))
            cosine, sine = np.cos(turn), np.sin(turn)
            corner = corner @ np.array([[cosine, sine], [-sine, cosine]])
        place = SIDE / 2 * sign + (dice.uniform_array(-0.04, 0.04, 2) if alone else 0)
        scene.polygon(corner + place, colour, "fragments" if alone else "figure")
    return scene


def make_corner(gap_fraction: float) -> NDArray[np.float64]:
    """Return the corners of the upper right fragment, with its centre line's bend at the origin."""
    half, arm = WIDTH / 2, SIDE * (1 - gap_fraction) / 2
    return np.array(
        [[half, half], [half, -arm], [-half, -arm], [-half, -half], [-arm, -half], [-arm, half]]
    )
