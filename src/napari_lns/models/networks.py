"""The paper's two networks, and compact ones that train on a world in minutes."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from napari_lns.models.card import Card

__all__ = [
    "AutoEncoder",
    "CompactAutoEncoder",
    "VariationalAutoEncoder",
    "WaveAutoEncoder",
    "WideSigmoid",
]


class AutoEncoder(nn.Module):
    """The paper's autoencoder, from images (n, 3, 64, 64) in [0, 1] to latents (n, z) and back.

    Parameters
    ----------
    latent_size
        Number of latent units, 15 in the paper.

    Examples
    --------
    >>> import torch
    >>> model = AutoEncoder().eval()
    >>> model.decode(model.encode(torch.zeros(2, 3, 64, 64))).shape
    torch.Size([2, 3, 64, 64])
    """

    kind: ClassVar[str] = "ae"
    image_size: ClassVar[tuple[int, int]] = (64, 64)
    _codes_per_unit: ClassVar[int] = 1
    card: Card | None = None

    def __init__(self, latent_size: int = 15) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.encoder, self.decoder = self._make_halves()
        self.apply(_initialise_weights)

    def _make_halves(self) -> tuple[nn.Sequential, nn.Sequential]:
        return _encoder(self.latent_size * self._codes_per_unit), _decoder(self.latent_size)

    def encode(self, images: Tensor) -> Tensor:
        """Return the latents (n, z) of images (n, 3, 64, 64)."""
        codes: Tensor = self.encoder(images)
        return codes

    def decode(self, latents: Tensor) -> Tensor:
        """Return the images (n, 3, 64, 64) that latents (n, z) encode."""
        images: Tensor = self.decoder(latents)
        return images

    def forward(self, images: Tensor) -> Tensor:
        """Reconstruct images."""
        return self.decode(self.encode(images))


class VariationalAutoEncoder(AutoEncoder):
    """The paper's variational autoencoder; `encode` returns the means of the latents.

    Parameters
    ----------
    latent_size
        Number of latent units, 15 in the paper.

    Examples
    --------
    >>> import torch
    >>> means, log_variances = VariationalAutoEncoder().moments(torch.zeros(1, 3, 64, 64))
    >>> means.shape == log_variances.shape == (1, 15)
    True
    """

    kind: ClassVar[str] = "vae"
    _codes_per_unit: ClassVar[int] = 2
    variance_shares: Tensor | None
    """Share of each trained unit's variance in each rescaled unit's; None without rescaling."""

    def __init__(self, latent_size: int = 15) -> None:
        super().__init__(latent_size)
        self.register_buffer("variance_shares", None, persistent=False)

    def moments(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the means and log-variances (n, z) of the latents of images."""
        means, log_variances = self.encoder(images).chunk(2, dim=1)
        if self.variance_shares is not None:
            log_variances = (log_variances.exp() @ self.variance_shares.T).log()
        return means, log_variances

    def encode(self, images: Tensor) -> Tensor:
        """Return the means (n, z) of the latents of images (n, 3, 64, 64)."""
        return self.moments(images)[0]


class WideSigmoid(nn.Module):
    """A sigmoid from -0.1 to 1.1, so that black and white pixels have non-zero derivatives."""

    def forward(self, values: Tensor) -> Tensor:
        """Return the widened sigmoid of values."""
        return 1.2 * values.sigmoid() - 0.1


class CompactAutoEncoder(VariationalAutoEncoder):
    """A variational autoencoder with a seventh of the paper's multiplications.

    All convolutions are strided, so that no layer has full resolution. The network trains on a
    world in minutes on one CPU core.

    Parameters
    ----------
    latent_size
        Number of latent units.

    Examples
    --------
    >>> import torch
    >>> CompactAutoEncoder(24).encode(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 24])
    """

    kind: ClassVar[str] = "compact"

    def __init__(self, latent_size: int = 24) -> None:
        super().__init__(latent_size)
        last = cast(nn.Linear, self.encoder[-1])
        with torch.no_grad():  # start with a small variance
            last.weight[latent_size:] *= 0.1
            last.bias[latent_size:] = -3

    def _make_halves(self) -> tuple[nn.Sequential, nn.Sequential]:
        encoder = nn.Sequential(
            OrderedDict(
                convolution_1=_with_relu(nn.Conv2d(3, 24, 4, 2, 1)),
                convolution_2=_with_relu(nn.Conv2d(24, 40, 4, 2, 1)),
                convolution_3=_with_relu(nn.Conv2d(40, 64, 4, 2, 1)),
                convolution_4=_with_relu(nn.Conv2d(64, 96, 4, 2, 1)),
                flatten=nn.Flatten(),
                linear_1=_with_relu(nn.Linear(96 * 16, 128)),
                linear_2=nn.Linear(128, 2 * self.latent_size),
            )
        )
        decoder = nn.Sequential(
            OrderedDict(
                linear_1=_with_relu(nn.Linear(self.latent_size, 128)),
                linear_2=_with_relu(nn.Linear(128, 96 * 16)),
                unflatten=nn.Unflatten(1, (96, 4, 4)),
                convolution_1=_with_relu(nn.ConvTranspose2d(96, 64, 4, 2, 1)),
                convolution_2=_with_relu(nn.ConvTranspose2d(64, 40, 4, 2, 1)),
                convolution_3=_with_relu(nn.ConvTranspose2d(40, 24, 4, 2, 1)),
                convolution_4=nn.Sequential(nn.ConvTranspose2d(24, 3, 4, 2, 1), WideSigmoid()),
            )
        )
        return encoder, decoder


