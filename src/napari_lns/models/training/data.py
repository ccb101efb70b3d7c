"""Stream training images: the world of a stimulus or a scene, a mixture, or a folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns._pool import thread_pool
from napari_lns.models.training import folder
from napari_lns.models.training.settings import Settings
from napari_lns.stimuli import good_gestalt, worlds
from napari_lns.stimuli.scene import Scene

__all__ = ["prefetch", "stream_images"]


def stream_images(settings: Settings, start: int = 0) -> Iterator[NDArray[np.float32]]:
    """Stream batches (n, 3, H, W) endlessly, from any step without drawing the earlier ones."""
    first, *others = settings.data
    batch, seed = settings.batch, settings.seed
    if not others and first in (*worlds.names(), *good_gestalt.NAMES):
        growth = round(settings.growth * settings.steps)
        return stimuli.world(first, seed=seed, batch=batch, start=start, growth=growth)
    if not others and first.endswith(".json"):
        return Scene.load(first).world(seed=seed, batch=batch, start=start)
    if not others and Path(first).is_dir():
        return folder.stream(
            Path(first),
            batch=batch,
            seed=seed,
            start=start,
            fit=settings.fit,
            mirror=settings.mirror,
        )
    return stimuli.stream(settings.data, batch=batch, seed=seed, start=start)


def prefetch(
    batches: Iterator[NDArray[np.float32]], depth: int = 4
) -> Iterator[NDArray[np.float32]]:
    """Draw batches in a thread, ahead of their use, while a GPU processes earlier ones."""
    with thread_pool(1, "draw ahead") as pool:  # one thread, which keeps their order
        pending = deque(pool.submit(next, batches) for _ in range(depth))
        while True:
            pending.append(pool.submit(next, batches))
            yield pending.popleft().result()
