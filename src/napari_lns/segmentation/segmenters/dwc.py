"""Diffusing, Walking and Cutting as a segmenter; its parameters are those of `DWCSettings`.

This module imports no torch, so that a widget can list the parameters at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import accept_settings
from napari_lns.segmentation.dwc.settings import DWCSettings
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmenters import FunctionSegmenter

if TYPE_CHECKING:
    from napari_lns.models.running import ReadyModel

__all__ = ["dwc", "iter_dwc"]


@accept_settings(DWCSettings)
def iter_dwc(
    image: NDArray[np.float32],
    model: ReadyModel | None,
    *,
    clusters: int | str,
    seed: int,
    device: str,
    settings: DWCSettings,
) -> Iterator[Progress]:
    """Diffusing, Walking and Cutting (Ivanova, Aversa, Henderson & Williamson, WACV 2026).

    Parameters
    ----------
    image
        The image, (H, W, 3).
    model
        The prepared model for the source ``lns``; None for the others.
    clusters
        Number of segments, or ``"auto"`` to estimate it by the rule.
    seed
        Random seed.
    device
        Device to run on.

    Returns
    -------
    iterator of Progress
    """
    from napari_lns.segmentation.dwc.cutting import Cutting, run
    from napari_lns.segmentation.dwc.walk_sources import iter_walk

    sources = iter_walk(image, model, settings, seed=seed, device=device)
    return run(image, sources, Cutting(clusters, settings))


@dataclass(frozen=True)
class _DWC(FunctionSegmenter):
    def needs_model_for(self, parameters: Mapping[str, Any]) -> bool:
        """Return whether the walk comes from a model's responses."""
        return bool(parameters.get("source", "lns") == "lns")


dwc = _DWC("dwc", "Diffusing, walking, cutting (DWC)", iter_dwc, has_tree=True, needs_model=True)
