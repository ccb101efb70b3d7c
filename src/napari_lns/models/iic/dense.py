"""IIC for pixels: the losses of a training step, and the cluster probabilities of pixels."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from napari_lns.models.iic.data import as_batch
from napari_lns.models.iic.loss import dense_loss
from napari_lns.models.iic.networks import Heads, IICNetwork
from napari_lns.models.iic.settings import IICSettings
from napari_lns.models.iic.transforms import transform_images, unwarp

__all__ = ["pixel_losses", "probabilities"]


def pixel_losses(
    network: IICNetwork, head: Heads, images: Tensor, settings: IICSettings, generator: Generator
) -> Tensor:
    """Compute the loss of each sub-head (copies,) on images and transformed versions of them.

    Parameters
    ----------
    network, head
        The network, and the head to use.
    images
        A batch (n, 3, H, W).
    settings
        The settings, of which ``pairs``, ``reach``, ``evenness`` and ``transform`` are used.
    generator
        Random generator of the transforms.
    """
    versions, geometry = transform_images(
        settings.transform, images.repeat(settings.pairs, 1, 1, 1), generator
    )
    outputs = network(torch.cat([images, versions]), head)
    plain, changed = outputs.split([len(images), len(versions)], dim=1)
    plain = plain.repeat(1, settings.pairs, 1, 1, 1)
    unwarped = [unwarp(maps, geometry) for maps in changed]
    losses = [
        dense_loss(one, other, reach=settings.reach, mask=mask, evenness=settings.evenness)
        for one, (other, mask) in zip(plain, unwarped, strict=True)
    ]
    return torch.stack(losses)


@torch.no_grad()
def probabilities(network: IICNetwork, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cluster probabilities of pixels by the sub-head with the lowest training loss.

    Parameters
    ----------
    network
        A trained pixel network.
    image
        An image (H, W, 3) in [0, 1], of at least 4 × 4 pixels.

    Returns
    -------
    numpy.ndarray
        Probabilities (C, H, W) as float32.

    Examples
    --------
    >>> from napari_lns.models.iic.networks import PixelNetwork
    >>> network = PixelNetwork(clusters=3, width=0.1)
    >>> probabilities(network, np.zeros((8, 9, 3), np.float32)).shape
    (3, 8, 9)
    """
    was_training = network.training
    network.eval()
    device = next(network.parameters()).device
    outputs = network(torch.from_numpy(as_batch(image)).to(device))
    network.train(was_training)
    result: NDArray[np.float32] = outputs[network.main.best, 0].cpu().numpy()
    return result
