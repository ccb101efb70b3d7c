"""World of textures: bands with a lightness and a grain of their own, or one texture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.registry import parameters
from napari_lns.stimuli.textures import Grain
from napari_lns.stimuli.worlds._dice import BARELY, FAINT, Dice
from napari_lns.stimuli.worlds._registry import register
from napari_lns.stimuli.worlds._scene import Pose, Scene

__all__ = ["texture_regions"]

_STIMULUS = parameters("texture_regions")
SPREAD: float = _STIMULUS["spread"].default
FREQUENCY: float = _STIMULUS["frequency"].default
CONTRAST = -0.2  # of the stimulus's grain: a black foreground on medium grey
ANGLES = (45, 135)  # of the grains of neighbouring bands
ONE_TEXTURE = 0.45  # share of scenes without a border
OFF_MIDDLE = 0.2  # largest distance of the border from the middle
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """A band's lightness, and the waves of its grain with their contrast and mean direction."""

    lightness: float
    grain: Grain
    contrast: float
    angle: float


class Bands(Scene):
    """One texture, or two that meet at an upright border.

    Parameters
    ----------
    bands
        The left and the right band, or one.
    border
        Position of the border in the figure's frame.
    pose
        Pose of the figure's frame.
    """

    def __init__(self, bands: list[Band], border: float, pose: Pose) -> None:
        names = ["texture 1", "texture 2"] if len(bands) > 1 else ["texture"]
        super().__init__(pose=pose, names=["background", *names])
        self.bands, self.border = bands, border

    def draw(self, image: NDArray[np.float32], labels: NDArray[np.int32]) -> None:
        """Draw the bands into an image (3, side, side) and its labels (side, side)."""
        middles = (np.arange(len(labels)) + 0.5) / len(labels) - 0.5
        right, up = middles - self.pose.x, -middles - self.pose.y
        turn = np.deg2rad(self.pose.rotation)
        along = np.cos(turn) * right + np.sin(turn) * up[:, None]
        is_right = along > self.border * self.pose.zoom
        labels[:] = 1 + is_right if len(self.bands) > 1 else 1
        fields = [self._draw_band(band, right, up) for band in self.bands]
        image[:] = np.clip(np.where(is_right, fields[-1], fields[0]), 0, 1)

    def _draw_band(self, band: Band, right: Numbers, up: Numbers) -> Numbers:
        waves = band.grain.on_grid(right, up, band.angle + self.pose.rotation, self.pose.zoom)
        return band.lightness + band.contrast * waves


@register(difference=[0, 90])
def texture_regions(dice: Dice) -> Scene:
    """Draw two bands of different lightness and grain, or one texture."""
    lightness, contrast = dice.background_lightness(), CONTRAST * dice.uniform(0.6, 1)
    angle, one = dice.choice(ANGLES), dice.happens(ONE_TEXTURE)
    change = dice.uniform(*BARELY) if dice.happens(FAINT) else dice.uniform(BARELY[1], 0.3)
    change *= dice.choice((-1, 1))
    bands = [
        Band(each, Grain(dice.rng, SPREAD, FREQUENCY), contrast, angle + turn)
        for each, turn in zip(
            (lightness - change / 2, lightness + change / 2), (0, 90), strict=True
        )
    ]
    return Bands(bands[:1] if one else bands, dice.uniform(-OFF_MIDDLE, OFF_MIDDLE), dice.pose())
