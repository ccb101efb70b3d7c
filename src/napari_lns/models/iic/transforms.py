"""Random transforms of images for IIC, and their inverse for maps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

if TYPE_CHECKING:
    from napari_lns.models.iic.settings import Transform

__all__ = ["GREY", "draw_geometry", "recolour", "transform_images", "unwarp", "warp"]

GREY = (0.299, 0.587, 0.114)  # how bright red, green and blue look


def draw_geometry(
    transform: Transform, count: int, size: tuple[int, int], generator: Generator
) -> Tensor:
    """Draw affine maps (count, 2, 3) from the frames of versions to those of their images.

    Examples
    --------
    >>> from napari_lns.models.iic.settings import Transform
    >>> half = Transform(zoom=(0.5, 0.5), flip=False)
    >>> draw_geometry(half, 1, (8, 8), torch.Generator().manual_seed(0))[0, 0, 0].item()
    0.5
    """
    window = _uniform(count, *transform.zoom, generator)
    angle = _uniform(count, -transform.turn, transform.turn, generator) * (math.pi / 180)
    mirror = torch.where(_uniform(count, 0, 1, generator) < 0.5 * transform.flip, -1.0, 1.0)
    right, down = ((1 - window) * _uniform(count, -1, 1, generator) for _ in range(2))
    cosine, sine = window * angle.cos(), window * angle.sin()
    aspect = size[0] / size[1]
    numbers = [mirror * cosine, -sine * aspect, right, mirror * sine / aspect, cosine, down]
    return torch.stack(numbers, dim=1).view(count, 2, 3)


def recolour(transform: Transform, images: Tensor, generator: Generator) -> Tensor:
    """Change the colours of images (n, 1 or 3, H, W), independently for each image."""
    count, channels = images.shape[:2]
    low, high = 1 - transform.jitter, 1 + transform.jitter
    bright, contrast, saturation = (_uniform(count, low, high, generator) for _ in range(3))
    hue = _uniform(count, -0.3, 0.3, generator) * transform.jitter * 2 * math.pi
    if channels == 3:
        mixing = _hue(hue) @ _saturation(saturation) * bright[:, None, None]
    else:
        mixing = bright[:, None, None]
    changed = torch.einsum("ncd,ndhw->nchw", mixing.to(images), images)
    mean = changed.mean(dim=(1, 2, 3), keepdim=True)
    return torch.lerp(mean, changed, contrast.to(images)[:, None, None, None]).clamp(0, 1)


def transform_images(
    transform: Transform, images: Tensor, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Return randomly transformed images, and the affine maps (n, 2, 3) of their geometry."""
    size = (int(images.shape[2]), int(images.shape[3]))
    geometry = draw_geometry(transform, len(images), size, generator)
    return recolour(transform, warp(images, geometry), generator), geometry


def warp(images: Tensor, geometry: Tensor) -> Tensor:
    """Transform images (n, c, H, W) by the affine maps (n, 2, 3) of `draw_geometry`.

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
