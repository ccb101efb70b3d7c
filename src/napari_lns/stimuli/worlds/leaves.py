"""The world of dead leaves: discs that hide each other, each with a colour and grain of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns._compile import compile_function
from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.scenes import BRIGHTNESS, OPPONENT, draw_radii, draw_texture
from napari_lns.stimuli.worlds._dice import Dice
from napari_lns.stimuli.worlds._layout import find_visible
from napari_lns.stimuli.worlds._registry import SIDE, register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["dead_leaves"]

CHROMA: float = parameters("dead_leaves")["chroma"].default
SMALLEST, LARGEST = (0.2, 0.3), (0.4, 0.6)
SHADING, GRAIN = (0.0, 0.3), (0.0, 0.06)
COUNT = 160  # leaves, which cover nearly every image
Numbers = NDArray[np.float64]


class Leaves(Scene):
    """Discs in depth order, whose brightness varies by shading and grain.

    Parameters
    ----------
    centres, radii
        Centres (n, 2) and radii (n,) of the leaves, from the farthest to the nearest.
    colours
        Colours (n, 3) of their middles.
    slopes
        Change of brightness (n, 2) to the right and upwards, per side of the image.
    grain
        Standard deviation (n,) of their grain.
    rng
        Random generator of the grain.
    """

    def __init__(
        self,
        centres: Numbers,
        radii: Numbers,
        colours: Numbers,
        slopes: Numbers,
        grain: Numbers,
        rng: np.random.Generator,
    ) -> None:
        super().__init__()
        self.discs(centres, 2 * radii, colours, [f"leaf {k + 1}" for k in range(len(radii))])
        offsets = -(slopes * centres).sum(axis=1)
        none = np.zeros((1, 4))  # the background's
        self._planes = np.vstack([none, np.column_stack([slopes, offsets, grain])])
        self._rng = rng

    def draw(self, image: NDArray[np.float32], labels: NDArray[np.int32]) -> None:
        """Draw the leaves into an image (3, side, side) and its labels (side, side)."""
        super().draw(image, labels)
        side = len(labels)
        _shade(image, labels, self._planes, draw_texture(side, self._rng).reshape(side, side))


@compile_function(nogil=True)
def _shade(
    image: NDArray[np.float32], labels: NDArray[np.int32], planes: Numbers, texture: Numbers
) -> None:
    """Add the shading and the grain of the leaf that each pixel shows."""
    side = len(labels)
    for row in range(side):
        up = 0.5 - (row + 0.5) / side
        for column in range(side):
            right = (column + 0.5) / side - 0.5
            slope, rise, middle, grain = planes[labels[row, column]]
            change = slope * right + rise * up + middle + grain * texture[row, column]
            for channel in range(3):
                value = image[channel, row, column] + change
                image[channel, row, column] = min(max(value, 0.0), 1.0)


@register(smallest=SMALLEST, largest=LARGEST, shading=SHADING, grain=GRAIN)
def dead_leaves(dice: Dice) -> Scene:
    """Draw leaves of all sizes between two radii, which differ from scene to scene."""
    smallest, largest = dice.uniform(*SMALLEST), dice.uniform(*LARGEST)
    shading, grain = dice.uniform(*SHADING), dice.uniform(*GRAIN)
    reach = 0.5 + largest
    centres = dice.uniform_array(-reach, reach, COUNT, 2)
    radii = draw_radii(dice.rng, smallest, largest, COUNT)
    seen = find_visible(centres, radii, SIDE)
    centres, radii = centres[seen][::-1], radii[seen][::-1]
    count = len(radii)
    colours = dice.rng.normal(0.5, BRIGHTNESS, (count, 1))
    colours = colours + CHROMA * dice.rng.normal(size=(count, 2)) @ OPPONENT
    angle, slope = dice.uniform_array(0, 2 * np.pi, count), dice.uniform_array(0, shading, count)
    slopes = (slope / radii * np.array([np.cos(angle), np.sin(angle)])).T
    grains = dice.uniform_array(0, 2 * grain, count)
    return Leaves(centres, radii, np.clip(colours, 0, 1), slopes, grains, dice.rng)
