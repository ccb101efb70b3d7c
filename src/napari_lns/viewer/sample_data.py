"""Samples in napari's File menu: every Good Gestalt set and every illusion."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari_lns import stimuli
from napari_lns.stimuli import good_gestalt
from napari_lns.viewer.layers.readers import LayerData, layer_data_of

__all__ = ["sample"]

IN_A_STACK = 20


def sample(name: str) -> list[LayerData]:
    """Return the layers of a sample: a set's first test images as a stack, or one illusion."""
    if name in good_gestalt.NAMES:
        return layer_data_of(good_gestalt.draw(name, "test", IN_A_STACK), name)
    return layer_data_of([stimuli.draw(name)], name)


def __getattr__(name: str) -> Any:
    if name in stimuli.names():  # the manifest names one command for each stimulus
        return partial(sample, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
