"""From a scene to pixels: the image alone, or the whole stimulus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.good_gestalt._canvas import Canvas, Inks
from napari_lns.stimuli.good_gestalt._scene import Scene
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["paint", "stimulus"]


def paint(scene: Scene, image: NDArray[np.float32]) -> None:
    """Paint the scene into an image (3, side, side)."""
    _colour(scene, _inks(scene, image.shape[1])[1], image)


def stimulus(scene: Scene, size: int) -> Stimulus:
    """Paint the scene with its labels and parts; its name and record are given elsewhere."""
    figure, shown = _inks(scene, size)
    image = np.empty((3, size, size), np.float32)
    _colour(scene, shown, image)
    labels = np.array(scene.labels, np.int32)[figure]
    return Stimulus(
        image.transpose(1, 2, 0),
        labels,
        {value: scene.label_names[value] for value in np.unique(labels).tolist()},
        {part: np.isin(figure, inks) for part, inks in scene.parts.items()},
    )


def _inks(scene: Scene, size: int) -> tuple[Inks, Inks]:
    """Return the inks of the figure alone, and those that the image shows."""
    canvas = Canvas(scene.side, max(1, scene.side // size))
    scene.paint(canvas)
    figure = canvas.inks.copy()
    scene.disturb(canvas)
    return _repeated(figure, size), _repeated(canvas.inks, size)


def _repeated(inks: Inks, size: int) -> Inks:
    times = size // len(inks)
    return inks if times == 1 else inks.repeat(times, 0).repeat(times, 1)


def _colour(scene: Scene, inks: Inks, image: NDArray[np.float32]) -> None:
    palette = np.array(scene.palette, np.float32).T
    palette.take(inks, axis=1, out=image, mode="clip")  # "raise" would go through a buffer
