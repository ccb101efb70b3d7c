"""Stream training images for IIC: stimuli, digits, a folder, an image file, or arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns import stimuli
from napari_lns.models.iic.settings import IICSettings
from napari_lns.models.training import folder
from napari_lns.stimuli import good_gestalt

__all__ = ["as_batch", "digits", "fingerprint", "stream_images"]

Images = NDArray[np.float32]

LARGEST_SIDE = 96  # side in pixels of the crops from larger images


def stream_images(
    settings: IICSettings, images: Images | None = None, start: int = 0
) -> Iterator[Images]:
    """Stream batches (n, channels, H, W) endlessly, from any step.

    Parameters
    ----------
    settings
        The settings, of which ``data``, ``batch`` and ``seed`` are used.
    images
        Images (n, channels, H, W) to use instead of those that ``data`` names.
    start
        The step to begin at.

    Examples
    --------
    >>> from napari_lns.models.iic.settings import DIGITS
    >>> next(stream_images(DIGITS)).shape
    (256, 1, 8, 8)
    """
    name, batch, seed = settings.data, settings.batch, settings.seed
    if images is None and name == "digits":
        images = digits()[0]
    elif images is None and Path(name).is_file():
        images = as_batch(stimuli.read(name)[0].image)
    if images is not None:
        return _stream_array(images, settings, start)
    if name in good_gestalt.NAMES:
        return good_gestalt.stream(name, batch=batch, seed=seed, start=start)
    if Path(name).is_dir():
        return folder.stream(Path(name), batch=batch, seed=seed, start=start)
    return stimuli.stream(name, batch=batch, seed=seed, start=start)


def digits() -> tuple[Images, NDArray[np.int64]]:
    """Return scikit-learn's digits: images (1797, 1, 8, 8) in [0, 1], and their classes.

    Examples
    --------
    >>> digits()[0].shape
    (1797, 1, 8, 8)
    """
    from sklearn.datasets import load_digits

    pixels, classes = load_digits(return_X_y=True)
    return (pixels / 16).astype(np.float32).reshape(-1, 1, 8, 8), classes


def as_batch(images: ArrayLike) -> Images:
    """Convert an image (H, W, 3), or images (n, H, W, 3) or (n, H, W), to (n, channels, H, W).

    Examples
    --------
    >>> as_batch(np.zeros((8, 9, 3))).shape, as_batch(np.zeros((5, 8, 8))).shape
    ((1, 3, 8, 9), (5, 1, 8, 8))
    """
    array = np.asarray(images, dtype=np.float32)
    if array.ndim == 3:
        array = array[None] if array.shape[2] == 3 else array[..., None]
    if array.ndim != 4 or array.shape[3] not in (1, 3) or 0 in array.shape:
        raise ValueError(
            f"the images have the shape {np.shape(images)}: give one (height, width, 3), "
            "or many, (count, height, width, 3) or grey (count, height, width)"
        )
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        raise ValueError("the images hold values that are not finite or not in [0, 1]: scale them")
    return array.transpose(0, 3, 1, 2).copy()  # writable, as torch wants it


def fingerprint(images: Images) -> str:
    """Return a name for an array's contents, so that a run resumes only with the same images."""
    digest = hashlib.sha256(repr(images.shape).encode() + images.tobytes()).hexdigest()
    return f"array {digest[:12]}"


def _stream_array(images: Images, settings: IICSettings, start: int) -> Iterator[Images]:
    """Stream the images in a new order in each epoch, with random crops of large ones."""
    clusters = max(settings.clusters, settings.auxiliary)
    if settings.network != "pixels" and len(images) < clusters:
        raise ValueError(
            f"there are {len(images)} images, fewer than the {clusters} clusters: give more "
            "images, or ask for fewer clusters"
        )
    batch = settings.batch
    length = max(len(images), batch)  # few images occur several times in a batch
    epoch = -1
    order: NDArray[np.intp] = np.arange(length)
    for step in count(start):
        number, place = divmod(step, length // batch)
        if number != epoch:
            epoch = number
            order = np.random.default_rng((settings.seed, epoch)).permutation(length) % len(images)
        selected = images[order[place * batch : (place + 1) * batch]]
        yield _crop(selected, np.random.default_rng((settings.seed, step, 1)))


def _crop(images: Images, rng: np.random.Generator) -> Images:
    height, width = (min(side, LARGEST_SIDE) for side in images.shape[2:])
    if (height, width) == images.shape[2:]:
        return images
    tops = rng.integers(images.shape[2] - height + 1, size=len(images))
    lefts = rng.integers(images.shape[3] - width + 1, size=len(images))
    corners = zip(images, tops, lefts, strict=True)
    return np.stack(
        [image[:, top : top + height, left : left + width] for image, top, left in corners]
    )
