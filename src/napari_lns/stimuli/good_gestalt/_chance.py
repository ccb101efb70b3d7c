"""`Chance`: the random choices of one image, determined by set, split, seed and index.

It uses only `Random.random` and seeding with a string, whose results Python guarantees across
versions.
"""

from __future__ import annotations

from random import Random

__all__ = ["Chance", "Colour", "Levels", "sevenths"]

Colour = tuple[float, float, float]
Levels = tuple[int, int]
"""The lowest and the highest value of a channel, from 0 to 255."""


def sevenths(low: int, high: int) -> Levels:
    """Return the levels within [low / 7, high / 7].

    Examples
    --------
    >>> sevenths(5, 7)
    (183, 255)
    """
    return -(-255 * low // 7), 255 * high // 7


class Chance:
    """A source of random choices that depend only on its key.

    Examples
    --------
    >>> Chance("dice", 7).integer(1, 6) == Chance("dice", 7).integer(1, 6)
    True
    """

    __slots__ = ("_random",)

    def __init__(self, *key: str | int) -> None:
        self._random = Random("/".join(map(str, key))).random

    def integer(self, low: int, high: int) -> int:
        """Draw an integer from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def happens(self, share: float) -> bool:
        """Return True with the probability `share`."""
        return self._random() < share

    def place(self, low: int, high: int) -> tuple[int, int]:
        """Draw a row and a column, both from `low` to `high`."""
        return self.integer(low, high), self.integer(low, high)

    def colour(self, levels: Levels) -> Colour:
        """Draw a colour, each channel independently within the levels."""
        low, high = levels
        red, green, blue = (self.integer(low, high) / 255 for _ in range(3))
        return red, green, blue
