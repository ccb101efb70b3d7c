"""A folder of the user's own images as training data: random crops, mirrored at random."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

__all__ = ["stream"]

FEWEST = 10
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
SMALLEST_CROP = 0.5  # of the shorter side


def stream(
    path: Path, *, batch: int, seed: int = 0, start: int = 0, size: int = 64
) -> Iterator[NDArray[np.float32]]:
    """Return endless batches (n, 3, size, size) of random crops of a folder's images.

    Parameters
    ----------
    path
        The folder; at least ten images, none smaller than 8 × 8.
    batch
        Images in a batch.
    seed
        Seed of the choices; each batch is seeded by its number, so that any can be the first.
    start
        Number of the first batch.
    size
        Height and width of what is given.
    """
    files = sorted(
        file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file()
    )
    if len(files) < FEWEST:
        raise ValueError(
            f"{path} holds {len(files)} images: training needs {FEWEST} or more "
            f"({', '.join(sorted(SUFFIXES))})"
        )
    for file in files:  # a broken file is better found now than after an hour
        _opened(file)
    step = start
    while True:
        chance = np.random.default_rng((seed, step))
        chosen = chance.integers(len(files), size=batch)
        yield np.stack([_crop(_opened(files[index]), chance, size) for index in chosen])
        step += 1


@lru_cache(maxsize=512)
def _opened(file: Path) -> Image.Image:
    try:
        with Image.open(file) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{file} cannot be read ({error}): fix or remove it") from error
    if min(image.size) < 8:
        raise ValueError(f"{file} is {image.width} × {image.height}: 8 × 8 is the least")
    image.thumbnail((512, 512))
    return image


def _crop(image: Image.Image, chance: np.random.Generator, size: int) -> NDArray[np.float32]:
    side = round(min(image.size) * chance.uniform(SMALLEST_CROP, 1))
    left = int(chance.integers(image.width - side + 1))
    top = int(chance.integers(image.height - side + 1))
    box = (left, top, left + side, top + side)
    crop = image.resize((size, size), Image.Resampling.BOX, box=box)
    array = np.asarray(crop, dtype=np.float32).transpose(2, 0, 1) / 255
    return np.ascontiguousarray(array[:, :, ::-1] if chance.random() < 0.5 else array)
