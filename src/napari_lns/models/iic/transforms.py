"""Random transforms of images for IIC, and their inverse for maps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

__all__ = ["GREY", "Transform", "unwarp", "warp"]

GREY = (0.299, 0.587, 0.114)  # how bright red, green and blue look


@dataclass(frozen=True)
class Transform:
    """Ranges of the random differences between an image and its versions.

    All differences are uniform and independent.

    Parameters
    ----------
    zoom
        Smallest and largest side of the visible window, as a share of the image's side. Above 1,
        the image has a black border.
    turn
        Largest rotation in either direction, in degrees.
    flip
        Whether half of the versions are mirrored left to right.
    jitter
        Largest relative change of brightness, contrast and saturation. The hue changes by up to
        0.3 × jitter of the colour circle.

    Examples
    --------
    >>> transform = Transform(zoom=(0.5, 0.5), flip=False)
    >>> transform.geometry(1, (8, 8), torch.Generator().manual_seed(0))[0, 0, 0].item()
    0.5
    """

    zoom: tuple[float, float] = (0.7, 1.0)
    turn: float = 0.0
    flip: bool = True
    jitter: float = 0.4

    def __post_init__(self) -> None:
        low, high = self.zoom
        if not 0 < low <= high <= 2:
            raise ValueError(f"zoom is {self.zoom}: it must be two numbers, 0 < low <= high <= 2")
        if not 0 <= self.jitter < 1:
            raise ValueError(f"jitter is {self.jitter}: it must be at least 0 and less than 1")

    def geometry(self, count: int, size: tuple[int, int], generator: Generator) -> Tensor:
        """Draw affine maps (count, 2, 3) from the frames of versions to those of their images."""
        window = _uniform(count, *self.zoom, generator)
        angle = _uniform(count, -self.turn, self.turn, generator) * (math.pi / 180)
        mirror = torch.where(_uniform(count, 0, 1, generator) < 0.5 * self.flip, -1.0, 1.0)
        right, down = ((1 - window) * _uniform(count, -1, 1, generator) for _ in range(2))
        cosine, sine = window * angle.cos(), window * angle.sin()
        aspect = size[0] / size[1]
        numbers = [mirror * cosine, -sine * aspect, right, mirror * sine / aspect, cosine, down]
        return torch.stack(numbers, dim=1).view(count, 2, 3)

    def recolour(self, images: Tensor, generator: Generator) -> Tensor:
        """Change the colours of images (n, 1 or 3, H, W), independently for each image."""
        count, channels = images.shape[:2]
        low, high = 1 - self.jitter, 1 + self.jitter
        bright, contrast, saturation = (_uniform(count, low, high, generator) for _ in range(3))
        hue = _uniform(count, -0.3, 0.3, generator) * self.jitter * 2 * math.pi
        if channels == 3:
            mixing = _hue(hue) @ _saturation(saturation) * bright[:, None, None]
        else:
            mixing = bright[:, None, None]
        changed = torch.einsum("ncd,ndhw->nchw", mixing.to(images), images)
        mean = changed.mean(dim=(1, 2, 3), keepdim=True)
        return torch.lerp(mean, changed, contrast.to(images)[:, None, None, None]).clamp(0, 1)


def warp(images: Tensor, geometry: Tensor) -> Tensor:
    """Transform images (n, c, H, W) by the affine maps (n, 2, 3) of `Transform.geometry`.

    Examples
    --------
    >>> mirror = torch.tensor([[[-1.0, 0, 0], [0, 1, 0]]])
    >>> warp(torch.tensor([[[[1.0, 2.0]]]]), mirror).tolist()
    [[[[2.0, 1.0]]]]
    """
    grid = F.affine_grid(geometry.to(images), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def unwarp(maps: Tensor, geometry: Tensor) -> tuple[Tensor, Tensor]:
    """Transform maps (n, c, H, W) of warped images back to the images' frame.

    Parameters
    ----------
    maps
        Output of a network for `warp(images, geometry)`.
    geometry
        The affine maps (n, 2, 3).

    Returns
    -------
    maps
        The maps (n, c, H, W) in the images' frame.
    mask
        The pixels (n, H, W) that the warped images showed.

    Examples
    --------
    >>> half = torch.tensor([[[0.5, 0, 0], [0, 0.5, 0]]])  # the middle of the image
    >>> unwarp(torch.ones(1, 1, 4, 4), half)[1].int()[0, 1].tolist()
    [0, 1, 1, 0]
    """
    square = torch.linalg.inv(geometry[:, :, :2])
    back = torch.cat([square, -square @ geometry[:, :, 2:]], dim=2).to(maps)
    grid = F.affine_grid(back, list(maps.shape), align_corners=False)
    mask = (grid.abs() <= 1).all(dim=-1)
    return F.grid_sample(maps, grid, padding_mode="border", align_corners=False), mask


def _uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)


def _saturation(factor: Tensor) -> Tensor:
    grey = torch.tensor(GREY).expand(3, 3)
    return grey + factor[:, None, None] * (torch.eye(3) - grey)


def _hue(angle: Tensor) -> Tensor:
    """Rotate colours about the grey axis (Rodrigues' formula)."""
    axis = 1 / math.sqrt(3)
    cross = torch.tensor([[0, -axis, axis], [axis, 0, -axis], [-axis, axis, 0]])
    cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
    return cosine * torch.eye(3) + sine * cross + (1 - cosine) / 3
