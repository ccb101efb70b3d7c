"""Responses of pixels to changes of the latents: derivatives of the decoder in image units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.models.running import ReadyModel, prepare_model
from napari_lns.segmentation.inputs import check_image
from napari_lns.segmentation.lns.fitting import fit_image
from napari_lns.segmentation.lns.layer_names import LATENT
from napari_lns.segmentation.lns.source import prepare_source
from napari_lns.segmentation.segmentation import resize_map

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike
    from napari_lns.segmentation.inputs import ImageLike

__all__ = ["responses"]


def responses(image: ImageLike, model: ModelLike, *, device: str = "auto") -> NDArray[np.float32]:
    """Compute the responses of pixels to latent variation as large as over training images.

    The responses are the derivatives of the exact method along the principal axes of the latents,
    each scaled by the standard deviation of the latents along it. Their lengths and differences
    do not depend on latent rescaling or on unused units.

    Parameters
    ----------
    image
        As for `napari_lns.segment`.
    model
        A model, its name or the path of its weights. Its card holds the covariance of the latents;
        without a card, each latent unit has a standard deviation of 1.
    device
        Device to run on, as for `napari_lns.segment`.

    Returns
    -------
    (H, W, 3, z) array of float32
        In units of the image's values.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> responses(np.zeros((64, 64)), AutoEncoder()).shape
    (64, 64, 3, 15)
    """
    prepared = prepare_model(model, device).without_rescaling()
    checked = check_image(image)
    source = prepare_source(
        prepared, fit_image(checked.image, prepared.image_size, "resize"), LATENT
    )
    axes = _axes(prepared, source.activity.numel()).to(source.activity)
    derivatives = source.derivatives(axes.reshape(-1, *source.units))
    return resize_map(derivatives.permute(2, 3, 1, 0).cpu().numpy(), checked.image.shape[:2])


def _axes(model: ReadyModel, size: int) -> Tensor:
    """Return the principal axes of the latents as rows, scaled to their standard deviations."""
    covariance = getattr(model.card, "covariance", ())
    if len(covariance) == size:
        values, axes = torch.linalg.eigh(torch.tensor(covariance, dtype=torch.float64))
        scaled: Tensor = axes * values.clamp(min=0).sqrt()
        return scaled.T
    spread = getattr(model.card, "latent_spread", 1.0)
    return torch.eye(size, dtype=torch.float64) * (spread if math.isfinite(spread) else 1.0)
