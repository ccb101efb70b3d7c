"""The proximity set: six small squares in a row, evenly spaced or in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Self

from napari_lns.stimuli.good_gestalt._canvas import Canvas
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Drawing, Scene, Split

__all__ = ["Proximity"]

_SQUARE, _GAP, _WIDE_GAP, _MEAN_GAP = 7, 1, 3, 2
_PAIR = 2 * _SQUARE + _GAP
_ROW = 6 * _SQUARE + 5 * _GAP  # all six evenly spaced
_PAIRS = 3 * _PAIR + 2 * _WIDE_GAP  # three pairs at their smallest distances
_BOX_HEIGHT, _BOX_WIDTH = 8, 56
_SPARE = _BOX_WIDTH - _PAIRS
_SPREADS = tuple(  # spare columns to the left of each pair, for every possible distribution
    tuple(bar - pair for pair, bar in enumerate(bars))
    for bars in combinations(range(_SPARE + 3), 3)
)


@dataclass(frozen=True, slots=True)
class Proximity(Scene):
    """Corners and inks of the six squares."""

    title = "Proximity: six squares in a row, or three pairs, by their distances."
    control_text = (
        "all gaps are equal, as wide as the mean gap of three pairs; an even row does not change."
    )
    side = 64
    labels = (0, 1, 2, 3)
    label_names = ("background", "first group", "second group", "third group")

    squares: tuple[tuple[int, int], ...]
    inks: tuple[int, ...]

    @classmethod
    def choose(cls, chance: Chance, split: Split) -> Self:
        """Draw a scene; in the test split, colour and height are independent of the pairs."""
        return cls._choose_coloured(chance) if split == "train" else cls._choose_plain(chance)

    @classmethod
    def _choose_coloured(cls, chance: Chance) -> Self:
        background = chance.colour(sevenths(6, 7))
        top, left = chance.integer(0, 64 - _BOX_HEIGHT), chance.integer(0, 64 - _BOX_WIDTH)
        if chance.happens(0.3):
            colour = chance.colour(sevenths(3, 5))
            row = top + chance.integer(0, _BOX_HEIGHT - _SQUARE)
            column = left + chance.integer(0, _BOX_WIDTH - _ROW)
            return cls((background, colour), *_row(row, column))
        colours = [chance.colour(sevenths(3, 5)) for _ in range(3)]
        rows = [top + chance.integer(0, _BOX_HEIGHT - _SQUARE) for _ in range(3)]
        spread = _SPREADS[chance.integer(0, len(_SPREADS) - 1)]
        return cls((background, *colours), *_pairs(rows, [left + spare for spare in spread]))

    @classmethod
    def _choose_plain(cls, chance: Chance) -> Self:
        background, colour = chance.colour(sevenths(6, 7)), chance.colour(sevenths(3, 5))
        even = chance.happens(0.5)
        row = chance.integer(0, 64 - _SQUARE)
        column = chance.integer(0, 64 - (_ROW if even else _PAIRS))
        if even:
            return cls((background, colour), *_row(row, column))
        return cls((background, colour, colour, colour), *_pairs([row] * 3, [column] * 3))

    def paint(self, canvas: Canvas) -> None:
        """Paint the six squares."""
        for (row, column), ink in zip(self.squares, self.inks, strict=True):
            canvas.box(row, column, _SQUARE, _SQUARE, ink)

    def control(self, chance: Chance) -> Drawing:
        """Space the squares evenly, with the row near its old place."""
        row, column = self.squares[0]
        pitch = _SQUARE + (_MEAN_GAP if max(self.inks) > 1 else _GAP)
        column = min(column, 64 - 5 * pitch - _SQUARE)
        return _EvenRow(self.palette, tuple((row, column + n * pitch) for n in range(6)))


@dataclass(frozen=True, slots=True)
class _EvenRow(Drawing):
    """Corners of the squares of one row."""

    side = 64
    labels = (0, 1)
    label_names = ("background", "squares")

    squares: tuple[tuple[int, int], ...]

    def paint(self, canvas: Canvas) -> None:
        """Paint the squares in one ink."""
        for row, column in self.squares:
            canvas.box(row, column, _SQUARE, _SQUARE, 1)


_Squares = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]


def _row(row: int, column: int) -> _Squares:
    return tuple((row, column + number * (_SQUARE + _GAP)) for number in range(6)), (1,) * 6


def _pairs(rows: list[int], columns: list[int]) -> _Squares:
    """Return three pairs, each shifted right by its column from the closest packing."""
    squares = tuple(
        (row, column + pair * (_PAIR + _WIDE_GAP) + right)
        for pair, (row, column) in enumerate(zip(rows, columns, strict=True))
        for right in (0, _SQUARE + _GAP)
    )
    return squares, (1, 1, 2, 2, 3, 3)
