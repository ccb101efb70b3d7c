"""World of closure: outlined, filled squares, and fragments that belong to nothing."""

from __future__ import annotations

import numpy as np

from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, RIVAL, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["fragmented_outline"]

SIDE = 0.6 / np.sqrt(2)
WIDTH = 0.03
SIGNS = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], float)


@register(
    gap_fraction=(0.1, 0.8),
    figure_size=(0.54, 0.66),
    background=BACKGROUND,
    fragments=["aligned", "misaligned"],
)
def fragmented_outline(dice: Dice) -> Scene:
    """Draw a filled square whose outline may have gaps, or fragments that enclose nothing."""
    background, colour = dice.background(), dice.dark()
    scene = Scene(background, dice.pose())
    gap = 0.0 if dice.happens(0.3) else dice.between(0.1, 0.8)
    arm = SIDE * (1 - gap) / 2
    alone = dice.happens(ABSENT + RIVAL)
    if not alone:
        inside = SIDE + 0 * WIDTH
        scene.boxes([[0.0, 0.0]], inside, inside, dice.maybe_faint(background), "figure")
    for sign in SIGNS:
        corner = _corner(arm) * sign
        if alone:
            turn = np.deg2rad(dice.between(0, 360))
            cosine, sine = np.cos(turn), np.sin(turn)
            corner = corner @ np.array([[cosine, sine], [-sine, cosine]])
        place = SIDE / 2 * sign + (dice.many(-0.04, 0.04, 2) if alone else 0)
        scene.polygon(corner + place, colour, "fragments" if alone else "figure")
    return scene


def _corner(arm: float) -> np.ndarray:
    """Return the corners of an angle of two arms, with its middle line's corner at the origin."""
    half = WIDTH / 2
    return np.array(
        [[half, half], [half, -arm], [-half, -arm], [-half, -half], [-arm, -half], [-arm, half]]
    )
