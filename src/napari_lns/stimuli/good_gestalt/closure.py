"""Closure: an outlined square, its inside coloured or not, its rim whole or broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from napari_lns.stimuli.good_gestalt._canvas import Canvas
from napari_lns.stimuli.good_gestalt._chance import Chance, sevenths
from napari_lns.stimuli.good_gestalt._scene import Parts, Scene, Split, scaled

__all__ = ["Closure"]

_SQUARE, _RIM, _PATCHES = 40, 2, 20
_OUTLINE = (0.4, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Closure(Scene):
    """Where the square's corner lies, and the patches (row, column, side) that break its rim."""

    title = "Closure: a square that nothing but its outline tells of."
    side = 64
    labels = (0, 1, 1)
    label_names = ("background", "square")
    parts: ClassVar[Parts] = {"rim": (1,), "inside": (2,)}

    square: tuple[int, int]
    patches: tuple[tuple[int, int, int], ...]

    @classmethod
    def chosen(cls, chance: Chance, split: Split) -> Self:
        """Choose; in the test split the inside has the background's colour."""
        corner = chance.place(0, 64 - _SQUARE)
        if split == "train":
            background, inside = chance.colour(sevenths(0, 4)), chance.colour(sevenths(3, 7))
            return cls((background, scaled(inside, _OUTLINE), inside), corner, ())
        inside = chance.colour(sevenths(3, 4))
        count = _PATCHES if chance.happens(0.5) else 0
        sides = [chance.integer(5, 10) for _ in range(count)]
        patches = tuple((*chance.place(0, 63 - side), side) for side in sides)
        return cls((inside, scaled(inside, _OUTLINE), inside), corner, patches)

    def paint(self, canvas: Canvas) -> None:
        """Paint the rim and the inside."""
        row, column = self.square
        canvas.box(row, column, _SQUARE, _SQUARE, 1)
        inside = _SQUARE - 2 * _RIM
        canvas.box(row + _RIM, column + _RIM, inside, inside, 2)

    def disturb(self, canvas: Canvas) -> None:
        """Paint the patches; a broken outline is then seen at every second pixel, repeated."""
        if not self.patches:
            return
        for row, column, side in self.patches:
            canvas.box(row, column, side, side, 0)
        canvas.inks = canvas.inks[::2, ::2].repeat(2, 0).repeat(2, 1)
