"""`Run`: the state of a training run of IIC, which advances step by step and resumes exactly."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns._parameters import name_file_in_errors
from napari_lns.models.devices import resolve_device
from napari_lns.models.iic.clustering import image_losses
from napari_lns.models.iic.data import stream_images
from napari_lns.models.iic.dense import pixel_losses
from napari_lns.models.iic.networks import DigitNetwork, IICNetwork, PhotoNetwork, PixelNetwork
from napari_lns.models.iic.settings import IICSettings
from napari_lns.models.training.checkpoint import load_tensors, restore_training, save_training

__all__ = ["Run", "new_network"]

Images = NDArray[np.float32]


def new_network(settings: IICSettings, size: tuple[int, int]) -> IICNetwork:
    """Return the initial network of a run on images of a size, with random weights.

    Examples
    --------
    >>> new_network(IICSettings(clusters=4), (64, 64)).main.clusters
    4
    """
    heads = {
        "clusters": settings.clusters,
        "auxiliary": settings.auxiliary,
        "copies": settings.copies,
        "width": settings.width,
    }
    network: IICNetwork
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        if settings.network == "digits":
            network = DigitNetwork(size, **heads)  # type: ignore[arg-type]
        elif settings.network == "photos":
            network = PhotoNetwork(**heads)  # type: ignore[arg-type]
        else:
            network = PixelNetwork(**heads, sobel=settings.sobel)  # type: ignore[arg-type]
    network.card = {"kind": "iic", "settings": settings.to_json(), "size": list(size)}
    return network


class Run:
    """A training run that advances step by step, and resumes exactly from a checkpoint.

    Parameters
    ----------
    settings
        Training data and hyperparameters.
    own_images
        Images (n, channels, H, W) to use instead of those that the settings name.
    device
        Device for training.

    Examples
    --------
    >>> run = Run(IICSettings(data="kanizsa", steps=4, batch=2))
    >>> loss = run.advance()
    >>> run.step
    1
    """

    def __init__(
        self, settings: IICSettings, own_images: Images | None = None, device: str = "auto"
    ) -> None:
        self.settings, self.step = settings, 0
        self.device = resolve_device(device)
        self._own_images = own_images
        self._batches = stream_images(settings, own_images)
        self._first: Images | None = next(self._batches)
        channels = 1 if settings.network == "digits" else 3
        if self._first.shape[1] != channels:
            raise ValueError(
                f"the images have {self._first.shape[1]} channels: the network for "
                f"{settings.network} takes {channels}"
            )
        self.size = (self._first.shape[2], self._first.shape[3])
        self.network = new_network(settings, self.size).to(self.device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=settings.rate)

    def advance(self) -> Tensor:
        """Do one step with the next head, and return the mean loss of its sub-heads."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate(self.step)
        head = self.network.heads[self.step % len(self.network.heads)]
        batch = torch.from_numpy(self._next()).to(self.device)
        # seeded by the step, so that a resumed run equals an uninterrupted one
        generator = torch.Generator().manual_seed(self.settings.seed * 1_000_003 + self.step)
        losses_of = pixel_losses if self.settings.network == "pixels" else image_losses
        losses = losses_of(self.network, head, batch, self.settings, generator)
        self.optimizer.zero_grad(set_to_none=True)
        losses.mean().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        head.update_losses(losses.detach())
        self.step += 1
        return losses.detach().mean()

    def save(self, path: str | os.PathLike[str], notes: Mapping[str, Any] | None = None) -> None:
        """Write the state of the run to a file, completely or not at all."""
        state = {"step": self.step, "settings": self.settings.to_json()}
        save_training(path, self.network, self.optimizer, {**(notes or {}), **state})

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], own_images: Images | None = None, device: str = "auto"
    ) -> tuple[Run, dict[str, Any]]:
        """Return the run of a checkpoint, and the notes in it."""
        tensors, notes = load_tensors(path)
        try:
            with name_file_in_errors(path):
                settings = IICSettings.from_json(notes["settings"])
            run = cls(settings, own_images, device)
            run._restore(tensors, int(notes["step"]))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ValueError(
                f"{os.fspath(path)!r} is not a checkpoint of an IIC run ({error}): "
                "remove it to start again"
            ) from error
        return run, notes

    def _next(self) -> Images:
        batch, self._first = self._first, None
        return next(self._batches) if batch is None else batch

    def _restore(self, tensors: Mapping[str, Tensor], step: int) -> None:
        restore_training(self.network, self.optimizer, tensors)
        self.step, self._first = step, None
        self._batches = stream_images(self.settings, self._own_images, start=step)
