"""The illusory occlusion set: a square with a cross before stripes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Self

import numpy as np
from PIL import Image, ImageDraw

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._chance import Chance, Colour, sevenths
from napari_lns.stimuli.good_gestalt._scene import Drawing, Parts, Scene, Split, scale_colour

__all__ = ["IllusoryOcclusion"]

_SQUARE, _CROSS = 80, 32
_PERIOD = 40  # period of the stripes along rows and columns
_BACK = _PERIOD // 2  # shift along both axes that leaves the covered share of the stripes
_STRIPE_RATIO, _CROSS_RATIO = (0.2, 0.6, 0.3), (0.8, 0.7, 0.3)
_CROSS_LEVELS = ((59, 182), (51, 178), (22, 76))  # within 2/7 · ratio and min(5/7, ratio)


@dataclass(frozen=True, slots=True)
class IllusoryOcclusion(Scene):
    """Corner of the square; the stripes never move."""

    title = "Illusory occlusion: a square with a cross before stripes."
    control_text = (
        "the four corners of the square are separated from its cross by gaps that show stripes."
    )
    labels = (0, 0, 1, 1)
    label_names = ("background", "square")
    parts: ClassVar[Parts] = {
        "stripes": (1,),
        "square beside its cross": (2,),
        "cross": (3,),
    }

    square: tuple[int, int]

    @classmethod
    def choose(cls, chance: Chance, split: Split) -> Self:
        """Draw a scene; in the test split, square or cross have the background's colour."""
        corner = chance.place(0, 256 - _SQUARE)
        if split == "train":
            background, square = chance.colour(sevenths(0, 5)), chance.colour(sevenths(2, 7))
        elif chance.happens(0.5):
            background = square = chance.colour(sevenths(2, 5))
        else:
            background, square = _choose_hidden_cross(chance)
        palette = (
            background,
            scale_colour(background, _STRIPE_RATIO),
            square,
            scale_colour(square, _CROSS_RATIO),
        )
        return cls(palette, corner)

    def paint(self, canvas: Canvas) -> None:
        """Paint the stripes, and the square with its cross over them."""
        canvas.stamp(0, 0, _stripes())
        canvas.box(*self.square, _SQUARE, _SQUARE, 2)
        _paint_cross(canvas, self.square, 3)

    def control(self, chance: Chance) -> Drawing:
        """Separate the corners from the cross, and shift the whole into the canvas by periods."""
        background, stripes, square, cross = self.palette
        row, column = (
            place + _PERIOD * ((place < _BACK) - (place > 256 - _SQUARE - _BACK))
            for place in self.square
        )
        hidden = square == background
        palette = (background, stripes, square, cross, square, cross)
        return _SeparateCorners(palette, (row, column), hidden)


@dataclass(frozen=True, slots=True)
class _SeparateCorners(Drawing):
    """Corner of the square, and whether its corners or its cross have the background's colour.

    Parts of the background's colour are painted in an ink with the background's label.
    """

    labels = (0, 0, 1, 2, 0, 0)
    label_names = ("background", "corners", "cross")
    parts: ClassVar[Parts] = {
        "stripes": (1,),
        "square beside its cross": (2, 4),
        "cross": (3, 5),
    }

    square: tuple[int, int]
    corners_hidden: bool

    def paint(self, canvas: Canvas) -> None:
        """Paint the stripes, and the cross and the corners over them."""
        canvas.stamp(0, 0, _stripes())
        corners, cross = (4, 3) if self.corners_hidden else (2, 5)
        _paint_cross(canvas, self.square, cross)
        row, column = self.square
        side = (_SQUARE - _CROSS) // 2
        for down in (-_BACK, _SQUARE - side + _BACK):
            for right in (-_BACK, _SQUARE - side + _BACK):
                canvas.box(row + down, column + right, side, side, corners)


def _paint_cross(canvas: Canvas, square: tuple[int, int], ink: int) -> None:
    (row, column), inset = square, (_SQUARE - _CROSS) // 2
    canvas.box(row + inset, column, _CROSS, _SQUARE, ink)
    canvas.box(row, column + inset, _SQUARE, _CROSS, ink)


def _choose_hidden_cross(chance: Chance) -> tuple[Colour, Colour]:
    """Draw one colour for background and cross, and return it with the square's colour."""
    red, green, blue = (chance.integer(low, high) / 255 for low, high in _CROSS_LEVELS)
    r, g, b = _CROSS_RATIO
    return (red, green, blue), (red / r, green / g, blue / b)


@cache
def _stripes() -> Inks:
    image = Image.new("L", (256, 256))
    for end in range(2, 512, 40):
        ImageDraw.Draw(image).line(((-10, end), (end, -10)), fill=1, width=10)
    return np.asarray(image)
