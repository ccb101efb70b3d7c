"""Convert drawn shapes to masks of the pixels that they enclose."""

from __future__ import annotations

import numpy as np
from napari.layers import Layer, Shapes
from numpy.typing import NDArray

__all__ = ["shape_masks"]

Mask = NDArray[np.bool_]
OPEN_SHAPES = ("line", "path")  # shapes without an inside


def shape_masks(shapes: Shapes, over: Layer) -> dict[str, Mask]:
    """Return masks of the pixels inside closed shapes, by name; ignore lines and paths.

    Parameters
    ----------
    shapes
        The Shapes layer.
    over
        The layer with the pixels.
    """
    masks = shapes.to_masks(mask_shape=over.data.shape[-2:])
    kinds = zip(masks, shapes.shape_type, strict=True)
    closed = [mask for mask, kind in kinds if kind not in OPEN_SHAPES]
    return {f"shape {number}": mask for number, mask in enumerate(closed, start=1)}
