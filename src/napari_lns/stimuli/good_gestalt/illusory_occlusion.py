"""Illusory occlusion: a square with a cross over stripes, set off from them by colour or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Self

import numpy as np
from PIL import Image, ImageDraw

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._chance import Chance, Colour, sevenths
from napari_lns.stimuli.good_gestalt._scene import Parts, Scene, Split, scaled

__all__ = ["IllusoryOcclusion"]

_SQUARE, _CROSS = 80, 32
_STRIPE_RATIO, _CROSS_RATIO = (0.2, 0.6, 0.3), (0.8, 0.7, 0.3)
_CROSS_LEVELS = ((59, 182), (51, 178), (22, 76))  # within 2/7 · ratio and min(5/7, ratio)


@dataclass(frozen=True, slots=True)
class IllusoryOcclusion(Scene):
    """Where the square's corner lies; the stripes never move."""

    title = "Illusory occlusion: a square with a cross before stripes."
    labels = (0, 0, 1, 1)
    label_names = ("background", "square")
    parts: ClassVar[Parts] = {
        "stripes": (1,),
        "square beside its cross": (2,),
        "cross": (3,),
    }

    square: tuple[int, int]

    @classmethod
    def chosen(cls, chance: Chance, split: Split) -> Self:
        """Choose; in the test split the square or its cross has the background's colour."""
        corner = chance.place(0, 256 - _SQUARE)
        if split == "train":
            background, square = chance.colour(sevenths(0, 5)), chance.colour(sevenths(2, 7))
        elif chance.happens(0.5):
            background = square = chance.colour(sevenths(2, 5))
        else:
            background, square = _hidden_cross(chance)
        palette = (
            background,
            scaled(background, _STRIPE_RATIO),
            square,
            scaled(square, _CROSS_RATIO),
        )
        return cls(palette, corner)

    def paint(self, canvas: Canvas) -> None:
        """Paint the stripes, and the square with its cross over them."""
        canvas.stamp(0, 0, _stripes())
        (row, column), inset = self.square, (_SQUARE - _CROSS) // 2
        canvas.box(row, column, _SQUARE, _SQUARE, 2)
        canvas.box(row + inset, column, _CROSS, _SQUARE, 3)
        canvas.box(row, column + inset, _SQUARE, _CROSS, 3)


def _hidden_cross(chance: Chance) -> tuple[Colour, Colour]:
    """Choose the colour of background and cross, and the square's that belongs to it."""
    red, green, blue = (chance.integer(low, high) / 255 for low, high in _CROSS_LEVELS)
    r, g, b = _CROSS_RATIO
    return (red, green, blue), (red / r, green / g, blue / b)


@cache
def _stripes() -> Inks:
    image = Image.new("L", (256, 256))
    for end in range(2, 512, 40):
        ImageDraw.Draw(image).line(((-10, end), (end, -10)), fill=1, width=10)
    return np.asarray(image)
