"""How strongly pixels respond: the decoder's derivatives in image units, not normalised."""

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
    """Compute how each pixel responds when the latents vary as much as over training images.

    These are the derivatives of the exact method along the latents' principal axes, each scaled by
    the standard deviation of the latents along it. Neither a rescaling of the latents nor units
    that carry nothing change their lengths and differences.

    Parameters
    ----------
    image
        As for `napari_lns.segment`.
    model
        A model, its name or the path of its weights. Its card holds the latents' covariance;
        without a card every latent unit counts with a standard deviation of 1.
    device
        Where to run.

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
    """Return the latents' principal axes, one a row, as long as their standard deviations."""
    covariance = getattr(model.card, "covariance", ())
    if len(covariance) == size:
        values, axes = torch.linalg.eigh(torch.tensor(covariance, dtype=torch.float64))
        scaled: Tensor = axes * values.clamp(min=0).sqrt()
        return scaled.T
    spread = getattr(model.card, "latent_spread", 1.0)
    return torch.eye(size, dtype=torch.float64) * (spread if math.isfinite(spread) else 1.0)
