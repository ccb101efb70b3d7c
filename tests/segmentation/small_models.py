"""Small networks with known properties, for tests of the segmentation engine."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn


class Small(nn.Module):
    """A smooth model of 8 × 8 images with four latent units and a decoder of named layers."""

    image_size: tuple[int, int] | None = (8, 8)
    latent_size = 4

    def __init__(self, seed: int = 0, *, linear: bool = False) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(192, 4))
            self.decoder = nn.Sequential(
                OrderedDict(
                    linear_1=nn.Linear(4, 16),
                    bend=nn.Identity() if linear else nn.Tanh(),
                    linear_2=nn.Linear(16, 192),
                    unflatten=nn.Unflatten(1, (3, 8, 8)),
                    squash=nn.Identity() if linear else nn.Sigmoid(),
                )
            )
        self.requires_grad_(False).eval()

    def encode(self, images: Tensor) -> Tensor:
        return self.encoder(images)

    def decode(self, latents: Tensor) -> Tensor:
        return self.decoder(latents)


class Constant(Small):
    """Its output does not depend on the latents."""

    def decode(self, latents: Tensor) -> Tensor:
        return torch.full((len(latents), 3, 8, 8), 0.25)


class Halves(Small):
    """Its left half follows the first latent unit, its right half the second."""

    def encode(self, images: Tensor) -> Tensor:
        return images.new_zeros(len(images), 2)

    def decode(self, latents: Tensor) -> Tensor:
        halves = latents[:, :, None, None].expand(-1, 2, 8, 4)
        image = torch.cat([halves[:, :1], halves[:, 1:]], dim=3)
        return image.expand(-1, 3, 8, 8)


class Convolutional(nn.Module):
    """Takes images of any size."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.down = nn.Conv2d(3, 2, 4, 4)
            self.up = nn.ConvTranspose2d(2, 3, 4, 4)
        self.requires_grad_(False).eval()

    def encode(self, images: Tensor) -> Tensor:
        return self.down(images)

    def decode(self, latents: Tensor) -> Tensor:
        return self.up(latents).sigmoid()
