"""The gradient occlusion set: a horizontal bar with a gradient behind a vertical bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Drawing, Parts, Scene, Split

__all__ = ["GradientOcclusion"]

_LONG, _SHORT = 120, 60
_BACK, _STEP = 16, 4  # gap, and its unit: the distance between stored pixels
_RUN = np.linspace(0.4, 1.0, _LONG)[:, None]
_FIRST = 3  # inks: 0 background, 1 upright bar, 2 overlap, then one for each column of the run
_LYING: Inks = np.broadcast_to(np.arange(_FIRST, _FIRST + _LONG, dtype=np.uint8), (_SHORT, _LONG))


@dataclass(frozen=True, slots=True)
class GradientOcclusion(Scene):
    """Corners of the horizontal ("lying") and of the vertical ("upright") bar."""

    title = "Gradient occlusion: a shaded bar behind a plain one."
    control_text = (
        "the visible pieces of the lying bar are separated from the upright bar by a gap."
    )
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
    def choose(cls, chance: Chance, split: Split) -> Self:
        """Draw a scene; in the test split, the upright bar overlaps the lying one."""
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
        """Paint the lying bar and the upright one over it, and mark their overlap."""
        canvas.stamp(*self.lying, _LYING)
        canvas.box(*self.upright, _LONG, _SHORT, 1)
        top, left = map(max, zip(self.lying, self.upright, strict=True))
        bottom = min(self.lying[0] + _SHORT, self.upright[0] + _LONG)
        right = min(self.lying[1] + _LONG, self.upright[1] + _SHORT)
        if top < bottom and left < right:
            canvas.box(top, left, bottom - top, right - left, 2)

    def control(self, chance: Chance) -> Drawing:
        """Separate the visible pieces from the upright bar, and shift the whole into the canvas."""
        pieces = self._pull_apart()
        corners = [self.upright, *(corner for corner, _ in pieces)]
        ends = [(_LONG, _SHORT), *(piece.shape for _, piece in pieces)]
        down, right = (
            _shift_into_canvas(
                min(corner[axis] for corner in corners),
                max(corner[axis] + end[axis] for corner, end in zip(corners, ends, strict=True)),
            )
            for axis in (0, 1)
        )
        shifted = tuple(((row + down, column + right), piece) for (row, column), piece in pieces)
        run = np.asarray(self.palette)
        palette = np.vstack([run, run[_FIRST:]])  # the run again, for the second piece
        return _SeparatePieces(palette, (self.upright[0] + down, self.upright[1] + right), shifted)

    def _pull_apart(self) -> list[tuple[tuple[int, int], Inks]]:
        """Return the corner and inks of each visible piece, separated from the upright bar.

        Two pieces move to the two sides of the upright bar. A single piece moves away from its
        hidden part: along both axes if a corner was hidden, and by the whole depth of the overlap
        if the upright bar ended in its middle.
        """
        row, column = self.lying
        first, last = self.upright[0] - row, self.upright[0] - row + _LONG
        left, right = self.upright[1] - column, self.upright[1] - column + _SHORT
        visible = _LYING.copy()
        visible[max(first, 0) : max(last, 0), max(left, 0) : max(right, 0)] = 0
        crosses, inner = first <= 0 and last >= _SHORT, left > 0 and right < _LONG
        if crosses and inner:
            second = visible[:, right:] + np.uint8(_LONG)
            return [
                ((row, column - _BACK), visible[:, :left]),
                ((row, column + right + _BACK), second),
            ]
        down, across = (1 if first <= 0 else -1), (1 if left <= 0 else -1)
        if inner:
            depth = last if first <= 0 else _SHORT - first
            return [((row + down * _round_up(depth + _BACK), column), visible)]
        return [((row + (0 if crosses else down * _BACK), column + across * _BACK), visible)]


@dataclass(frozen=True, slots=True)
class _SeparatePieces(Drawing):
    """Corner of the upright bar, and corner and inks of each piece of the lying bar."""

    labels = (0, 1, 1, *(2,) * _LONG, *(3,) * _LONG)
    label_names = ("background", "upright bar", "first piece", "second piece")
    parts: ClassVar[Parts] = {
        "upright bar alone": (1,),
        "lying bar alone": tuple(range(_FIRST, _FIRST + 2 * _LONG)),
    }

    upright: tuple[int, int]
    pieces: tuple[tuple[tuple[int, int], Inks], ...]

    def paint(self, canvas: Canvas) -> None:
        """Paint the pieces and the upright bar."""
        for corner, piece in self.pieces:
            canvas.stamp(*corner, piece)
        canvas.box(*self.upright, _LONG, _SHORT, 1)


def _round_up(length: int) -> int:
    """Round a length up to a whole number of steps."""
    return -(-length // _STEP) * _STEP


def _shift_into_canvas(low: int, high: int) -> int:
    """Return the shift that brings an interval from `low` to `high` into the canvas."""
    return _round_up(-low) if low < 0 else -_round_up(max(0, high - 256))
