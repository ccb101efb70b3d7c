"""Decode PNG and JPEG with Pillow, and TIFF files whose compression tifffile lacks."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, PngImagePlugin

from napari_lns._files import check_regular
from napari_lns._size import MOST_PIXELS
from napari_lns.stimuli.files._pixels import apply_orientation, check_size
from napari_lns.stimuli.files._record import translate_decoder_errors

__all__ = ["pixels", "private_chunk"]

_MOST_BYTES = 2**29  # of a file: 8192 × 8192 pixels of four channels, 16 bit each, unpacked
_ORIENTATION = 274  # of EXIF, and of TIFF
_PLAIN_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "F", "RGB", "RGBA")
_UPPER_BYTES = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}  # raw modes of upper and lower bytes


def pixels(path: Path, *formats: str, page: int = 0, indices: bool = False) -> NDArray[Any]:
    """Return the pixel values of an image file, with its orientation applied.

    Parameters
    ----------
    path
        The file.
    *formats
        Accepted formats, in Pillow's names, whatever the suffix.
    page
        Index of the image in the file.
    indices
        Whether to return a palette's indices instead of its colours.

    Returns
    -------
    numpy.ndarray
        (H, W), or (H, W, channels).
    """
    check_regular(path, most=_MOST_BYTES)
    data = path.read_bytes()
    image = _open_image(data, formats)
    kind = " or ".join(formats)
    with translate_decoder_errors(kind):
        image.seek(page)
    check_size(image.height, image.width)
    with translate_decoder_errors(kind):
        if image.format == "PNG":
            _open_image(data, formats).verify()  # checks the checksums, which decoding ignores
        lower = _UPPER_BYTES.get(str(image.tile[0].args))
        array = np.asarray(image) if indices else _colour_values(image)
        if lower is not None:  # Pillow keeps one byte of two: decode again for the other
            image = _open_image(data, formats)
            image.tile = [image.tile[0]._replace(args=lower)]
            array = array.astype(np.uint16) * 256 + np.asarray(image)
        return apply_orientation(array, image.getexif().get(_ORIENTATION, 1))


def private_chunk(path: Path, name: bytes) -> bytes | None:
    """Return the contents of a private chunk of a PNG, or None."""
    image = _open_image(path.read_bytes(), ("PNG", "JPEG"))
    chunks = image.private_chunks if isinstance(image, PngImagePlugin.PngImageFile) else []
    return next((chunk[1] for chunk in chunks if chunk[0] == name), None)


def _open_image(data: bytes, formats: tuple[str, ...]) -> ImageFile.ImageFile:
    try:
        # Pillow warns of large images, which `pixels` refuses.
        with (
            translate_decoder_errors(" or ".join(formats)),
            warnings.catch_warnings(action="ignore"),
        ):
            return Image.open(io.BytesIO(data), formats=formats)
    except ValueError as error:
        if isinstance(error.__cause__, Image.DecompressionBombError):
            raise ValueError(
                f"the image is too large: crop it to {MOST_PIXELS:,} pixels"
            ) from error
        raise


def _colour_values(image: Image.Image) -> NDArray[Any]:
    if "transparency" in image.info and image.mode in ("1", "L", "P", "RGB"):
        return np.asarray(image.convert("RGBA"))
    if image.mode in _PLAIN_MODES:
        return np.asarray(image)
    return np.asarray(image.convert("RGBA" if image.mode in ("PA", "RGBa") else "RGB"))
