"""`Scene`: the content of one image of a set, chosen before it is painted, and its control."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.good_gestalt._canvas import Canvas
from napari_lns.stimuli.good_gestalt._chance import Chance, Colour

__all__ = ["Drawing", "Palette", "Parts", "Scene", "Split", "scale_colour"]

Split = Literal["train", "test"]
Parts = Mapping[str, tuple[int, ...]]
Palette = Sequence[Colour] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawing(ABC):
    """The geometry and the colours of one image.

    Parameters
    ----------
    palette
        The colour of every ink.
    """

    side: ClassVar[int] = 256
    """Number of rows and columns of the canvas."""
    labels: ClassVar[tuple[int, ...]]
    """The label of every ink of the figure."""
    label_names: ClassVar[tuple[str, ...]]
    parts: ClassVar[Parts] = MappingProxyType({})
    """The inks of every part, in the order of the values 1, 2, … of the paper's detailed masks."""

    palette: Palette

    @abstractmethod
    def paint(self, canvas: Canvas) -> None:
        """Paint the figure, whose inks define the labels."""

    def disturb(self, canvas: Canvas) -> None:  # noqa: B027  # most sets have no disturbance
        """Paint what the image shows and the labels ignore."""


@dataclass(frozen=True, slots=True)
class Scene(Drawing):
    """An image of a set."""

    title: ClassVar[str]
    """Title of the set and one sentence on what people see in it."""
    control_text: ClassVar[str]
    """Description of the control."""

    @classmethod
    @abstractmethod
    def choose(cls, chance: Chance, split: Split) -> Self:
        """Draw a scene from the distribution of a split."""

    @abstractmethod
    def control(self, chance: Chance) -> Drawing:
        """Return the control of a test scene: the same elements and colours without the cue.

        `chance` makes the additional random choices.
        """


def scale_colour(colour: Colour, ratios: Colour) -> Colour:
    """Return a colour multiplied by a ratio per channel."""
    return colour[0] * ratios[0], colour[1] * ratios[1], colour[2] * ratios[2]
