"""A baseline for elements: what averaging over a neighbourhood groups without any network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.segmentation.clustering.borders import sharpen
from napari_lns.segmentation.clustering.grouping import group_pixels
from napari_lns.stimuli import Stimulus

__all__ = ["elements_apart"]


def elements_apart(
    stimulus: Stimulus, size: int, clusters: int, border_width: int = 0
) -> NDArray[np.int32]:
    """Segment a stimulus as if each of its elements responded on its own.

    Neighbours that a neighbourhood reaches share what they are averaged over, so that they group
    by their distance alone. Only what a network does beyond this is grouping by the network.

    Parameters
    ----------
    stimulus
        Of dots, lines or other elements.
    size
        Odd side of the neighbourhood in pixels.
    clusters
        How many segments.
    border_width
        How far from borders pixels are reassigned, as in the segmentation that it stands beside.

    Returns
    -------
    (H, W) array of int32

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> len(np.unique(elements_apart(draw("proximity_row"), 5, 4)))
    4
    """
    parts = stimulus.parts
    painted = next((parts[name] for name in ("elements", "dots") if name in parts), None)
    numbers, count = ndimage.label(stimulus.labels > 0 if painted is None else painted)
    own = (numbers[..., None] == np.arange(count + 1)).astype(np.float32)
    averages = ndimage.uniform_filter(own, (size, size, 0), mode="nearest")
    lengths = np.linalg.norm(averages, axis=-1, keepdims=True)
    directions = (averages / lengths).reshape(-1, count + 1)
    found = group_pixels(directions, clusters, "ward", "gap", 0)
    return sharpen(found.labels.reshape(stimulus.shape), directions, border_width)
