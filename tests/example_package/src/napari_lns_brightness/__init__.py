"""Grouping by brightness, as a segmenter for napari-lns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np

from napari_lns.segmentation import FunctionSegmenter, Progress, Segmentation
from napari_lns.stimuli import Range

__all__ = ["BRIGHTNESS"]


def by_brightness(
    image: np.ndarray,
    model: Any,
    *,
    clusters: int | str,
    seed: int,
    device: str,
    contrast: Annotated[float, Range(0.1, 10)] = 1.0,
) -> Iterator[Progress]:
    """Pixels of like brightness are one group.

    Parameters
    ----------
    contrast
        Power that brightness is raised to.
    """
    if not isinstance(clusters, int):
        raise ValueError("brightness does not tell how many groups there are: give a number")
    brightness = image.mean(axis=2) ** contrast
    levels = np.quantile(brightness, np.linspace(0, 1, clusters + 1)[1:-1])
    labels = 1 + np.digitize(brightness, levels)
    yield Progress(1, 1, finish=lambda: Segmentation(image, labels))


BRIGHTNESS = FunctionSegmenter(
    "brightness",
    "Brightness",
    by_brightness,
    has_tree=False,
    needs_model=False,
    estimates_clusters=False,
)
