"""The continuity set: a ring, or six of its arcs among distractor arcs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Self

import numpy as np
from PIL import Image, ImageDraw

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Drawing, Parts, Scene, Split

__all__ = ["Continuity"]

_RING, _WIDTH, _ARC = 160, 10, 30
_STARTS = range(0, 360, 2 * _ARC)

_Arcs = tuple[tuple[int, int, int, int], ...]  # row and column of its ring, start angle, ink


@dataclass(frozen=True, slots=True)
class Continuity(Scene):
    """Corner of the ring's box, and the distractors (row, column, start angle, ink)."""

    title = "Continuity: a ring that six arcs among others belong to."
    control_text = "each of the six arcs is rotated about its own centre by a random 40° to 90°."
    labels = (0, 1, 1)
    label_names = ("background", "ring")
    parts: ClassVar[Parts] = {"gaps": (1,), "arcs": (2,)}

    ring: tuple[int, int]
    whole: bool
    distractors: _Arcs

    @classmethod
    def choose(cls, chance: Chance, split: Split) -> Self:
        """Draw a scene; in the test split, the ring has gaps and there are distractors."""
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
        """Paint the ring, with its gaps in an ink of the background's colour."""
        canvas.stamp(*self.ring, _ring(self.whole))

    def disturb(self, canvas: Canvas) -> None:
        """Paint the distractors."""
        _stamp(canvas, self.distractors)

    def control(self, chance: Chance) -> Drawing:
        """Rotate each arc about its centre, and move arcs that leave the canvas to its edge."""
        arcs = []
        for start in _STARTS:
            turn = chance.integer(40, 90)
            new_start = (start + (turn if chance.happens(0.5) else -turn)) % 360
            arcs.append((*_turn_about_middle(self.ring, start, new_start), new_start, 2))
        return _RotatedArcs(self.palette, tuple(arcs), self.distractors)


@dataclass(frozen=True, slots=True)
class _RotatedArcs(Drawing):
    """Arcs of the ring's colour, and the distractors."""

    labels = (0, 0, 1)
    label_names = ("background", "arcs")
    parts: ClassVar[Parts] = {"arcs": (2,)}

    arcs: _Arcs
    distractors: _Arcs

    def paint(self, canvas: Canvas) -> None:
        """Paint the arcs."""
        _stamp(canvas, self.arcs)

    def disturb(self, canvas: Canvas) -> None:
        """Paint the distractors."""
        _stamp(canvas, self.distractors)


def _stamp(canvas: Canvas, arcs: _Arcs) -> None:
    for row, column, start, ink in arcs:
        down, right, arc = _arc(start, ink)
        canvas.stamp(row + down, column + right, arc)


def _turn_about_middle(ring: tuple[int, int], start: int, new_start: int) -> tuple[int, int]:
    """Return the corner of a rotated arc's ring such that the arc's centre does not move."""
    before, after = np.deg2rad((start + _ARC / 2, new_start + _ARC / 2))
    radius = (_RING - _WIDTH) / 2
    down, right, arc = _arc(new_start, 2)
    row = ring[0] + round(radius * float(np.sin(before) - np.sin(after)))
    column = ring[1] + round(radius * float(np.cos(before) - np.cos(after)))
    height, width = arc.shape
    inside = np.clip((row + down, column + right), 0, (256 - height, 256 - width))
    row, column = (inside - (down, right)).tolist()
    return row, column


@cache
def _ring(whole: bool) -> Inks:
    image = Image.new("L", (_RING, _RING))
    _draw_arc(image, 0, 360, 2 if whole else 1)
    for start in () if whole else _STARTS:
        _draw_arc(image, start, start + _ARC, 2)
    return np.asarray(image)


@cache  # 361 angles in two inks, about 1 kB each
def _arc(start: int, ink: int) -> tuple[int, int, Inks]:
    image = Image.new("L", (_RING, _RING))
    _draw_arc(image, start, start + _ARC, ink)
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    return top, left, np.asarray(image.crop((left, top, right, bottom)))


def _draw_arc(image: Image.Image, start: int, end: int, ink: int) -> None:
    box = (0, 0, _RING - 1, _RING - 1)
    ImageDraw.Draw(image).arc(box, start, end, fill=ink, width=_WIDTH)
