"""Read the scene of a given Good Gestalt image back out of its pixels and masks.

What 64² pixels cannot tell apart is tried out: a scene is recovered if repainting it gives the
very pixels, masks and detailed masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.good_gestalt._scene import Scene
from napari_lns.stimuli.good_gestalt.closure import Closure
from napari_lns.stimuli.good_gestalt.continuity import Continuity
from napari_lns.stimuli.good_gestalt.gradient_occlusion import GradientOcclusion
from napari_lns.stimuli.good_gestalt.illusory_occlusion import IllusoryOcclusion
from napari_lns.stimuli.good_gestalt.kanizsa import Kanizsa
from napari_lns.stimuli.good_gestalt.proximity import Proximity

Array = NDArray[Any]


def candidates(name: str, image: Array, detail: Array) -> Iterator[Scene]:
    """Give every scene that the image (3, 64, 64) could show, by its detailed mask."""
    return _CANDIDATES[name](image.astype(np.float64), detail)


def _kanizsa(image: Array, detail: Array) -> Iterator[Scene]:
    background, disc, square = (_colour(image, detail == value) for value in range(3))
    for row, column in _corners(detail == 2):
        discs = ((row + y - 24, column + x - 24) for y in (0, 100) for x in (0, 100))
        yield Kanizsa((background, disc, square), (row, column), tuple(discs))


def _closure(image: Array, detail: Array) -> Iterator[Scene]:
    inside = _colour(image, detail == 2)
    rim = tuple(np.multiply(inside, (0.4, 0.5, 0.7)).tolist())
    palette, corner = (_colour(image, detail == 0), rim, inside), _first(detail > 0)
    yield Closure(palette, corner, ())
    dark = np.abs(image - np.float32(rim)[:, None, None]).max(0) < 1e-4
    unseen = (detail == 1) & ~dark
    unseen[1::2], unseen[:, 1::2] = False, False  # a broken image shows every second pixel
    yield Closure(palette, corner, tuple((y, x, 1) for y, x in np.argwhere(unseen).tolist()))


def _continuity(image: Array, detail: Array) -> Iterator[Scene]:
    background, ring = _colour(image, detail == 0), _colour(image, detail == 2)
    for corner in _corners(detail > 0, reach=7):
        yield Continuity((background, background, ring), corner, False, ())


def _proximity(image: Array, detail: Array) -> Iterator[Scene]:
    row, column = _first(detail > 0)
    gap = 3 if detail.max() > 1 else 1
    columns = [column + pair * (15 + gap) + right for pair in range(3) for right in (0, 8)]
    palette = tuple(_colour(image, detail == value) for value in range(detail.max() + 1))
    inks = tuple(int(detail[row, x]) for x in columns)
    yield Proximity(palette, tuple((row, x) for x in columns), inks)


def _gradient_occlusion(image: Array, detail: Array) -> Iterator[Scene]:
    background, upright = _colour(image, detail == 0), _colour(image, detail % 2 == 1)
    rows, columns = np.nonzero(detail == 2)
    for row, column in _corners(detail >= 2):
        ratios = np.linspace(0.4, 1, 120)[4 * columns - column]
        run = np.median(image[:, rows, columns] / ratios, axis=1)
        shades = np.linspace(0.4, 1, 120)[:, None] * np.round(255 * run) / 255
        corner = tuple(4 * first for first in _first(detail % 2 == 1))
        yield GradientOcclusion(
            np.vstack([background, upright, upright, shades]), (row, column), corner
        )


def _illusory_occlusion(image: Array, detail: Array) -> Iterator[Scene]:
    background, square = _colour(image, detail == 0), _colour(image, detail == 2)
    ratios = (0.8, 0.7, 0.3)
    if _colour(image, detail == 3) == background:  # then it is the square that is not rounded
        square = tuple(np.divide(background, ratios).tolist())
    stripe, cross = np.multiply(background, (0.2, 0.6, 0.3)), np.multiply(square, ratios)
    palette = (background, tuple(stripe.tolist()), square, tuple(cross.tolist()))
    row, column = _first(detail >= 2)
    yield IllusoryOcclusion(palette, (4 * row, 4 * column))


def _colour(image: Array, region: Array) -> tuple[float, float, float]:
    """Return the region's colour, which is a whole number out of 255."""
    red, green, blue = (np.round(255 * np.median(image[:, region], axis=1)) / 255).tolist()
    return red, green, blue


def _first(region: Array) -> tuple[int, int]:
    rows, columns = np.nonzero(region)
    return int(rows.min()), int(columns.min())


def _corners(region: Array, reach: int = 3) -> Iterator[tuple[int, int]]:
    """Give the corners on the canvas whose first sampled pixel is the region's first one."""
    row, column = _first(region)
    for up, left in product(range(reach + 1), repeat=2):
        yield max(0, 4 * row - up), max(0, 4 * column - left)


_CANDIDATES = {
    "kanizsa": _kanizsa,
    "closure": _closure,
    "continuity": _continuity,
    "proximity": _proximity,
    "gradient_occlusion": _gradient_occlusion,
    "illusory_occlusion": _illusory_occlusion,
}
