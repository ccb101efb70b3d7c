"""`Level`: how well an image fits a network, as a word and a colour used everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

__all__ = ["Level", "percent", "read_level", "worst_level"]


class Level(StrEnum):
    """How far the segments of an image can be trusted; the value is the displayed word.

    Examples
    --------
    >>> Level("doubtful").colour
    '#e69f00'
    """

    FITS = "fits"
    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    OUT = "out of distribution"

    @property
    def colour(self) -> str:
        """Colour of the level, from a palette that colour-blind readers can distinguish."""
        return _COLOURS[self]


_COLOURS = {
    Level.FITS: "#009e73",
    Level.UNKNOWN: "#999999",
    Level.DOUBTFUL: "#e69f00",
    Level.OUT: "#d55e00",
}


def read_level(record: Mapping[str, Any]) -> Level | None:
    """Return the level in a segmentation's record; None if the method has none.

    Examples
    --------
    >>> read_level({"fit": {"level": "fits", "sentence": "…"}}), read_level({})
    (<Level.FITS: 'fits'>, None)
    """
    fit = record.get("fit")
    return None if fit is None else Level(fit["level"])


def worst_level(levels: Iterable[Level | None]) -> Level | None:
    """Return the worst of several levels; None if there is none.

    Examples
    --------
    >>> worst_level([Level.FITS, None, Level.DOUBTFUL])
    <Level.DOUBTFUL: 'doubtful'>
    """
    order = list(Level)
    return max((each for each in levels if each is not None), key=order.index, default=None)


def percent(share: float) -> str:
    """Format a share as a percentage with two significant digits.

    Examples
    --------
    >>> percent(0.0234), percent(0.5), percent(12.3)
    ('2.3 %', '50 %', '1200 %')
    """
    value = float(f"{100 * share:.2g}")
    return f"{value:g} %" if value < 1e4 else f"{value:.0f} %"
