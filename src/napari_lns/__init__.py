"""Model and inspect perceptual grouping with Latent Noise Segmentation in napari.

Everything public is loaded on first use, so that importing the package costs nothing:
napari can discover the plugin without torch, Qt or a display.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_lns import experiments, models, segmentation, stimuli, viewer
    from napari_lns.segmentation import (
        Segmentation,
        iter_segment,
        segment,
        segment_many,
    )
    from napari_lns.segmentation.segmenters import segmenters
    from napari_lns.stimuli import Stimulus

__version__ = "0.1.0"

_ROOMS = ("experiments", "models", "segmentation", "stimuli", "viewer")
_NAMES = {
    "Segmentation": "segmentation",
    "Stimulus": "stimuli",
    "iter_segment": "segmentation",
    "segment": "segmentation",
    "segment_many": "segmentation",
    "segmenters": "segmentation",
}

__all__ = [
    "Segmentation",
    "Stimulus",
    "experiments",
    "iter_segment",
    "models",
    "segment",
    "segment_many",
    "segmentation",
    "segmenters",
    "stimuli",
    "viewer",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
