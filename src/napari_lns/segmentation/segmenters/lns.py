"""Latent Noise Segmentation as a segmenter; its parameters are those of `LNSSettings`.

This module imports no torch, so that a widget can list the parameters at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import accept_settings
from napari_lns.segmentation.lns.settings import LNSSettings
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmenters import FunctionSegmenter

if TYPE_CHECKING:
    from napari_lns.models.running import ReadyModel

__all__ = ["iter_lns", "lns"]


@accept_settings(LNSSettings)
def iter_lns(
    image: NDArray[np.float32],
    model: ReadyModel,
    *,
    clusters: int | str,
    seed: int,
    device: str,
    settings: LNSSettings,
) -> Iterator[Progress]:
    """Latent Noise Segmentation (Lonnqvist, Wu & Herzog, ICML 2024).

    Parameters
    ----------
    image
        The image, (H, W, 3).
    model
        The prepared model.
    clusters
        Number of segments, or ``"auto"``.
    seed
        Random seed.
    device
        Not used: the prepared model is on its device.

    Returns
    -------
    iterator of Progress
    """
    from napari_lns.segmentation.lns.engine import run

    return run(image, model, settings, clusters, seed)


lns = FunctionSegmenter(
    "lns",
    "Latent noise (LNS)",
    iter_lns,
    has_tree=True,
    needs_model=True,
    has_latent_noise=True,
)
