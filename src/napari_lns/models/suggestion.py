"""`suggest`: find a shipped network for an image, and whether the image fits it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from napari_lns._levels import Level
from napari_lns.models import zoo
from napari_lns.models.assessment import assess
from napari_lns.models.networks import AutoEncoder
from napari_lns.stimuli import Stimulus

__all__ = ["Fit", "Suggestion", "suggest"]


@dataclass(frozen=True)
class Fit:
    """The reconstruction of an image by one network.

    Parameters
    ----------
    model
        Name of the network.
    error
        Squared reconstruction error, mean over pixels and channels.
    relative
        `error` over the network's mean error on held-out images of its training distribution.
    fits
        Whether the image is not out of distribution (`napari_lns.models.assessment.assess`).
    """

    model: str
    error: float
    relative: float
    fits: bool


@dataclass(frozen=True)
class Suggestion:
    """The suggested network for an image.

    Parameters
    ----------
    ranking
        The networks from best to worst: the one for the image's stimulus if it has a known name,
        or else all shipped networks by reconstruction error.
    stimulus
        Name of the stimulus whose network it is; empty if the image has no known name.

    Examples
    --------
    >>> print(Suggestion((Fit("occluded-bar", 0.0184, 41.0, fits=False),)))
    no shipped network reconstructs this image (best: occluded-bar, 41 × its usual error): ...
    """

    ranking: tuple[Fit, ...]
    stimulus: str = ""

    @property
    def model(self) -> str:
        """Name of the first network."""
        return self.ranking[0].model

    @property
    def fit(self) -> float:
        """Reconstruction error of the first network, relative to its usual error."""
        return self.ranking[0].relative

    @property
    def fits(self) -> bool:
        """Return whether the image is not out of distribution for the first network."""
        return self.ranking[0].fits

    @property
    def record(self) -> dict[str, Any]:
        """The suggestion in a JSON-compatible form."""
        return {"model": self.model, "fit": self.fit, "fits": self.fits, "sentence": str(self)}

    def __str__(self) -> str:
        """Return one sentence, without a full stop."""
        times = f"{self.fit:.2g}" if self.fit < 100 else f"{self.fit:.0f}"
        how = f"{times} × its usual error"
        if self.stimulus:
            end = "" if self.fits else ": this image is outside the domain that it was trained on"
            return f"{self.model}, the network for {self.stimulus} ({how}){end}"
        if self.fits:
            return f"{self.model} reconstructs this image best ({how})"
        return (
            f"no shipped network reconstructs this image (best: {self.model}, {how}): train one "
            "on a world of your own"
        )


def suggest(image: Stimulus | ArrayLike) -> Suggestion:
    """Suggest a shipped network for an image.

    For a stimulus with a known name, the network of its world is suggested (see `for_stimulus`).
    For any other image, all shipped networks are ranked by reconstruction error. The error
    relative to the network's usual error shows how well the image fits. It does not determine the
    ranking, since networks with coarse reconstructions would nearly always come first.

    Parameters
    ----------
    image
        A `Stimulus`; or an image (H, W, 3) or grey image (H, W), as float in [0, 1] or as uint8.

    Returns
    -------
    Suggestion
        The ranked networks.

    Raises
    ------
    ValueError
        If no network ships, or the array is not an image.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> suggest(draw("closure").image).ranking[0].model in suggest(draw("closure")).model
    True
    """
    stimulus = image.name if isinstance(image, Stimulus) else ""
    matching = zoo.names_for_world(stimulus)[:1] if stimulus else []
    names = matching or zoo.names()
    if not names:
        raise ValueError("no network ships with this installation: name a file of weights")
    batch = _as_batch(image.image if isinstance(image, Stimulus) else image)
    fits = [_measure_fit(name, batch) for name in names]
    return Suggestion(tuple(sorted(fits, key=lambda fit: fit.error)), stimulus if matching else "")


@torch.inference_mode()
def _measure_fit(name: str, images: Tensor) -> Fit:
    path = zoo.SHIPPED / f"{name}.safetensors"
    network = _load_network(path, path.stat().st_mtime_ns)
    size = network.image_size
    if tuple(images.shape[-2:]) != size:
        images = torch.nn.functional.interpolate(
            images, size, mode="bilinear", antialias=True
        ).clamp(0, 1)
    images = images.contiguous(memory_format=torch.channels_last)
    reconstruction = network.decode(network.encode(images))
    error = float((reconstruction - images).square().mean())
    card = network.card
    usual = card.training.get("error") if card else None
    pixels, output = (one[0].permute(1, 2, 0).numpy() for one in (images, reconstruction))
    fits = assess(card, pixels, output).level is not Level.OUT
    return Fit(name, error, error / usual if usual else float("nan"), fits)


@functools.lru_cache(maxsize=64)  # all shipped networks, of about 4 MB each
def _load_network(path: Path, modification_time: int) -> AutoEncoder:
    """Load a network, and cache it until its file changes."""
    return zoo.load(str(path))


def _as_batch(image: ArrayLike) -> Tensor:
    """Convert an image to a batch (1, 3, H, W) of float32 in [0, 1]."""
    array: NDArray[Any] = np.asarray(image)
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        raise ValueError(
            f"image has the shape {array.shape}: it must be (height, width, 3) or grey "
            "(height, width)"
        )
    floats = array.astype(np.float32) / (255 if array.dtype == np.uint8 else 1)
    if not (floats.min() >= 0 and floats.max() <= 1):
        raise ValueError("image has values outside [0, 1], or NaN: bring them into [0, 1]")
    return torch.from_numpy(floats).permute(2, 0, 1)[None]
