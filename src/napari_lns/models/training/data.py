"""The images that a network is trained on: stimuli drawn on the fly, or a folder's files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns.models.training.settings import Settings
from napari_lns.stimuli import good_gestalt

__all__ = ["images"]

Batches = Iterator[NDArray[np.float32]]


def images(settings: Settings, start: int = 0, split: str = "train") -> Batches:
    """Give endless batches (n, 3, H, W), from any step on without drawing what came before."""
    seed, batch = settings.seed, settings.batch
    if len(settings.data) == 1:
        name = settings.data[0]
        if name in good_gestalt.NAMES:
            return good_gestalt.stream(name, split=split, batch=batch, seed=seed, start=start)
        if Path(name).is_dir():
            return folder(Path(name), batch=batch, seed=seed, start=start)
    return stimuli.stream(settings.data, batch=batch, seed=seed, start=start)


def folder(path: Path, *, batch: int, seed: int, start: int = 0, size: int = 64) -> Batches:
    """Give endless random crops of a folder's images, flipped at random, scaled to `size`."""
    raise NotImplementedError
