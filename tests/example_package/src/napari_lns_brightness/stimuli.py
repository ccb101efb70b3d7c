"""A stimulus: two bars, which are seen as one while the gap is small."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from napari_lns import stimuli
from napari_lns.stimuli import Range, Stimulus

__all__ = ["two_bars"]


@stimuli.register(group="Proximity", control={"gap": 8}, random=False)
def two_bars(
    *,
    size: Annotated[int, Range(48, 1024, "px")] = 64,
    gap: Annotated[int, Range(0, 8, "px")] = 2,
    seed: int = 0,
) -> Stimulus:
    """Two bars: they are seen as one while the gap is small.

    Parameters
    ----------
    size
        Height and width of the image.
    gap
        Distance between the bars.
    """
    labels = np.zeros((size, size), np.int32)
    labels[20:44, 28 - gap // 2 : 32 - gap // 2] = 1
    labels[20:44, 32 + gap // 2 : 36 + gap // 2] = 2
    image = np.where(labels[..., None] > 0, 0.2, 0.8).repeat(3, axis=2)
    return Stimulus(image, labels, {0: "background", 1: "left bar", 2: "right bar"})
