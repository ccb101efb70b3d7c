"""The closure set: an outlined square with a coloured or plain inside and a whole or broken rim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from napari_lns.stimuli.good_gestalt._canvas import Canvas
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Drawing, Parts, Scene, Split, scale_colour

__all__ = ["Closure"]

_SQUARE, _RIM, _PATCHES = 40, 2, 20
_LENGTHS = 3, 5  # lengths of a control's fragments, in widths of the rim
_OUTLINE = (0.4, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Closure(Scene):
    """Corner of the square, and the patches (row, column, side) that interrupt its rim."""

    title = "Closure: a square defined by its outline alone."
    control_text = (
        "the outline is cut into fragments that lie at random and do not touch each other."
    )
    side = 64
    labels = (0, 1, 1)
    label_names = ("background", "square")
    parts: ClassVar[Parts] = {"rim": (1,), "inside": (2,)}

    square: tuple[int, int]
    patches: tuple[tuple[int, int, int], ...]

    @classmethod
    def choose(cls, chance: Chance, split: Split) -> Self:
        """Draw a scene; in the test split, the inside has the background's colour."""
        corner = chance.place(0, 64 - _SQUARE)
        if split == "train":
            background, inside = chance.colour(sevenths(0, 4)), chance.colour(sevenths(3, 7))
            return cls((background, scale_colour(inside, _OUTLINE), inside), corner, ())
        inside = chance.colour(sevenths(3, 4))
        count = _PATCHES if chance.happens(0.5) else 0
        sides = [chance.integer(5, 10) for _ in range(count)]
        patches = tuple((*chance.place(0, 63 - side), side) for side in sides)
        return cls((inside, scale_colour(inside, _OUTLINE), inside), corner, patches)

    def paint(self, canvas: Canvas) -> None:
        """Paint the rim and the inside."""
        row, column = self.square
        canvas.box(row, column, _SQUARE, _SQUARE, 1)
        inside = _SQUARE - 2 * _RIM
        canvas.box(row + _RIM, column + _RIM, inside, inside, 2)

    def disturb(self, canvas: Canvas) -> None:
        """Paint the patches, then halve the resolution by repeating every second pixel."""
        if not self.patches:
            return
        for row, column, width in self.patches:
            canvas.box(row, column, width, width, 0)
        canvas.inks = canvas.inks[::2, ::2].repeat(2, 0).repeat(2, 1)

    def control(self, chance: Chance) -> Drawing:
        """Cut the visible rim into fragments, and scatter them over the canvas."""
        canvas = Canvas(64, 1)
        self.paint(canvas)
        self.disturb(canvas)
        row, column = (place + place % 2 if self.patches else place for place in self.square)
        rim = canvas.inks[row::_RIM, column::_RIM][: _SQUARE // _RIM, : _SQUARE // _RIM] == 1
        shapes = [(1, length) for side in (0, -1) for length in _cut_into_pieces(rim[side], chance)]
        shapes += [
            (length, 1) for side in (0, -1) for length in _cut_into_pieces(rim[1:-1, side], chance)
        ]
        down, right = row % _RIM, column % _RIM
        free = np.ones(((64 - down) // _RIM, (64 - right) // _RIM), bool)
        boxes = tuple(
            (down + _RIM * place[0], right + _RIM * place[1], _RIM * shape[0], _RIM * shape[1])
            for shape, place in _scatter(shapes, free, chance)
        )
        return _Fragments(self.palette, boxes)


@dataclass(frozen=True, slots=True)
class _Fragments(Drawing):
    """Boxes (row, column, height, width) in the colour of the rim."""

    side = 64
    labels = (0, 1)
    label_names = ("background", "fragments")
    parts: ClassVar[Parts] = {"rim": (1,)}

    boxes: tuple[tuple[int, int, int, int], ...]

    def paint(self, canvas: Canvas) -> None:
        """Paint the fragments."""
        for box in self.boxes:
            canvas.box(*box, 1)


def _cut_into_pieces(line: NDArray[np.bool_], chance: Chance) -> Iterator[int]:
    """Cut each visible run of a side into short lengths."""
    for is_visible, pixels in groupby(line.tolist()):
        rest = len([*pixels]) if is_visible else 0
        while rest:
            length = min(rest, chance.integer(*_LENGTHS))
            yield length
            rest -= length


def _scatter(
    shapes: Sequence[tuple[int, int]], free: NDArray[np.bool_], chance: Chance
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Place shapes (height, width) at random on a grid, with no two adjacent."""
    free = np.pad(free, 1, constant_values=True)  # margin around every shape
    for height, width in sorted(shapes, reverse=True, key=max):
        room = sliding_window_view(free, (height + 2, width + 2)).all(axis=(2, 3))
        places = np.argwhere(room)
        row, column = places[chance.integer(0, len(places) - 1)].tolist()
        free[row + 1 : row + 1 + height, column + 1 : column + 1 + width] = False
        yield (height, width), (row, column)
