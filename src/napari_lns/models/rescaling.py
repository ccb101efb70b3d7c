"""A latent layer's axes, stretched so that noise moves pixels by the surfaces they lie on.

Any invertible matrix can be put behind the encoder, and its inverse before the decoder: every image
is reconstructed as before, so nothing in training sets a latent's scale. But equal noise in all
units then asks another question. Here axes along which many pixels answer, such as a surface's
colour, are stretched, and those along which few answer far, such as a figure's place, are pressed
together: an edge that moves would else drown what the pixels beside it have in common.
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

LEAST = 1e-6  # of the greatest eigenvalue: no axis is pressed flat


@torch.no_grad()
def response_second_moment(network: AutoEncoder, images: Tensor) -> Tensor:
    """Return the mean of u uᵀ, where u is the direction in latent space that a pixel answers to.

    That is its derivative scaled to length 1, in each channel, as in the exact method: every pixel
    and channel has one vote, however strongly it answers.

    Parameters
    ----------
    network
        The network, on the CPU.
    images : (n, 3, h, w) tensor
        Images of the kind that it was trained on.

    Returns
    -------
    (z, z) tensor
        Symmetric, in double precision, scaled to a trace of z.

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

    With M, the second moment of responses (the card's `votes`), the latents z of the network as it
    was trained become M⁻ᵖ z, and the decoder receives Mᵖ times its input.

    Parameters
    ----------
    network
        The network, which is not changed. Its card holds the votes and its present power.
    power
        The new power: 0 is the network as trained; with 0.5, equal noise in all units is noise
        with the covariance M in the latents as trained.

    Returns
    -------
    AutoEncoder
        A network of the same kind, its card with the new power and spread, and without scores
        and limits, which were another's.

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
            "the network's card tells no votes of its pixels: finish its training run again with "
            "`napari-lns models finish`"
        )
    scale, inverse = (
        _matrix_power(card.votes, sign * (power - card.axes_power)) for sign in (1, -1)
    )
    rescaled = copy.deepcopy(network)
    first_layer = cast(nn.Linear, cast(nn.Sequential, rescaled.decoder[0])[0])
    last_layer, size = cast(nn.Linear, rescaled.encoder[-1]), network.latent_size
    device = first_layer.weight.device  # not every device has double precision: the CPU multiplies
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
