"""A baseline for elements: what averaging alone groups, without a network."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.segmentation.clustering.borders import sharpen
from napari_lns.segmentation.clustering.grouping import group_pixels
from napari_lns.segmentation.lns.averaging import find_elements
from napari_lns.stimuli import Stimulus

__all__ = ["segment_elements_apart"]

Directions = NDArray[np.float32]

RESPONSES = 32  # length of a random response; longer ones differ less in their similarity


def segment_elements_apart(
    stimulus: Stimulus,
    clusters: int,
    *,
    averaging: Literal["neighbourhood", "elements"] = "neighbourhood",
    neighbourhood: int = 1,
    border_width: int = 0,
) -> NDArray[np.int32]:
    """Segment a stimulus as if each of its elements responded independently.

    Averaging over a neighbourhood mixes the responses of nearby elements, so that they group by
    distance alone. Averaging over elements separates them from their background, and then groups
    them by chance. Only grouping beyond this baseline is due to the network.

    Parameters
    ----------
    stimulus
        A stimulus of dots, lines or other elements.
    clusters
        Number of segments.
    averaging
        What is averaged over, as in `napari_lns.segmentation.LNSSettings`.
    neighbourhood
        Odd side of the neighbourhood in pixels.
    border_width
        Distance from borders in pixels within which pixels are reassigned, as in the segmentation
        to compare with.

    Returns
    -------
    (H, W) array of int32

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> len(np.unique(segment_elements_apart(draw("proximity_row"), 4, neighbourhood=5)))
    4
    """
    if averaging == "elements":
        directions = _respond_at_random(stimulus)
    else:
        directions = _average_apart(stimulus, neighbourhood)
    clustering = group_pixels(directions, clusters, "ward", "gap", 0)
    return sharpen(clustering.labels.reshape(stimulus.shape), directions, border_width)


def _respond_at_random(stimulus: Stimulus) -> Directions:
    """Return one random direction (n,) for all pixels of each element, also of the background."""
    elements = find_elements(stimulus.image)
    draws = np.random.default_rng(stimulus.seed).normal(size=(int(elements.max()) + 1, RESPONSES))
    directions = draws / np.linalg.norm(draws, axis=1, keepdims=True)
    responses: Directions = directions[elements.ravel()].astype(np.float32)
    return responses


def _average_apart(stimulus: Stimulus, size: int) -> Directions:
    """Return the directions of independent responses averaged over a neighbourhood."""
    parts = stimulus.parts
    mask = next((parts[name] for name in ("elements", "dots") if name in parts), None)
    numbers, count = ndimage.label(stimulus.labels > 0 if mask is None else mask)
    indicators = (numbers[..., None] == np.arange(count + 1)).astype(np.float32)
    averages = ndimage.uniform_filter(indicators, (size, size, 0), mode="nearest")
    lengths = np.linalg.norm(averages, axis=-1, keepdims=True)
    directions: Directions = (averages / lengths).reshape(-1, count + 1)
    return directions
