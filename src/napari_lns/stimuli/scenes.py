"""Scenes with the statistics of photographs and known ground truth."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Range
from napari_lns.stimuli._shapes import Field
from napari_lns.stimuli.registry import register
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["BRIGHTNESS", "OPPONENT", "dead_leaves", "draw_radii", "draw_texture"]

BRIGHTNESS = 0.22  # standard deviation over leaves
OPPONENT = np.array([[0.5, 0.3, -0.8], [0.3, -0.3, 0]])  # orange-blue, red-green
BLOCK = 64  # leaves that are drawn at once
UNSEEN = 1e-3  # share of a pixel


@register(group="Scenes")
def dead_leaves(
    *,
    size: Annotated[int, Range(16, 1024, "px")] = 64,
    smallest: Annotated[float, Range(0.05, 0.3, "of size")] = 0.25,
    largest: Annotated[float, Range(0.3, 1, "of size")] = 0.5,
    shading: Annotated[float, Range(0, 0.5)] = 0.2,
    grain: Annotated[float, Range(0, 0.1)] = 0.03,
    chroma: Annotated[float, Range(0, 0.3)] = 0.1,
    seed: int = 0,
) -> Stimulus:
    """Dead leaves: discs of all sizes occlude each other, like objects in photographs.

    Parameters
    ----------
    size
        Side of the image.
    smallest, largest
        Smallest and largest radius of a leaf. Leaves of each octave of sizes cover the same area.
    shading
        Largest difference in brightness between a leaf's rim and its middle.
    grain
        Standard deviation of a leaf's texture, whose amplitude falls with its frequency.
    chroma
        Standard deviation of the leaves' colours around grey.
    seed
        Random seed.

    Notes
    -----
    Physical check: leaves cover the whole image. The density of radii r is proportional to r⁻³, so
    that the statistics do not change with scale.

    No control: each leaf has its own colour and shading, so that every object is physically
    present.

    References
    ----------
    Lee, Mumford & Huang (2001), Occlusion models for natural images. International Journal of
    Computer Vision, 41, 35-59.

    Ruderman, Cronin & Chiao (1998), Statistics of cone responses to natural images. Journal of the
    Optical Society of America A, 15, 2036-2045.

    Examples
    --------
    >>> int(dead_leaves(smallest=0.3).labels.min())
    1
    """
    leaf_rng, texture_rng = np.random.default_rng(seed).spawn(2)
    texture = draw_texture(size, texture_rng)
    middle = (np.arange(size) + 0.5) / size - 0.5
    right, up = (each.ravel() for each in np.meshgrid(middle, -middle))
    image, labels = np.zeros((size**2, 3)), np.zeros(size**2, np.int32)
    uncovered = np.ones(size**2)  # share of each pixel that no leaf covers yet
    pixels = np.arange(size**2)
    number = 0
    for leaf in _draw_leaves(leaf_rng, smallest, largest):  # from the front to the back
        u, v = right[pixels] - leaf.u, up[pixels] - leaf.v
        distance = np.sqrt(u**2 + v**2) - leaf.radius
        share = uncovered[pixels] * np.clip(0.5 - distance * size, 0, 1)
        (near,) = share.nonzero()
        if not near.size:
            continue
        covered, share = pixels[near], share[near]
        place = (covered + int(leaf.shift * size**2)) % size**2
        brightness = shading * leaf.shade(u[near], v[near]) + grain * leaf.grain * texture[place]
        colours = leaf.brightness + chroma * leaf.chroma @ OPPONENT + brightness[:, None]
        image[covered] += share[:, None] * np.clip(colours, 0, 1)
        uncovered[covered] -= share
        new = covered[(distance[near] < 0) & (labels[covered] == 0)]
        if new.size:
            number += 1
            labels[new] = number
        pixels = pixels[(uncovered[pixels] > UNSEEN) | (labels[pixels] == 0)]
        if not pixels.size:
            break
    names = {0: "background", **{each: f"leaf {each}" for each in range(1, number + 1)}}
    rgb = np.clip(image, 0, 1).reshape(size, size, 3).astype(np.float32)
    return Stimulus(rgb, labels.reshape(size, size), names, seed=seed)


@dataclass(frozen=True)
class _Leaf:
    """Place and appearance of a leaf."""

    radius: float
    u: float
    v: float
    brightness: float
    chroma: Field
    angle: float
    slope: float
    grain: float
    shift: float

    def shade(self, u: Field, v: Field) -> Field:
        """Return the shading, from -1 to 1, at positions relative to the leaf's centre."""
        towards: Field = np.cos(self.angle) * u + np.sin(self.angle) * v
        return self.slope / self.radius * towards


def _draw_leaves(rng: np.random.Generator, smallest: float, largest: float) -> Iterator[_Leaf]:
    """Draw leaves from front to back, with radii of density r⁻³; skip leaves outside the image."""
    while True:
        radius = draw_radii(rng, smallest, largest, BLOCK)
        places = rng.uniform(-0.5 - largest, 0.5 + largest, (2, BLOCK))
        brightness = rng.normal(0.5, BRIGHTNESS, BLOCK)
        chroma = rng.normal(size=(BLOCK, 2))
        angle = rng.uniform(0, 2 * np.pi, BLOCK)
        slope, grain, shift = rng.uniform(0, [[1], [2], [1]], (3, BLOCK))
        outside = np.hypot(*np.maximum(np.abs(places) - 0.5, 0))
        for each in np.flatnonzero(outside < radius + 1 / 16):  # a pixel of the smallest image
            u, v = places[:, each]
            appearance = (brightness[each], chroma[each], angle[each], slope[each], grain[each])
            yield _Leaf(radius[each], u, v, *appearance, shift[each])


def draw_radii(
    rng: np.random.Generator, smallest: float, largest: float, count: int
) -> NDArray[np.float64]:
    """Draw radii of density r⁻³, so that leaves of each octave of sizes cover the same area."""
    radii: NDArray[np.float64] = rng.uniform(largest**-2, smallest**-2, count) ** -0.5
    return radii


def draw_texture(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a texture (size²,) of mean 0 and variance 1 whose amplitude falls with frequency."""
    waves = np.fft.rfft2(rng.normal(size=(size, size))) / _frequencies(size)
    texture: NDArray[np.float64] = np.fft.irfft2(waves, (size, size)).ravel()
    texture /= texture.std()
    return texture


@functools.lru_cache(maxsize=4)
def _frequencies(size: int) -> NDArray[np.float64]:
    """Return the frequency of each term of a two-dimensional Fourier transform."""
    frequency: NDArray[np.float64] = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size))
    frequency[0, 0] = np.inf  # no mean
    return frequency
