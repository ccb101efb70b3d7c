"""Continuity: a ring, or six arcs of it among arcs that belong to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Self

import numpy as np
from PIL import Image, ImageDraw

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Parts, Scene, Split

__all__ = ["Continuity"]

_RING, _WIDTH, _ARC = 160, 10, 30


@dataclass(frozen=True, slots=True)
class Continuity(Scene):
    """Where the ring's box lies, and the distractors (row, column, start angle, ink)."""

    title = "Continuity: a ring that six arcs among others belong to."
    labels = (0, 1, 1)
    label_names = ("background", "ring")
    parts: ClassVar[Parts] = {"gaps": (1,), "arcs": (2,)}

    ring: tuple[int, int]
    whole: bool
    distractors: tuple[tuple[int, int, int, int], ...]

    @classmethod
    def chosen(cls, chance: Chance, split: Split) -> Self:
        """Choose; in the test split the ring has gaps, and distractors lie about."""
        background, ring = chance.colour(sevenths(6, 7)), chance.colour(sevenths(0, 5))
        corner = chance.place(0, 256 - _RING)
        if split == "train":
            return cls((background, background, ring), corner, True, ())
        colours = (chance.colour(sevenths(0, 7)), chance.colour(sevenths(0, 7)))
        distractors = tuple(
            (*chance.place(-_RING, 256), chance.integer(0, 360), chance.integer(3, 4))
            for _ in range(chance.integer(5, 19))
        )
        return cls((background, background, ring, *colours), corner, False, distractors)

    def paint(self, canvas: Canvas) -> None:
        """Paint the ring, its gaps in the ink that has the background's colour."""
        canvas.stamp(*self.ring, _ring(self.whole))

    def disturb(self, canvas: Canvas) -> None:
        """Paint the distractors."""
        for row, column, start, ink in self.distractors:
            down, right, arc = _distractor(start, ink)
            canvas.stamp(row + down, column + right, arc)


@cache
def _ring(whole: bool) -> Inks:
    image = Image.new("L", (_RING, _RING))
    _draw_arc(image, 0, 360, 2 if whole else 1)
    for start in () if whole else range(0, 360, 60):
        _draw_arc(image, start, start + _ARC, 2)
    return np.asarray(image)


@cache  # 361 angles in two inks, about 1 kB each
def _distractor(start: int, ink: int) -> tuple[int, int, Inks]:
    image = Image.new("L", (_RING, _RING))
    _draw_arc(image, start, start + _ARC, ink)
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    return top, left, np.asarray(image.crop((left, top, right, bottom)))


def _draw_arc(image: Image.Image, start: int, end: int, ink: int) -> None:
    box = (0, 0, _RING - 1, _RING - 1)
    ImageDraw.Draw(image).arc(box, start, end, fill=ink, width=_WIDTH)
