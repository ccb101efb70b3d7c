"""The world of paths of Gabor patches among distractors."""

from __future__ import annotations

import numpy as np

from napari_lns.stimuli.contours import GAP, ROOM
from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.worlds._dice import ABSENT, BACKGROUND, FAINT, PLACE, TURN, ZOOM, Dice
from napari_lns.stimuli.worlds._layout import lay_path, scatter
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["contour_integration"]

_DEFAULTS = {name: each.default for name, each in parameters("contour_integration").items()}
LENGTH: int = _DEFAULTS["path_length"]
SPACING: float = _DEFAULTS["spacing"]
DIAMETER: float = _DEFAULTS["element_share"] * SPACING
ANGLES = (20.0, 45.0)  # largest path angle in degrees, with few distractors and with all
CANDIDATES = 850  # positions of distractors, after which hardly any finds room
UNEVEN = 0.02  # standard deviation of the elements' lightness


@register(
    path_angle=(0, ANGLES[1]),
    alignment=["aligned", "random"],
    background=BACKGROUND,
    grows=True,
)
def contour_integration(dice: Dice) -> Scene:
    """Draw a path of elements of one lightness among distractors, or elements without a path.

    The patches are too fine to be learned in all places at once. So the world grows: from straight
    paths through the middle to paths in all poses, then from few distractors to many, and to paths
    that bend more.
    """
    wide, crowded, bent = dice.grown(0.2, 0.65), dice.grown(0.4, 0.78), dice.grown(0.6, 1.0)
    largest_angle = wide * ANGLES[0] + bent * (ANGLES[1] - ANGLES[0])
    background = dice.background_lightness()
    scene = Scene(background, dice.pose(wide * PLACE, TURN, wide * ZOOM))
    turns = dice.uniform(0, largest_angle) * dice.rng.choice((-1.0, 1.0), LENGTH - 1)
    path, along = lay_path(dice.uniform(0, 360), turns, SPACING, ROOM * SPACING)
    reach = 0.5 + SPACING
    others = scatter(dice.uniform_array(-reach, reach, CANDIDATES, 2), path, GAP * SPACING)
    others = others[dice.rng.random(len(others)) < crowded]
    count = LENGTH + len(others)
    angles = dice.uniform_array(0, 360, count)
    lightness = background + dice.rng.normal(0, UNEVEN, count)
    aligned = not dice.happens(ABSENT * crowded)
    if aligned:
        angles[:LENGTH] = along
        lightness[:LENGTH] = background + (
            dice.rng.normal(0, UNEVEN)
            if dice.happens(FAINT)
            else dice.choice((-1, 1)) * dice.uniform(0.1, 0.35)
        )
    centres = np.concatenate([path, others])
    names = ["path" if aligned and k < LENGTH else "distractors" for k in range(count)]
    scene.discs(centres, DIAMETER, lightness)
    scene.gabors(centres, DIAMETER, -dice.uniform(0.5, 1) * background, angles, names)
    return scene
