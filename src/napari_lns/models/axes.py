"""A latent layer's axes, stretched so that noise moves pixels by the surfaces they lie on.

Any invertible matrix can be put behind the encoder, and its inverse before the decoder: every image
is redrawn as before, so nothing in training sets a latent's scale. But noise that is equal in all
units then asks another question. Here axes along which many pixels answer, such as a surface's
colour, are stretched, and those along which few answer far, such as a figure's place, are pressed
together: an edge that moves would else drown what the pixels beside it have in common.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from napari_lns.models.networks import AutoEncoder, VariationalAutoEncoder

__all__ = ["answered", "stretched"]

LEAST = 1e-6  # of the greatest eigenvalue: no axis is pressed flat


@torch.no_grad()
def answered(network: AutoEncoder, images: Tensor) -> Tensor:
    """Give the mean of u uᵀ, where u is the direction in latent space that a pixel answers to.

    That is its derivative scaled to length 1, in each channel, as in the exact method: every pixel
    and channel has one vote, however strongly it answers.

    Parameters
    ----------
    network
        The network.
    images : (n, 3, h, w) tensor
        Images of the kind that it was trained on.

    Returns
    -------
    (z, z) tensor
        Symmetric, in double precision, scaled to a trace of z.

    Examples
    --------
    >>> float(answered(AutoEncoder().eval(), torch.rand(2, 3, 64, 64)).trace().round(decimals=6))
    15.0
    """
    size = network.latent_size
    votes = torch.zeros(size, size, dtype=torch.float64)
    for latents in network.encode(images):
        here = latents.repeat(size, 1)
        moved = torch.func.jvp(network.decode, (here,), (torch.eye(size),))[1].flatten(1)
        lengths = torch.linalg.vector_norm(moved, dim=0)
        directions = moved / lengths.where(lengths > 0, 1)
        votes += (directions @ directions.T).double()
    return votes * (size / votes.trace())


@torch.no_grad()
def stretched(network: AutoEncoder, votes: Tensor, power: float, images: Tensor) -> AutoEncoder:
    """Give a network that redraws alike, its latents stretched by a power of the pixels' votes.

    Parameters
    ----------
    network
        The network; it stays as it is.
    votes : (z, z) tensor
        What `answered` gave.
    power
        0 changes nothing; equal noise in all units after 0.5 is noise with the covariance `votes`
        before.
    images : (n, 3, h, w) tensor
        A variational network tells variances along its own axes only; on these images those of
        the stretched latents are told as nearly as can be.

    Returns
    -------
    AutoEncoder
        A network of the same kind.

    Examples
    --------
    >>> network, images = AutoEncoder().eval(), torch.rand(2, 3, 64, 64)
    >>> other = stretched(network, answered(network, images), 0.5, images)
    >>> torch.allclose(other(images), network(images), atol=1e-3)
    True
    """
    values, axes = torch.linalg.eigh(votes)
    values = values.clamp_min(LEAST * float(values[-1]))
    forth, back = ((axes * values**sign) @ axes.T for sign in (power, -power))
    other = copy.deepcopy(network)
    own, size = other.state_dict(), network.latent_size
    decoder, encoder = own["decoder.linear_1.0.weight"], own["encoder.linear_2.weight"]
    offset = own["encoder.linear_2.bias"]
    decoder.copy_(decoder.double() @ forth)
    encoder[:size] = back @ encoder[:size].double()
    offset[:size] = back @ offset[:size].double()
    if isinstance(network, VariationalAutoEncoder):
        spreads = network.moments(images)[1].double().exp() @ back.square().T
        told = _fitted(network.encoder[:-1](images), spreads.log())
        encoder[size:], offset[size:] = told[:-1].T, told[-1]
    return other


def _fitted(features: Tensor, wanted: Tensor) -> Tensor:
    """Give the weights, and below them the offsets, of the linear layer that comes nearest."""
    with_one = torch.cat((features, torch.ones(len(features), 1)), dim=1).double()
    weights: Tensor = torch.linalg.lstsq(with_one, wanted, driver="gelsd").solution
    return weights
