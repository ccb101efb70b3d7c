"""The random choices of one image, fixed for ever by (set, split, seed, index).

Only `Random.random` is used, and seeding with a string: the two things whose results Python
promises to keep from version to version.
"""

from __future__ import annotations

from random import Random

__all__ = ["Chance", "Colour", "Levels", "sevenths"]

Colour = tuple[float, float, float]
Levels = tuple[int, int]
"""The lowest and the highest value of a channel, out of 255."""


def sevenths(low: int, high: int) -> Levels:
    """Return the levels within [low / 7, high / 7].

    Examples
    --------
    >>> sevenths(5, 7)
    (183, 255)
    """
    return -(-255 * low // 7), 255 * high // 7


class Chance:
    """A source of choices that depends on nothing but its key.

    Examples
    --------
    >>> Chance("dice", 7).integer(1, 6) == Chance("dice", 7).integer(1, 6)
    True
    """

    __slots__ = ("_random",)

    def __init__(self, *key: str | int) -> None:
        self._random = Random("/".join(map(str, key))).random

    def integer(self, low: int, high: int) -> int:
        """Choose a whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def happens(self, share: float) -> bool:
        """Say yes with the probability `share`."""
        return self._random() < share

    def place(self, low: int, high: int) -> tuple[int, int]:
        """Choose a row and a column, both from `low` to `high`."""
        return self.integer(low, high), self.integer(low, high)

    def colour(self, levels: Levels) -> Colour:
        """Choose each channel on its own within the levels."""
        low, high = levels
        red, green, blue = (self.integer(low, high) / 255 for _ in range(3))
        return red, green, blue
