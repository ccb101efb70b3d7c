"""`Dice`: the random choices of one scene, from one generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.worlds._scene import Pose

__all__ = ["ABSENT", "BACKGROUND", "BARELY", "FAINT", "PLACE", "RIVAL", "TURN", "ZOOM", "Dice"]

ABSENT = 0.35  # share of scenes without the object that the stimulus suggests
RIVAL = 0.10  # share of scenes with another cause of the same image elements
FAINT = 0.5  # share of objects that hardly differ from their background
BARELY = (0.01, 0.06)  # difference in lightness of such objects
BACKGROUND = (0.4, 0.6)
PLACE, TURN, ZOOM = 0.045, 5.5, 0.085  # largest changes of a pose, larger than those of jitter

Option = TypeVar("Option")
Numbers = NDArray[np.float64]


class Dice:
    """The random choices of one scene.

    Parameters
    ----------
    rng
        The random generator to draw from.
    growth
        Size of the domain, from 0 for the narrowest to 1 for the whole. Training can begin with
        narrow scenes and let them grow.
    """

    def __init__(self, rng: np.random.Generator, growth: float = 1.0) -> None:
        self.rng = rng
        self.growth = growth

    def grown(self, start: float, end: float) -> float:
        """Return how far what grows from `start` to `end` of the growth has grown, from 0 to 1."""
        return min(1.0, max(0.0, (self.growth - start) / (end - start)))

    def happens(self, share: float) -> bool:
        """Return True with the probability `share`."""
        return bool(self.rng.random() < share)

    def uniform(self, low: float, high: float) -> float:
        """Draw a number between two limits."""
        return low + (high - low) * float(self.rng.random())

    def uniform_array(self, low: float, high: float, *shape: int) -> Numbers:
        """Draw an array of numbers between two limits."""
        return low + (high - low) * self.rng.random(shape)

    def choice(self, options: Sequence[Option]) -> Option:
        """Draw one of the options."""
        return options[int(self.rng.random() * len(options))]

    def background_lightness(self) -> float:
        """Draw the lightness of a background."""
        return self.uniform(*BACKGROUND)

    def any_lightness(self) -> float:
        """Draw a lightness between 0 and 1."""
        return self.uniform(0, 1)

    def strong_lightness(self) -> float:
        """Draw a lightness of high contrast, more often dark than light."""
        return self.uniform(0, 0.3) if self.happens(0.7) else self.uniform(0.7, 1)

    def dark_lightness(self) -> float:
        """Draw the dark lightness of dots and lines."""
        return self.uniform(0, 0.35)

    def similar_lightness(self, lightness: float) -> float:
        """Draw a lightness that hardly differs from another."""
        return float(np.clip(lightness + self.choice((-1, 1)) * self.uniform(*BARELY), 0, 1))

    def similar_or_any_lightness(self, lightness: float) -> float:
        """Draw a lightness similar to another in half of the cases, else any lightness."""
        return self.similar_lightness(lightness) if self.happens(FAINT) else self.any_lightness()

    def dark_lightnesses(self, common: float, count: int) -> Numbers:
        """Draw dark lightnesses for several objects, in some scenes similar to a common one."""
        if self.happens(0.4):
            return np.clip(common + self.uniform_array(-0.1, 0.1, count), 0, 0.38)
        return self.uniform_array(0, 0.38, count)

    def pose(self, place: float = PLACE, turn: float = TURN, zoom: float = ZOOM) -> Pose:
        """Draw the pose of a figure."""
        x, y, rotation, scale = self.rng.uniform(-1, 1, 4).tolist()
        return Pose(place * x, place * y, turn * rotation, 1 + zoom * scale)
