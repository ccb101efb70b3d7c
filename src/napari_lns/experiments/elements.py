"""A baseline for elements: grouping by averaging over a neighbourhood, without a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.segmentation.clustering.borders import sharpen
from napari_lns.segmentation.clustering.grouping import group_pixels
from napari_lns.stimuli import Stimulus

__all__ = ["segment_elements_apart"]


def segment_elements_apart(
    stimulus: Stimulus, size: int, clusters: int, border_width: int = 0
) -> NDArray[np.int32]:
    """Segment a stimulus as if each of its elements responded independently.

    Averaging over a neighbourhood mixes the responses of nearby elements, so that they group by
    distance alone. Only grouping beyond this baseline is due to the network.

    Parameters
    ----------
    stimulus
        A stimulus of dots, lines or other elements.
    size
        Odd side of the neighbourhood in pixels.
    clusters
        Number of segments.
    border_width
        Distance from borders in pixels within which pixels are reassigned, as in the segmentation
        to compare with.

    Returns
    -------
    (H, W) array of int32

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> len(np.unique(segment_elements_apart(draw("proximity_row"), 5, 4)))
    4
    """
    parts = stimulus.parts
    mask = next((parts[name] for name in ("elements", "dots") if name in parts), None)
    numbers, count = ndimage.label(stimulus.labels > 0 if mask is None else mask)
    indicators = (numbers[..., None] == np.arange(count + 1)).astype(np.float32)
    averages = ndimage.uniform_filter(indicators, (size, size, 0), mode="nearest")
    lengths = np.linalg.norm(averages, axis=-1, keepdims=True)
    directions = (averages / lengths).reshape(-1, count + 1)
    clustering = group_pixels(directions, clusters, "ward", "gap", 0)
    return sharpen(clustering.labels.reshape(stimulus.shape), directions, border_width)
