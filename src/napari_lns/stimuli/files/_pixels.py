"""Convert the numbers in a file to float32 images (H, W, 3) in [0, 1], and to eight bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._size import check_pixels

__all__ = ["apply_orientation", "check_size", "from_eight_bits", "to_eight_bits", "to_image"]

_MOST = 2**28  # pixels of one file: 3 GiB as float32

_FULL_SCALE = {np.dtype(bool): 1, np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def check_size(height: int, width: int, count: int = 1) -> None:
    """Raise an error for images without pixels, or with too many pixels for the memory."""
    if not height or not width or not count:
        raise ValueError(f"{count} images of {height} × {width} pixels: there must be some")
    check_pixels(height, width)
    if height * width * count > _MOST:
        raise ValueError(
            f"{count} images of {height} × {width} pixels are too many for one file: split it"
        )


def to_image(array: NDArray[Any]) -> NDArray[np.float32]:
    """Convert an array to an RGB image in [0, 1]; transparent pixels are composited over white.

    Parameters
    ----------
    array
        Pixels (H, W) or (H, W, channels): grey, grey and alpha, RGB, or RGBA.

    Returns
    -------
    numpy.ndarray
        float32 (H, W, 3).

    Examples
    --------
    >>> float(to_image(np.full((2, 2), 51, np.uint8))[0, 0, 0])
    0.20000000298023224
    """
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or 0 in array.shape:
        raise ValueError(
            f"the image has the shape {array.shape}: it must be height × width × 1 to 4 channels"
        )
    scaled = _scale(array)
    if scaled.shape[2] in (2, 4):
        colour, alpha = scaled[..., :-1], scaled[..., -1:]
        scaled = np.minimum(colour * alpha + (1 - alpha), 1)
    return np.ascontiguousarray(np.broadcast_to(scaled, (*scaled.shape[:2], 3)))


def _scale(array: NDArray[Any]) -> NDArray[np.float32]:
    if array.dtype in _FULL_SCALE:
        return array.astype(np.float32) / np.float32(_FULL_SCALE[array.dtype])
    if array.dtype.kind not in "iuf":
        raise ValueError(f"the image is of the type {array.dtype}: save it as numbers")
    if not np.isfinite(array).all():
        raise ValueError("the image holds NaN or infinite values: replace them by values in [0, 1]")
    full, advice = (1, "divide by the largest") if array.dtype.kind == "f" else (255, "scale them")
    low, high = array.min(), array.max()
    if low < 0 or high > full:
        raise ValueError(
            f"the image has values from {low:g} to {high:g}: {advice}, they must lie in [0, {full}]"
        )
    return array.astype(np.float32) / np.float32(full)


def to_eight_bits(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Round an image in [0, 1] to 256 values; `from_eight_bits` is the inverse."""
    eight_bits: NDArray[np.uint8] = np.rint(image * np.float32(255)).astype(np.uint8)
    return eight_bits


def from_eight_bits(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Convert pixels of eight bits to float32 in [0, 1]."""
    return pixels.astype(np.float32) / np.float32(255)


def apply_orientation(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Rotate and mirror an image by its EXIF (or TIFF) orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array
