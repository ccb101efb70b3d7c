"""Make a scene from a label image: each label becomes a surface, with hidden parts completed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import ConvexHull, QhullError

from napari_lns.stimuli.scene.ambiguities import coverage, trace_outlines
from napari_lns.stimuli.scene.imports import SceneParts, tie_colours, unique_name, vary_for
from napari_lns.stimuli.scene.shapes import Rings, make_polygon
from napari_lns.stimuli.scene.surface import Colour, Surface

__all__ = ["read_labels", "scene_from_labels"]

MOST_LABELS = 100
LEAST_SIDE, MOST_SIDE = 8, 4096
HIDDEN = 0.8  # share of the area added by a hull that other labels must cover
GREY: Colour = (0.5, 0.5, 0.5)

Points = NDArray[np.float64]


def scene_from_labels(
    labels: ArrayLike, image: ArrayLike | None = None, *, hull: bool = False, name: str = "labels"
) -> SceneParts:
    """Make a scene from a label image.

    Parameters
    ----------
    labels
        Integers (H, W); 0 is the background.
    image
        Image (H, W, 3) or (H, W) in [0, 1]. Each surface has the median colour of its pixels, and
        is tied to the background if that has the same colour. Without an image, labels have
        different lightnesses.
    hull
        Whether to complete each label to its convex hull where other labels may occlude the rest
        of it, and pieces that others separate to one surface. The most completed surface lies
        farthest.
    name
        Name of the scene.

    Returns
    -------
    tuple
        The scene's surfaces, name and background.

    Examples
    --------
    >>> labels = np.zeros((32, 32), int)
    >>> labels[8:24, 8:24] = 1
    >>> scene_from_labels(labels)[0][0].name
    'label 1'
    """
    numbers = _check_labels(labels)
    colours = _colours(numbers, image)
    background = colours.pop(0, GREY)
    square = _pad_to_square(numbers)
    label_surfaces: list[tuple[float, float, list[Surface]]] = []
    for value in np.unique(numbers[numbers > 0]).tolist():
        region = (square == value).astype(float)
        parts = trace_outlines(region, 0.5)
        parts = [_fill_hidden_holes(rings, square, value) for rings in parts]
        if hull and parts:
            parts = _complete_parts(parts, square, value)
        own: list[Surface] = []
        for rings in parts:
            each = unique_name(f"label {value}", [surface.name for surface in own])
            colour = colours[value]
            vary = vary_for(colour)
            own.append(
                Surface(each, make_polygon(rings, 5), colour, label=f"label {value}", vary=vary)
            )
        if own:
            area = sum(float(coverage(surface).mean()) for surface in own)
            label_surfaces.append((area - float(region.mean()) if hull else 0.0, area, own))
    if not label_surfaces:
        raise ValueError("the labels are empty: paint at least one label of 3 × 3 pixels or more")
    label_surfaces.sort(key=lambda each: (-round(each[0], 3), -each[1]))
    surfaces = [surface for _, _, own in label_surfaces for surface in own]
    return tie_colours(surfaces, background), name, background


def _check_labels(labels: ArrayLike) -> NDArray[np.int64]:
    numbers = np.asarray(labels)
    if numbers.ndim != 2:
        raise ValueError(f"labels have the shape {numbers.shape}: they must be (height, width)")
    if numbers.dtype.kind not in "biu" or (numbers < 0).any():
        raise ValueError("labels must be whole numbers from 0 (background) on")
    if not LEAST_SIDE <= min(numbers.shape) <= max(numbers.shape) <= MOST_SIDE:
        raise ValueError(
            f"labels have the shape {numbers.shape}: each side must have {LEAST_SIDE} to "
            f"{MOST_SIDE} pixels"
        )
    count = len(np.unique(numbers[numbers > 0]))
    if count > MOST_LABELS:
        raise ValueError(f"there are {count} labels: {MOST_LABELS} are the most")
    return numbers.astype(np.int64)


def _colours(labels: NDArray[np.int64], image: ArrayLike | None) -> dict[int, Colour]:
    values = np.unique(labels).tolist()
    if image is None:
        greys = np.linspace(0.1, 0.9, max(2, len(values)))
        free = [grey for grey in greys.tolist() if abs(grey - GREY[0]) > 0.05]
        own = {value: free[i % len(free)] for i, value in enumerate(v for v in values if v)}
        return {value: (grey, grey, grey) for value, grey in own.items()}
    pixels = np.asarray(image, float)
    pixels = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels
    if pixels.shape != (*labels.shape, 3):
        raise ValueError(f"the image has the shape {pixels.shape}: the labels' is {labels.shape}")
    medians = {value: np.median(pixels[labels == value], axis=0) for value in values}
    clipped = {value: np.clip(each, 0, 1).round(4).tolist() for value, each in medians.items()}
    return {value: (red, green, blue) for value, (red, green, blue) in clipped.items()}


def _pad_to_square(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pad labels to a square with equal margins of background."""
    height, width = labels.shape
    side = max(height, width)
    up, left = (side - height) // 2, (side - width) // 2
    padding = ((up, side - height - up), (left, side - width - left))
    return np.pad(labels, padding)


def _complete_parts(parts: list[Rings], labels: NDArray[np.int64], value: int) -> list[Rings]:
    """Complete the parts of a label to one hull or several where other labels may occlude them."""
    whole = _convex_hull(np.vstack([outline for outline, *_ in parts]))
    if len(parts) > 1 and _may_hide(whole, labels, value):
        return [(whole,)]
    hulls = [_convex_hull(outline) for outline, *_ in parts]
    pairs = zip(hulls, parts, strict=True)
    return [(hull,) if _may_hide(hull, labels, value) else part for hull, part in pairs]


def _fill_hidden_holes(rings: Rings, labels: NDArray[np.int64], value: int) -> Rings:
    """Fill the holes that other labels cover, since those labels are drawn in front."""
    outline, *holes = rings
    return (outline, *(hole for hole in holes if not _may_hide(hole, labels, value)))


def _may_hide(hull: Points, labels: NDArray[np.int64], value: int) -> bool:
    """Return whether other labels cover the area that a hull adds to a label."""
    covered_labels = labels[coverage(Surface("hull", make_polygon((hull,))), len(labels)) > 0.5]
    added_labels = covered_labels[covered_labels != value]
    return len(added_labels) == 0 or float((added_labels > 0).mean()) >= HIDDEN


def _convex_hull(points: Points) -> Points:
    try:
        corners: Points = points[ConvexHull(points).vertices]
    except QhullError:  # all on one line
        return points
    return corners


def read_labels(path: Path, *, hull: bool = False) -> SceneParts:
    """Make a scene from the first stimulus in a file with labels, in the colours of its image."""
    from napari_lns.stimuli.files import read

    stimulus = read(path)[0]
    if not stimulus.labels.any():
        raise ValueError(
            f"{path}: it has no labels: put {path.stem}.labels.png beside it, or give an SVG"
        )
    return scene_from_labels(stimulus.labels, stimulus.image, hull=hull, name=path.stem)
