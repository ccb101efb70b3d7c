"""Pixel features from stacks of images (steps 3 to 5 of the paper)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = [
    "PixelFeatures",
    "channel_directions",
    "differences",
    "raw_values",
    "resample_differences",
]

Map = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PixelFeatures:
    """Features of an image's pixels, with the reconstruction of the image.

    Parameters
    ----------
    features
        (n, d), one row for each pixel of the grid; the cosine of two rows is their affinity.
    grid
        Height and width of the grid.
    image
        The image, (H, W, 3).
    reconstruction
        The network's reconstruction without noise, (H, W, 3).
    fit
        The record of `napari_lns.models.assess`.
    """

    features: Map
    grid: tuple[int, int]
    image: Map
    reconstruction: Map
    fit: dict[str, Any]

    @property
    def error(self) -> float:
        """Squared error of the reconstruction, mean over pixels and channels."""
        return float(np.square(self.image - self.reconstruction).mean())


def differences(outputs: Tensor) -> Tensor:
    """Compute the directions of change of each pixel's channels between successive outputs.

    Parameters
    ----------
    outputs : (N, 3, h, w) tensor
        Noisy reconstructions.

    Returns
    -------
    (h · w, 3 (N - 1)) tensor

    Examples
    --------
    >>> differences(torch.zeros(4, 3, 8, 8)).shape
    torch.Size([64, 9])
    """
    return channel_directions(outputs[:-1] - outputs[1:])


def channel_directions(stack: Tensor) -> Tensor:
    """Normalise the vector over a stack of each pixel and channel, channels side by side.

    Parameters
    ----------
    stack : (m, 3, h, w) tensor
        Differences, or derivatives.

    Returns
    -------
    (h · w, 3 m) tensor
        Vectors of zeros stay zero.

    Examples
    --------
    >>> channel_directions(torch.full((4, 1, 1, 1), 2.0)).tolist()
    [[0.5, 0.5, 0.5, 0.5]]
    """
    lengths = torch.linalg.vector_norm(stack, dim=0)
    return raw_values(stack / lengths.where(lengths > 0, 1))


def raw_values(stack: Tensor) -> Tensor:
    """Reshape (m, 3, h, w) to one row for each pixel, (h · w, 3 m), channels side by side."""
    return stack.permute(2, 3, 1, 0).flatten(2).flatten(0, 1)


def resample_differences(features: Tensor, generator: np.random.Generator) -> Tensor:
    """Resample the differences in features with replacement, as a bootstrap over noise.

    Parameters
    ----------
    features : (n, 3 m) tensor
        Features from `differences`.
    generator : numpy.random.Generator
        Source of the draws, which are the same for all pixels and channels.

    Returns
    -------
    (n, 3 m) tensor

    Examples
    --------
    >>> resample_differences(torch.ones(2, 6), np.random.default_rng(0)).norm(dim=1) ** 2
    tensor([3., 3.])
    """
    per_channel = features.reshape(len(features), 3, -1)
    count = per_channel.shape[2]
    indices = torch.from_numpy(generator.integers(0, count, count)).to(features.device)
    resampled = per_channel[..., indices]
    lengths = torch.linalg.vector_norm(resampled, dim=2, keepdim=True)
    directions: Tensor = resampled / lengths.where(lengths > 0, 1)
    return directions.flatten(1)
