"""Render a drawing as an image, or as a stimulus with ground truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._scene import Drawing
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["paint", "stimulus"]


def paint(drawing: Drawing, image: NDArray[np.float32]) -> None:
    """Paint a drawing into an image (3, side, side)."""
    _apply_palette(drawing, _inks(drawing, image.shape[1])[1], image)


def stimulus(drawing: Drawing, size: int) -> Stimulus:
    """Return the stimulus of a drawing, with labels and parts; the registry adds its record."""
    figure, image_inks = _inks(drawing, size)
    image = np.empty((3, size, size), np.float32)
    _apply_palette(drawing, image_inks, image)
    labels = np.array(drawing.labels, np.int32)[figure]
    return Stimulus(
        image.transpose(1, 2, 0),
        labels,
        {value: drawing.label_names[value] for value in np.unique(labels).tolist()},
        {part: np.isin(figure, inks) for part, inks in drawing.parts.items()},
    )


def _inks(drawing: Drawing, size: int) -> tuple[Inks, Inks]:
    """Return the inks of the figure without its disturbance, and those of the image."""
    canvas = Canvas(drawing.side, max(1, drawing.side // size))
    drawing.paint(canvas)
    figure = canvas.inks.copy()
    drawing.disturb(canvas)
    return _repeat_inks(figure, size), _repeat_inks(canvas.inks, size)


def _repeat_inks(inks: Inks, size: int) -> Inks:
    factor = size // len(inks)
    return inks if factor == 1 else inks.repeat(factor, 0).repeat(factor, 1)


def _apply_palette(drawing: Drawing, inks: Inks, image: NDArray[np.float32]) -> None:
    palette = np.array(drawing.palette, np.float32).T
    palette.take(inks, axis=1, out=image, mode="clip")  # "raise" would go through a buffer
