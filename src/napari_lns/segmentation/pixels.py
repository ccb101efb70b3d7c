"""`pixel_features`: the features by which pixels are clustered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_lns._parameters import complete_parameters, inspect_parameters
from napari_lns.segmentation.inputs import check_image, check_seed
from napari_lns.segmentation.lns.settings import LNSSettings

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike
    from napari_lns.segmentation.inputs import ImageLike
    from napari_lns.segmentation.lns.features import PixelFeatures

__all__ = ["pixel_features"]


def pixel_features(
    image: ImageLike,
    model: ModelLike,
    *,
    seed: int = 0,
    device: str = "auto",
    **parameters: object,
) -> PixelFeatures:
    """Compute the features by which `napari_lns.segment` clusters the pixels of an image.

    Parameters
    ----------
    image
        As for `napari_lns.segment`.
    model
        A model, its name or the path of its weights.
    seed
        Random seed of the noise.
    device
        Device to run on, as for `napari_lns.segment`.
    **parameters
        Parameters of `LNSSettings`.

    Returns
    -------
    PixelFeatures

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.models import AutoEncoder
    >>> pixel_features(np.zeros((64, 64)), AutoEncoder(), method="exact").features.shape
    (4096, 45)
    """
    from napari_lns.models.running import prepare_model
    from napari_lns.segmentation.lns import engine  # PyTorch is slow to import

    settings = LNSSettings(**complete_parameters(inspect_parameters(LNSSettings), parameters))
    pixels = check_image(image).image
    return engine.pixel_features(pixels, prepare_model(model, device), settings, check_seed(seed))
