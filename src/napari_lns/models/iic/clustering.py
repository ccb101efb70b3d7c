"""IIC for whole images: the losses of a training step, and the clusters of images."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from napari_lns.models.iic.loss import clustering_loss
from napari_lns.models.iic.networks import Heads, IICNetwork
from napari_lns.models.iic.settings import IICSettings
from napari_lns.models.iic.transforms import transform_images

__all__ = ["cluster", "image_losses"]


def image_losses(
    network: IICNetwork, head: Heads, images: Tensor, settings: IICSettings, generator: Generator
) -> Tensor:
    """Compute the loss of each sub-head (copies,) on images and transformed versions of them.

    Parameters
    ----------
    network, head
        The network, and the head to use.
    images
        A batch (n, channels, H, W).
    settings
        The settings, of which ``pairs``, ``evenness`` and ``transform`` are used.
    generator
        Random generator of the transforms.
    """
    versions, _ = transform_images(
        settings.transform, images.repeat(settings.pairs, 1, 1, 1), generator
    )
    outputs = network(torch.cat([images, versions]), head).flatten(2)
    plain, changed = outputs.split([len(images), len(versions)], dim=1)
    plain = plain.repeat(1, settings.pairs, 1)
    return clustering_loss(plain, changed, evenness=settings.evenness)


@torch.no_grad()
def cluster(
    network: IICNetwork, images: NDArray[np.float32], head: Heads | None = None
) -> NDArray[np.int64]:
    """Return the cluster of each image by the sub-head that had the lowest training loss.

    Parameters
    ----------
    network
        A trained network for whole images.
    images
        Images (n, channels, H, W).
    head
        The head to use. The default is the network's main head.

    Returns
    -------
    numpy.ndarray
        The clusters (n,), numbered from 0.

    Examples
    --------
    >>> from napari_lns.models.iic.networks import DigitNetwork
    >>> cluster(DigitNetwork((8, 8), width=0.1), np.zeros((3, 1, 8, 8), np.float32)).shape
    (3,)
    """
    used_head = head or network.main
    was_training = network.training
    network.eval()
    device = next(network.parameters()).device
    parts = [
        network(part.to(device), used_head)[used_head.best].flatten(1).argmax(dim=1).cpu()
        for part in torch.split(torch.from_numpy(images), 512)
    ]
    network.train(was_training)
    clusters: NDArray[np.int64] = torch.cat(parts).numpy()
    return clusters
