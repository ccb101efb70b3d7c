"""A second world for the Good Gestalt set `kanizsa`, in which the square may be absent."""

from __future__ import annotations

import numpy as np

from napari_lns.stimuli.worlds._dice import ABSENT, BARELY, FAINT, RIVAL, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Pose, Scene

__all__ = ["kanizsa_absent"]

SQUARE, DISC, SIDE = 100, 48, 256  # as in the set
SHIFT = 8  # of a disc; the set's own training images shift them by 20
CORNERS = np.array([[-0.5, 0.5], [0.5, 0.5], [0.5, -0.5], [-0.5, -0.5]]) * SQUARE / SIDE


@register(stimulus="kanizsa", variant=["stimulus", "control"])
def kanizsa_absent(dice: Dice) -> Scene:
    """Draw a square over four discs in the set's colours and places, only discs, or pac-men."""
    background = dice.uniform_array(5 / 7, 6 / 7, 1, 3)
    corner = dice.uniform_array(24, 132, 2)
    middle = (corner + SQUARE / 2) / SIDE - 0.5
    scene = Scene(background, Pose(float(middle[0]), float(-middle[1])))
    discs = CORNERS + dice.uniform_array(-SHIFT, SHIFT, 4, 2) / SIDE
    disc, size = dice.uniform_array(2 / 7, 3 / 7, 1, 3), DISC / SIDE
    chance = dice.uniform(0, 1)
    if chance < RIVAL:
        turns = dice.uniform_array(0, 360, 4)
        scene.discs(discs, size, disc, "discs", opening=90.0, direction=turns)
        return scene
    scene.discs(discs, size, disc, "discs")
    if chance > RIVAL + ABSENT:
        if dice.happens(FAINT):
            differences = dice.rng.choice([-1, 1], (1, 3)) * dice.uniform_array(*BARELY, 1, 3)
            colour = background + differences
        else:
            colour = dice.uniform_array(5 / 7, 1, 1, 3)
        side = SQUARE / SIDE
        scene.boxes([[0.0, 0.0]], side, side, np.clip(colour, 0, 1), "square")
    return scene
