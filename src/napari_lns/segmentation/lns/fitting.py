"""Fitting of an image to the input size of a network, with a warning if it is changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate, pad

__all__ = ["NetworkInput", "fit_image"]


@dataclass(frozen=True, eq=False)
class NetworkInput:
    """An image at the network's input size, and the part of the input that shows it.

    Parameters
    ----------
    images
        (1, 3, height, width) tensor.
    top, left, height, width
        The part that shows the image, in pixels.
    warning
        How the image was changed; empty if it was not.
    """

    images: Tensor
    top: int
    left: int
    height: int
    width: int
    warning: str = ""

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the part that shows the image."""
        return self.height, self.width

    def crop(self, images: Tensor) -> Tensor:
        """Crop images (…, height, width) to that part."""
        rows = slice(self.top, self.top + self.height)
        return images[..., rows, self.left : self.left + self.width]


def fit_image(image: NDArray[np.float32], size: tuple[int, int] | None, fit: str) -> NetworkInput:
    """Fit an image to the input size of a network.

    Parameters
    ----------
    image
        (H, W, 3).
    size
        Height and width of the network's input in pixels; None for any size.
    fit
        ``"resize"`` stretches the image; ``"pad"`` keeps its proportions (and its size, if it
        is smaller) and repeats its border around it.

    Returns
    -------
    NetworkInput

    Examples
    --------
    >>> fit_image(np.zeros((32, 16, 3), np.float32), (64, 64), "pad").grid
    (32, 16)
    """
    images = torch.tensor(image).permute(2, 0, 1)[None]
    height, width = image.shape[:2]
    if size is None or size == (height, width):
        return NetworkInput(images, 0, 0, height, width)
    sizes = f"the image is {height} × {width} and the network takes {size[0]} × {size[1]}: "
    if fit == "resize":
        return NetworkInput(_resize(images, size), 0, 0, *size, f"{sizes}it was resized")
    shrink = min(1.0, size[0] / height, size[1] / width)
    inner = (max(1, round(height * shrink)), max(1, round(width * shrink)))
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    borders = (left, size[1] - inner[1] - left, top, size[0] - inner[0] - top)
    padded = pad(_resize(images, inner), borders, mode="replicate")
    resizing = "" if shrink == 1 else f"resized to {inner[0]} × {inner[1]} and "
    return NetworkInput(padded, top, left, *inner, f"{sizes}it was {resizing}padded")


def _resize(images: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(images.shape[-2:]) == size:
        return images
    return interpolate(images, size, mode="bilinear", antialias=True).clamp(0, 1)
