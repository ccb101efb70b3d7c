"""Latent rescaling: change the scale of the latent axes without changing any reconstruction.

An invertible matrix after the encoder and its inverse before the decoder leave every
reconstruction unchanged, so training does not determine the scale of the latents. The effect of
equal noise in all units, however, depends on it. Rescaling enlarges the effect of noise along axes
that many pixels respond to, such as the colour of a surface, and reduces it along axes that few
pixels respond to strongly, such as the place of a figure. Otherwise the responses of moving edges
would dominate those that the pixels of a surface share.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from napari_lns.models.derivative import derivative
from napari_lns.models.networks import AutoEncoder, VariationalAutoEncoder

__all__ = ["rescale_latents", "response_second_moment"]

LEAST = 1e-6  # smallest eigenvalue relative to the largest, so that no axis vanishes


@torch.no_grad()
def response_second_moment(network: AutoEncoder, images: Tensor) -> Tensor:
    """Compute the second moment of responses: the mean of u uᵀ over pixels and channels.

    u is the direction in latent space that a pixel responds to, that is the derivative of its
    value with respect to the latents, scaled to length 1 as in the exact method. Every pixel and
    channel has the same weight, however strong its response.

    Parameters
    ----------
    network
        The network, on the CPU.
    images : (n, 3, h, w) tensor
        Images from the network's training distribution.

    Returns
    -------
    (z, z) tensor
        A symmetric matrix in double precision, scaled to a trace of z.

    Examples
    --------
    >>> moment = response_second_moment(AutoEncoder().eval(), torch.rand(2, 3, 64, 64))
    >>> round(float(moment.trace()), 6)
    15.0
    """
    size = network.latent_size
    moment = torch.zeros(size, size, dtype=torch.float64)
    for latents in network.encode(images):
        point = latents.repeat(size, 1)
        responses = derivative(network.decode, point, torch.eye(size)).flatten(1)
        lengths = torch.linalg.vector_norm(responses, dim=0)
        directions = responses / lengths.where(lengths > 0, 1)
        moment += (directions @ directions.T).double()
    return moment * (size / moment.trace())


@torch.no_grad()
def rescale_latents(network: AutoEncoder, power: float) -> AutoEncoder:
    """Return a network with rescaled latents and the same reconstructions.

    Let M be the second moment of responses (the card's `votes`). The latents z of the network as
    trained become M⁻ᵖ z, and the decoder multiplies its input by Mᵖ.

    Parameters
    ----------
    network
        The network, which is not changed. Its card contains `votes` and the present power.
    power
        The new power p. 0 is the network as trained. With 0.5, equal noise in all units equals
        noise with the covariance M in the latents as trained.

    Returns
    -------
    AutoEncoder
        A network of the same kind. Its card has the new power and latent spread. If the power
        differs from the present one, the card has no scores and limits.

    Examples
    --------
    >>> from napari_lns import models
    >>> plain = rescale_latents(models.load("kanizsa-vae"), 0)
    >>> plain.card.axes_power
    0
    """
    card = network.card
    if card is None or not card.votes:
        raise ValueError(
            "the network's card lacks the second moment of responses (`votes`): finish its "
            "training run again with `napari-lns models finish`"
        )
    scale, inverse = (
        _matrix_power(card.votes, sign * (power - card.axes_power)) for sign in (1, -1)
    )
    rescaled = copy.deepcopy(network)
    first_layer = cast(nn.Linear, cast(nn.Sequential, rescaled.decoder[0])[0])
    last_layer, size = cast(nn.Linear, rescaled.encoder[-1]), network.latent_size
    device = first_layer.weight.device  # the CPU multiplies, in double precision
    first_layer.weight.copy_((first_layer.weight.cpu().double() @ scale).float().to(device))
    last_layer.weight[:size] = (
        (inverse @ last_layer.weight[:size].cpu().double()).float().to(device)
    )
    last_layer.bias[:size] = (inverse @ last_layer.bias[:size].cpu().double()).float().to(device)
    total_scale = _matrix_power(card.votes, -power)
    if isinstance(rescaled, VariationalAutoEncoder):
        rescaled.variance_shares = total_scale.square().float().to(device) if power else None
    covariance = torch.tensor(card.covariance, dtype=torch.float64)
    spread = float((total_scale @ covariance @ total_scale).trace() / size) ** 0.5
    reset: dict[str, Any] = {} if power == card.axes_power else {"scores": {}, "limits": None}
    rescaled.card = replace(card, axes_power=power, latent_spread=spread, **reset)
    return rescaled


def _matrix_power(moment: object, power: float) -> Tensor:
    values, axes = torch.linalg.eigh(torch.tensor(moment, dtype=torch.float64))
    matrix: Tensor = (axes * values.clamp_min(LEAST * float(values[-1])) ** power) @ axes.T
    return matrix
