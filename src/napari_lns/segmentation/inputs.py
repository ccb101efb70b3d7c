"""Checks of the inputs of `segment`: images, number of segments, seed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns._files import shorten
from napari_lns._size import check_pixels
from napari_lns.stimuli import Stimulus

__all__ = [
    "CheckedImage",
    "ImageLike",
    "check_clusters",
    "check_image",
    "check_seed",
    "iter_images",
]


@dataclass(frozen=True, eq=False)
class CheckedImage:
    """A checked image and the record of its source.

    Parameters
    ----------
    image
        float32 (H, W, 3) in [0, 1].
    record
        Record of the stimulus, or shape and SHA-256 of the array.
    """

    image: NDArray[np.float32]
    record: dict[str, Any]

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.image.shape[0] * self.image.shape[1]


ImageLike = ArrayLike | Stimulus | CheckedImage
"""An image that can be segmented."""


def check_image(image: ImageLike) -> CheckedImage:
    """Check an image and return it as float32 (H, W, 3) in [0, 1].

    Parameters
    ----------
    image
        (H, W, 3) or grey (H, W), float in [0, 1] or uint8, or a `Stimulus`.

    Returns
    -------
    CheckedImage

    Examples
    --------
    >>> check_image(np.zeros((4, 5), np.uint8)).image.shape
    (4, 5, 3)
    """
    if isinstance(image, CheckedImage):
        return image
    if isinstance(image, Stimulus):
        return CheckedImage(image.image, image.record)
    if isinstance(image, str | os.PathLike):
        raise ValueError(
            f"image is {os.fspath(image)!r}: read it first with napari_lns.stimuli.read, which "
            "returns a list of stimuli"
        )
    if np.ma.is_masked(image):  # type: ignore[no-untyped-call]
        raise ValueError(
            "image is a masked array, but pixels cannot be left out: use image.filled(value)"
        )
    array = _to_array(image)
    floats = _to_float32(_to_colour(array))
    digest = hashlib.sha256(np.ascontiguousarray(floats).tobytes()).hexdigest()
    return CheckedImage(floats, {"shape": list(floats.shape), "sha256": digest})


def _to_array(image: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(image)
    except (
        ValueError,
        TypeError,
        RuntimeError,
    ) as error:  # ragged lists, or tensors of other libraries
        raise ValueError(
            f"image is a {type(image).__name__} that cannot be converted to an array of numbers "
            f"({shorten(error, 100)}): give a NumPy array"
        ) from error


def iter_images(images: Iterable[ImageLike]) -> Iterator[ImageLike]:
    """Yield the images of a list, an iterator, or a stack (n, H, W) or (n, H, W, 3)."""
    if isinstance(images, Stimulus) or not isinstance(images, Iterable):
        raise ValueError(
            f"images is a {type(images).__name__}: it must be a list, an iterator or a stack "
            "(n, height, width[, 3]); for one image use segment"
        )
    shape = getattr(images, "shape", None)
    if shape is not None and len(shape) not in (3, 4):
        raise ValueError(
            f"images has the shape {tuple(shape)}: a stack must be (n, height, width) or "
            "(n, height, width, 3)"
        )
    return iter(images)


def check_clusters(clusters: object, pixels: int | None = None) -> int | str:
    """Return a valid number of segments or ``"auto"``; `pixels` is None if not yet known."""
    if isinstance(clusters, str):
        if clusters != "auto":
            raise ValueError(f"clusters is {clusters!r}: it must be a whole number or 'auto'")
        return clusters
    number = _check_integer("clusters", clusters)
    if pixels is None and number < 1:
        raise ValueError(f"clusters is {number}: it must be 1 or more")
    if pixels is not None and not 1 <= number <= pixels:
        raise ValueError(
            f"clusters is {number}: it must be between 1 and the number of pixels, {pixels}"
        )
    return number


def check_seed(seed: object) -> int:
    """Return a valid random seed."""
    number = _check_integer("seed", seed)
    if number < 0:
        raise ValueError(f"seed is {number}: it must be 0 or more")
    return number


def _check_integer(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} is {value!r}: it must be a whole number")
    return int(value)


def _to_colour(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 4 or (array.ndim == 3 and array.shape[2] != 3 and array.shape[0] > 0):
        stack = "; for a stack of images use segment_many" if array.ndim == 4 else ""
        raise ValueError(
            f"image has the shape {array.shape}: it must be (height, width, 3) or grey "
            f"(height, width){stack}"
        )
    if array.ndim not in (2, 3) or array.size == 0:
        raise ValueError(
            f"image has the shape {array.shape}: it must be (height, width, 3) or grey "
            "(height, width), and not empty"
        )
    check_pixels(*array.shape[:2])
    if array.shape[0] * array.shape[1] == 1:
        raise ValueError("image has one pixel: grouping needs at least two")
    return array if array.ndim == 3 else np.repeat(array[..., None], 3, axis=2)


def _to_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    if array.dtype == np.uint8:
        return array.astype(np.float32) / np.float32(255)
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(
            f"image has the type {array.dtype}: it must be uint8, or float in [0, 1] (divide by "
            "the largest value of the original type)"
        )
    if not np.isfinite(array).all():
        raise ValueError("image holds NaN or infinite values: replace them first")
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        raise ValueError(f"image has values from {low:g} to {high:g}: rescale them to [0, 1]")
    return array.astype(np.float32)
