"""The baseline that other methods should exceed: clustering by colour and position.

It uses no network and no noise. This module imports no torch, so that a widget can list the
parameters at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Range
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation
from napari_lns.segmentation.segmenters import FunctionSegmenter

__all__ = ["baseline", "iter_baseline"]

Image = NDArray[np.float32]


def iter_baseline(
    image: Image,
    model: None,
    *,
    clusters: int | str,
    seed: int,
    device: str,
    clusterer: Annotated[str, CLUSTERERS] = "ward",
    criterion: Annotated[str, CRITERIA] = "gap",
    position: Annotated[float, Range(0, 100)] = 0.0,
    superpixels: Annotated[int, Range(0, 10_000)] = 0,
) -> Iterator[Progress]:
    """Cluster pixels by colour, or by colour and position.

    Parameters
    ----------
    image
        The image, (H, W, 3).
    model
        None: this method needs none.
    clusters
        Number of segments, or ``"auto"``.
    seed
        Seed of k-means.
    device
        Not used: the baseline runs on the CPU.
    clusterer
        How pixels are clustered by their features.
    criterion
        How ``clusters="auto"`` estimates the number of segments.
    position
        Weight of position relative to colour (ratio of their standard deviations); 0 uses only
        colour.
    superpixels
        Number of superpixels (SLIC; Achanta et al., 2012) over which colours are averaged before
        clustering; 0 for none.

    Returns
    -------
    iterator of Progress
    """
    choices = {"clusters": clusters, "clusterer": clusterer, "criterion": criterion, "seed": seed}
    features = partial(_features, image, position, superpixels)
    yield Progress(1, 1, finish=partial(_segmentation, image, features, choices))


baseline = FunctionSegmenter(
    "baseline", "Colour and position (baseline)", iter_baseline, has_tree=True, needs_model=False
)


def _segmentation(
    image: Image, features: Callable[[], Image], choices: dict[str, Any]
) -> Segmentation:
    from napari_lns.segmentation.clustering.grouping import group_pixels, missing_segments_warnings

    start = time.perf_counter()
    pixels = features()
    clustering = group_pixels(pixels, **choices)
    labels = clustering.labels.reshape(image.shape[:2])
    number, requested = int(labels.max()), choices["clusters"]
    record = {
        "used": {"clusters": number},
        "seconds": {"all": round(time.perf_counter() - start, 3)},
        "warnings": missing_segments_warnings(requested, number),
    }
    return Segmentation(image, labels, record, features=pixels, tree=clustering.tree)


def _features(image: Image, position: float, superpixels: int) -> NDArray[np.float32]:
    from skimage.color import rgb2lab

    colours = rgb2lab(image)
    if superpixels:
        colours = _average_parts(colours, _superpixels(image, superpixels))
    columns = _scale_to_unit_spread(colours)
    if position:
        places = np.moveaxis(np.indices(image.shape[:2]), 0, -1)
        columns = np.concatenate([columns, position * _scale_to_unit_spread(places)], axis=2)
    return columns.reshape(-1, columns.shape[2]).astype(np.float32)


def _scale_to_unit_spread(values: NDArray[Any]) -> NDArray[np.float64]:
    """Divide values by the square root of their variance over pixels, summed over channels."""
    spread = float(np.sqrt(values.var(axis=(0, 1)).sum()))
    scaled: NDArray[np.float64] = values / (spread or 1)
    return scaled


def _superpixels(image: Image, count: int) -> NDArray[np.int64]:
    from skimage.segmentation import slic

    parts: NDArray[np.int64] = slic(image, count, start_label=0)
    return parts


def _average_parts(values: NDArray[np.float64], parts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Replace the values of each pixel by the mean over its superpixel."""
    sizes = np.bincount(parts.ravel())
    sums = [np.bincount(parts.ravel(), channel.ravel()) for channel in np.moveaxis(values, -1, 0)]
    means: NDArray[np.float64] = (np.stack(sums, axis=-1) / sizes[:, None])[parts]
    return means
