"""Averaging of outputs or derivatives before they are compared: over neighbours or elements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor
from torch.nn.functional import avg_pool2d

__all__ = ["Average", "average_elements", "average_neighbours", "find_elements"]

Average = Callable[[Tensor], Tensor]
"""Function that averages each image or derivative (m, 3, h, w) of a stack."""

_TOLERANCE = 0.04  # contrast below which a pixel belongs to a background without noise
_NOISE = 4.0  # standard deviations of noise below which it does
_QUARTILE = 0.3186  # lower quartile of a normal variable's size, in standard deviations
_LEVELS = 64  # of a channel, to find the most frequent colour
_TOUCHING = np.ones((3, 3))  # pixels that share a corner are connected


def average_neighbours(stack: Tensor, size: int) -> Tensor:
    """Average each pixel of images or derivatives with its neighbours.

    When a small element moves, its opposite sides change in opposite directions. These changes
    cancel in the average over the element, which leaves the change of its lightness.

    Parameters
    ----------
    stack : (m, 3, h, w) tensor
        Images, or derivatives.
    size : int
        Odd side of the neighbourhood in pixels; 1 changes nothing.

    Returns
    -------
    (m, 3, h, w) tensor
        Pixels at the image border are averaged over the neighbours inside the image.

    Examples
    --------
    >>> average_neighbours(torch.tensor([[[[0.0, 3.0]]]]), 3).tolist()
    [[[[1.5, 1.5]]]]
    """
    if size == 1:
        return stack
    return avg_pool2d(stack, size, stride=1, padding=size // 2, count_include_pad=False)


def average_elements(stack: Tensor, elements: NDArray[np.intp]) -> Tensor:
    """Average images or derivatives over each element.

    Unlike an average over neighbours, this never mixes the responses of different elements.

    Parameters
    ----------
    stack : (m, 3, h, w) tensor
        Images, or derivatives.
    elements : (h, w) array
        Number of the element of each pixel, from 0 on; see `find_elements`.

    Returns
    -------
    (m, 3, h, w) tensor
        All pixels of an element have the element's mean.

    Examples
    --------
    >>> average_elements(torch.tensor([[[[0.0, 3.0, 5.0]]]]), np.array([[0, 0, 1]])).tolist()
    [[[[1.5, 1.5, 5.0]]]]
    """
    counts = torch.from_numpy(np.bincount(elements.ravel())).to(stack.device)
    index = torch.from_numpy(elements.ravel().astype(np.int64)).to(stack.device)
    values = stack.flatten(2)
    sums = values.new_zeros(*values.shape[:2], len(counts)).index_add_(2, index, values)
    return (sums / counts)[..., index].reshape(stack.shape)


def find_elements(image: NDArray[np.float32]) -> NDArray[np.intp]:
    """Find the elements of an image: connected regions that differ from a plain background.

    The background's colour is the most frequent one. Elements that touch are one element, and so
    are connected parts of the background. This is the rule of uniform connectedness, by which
    Palmer and Rock (1994) explain what the units are that Gestalt laws group.

    Parameters
    ----------
    image : (h, w, 3) array
        Values in [0, 1].

    Returns
    -------
    (h, w) array
        Number of the element of each pixel, from 0 on. A blurred edge is divided at half of its
        element's contrast.

    Examples
    --------
    >>> image = np.full((1, 5, 3), 0.5, np.float32)
    >>> image[:, 1], image[:, 3:] = 0.0, 1.0
    >>> find_elements(image)
    array([[2, 0, 3, 1, 1]])
    """
    contrast = np.abs(image - _find_background(image)).max(-1)
    noise = np.quantile(contrast, 0.25) / _QUARTILE  # a quarter of the image is background
    blurred, count = ndimage.label(contrast > max(_TOLERANCE, _NOISE * noise), _TOUCHING)
    if count == 0:
        return np.zeros(contrast.shape, np.intp)
    highest = ndimage.maximum(contrast, blurred, np.arange(count + 1))
    solid = (blurred > 0) & (contrast >= highest[blurred] / 2)
    elements, number = ndimage.label(solid, _TOUCHING)
    ground, _ = ndimage.label(~solid)
    return (np.where(solid, elements, ground + number) - 1).astype(np.intp)


def _find_background(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the most frequent colour: the median over the fullest cell of colour space."""
    pixels = image.reshape(-1, image.shape[-1])
    _, cell, counts = np.unique(
        np.round(pixels * _LEVELS), axis=0, return_inverse=True, return_counts=True
    )
    background: NDArray[np.float32] = np.median(pixels[cell.ravel() == counts.argmax()], axis=0)
    return background
