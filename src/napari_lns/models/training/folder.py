"""Train on a folder of images: whole images, or random crops.

Labels beside an image (``a.labels.png`` beside ``a.png``) are not used in training. Every fifth
image with labels is held out to score the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_lns._files import explain_os_errors
from napari_lns._parameters import unknown_name_error
from napari_lns.models.training.settings import FITS
from napari_lns.stimuli import Stimulus, files
from napari_lns.stimuli.files._images import is_companion
from napari_lns.stimuli.files._pillow import pixels
from napari_lns.stimuli.files._pixels import to_eight_bits, to_image
from napari_lns.stimuli.files._record import prefix_errors

__all__ = ["read_held_out", "stream"]

FEWEST = 10
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")  # in Pillow's names, whatever the suffix
SMALLEST_CROP = 0.5  # smallest crop, as a share of the shorter side
EVERY = 5  # one of every 5 labelled images is held out


def stream(
    path: Path,
    *,
    batch: int,
    seed: int = 0,
    start: int = 0,
    size: int = 64,
    fit: str = "resize",
    mirror: bool = False,
) -> Iterator[NDArray[np.float32]]:
    """Stream batches (n, 3, size, size) of a folder's images endlessly.

    Parameters
    ----------
    path
        The folder, with at least ten images for training, none smaller than 8 × 8 pixels.
    batch
        Number of images in a batch.
    seed
        Random seed. Each batch has its own random stream, so that any batch can be the first.
    start
        Number of the first batch.
    size
        Height and width of the returned images in pixels.
    fit
        ``"resize"`` resizes whole images, ``"pad"`` keeps their proportions and repeats their
        border around them, ``"crop"`` takes random squares.
    mirror
        Whether half of the images are mirrored.
    """
    if fit not in FITS:
        raise unknown_name_error("fit", fit, FITS)
    training_files, _ = _split(path)
    if len(training_files) < FEWEST:
        raise ValueError(
            f"{path} holds {len(training_files)} images: training needs {FEWEST} or more "
            f"({', '.join(sorted(SUFFIXES))})"
        )
    for file in training_files:  # find damaged files before training starts
        _open_image(file)
    step = start
    while True:
        rng = np.random.default_rng((seed, step))
        indices = rng.integers(len(training_files), size=batch)
        yield np.stack(
            [_draw_image(_open_image(training_files[i]), rng, size, fit, mirror) for i in indices]
        )
        step += 1


def read_held_out(path: Path, fit: str = "resize", size: int = 64) -> list[Stimulus]:
    """Return the held-out labelled images of a folder, at the network's size.

    Parameters
    ----------
    path
        The folder.
    fit
        As in `stream`, except that ``"crop"`` takes the largest central square.
    size
        Height and width of the returned images in pixels.
    """
    stimuli = []
    for file in _split(path)[1]:
        (stimulus,) = files.read(file)
        labels = Image.fromarray(stimulus.labels.astype(np.int32))
        pixels = Image.fromarray((stimulus.image * 255).round().astype(np.uint8))
        resized = np.asarray(_fit_image(pixels, size, fit, Image.Resampling.BOX)).astype(np.float32)
        image = resized / np.float32(255)
        resized_labels = np.asarray(_fit_image(labels, size, fit, Image.Resampling.NEAREST))
        stimuli.append(Stimulus(image, resized_labels, stimulus.label_names, name=file.name))
    return stimuli


def _split(path: Path) -> tuple[list[Path], list[Path]]:
    """Return the training images and the held-out labelled images of a folder."""
    all_files = sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in SUFFIXES and file.is_file() and not is_companion(file)
    )
    labelled_files = [file for file in all_files if file.with_suffix(".labels.png").exists()]
    held_out = labelled_files[EVERY - 1 :: EVERY]
    training_files = [file for file in all_files if file not in held_out]
    return (training_files, held_out) if len(training_files) >= FEWEST else (all_files, [])


@lru_cache(maxsize=512)
def _open_image(file: Path) -> Image.Image:
    with explain_os_errors(file), prefix_errors(file):
        array = pixels(file, *FORMATS)
        is_plain = array.dtype == np.uint8 and array.shape[2:] == (3,)
        image = Image.fromarray(array if is_plain else to_eight_bits(to_image(array)))
    if min(image.size) < 8:
        raise ValueError(f"{file} is {image.width} × {image.height}: 8 × 8 is the least")
    image.thumbnail((512, 512))
    return image


def _draw_image(
    image: Image.Image, rng: np.random.Generator, size: int, fit: str, mirror: bool
) -> NDArray[np.float32]:
    if fit == "crop":
        side = round(min(image.size) * rng.uniform(SMALLEST_CROP, 1))
        left = int(rng.integers(image.width - side + 1))
        top = int(rng.integers(image.height - side + 1))
        box = (left, top, left + side, top + side)
        resized = image.resize((size, size), Image.Resampling.BOX, box=box)
    else:
        resized = _fit_image(image, size, fit, Image.Resampling.BOX)
    array = np.asarray(resized, dtype=np.float32).transpose(2, 0, 1) / 255
    flip = mirror and rng.random() < 0.5
    return np.ascontiguousarray(array[:, :, ::-1] if flip else array)


def _fit_image(
    image: Image.Image, size: int, fit: str, resampling: Image.Resampling
) -> Image.Image:
    """Resize a whole image, or its central square, to the network's size."""
    width, height = image.size
    if fit == "resize":
        return image.resize((size, size), resampling)
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return image.resize((size, size), resampling, box=(left, top, left + side, top + side))
    scale = size / max(width, height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = np.asarray(image.resize(inner, resampling))
    left, top = (size - inner[0]) // 2, (size - inner[1]) // 2
    borders = [(top, size - inner[1] - top), (left, size - inner[0] - left), (0, 0)]
    return Image.fromarray(np.pad(pixels, borders[: pixels.ndim], mode="edge"))
