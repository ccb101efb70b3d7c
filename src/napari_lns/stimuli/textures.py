"""Texture segregation: regions are seen apart by their grain alone."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from napari_lns._parameters import Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field
from napari_lns.stimuli.registry import register

__all__ = ["Grain", "texture_regions"]

WAVES = 48  # plane waves in a texture


@register(group="Similarity", control={"difference": 0})
@on_canvas
def texture_regions(
    canvas: Canvas,
    *,
    regions: Annotated[int, Range(2, 4)] = 2,
    difference: Annotated[float, Range(0, 90, "deg")] = 90.0,
    spread: Annotated[float, Range(0, 45, "deg")] = 10.0,
    frequency: Annotated[float, Range(4, 16, "cycles per size")] = 9.0,
) -> None:
    """Texture regions: bands of one mean brightness are seen apart by the direction of their grain.

    Parameters
    ----------
    regions
        Number of bands that lie side by side.
    difference
        Angle between the grains of neighbouring bands.
    spread
        Standard deviation of the directions within a band.
    frequency
        Mean number of waves across the image's side.

    Notes
    -----
    Physical check: all bands have the same mean, contrast and spatial frequencies.

    Perceptual check: borders are seen at once if the difference is about 20° or more.

    Control: without a difference the image is one texture.

    References
    ----------
    Nothdurft (1985), Sensitivity for structure gradient in texture discrimination tasks. Vision
    Research, 25, 1957-1968.

    Examples
    --------
    >>> len(texture_regions(regions=3, difference=60).label_names)
    4
    """
    grain = Grain(canvas.rng, spread, frequency)
    band = np.floor((canvas.u + 0.5) * regions).clip(0, regions - 1)
    for number in range(regions):
        inside = band == number
        waves = np.zeros(canvas.u.shape)
        waves[inside] = grain(canvas.u[inside], canvas.v[inside], 45 + number * difference)
        canvas.add(0.4 * waves)
        canvas.label(inside, f"texture {number + 1}" if difference else "texture")
        canvas.mark(f"band {number + 1}", inside)


class Grain:
    """Plane waves of similar directions, whose sum has a variance of 1.

    All bands of a stimulus use the same waves, rotated for each band, so that no border remains
    without a difference.

    Parameters
    ----------
    rng
        Source of the waves.
    spread
        Standard deviation of their directions in degrees.
    frequency
        Mean number of waves across the image's side.
    """

    def __init__(self, rng: np.random.Generator, spread: float, frequency: float) -> None:
        self.directions = rng.normal(0, spread, WAVES)
        self.lengths = 2 * np.pi * frequency * rng.uniform(0.75, 1.25, WAVES)
        self.phases = rng.uniform(0, 2 * np.pi, WAVES)

    def __call__(self, u: Field, v: Field, angle: float) -> Field:
        """Return the sum of the waves at coordinates, for a mean direction of `angle` degrees."""
        turns = np.deg2rad(self.directions + angle)
        total: Field = np.zeros(u.shape)
        for turn, length, phase in zip(turns, self.lengths, self.phases, strict=True):
            total += np.cos(length * (u * np.cos(turn) + v * np.sin(turn)) + phase)
        total /= np.sqrt(WAVES / 2)
        return total

    def on_grid(self, right: Field, up: Field, angle: float, zoom: float = 1.0) -> Field:
        """Return the sum of the waves (h, w) on a grid, much faster than `__call__`.

        `right` (w,) and `up` (h,) are the positions of columns and rows.
        """
        turns = np.deg2rad(self.directions + angle)
        numbers = self.lengths / zoom  # of waves; sines of float32 are several times as fast
        across = np.float32(np.outer(right, numbers * np.cos(turns)) + self.phases)
        along = np.float32(np.outer(up, numbers * np.sin(turns)))
        total: Field = np.cos(along) @ np.cos(across).T - np.sin(along) @ np.sin(across).T
        total /= np.sqrt(WAVES / 2)
        return total
