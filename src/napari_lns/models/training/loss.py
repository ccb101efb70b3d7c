"""The training losses: reconstruction error, divergence with GECO, and the colour head."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_lns.models.networks import AutoEncoder, VariationalAutoEncoder

__all__ = ["Learner"]

COARSE = 8  # the colour head's image is 8 × 8
LEAST_CONTRAST = 1e-3  # a variance that limits the weight of flat images


class Learner(nn.Module):
    """A network with the parts that only training needs: a colour head and the state of GECO.

    Without the colour head, the encoder discards colour early in training; then the decoder does
    not use colour, and no gradient restores it. The head is a linear map from the latents to a
    coarse image. GECO (Rezende & Viola 2018) adapts the weight β of the VAE's divergence so that
    the error stays near its goal.

    Parameters
    ----------
    network
        The network to train.
    goal
        Squared error per pixel and channel that GECO maintains for a VAE.
    geco_speed
        Factor on the speed at which β changes in the paper.
    contrast_power
        Power of an image's contrast by which its error is divided; see `Settings`.
    chroma_weight
        Weight of chroma relative to brightness in the head's error; see `Settings`.
    dropout
        Share of the encoder's responses that are set to zero; see `Settings`.
    """

    beta: Tensor
    average_error: Tensor

    def __init__(
        self,
        network: AutoEncoder,
        goal: float = 0.0006,
        geco_speed: float = 1.0,
        contrast_power: float = 0.0,
        chroma_weight: float = 1.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.network = network
        self.goal = goal
        self.geco_speed = geco_speed
        self.contrast_power = contrast_power
        self.chroma_weight = chroma_weight
        self.dropout = dropout
        self.head = nn.Linear(network.latent_size, 3 * COARSE * COARSE)
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, 0.5)
        self.register_buffer("beta", torch.ones(()))
        self.register_buffer("average_error", torch.full((), torch.nan))

    def forward(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the error, the weighted error, the divergence and the colour head's error.

        All are sums over the pixels and channels of images (n, 3, H, W), averaged over the batch.
        """
        latents, divergence = self._latents(images, noise)
        features = latents
        *body, last = self.network.decoder
        for layer in body:
            features = layer(features)
        # sigmoid in float32: bfloat16 is too coarse near 1, the value of light backgrounds
        convolution, sigmoid = cast(nn.Sequential, last)
        reconstructions = sigmoid(convolution(features).float())
        errors = (reconstructions - images).square().sum(dim=(1, 2, 3))
        weighted = (errors * self._weights(images)).mean()
        cell = images.shape[-1] // COARSE
        coarse = F.avg_pool2d(images, cell).flatten(1)
        differences = (self.head(latents).float() - coarse).unflatten(1, (3, -1))
        grey = differences.mean(dim=1, keepdim=True)
        chroma = (differences - grey).square().sum()
        head_error = 3 * grey.square().sum() + self.chroma_weight * chroma
        return errors.mean(), weighted, divergence, head_error * cell**2 / len(images)

    def _weights(self, images: Tensor) -> Tensor:
        contrast = images.var(dim=(2, 3)).mean(dim=1) + LEAST_CONTRAST
        weights = contrast**-self.contrast_power
        return weights / weights.mean()

    def _latents(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        codes = self._encode(images)
        if not isinstance(self.network, VariationalAutoEncoder):
            return codes, images.new_zeros(())
        means, log_variances = (part.float() for part in codes.chunk(2, dim=1))
        divergence = 0.5 * (means.square() + log_variances.exp() - 1 - log_variances)
        return means + noise * torch.exp(0.5 * log_variances), divergence.sum(dim=1).mean()

    def _encode(self, images: Tensor) -> Tensor:
        """Return the encoder's output for images, with dropout in its convolutions."""
        if not self.dropout:
            codes: Tensor = self.network.encoder(images)
            return codes
        features = images
        for layer in self.network.encoder:
            features = layer(features)
            if features.ndim == 4 and features.shape[-1] > 1:  # for all but the last convolution
                features = F.dropout(features, self.dropout)
        return features

    @torch.no_grad()
    def move_beta(self, error: Tensor, elements: int) -> None:
        """Update GECO's β after a step, given its summed error and the size of an image."""
        average = torch.where(
            self.average_error.isnan(), error, 0.99 * self.average_error + 0.01 * error
        )
        constraint = self.goal * elements - average
        speed = self.geco_speed * 1e-5 * (3 * 64 * 64 / elements)
        exponent = speed * torch.where(constraint > 0, 10 * constraint, constraint)
        self.average_error.copy_(average)
        self.beta.copy_((self.beta * exponent.clamp(-50, 50).exp()).clamp(1e-10, 1e10))
