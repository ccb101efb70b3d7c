"""The world of dead leaves: discs that hide each other, each with a colour and grain of its own."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from napari_lns._compile import compile_function
from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.scenes import BRIGHTNESS, OPPONENT, draw_radii, draw_texture
from napari_lns.stimuli.worlds._dice import Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["dead_leaves"]

CHROMA: float = parameters("dead_leaves")["chroma"].default
SMALLEST, LARGEST = (0.2, 0.3), (0.4, 0.6)
SHADING, GRAIN = (0.0, 0.3), (0.0, 0.06)
COUNT = 160  # leaves, which cover nearly every image
NAMES = ["background", *(f"leaf {number}" for number in range(1, COUNT + 1))]
GRAINS = 256  # side of the texture in pixels
TILE = 8  # side in pixels of the squares whose leaves are found together
Numbers = NDArray[np.float64]


class Leaves(Scene):
    """Discs from the nearest to the farthest, whose brightness varies by shading and grain.

    Parameters
    ----------
    leaves : (n, 10) array
        Of each disc the centre (x and y), the radius, the colour of its middle (red, green and
        blue), the change of brightness to the right and upwards per side of the image, the
        standard deviation of its grain, and the part of the texture that it shows, from 0 to 1.
    """

    def __init__(self, leaves: Numbers) -> None:
        super().__init__(names=NAMES)
        self._leaves = leaves

    def draw(self, image: NDArray[np.float32], labels: NDArray[np.int32]) -> None:
        """Draw the leaves into an image (3, side, side) and its labels (side, side)."""
        paint_leaves(image, labels, self._leaves, _draw_grain())


@functools.cache
def _draw_grain() -> Numbers:
    """Draw the texture of all scenes, of which each leaf shows another part."""
    texture: Numbers = draw_texture(GRAINS, np.random.default_rng(0)).reshape(GRAINS, GRAINS)
    return texture


@compile_function(nogil=True)
def paint_leaves(
    image: NDArray[np.float32], labels: NDArray[np.int32], leaves: Numbers, texture: Numbers
) -> None:
    """Paint leaves from front to back, as the stimulus does.

    Parameters
    ----------
    image : (3, side, side) array
        Changed in place.
    labels : (side, side) array
        Changed in place: the number of the leaf that each pixel's centre shows, from 1 on.
    leaves : (n, 10) array
        As for `Leaves`.
    texture : (m, m) array
        Grain of variance 1, which repeats in both directions.
    """
    side = labels.shape[0]
    reach = (TILE * math.sqrt(0.5) + 0.5) / side
    image[:], labels[:] = 0, 0
    uncovered = np.ones((side, side))
    for top in range(0, side, TILE):
        for left in range(0, side, TILE):
            x, y = (left + TILE / 2) / side - 0.5, 0.5 - (top + TILE / 2) / side
            for index in range(len(leaves)):
                away = math.hypot(x - leaves[index, 0], y - leaves[index, 1]) - leaves[index, 2]
                if away < reach:
                    _paint_tile(image, labels, uncovered, top, left, leaves, index, texture)
                if away < -reach:  # it hides all others
                    break


@compile_function(nogil=True)
def _paint_tile(image, labels, uncovered, top, left, leaves, index, texture):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Paint the part of a leaf in a tile that nearer leaves leave uncovered."""
    side = labels.shape[0]
    x, y, radius, red, green, blue, rightwards, upwards, grain, shift = leaves[index]
    first, farthest = int(shift * texture.size), (radius + 0.5 / side) ** 2
    for row in range(top, min(top + TILE, side)):
        up = 0.5 - (row + 0.5) / side - y
        for column in range(left, min(left + TILE, side)):
            right = (column + 0.5) / side - 0.5 - x
            square = right * right + up * up
            if uncovered[row, column] == 0 or square >= farthest:
                continue
            distance = math.sqrt(square) - radius
            share = uncovered[row, column] * min(0.5 - distance * side, 1.0)
            uncovered[row, column] -= share
            if labels[row, column] == 0 and distance < 0:
                labels[row, column] = index + 1
            place = (first + row * len(texture) + column) % texture.size
            change = rightwards * right + upwards * up + grain * texture.flat[place]
            image[0, row, column] += share * min(max(red + change, 0.0), 1.0)
            image[1, row, column] += share * min(max(green + change, 0.0), 1.0)
            image[2, row, column] += share * min(max(blue + change, 0.0), 1.0)


@register(smallest=SMALLEST, largest=LARGEST, shading=SHADING, grain=GRAIN)
def dead_leaves(dice: Dice) -> Scene:
    """Draw leaves of all sizes between two radii, which differ from scene to scene."""
    smallest, largest = dice.uniform(*SMALLEST), dice.uniform(*LARGEST)
    shading, grain = dice.uniform(*SHADING), dice.uniform(*GRAIN)
    leaves = np.empty((COUNT, 10))
    places, radii, colours, slopes, grains, shifts = np.split(leaves, [2, 3, 6, 8, 9], axis=1)
    reach = 0.5 + largest
    places[:] = dice.uniform_array(-reach, reach, COUNT, 2)
    radii[:, 0] = draw_radii(dice.rng, smallest, largest, COUNT)
    colours[:] = dice.rng.normal(0.5, BRIGHTNESS, (COUNT, 1))
    colours += CHROMA * dice.rng.normal(size=(COUNT, 2)) @ OPPONENT
    angle = dice.uniform_array(0, 2 * np.pi, COUNT)
    slope = dice.uniform_array(0, shading, COUNT) / radii[:, 0]
    slopes[:] = np.column_stack([slope * np.cos(angle), slope * np.sin(angle)])
    grains[:] = dice.uniform_array(0, 2 * grain, COUNT, 1)
    shifts[:] = dice.uniform_array(0, 1, COUNT, 1)
    return Leaves(leaves)