class Waves(nn.Module):
    """The sum of waves whose phases and amplitudes are maps.

    A convolutional decoder has to learn each place of a fine pattern. Here a phase map, which is
    smooth, moves a wave by a constant.

    Parameters
    ----------
    channels
        Number of channels of the features.
    waves
        Number of waves.
    """

    def __init__(self, channels: int, waves: int) -> None:
        super().__init__()
        self.maps = nn.ConvTranspose2d(channels, 2 * waves, 4, 2, 1)
        self.mix = nn.Conv2d(2 * waves, 3, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return images (n, 3, 2h, 2w) from features (n, channels, h, w)."""
        phases, amplitudes = self.maps(features).chunk(2, dim=1)
        image: Tensor = self.mix(torch.cat([amplitudes * phases.sin(), amplitudes], dim=1))
        return image


class WaveAutoEncoder(CompactAutoEncoder):
    """A compact variational autoencoder whose decoder ends in waves.

    It learns fine patterns that occur in many places and directions, such as paths of Gabor
    patches.

    Parameters
    ----------
    latent_size
        Number of latent units.

    Examples
    --------
    >>> import torch
    >>> WaveAutoEncoder(32)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 3, 64, 64])
    """

    kind: ClassVar[str] = "waves"

    def __init__(self, latent_size: int = 32) -> None:
        super().__init__(latent_size)
        waves = cast(Waves, cast(nn.Sequential, self.decoder[-1])[0])
        nn.init.normal_(waves.mix.weight, std=0.1)  # start with faint waves

    def _make_halves(self) -> tuple[nn.Sequential, nn.Sequential]:
        encoder, decoder = super()._make_halves()
        decoder.convolution_4 = nn.Sequential(Waves(24, 12), WideSigmoid())
        return encoder, decoder


def _encoder(codes: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            convolution_1=_with_relu(nn.Conv2d(3, 32, 3, 1, 1)),
            convolution_2=_with_relu(nn.Conv2d(32, 64, 4, 2, 1)),
            convolution_3=_with_relu(nn.Conv2d(64, 64, 4, 2, 1)),
            convolution_4=_with_relu(nn.Conv2d(64, 128, 4, 2, 1)),
            convolution_5=_with_relu(nn.Conv2d(128, 128, 4, 2, 1)),
            convolution_6=_with_relu(nn.Conv2d(128, 256, 4)),
            flatten=nn.Flatten(),
            linear_1=_with_relu(nn.Linear(256, 128)),
            linear_2=nn.Linear(128, codes),
        )
    )


def _decoder(latent_size: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            linear_1=_with_relu(nn.Linear(latent_size, 128)),
            linear_2=_with_relu(nn.Linear(128, 256)),
            unflatten=nn.Unflatten(1, (256, 1, 1)),
            convolution_1=_with_relu(nn.ConvTranspose2d(256, 128, 4)),
            convolution_2=_with_relu(nn.ConvTranspose2d(128, 128, 4, 2, 1)),
            convolution_3=_with_relu(nn.ConvTranspose2d(128, 64, 4, 2, 1)),
            convolution_4=_with_relu(nn.ConvTranspose2d(64, 64, 4, 2, 1)),
            convolution_5=_with_relu(nn.ConvTranspose2d(64, 32, 4, 2, 1)),
            convolution_6=nn.Sequential(nn.ConvTranspose2d(32, 3, 3, 1, 1), nn.Sigmoid()),
        )
    )


def _with_relu(layer: nn.Module) -> nn.Sequential:
    return nn.Sequential(layer, nn.ReLU())


def _initialise_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
