"""The Kanizsa set: a square over four discs, with or without a colour of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from PIL import Image, ImageDraw

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Drawing, Scene, Split

__all__ = ["Kanizsa"]

_SQUARE, _DISC, _SHIFT = 100, 48, 20


@dataclass(frozen=True, slots=True)
class Kanizsa(Scene):
    """Corners (row, column) of the square and of the four discs."""

    title = "Kanizsa: a square defined by four discs with a corner cut out."
    control_text = "each disc is rotated in place by 180°, so that its notch points outwards."
    labels = (0, 1, 2)
    label_names = ("background", "discs", "square")

    square: tuple[int, int]
    discs: tuple[tuple[int, int], ...]

    @classmethod
    def choose(cls, chance: Chance, split: Split) -> Self:
        """Draw a scene; in the test split, only the discs' notches define the square."""
        plain = split == "train"
        background = chance.colour(sevenths(5, 6))
        disc = chance.colour(sevenths(2, 3))
        square = chance.colour(sevenths(5, 7)) if plain else background
        row, column = corner = chance.place(44, 112) if plain else chance.place(24, 132)
        discs = []
        for down in (0, _SQUARE):
            for right in (0, _SQUARE):
                dy, dx = chance.place(-_SHIFT, _SHIFT) if plain else (0, 0)
                discs.append((row + down + dy - _DISC // 2, column + right + dx - _DISC // 2))
        return cls((background, disc, square), corner, tuple(discs))

    def paint(self, canvas: Canvas) -> None:
        """Paint the discs, and the square over them."""
        for row, column in self.discs:
            canvas.stamp(row, column, _disc())
        canvas.box(*self.square, _SQUARE, _SQUARE, 2)

    def control(self, chance: Chance) -> Drawing:
        """Rotate each disc about its centre."""
        return _RotatedDiscs(self.palette, self.discs)


@dataclass(frozen=True, slots=True)
class _RotatedDiscs(Drawing):
    """Corners of four discs whose outer quarters are cut out."""

    labels = (0, 1)
    label_names = ("background", "discs")

    discs: tuple[tuple[int, int], ...]

    def paint(self, canvas: Canvas) -> None:
        """Paint the remaining parts of the discs."""
        for number, (row, column) in enumerate(self.discs):
            canvas.stamp(row, column, _notched_disc(number))


@cache
def _notched_disc(number: int) -> Inks:
    """Return the disc at one of the square's corners without its outer quarter."""
    disc, half = _disc().copy(), _DISC // 2
    row, column = (half * side for side in divmod(number, 2))
    disc[row : row + half, column : column + half] = 0
    return disc


@cache
def _disc() -> Inks:
    image = Image.new("L", (_DISC, _DISC))
    ImageDraw.Draw(image).ellipse((0, 0, _DISC - 1, _DISC - 1), fill=1)
    return np.asarray(image)
