"""Sample data for napari's File menu: every Good Gestalt set and every stimulus."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari_lns import stimuli
from napari_lns.stimuli import good_gestalt
from napari_lns.viewer.layers.readers import LayerData, stimuli_layer_data

__all__ = ["sample"]

STACK_SIZE = 20


def sample(name: str) -> list[LayerData]:
    """Return the layers of a sample: the first test images of a set as a stack, or one stimulus."""
    if name in good_gestalt.NAMES:
        return stimuli_layer_data(good_gestalt.draw(name, "test", STACK_SIZE), name)
    return stimuli_layer_data([stimuli.draw(name)], name)


def __getattr__(name: str) -> Any:
    if name in stimuli.names():  # the manifest has one command per stimulus
        return partial(sample, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
