"""A stimulus for napari-lns: importing this module registers it."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from napari_lns.stimuli import Range, Stimulus, register

__all__ = ["bright_half"]


@register(group="Brightness", control={"contrast": 0.0}, random=False)
def bright_half(
    *,
    size: Annotated[int, Range(16, 1024, "px")] = 64,
    contrast: Annotated[float, Range(0, 1)] = 0.5,
    seed: int = 0,
) -> Stimulus:
    """Bright half: one half of the image is seen as brighter.

    Parameters
    ----------
    size
        Side of the image.
    contrast
        Difference of the halves.
    """
    labels = np.zeros((size, size), int)
    labels[:, size // 2 :] = 1
    image = 0.5 - contrast / 2 + contrast * labels[..., None].repeat(3, axis=2)
    return Stimulus(image, labels, {0: "background", 1: "bright half"})
