"""An autoencoder that groups an image into surfaces, and paints them in depth order."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_lns.models.networks import CompactAutoEncoder, WideSigmoid

__all__ = ["Grouping", "SurfaceAutoEncoder", "Surfaces"]

UNITS = 9  # of a surface: place (2), size, depth, colour (3), and slope of its brightness (2)
WIDTH = 64  # channels
GRID = 16  # patches along a side
ROUNDS = 5  # of attention
RADIUS = 0.6  # usual radius, in halves of the image's side
SHARPNESS = (8.0, 32.0)  # of outlines, at first and as weight decay would have it
QUIET = -6.0  # log-variance of the latents at first: noise of one or two pixels
SLOPE = 0.3  # of the wide sigmoid in its middle


def _positions(count: int) -> Tensor:
    """Return positions (count², 2) from -1 to 1, rightwards and downwards."""
    along = (torch.arange(count) + 0.5) * 2 / count - 1
    down, right = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([right.flatten(), down.flatten()], dim=1)


class Grouping(nn.Module):
    """Slot attention (Locatello et al. 2020): patches of an image compete for surfaces.

    A surface's place and colour begin with the means over its patches.

    Parameters
    ----------
    surfaces
        Number of surfaces.
    """

    positions: Tensor

    def __init__(self, surfaces: int) -> None:
        super().__init__()
        self.surfaces = surfaces
        self.register_buffer("positions", _positions(GRID), persistent=False)
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(32, 48, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(48, WIDTH, 3, 1, 1),
            nn.ReLU(),
            nn.Conv2d(WIDTH, WIDTH, 3, 1, 1),
            nn.ReLU(),
            nn.Conv2d(WIDTH, WIDTH, 3, 1, 1),
            nn.ReLU(),
        )
        self.place_and_colour = nn.Linear(7, WIDTH)
        self.mix = nn.Sequential(
            nn.LayerNorm(2 * WIDTH),
            nn.Linear(2 * WIDTH, WIDTH),
            nn.ReLU(),
            nn.Linear(WIDTH, WIDTH),
            nn.LayerNorm(WIDTH),
        )
        self.start = nn.Parameter(torch.empty(surfaces, WIDTH))
        self.ask, self.key, self.value = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(3))
        self.before = nn.LayerNorm(WIDTH)
        self.update = nn.GRUCell(WIDTH, WIDTH)
        self.refine = nn.Sequential(
            nn.LayerNorm(WIDTH),
            nn.Linear(WIDTH, 2 * WIDTH),
            nn.ReLU(),
            nn.Linear(2 * WIDTH, WIDTH),
        )
        self.read = nn.Sequential(
            nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, UNITS)
        )

    def reset_parameters(self) -> None:
        """Draw initial weights."""
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                layer.reset_parameters()
        nn.init.normal_(self.start, std=0.5)
        last = cast(nn.Linear, self.read[-1])
        nn.init.normal_(last.weight, std=0.05)
        nn.init.zeros_(last.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Return the codes (n, surfaces · 9) of images (n, 3, 64, 64)."""
        count = len(images)
        colours = F.adaptive_avg_pool2d(images, GRID).flatten(2).transpose(1, 2)
        places = self.positions.expand(count, -1, -1)
        seen = torch.cat([places, places.square(), 4 * (colours - 0.5)], dim=2)
        features = self.features(images - 0.5).flatten(2).transpose(1, 2)
        patches = self.mix(torch.cat([features, self.place_and_colour(seen)], dim=2))
        keys, values = self.key(patches) * WIDTH**-0.5, self.value(patches)
        slots = self.start.expand(count, -1, -1)
        for _ in range(ROUNDS):
            questions = self.ask(self.before(slots))
            shares = (questions @ keys.transpose(1, 2)).softmax(dim=1) + 1e-6
            weights = shares / shares.sum(dim=2, keepdim=True)
            slots = self.update((weights @ values).flatten(0, 1), slots.flatten(0, 1))
            slots = slots.view(count, self.surfaces, WIDTH)
            slots = slots + self.refine(slots)
        area = shares.mean(dim=2, keepdim=True) * self.surfaces
        means = [
            weights @ places,
            torch.zeros_like(area),
            0.5 * area.log(),
            (weights @ colours - 0.5) / SLOPE,
            area.new_zeros(count, self.surfaces, 2),
        ]
        codes: Tensor = (torch.cat(means, dim=2) + self.read(slots)).flatten(1)
        return codes


class Surfaces(nn.Module):
    """Discs of any size that hide each other, each with a colour and a slope of brightness."""

    positions: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("positions", _positions(64), persistent=False)
        first, last = SHARPNESS
        self.log_sharpness = nn.Parameter(torch.tensor([first / last]).log())

    def forward(self, codes: Tensor) -> Tensor:
        """Return images (n, 3, 64, 64) from codes (n, surfaces · 9)."""
        surfaces = codes.float().view(len(codes), -1, UNITS)
        places, sizes, depths, colours, slopes = torch.split(surfaces, [2, 1, 1, 3, 2], dim=2)
        right = self.positions[:, 0] - places[..., :1]
        down = self.positions[:, 1] - places[..., 1:]
        distances = (right.square() + down.square() + 1e-4).sqrt() - RADIUS * (0.5 * sizes).exp()
        sharpness = SHARPNESS[1] * self.log_sharpness.exp()
        shares = (2 * depths + F.logsigmoid(-sharpness * distances)).softmax(dim=1)
        brightness = (shares * (slopes[..., :1] * right + slopes[..., 1:] * down)).sum(
            1, keepdim=True
        )
        image = colours.transpose(1, 2) @ shares + brightness
        images: Tensor = image.view(len(codes), 3, 64, 64)
        return images


class SurfaceAutoEncoder(CompactAutoEncoder):
    """A variational autoencoder whose latents are surfaces, which its decoder paints.

    It learns scenes of many objects in any place that hide each other, such as dead leaves.

    Parameters
    ----------
    latent_size
        Number of latent units, nine for each surface.

    Examples
    --------
    >>> import torch
    >>> SurfaceAutoEncoder(126)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 3, 64, 64])
    """

    kind: ClassVar[str] = "surfaces"

    def __init__(self, latent_size: int = 126) -> None:
        if latent_size % UNITS:
            raise ValueError(
                f"latent_size is {latent_size}: a network of surfaces needs a multiple of {UNITS}"
            )
        super().__init__(latent_size)
        cast(Grouping, self.encoder[0]).reset_parameters()
        last = cast(nn.Linear, self.encoder[-1])
        with torch.no_grad():  # the codes are the latents at first
            for layer in (last, cast(nn.Linear, cast(nn.Sequential, self.decoder[0])[0])):
                nn.init.zeros_(layer.weight)
                layer.weight[:latent_size] = torch.eye(latent_size)
            last.bias[latent_size:] = QUIET

    def _make_halves(self) -> tuple[nn.Sequential, nn.Sequential]:
        size = self.latent_size
        encoder = nn.Sequential(
            OrderedDict(grouping=Grouping(size // UNITS), linear_2=nn.Linear(size, 2 * size))
        )
        decoder = nn.Sequential(
            OrderedDict(
                linear_1=nn.Sequential(nn.Linear(size, size)),
                surfaces=nn.Sequential(Surfaces(), WideSigmoid()),
            )
        )
        return encoder, decoder
