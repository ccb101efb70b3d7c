"""Gradient occlusion: a lying bar whose colour runs from dark to light, an upright bar over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Parts, Scene, Split

__all__ = ["GradientOcclusion"]

_LONG, _SHORT = 120, 60
_RUN = np.linspace(0.4, 1.0, _LONG)[:, None]
_FIRST = 3  # inks: 0 background, 1 upright bar, 2 overlap, then one for each column of the run
_LYING: Inks = np.broadcast_to(np.arange(_FIRST, _FIRST + _LONG, dtype=np.uint8), (_SHORT, _LONG))


@dataclass(frozen=True, slots=True)
class GradientOcclusion(Scene):
    """Where the corners of the lying and of the upright bar lie."""

    title = "Gradient occlusion: a shaded bar behind a plain one."
    labels = (0, 1, 1, *(2,) * _LONG)
    label_names = ("background", "upright bar", "lying bar")
    parts: ClassVar[Parts] = {
        "upright bar alone": (1,),
        "lying bar alone": tuple(range(_FIRST, _FIRST + _LONG)),
        "overlap": (2,),
    }

    lying: tuple[int, int]
    upright: tuple[int, int]

    @classmethod
    def chosen(cls, chance: Chance, split: Split) -> Self:
        """Choose; in the test split the upright bar overlaps the lying one."""
        background = chance.colour(sevenths(6, 7))
        run, colour = chance.colour(sevenths(3, 5)), chance.colour(sevenths(3, 5))
        row, column = lying = chance.integer(0, 256 - _SHORT), chance.integer(0, 256 - _LONG)
        top, bottom, left, right = 0, 256 - _LONG, 0, 256 - _SHORT
        if split == "test":
            top, bottom = max(top, row - _LONG + 1), min(bottom, row + _SHORT - 1)
            left, right = max(left, column - _SHORT + 1), min(right, column + _LONG - 1)
        upright = chance.integer(top, bottom), chance.integer(left, right)
        return cls(np.vstack([background, colour, colour, _RUN * run]), lying, upright)

    def paint(self, canvas: Canvas) -> None:
        """Paint the lying bar, the upright one over it, and mark what both cover."""
        canvas.stamp(*self.lying, _LYING)
        canvas.box(*self.upright, _LONG, _SHORT, 1)
        top, left = map(max, zip(self.lying, self.upright, strict=True))
        bottom = min(self.lying[0] + _SHORT, self.upright[0] + _LONG)
        right = min(self.lying[1] + _LONG, self.upright[1] + _SHORT)
        if top < bottom and left < right:
            canvas.box(top, left, bottom - top, right - left, 2)
