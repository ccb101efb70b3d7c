"""Get the images to segment from an image layer, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from napari.layers import Image, Layer
from numpy.typing import NDArray

from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.notes import read_note

__all__ = [
    "ImageSource",
    "first_image_reader",
    "has_alpha",
    "image_sources",
    "is_source_image",
    "is_stack",
    "why_not_segmentable",
]

MAX_PIXELS = 4096 * 4096
Rescale = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class ImageSource:
    """One image of a layer, which is read on demand, off the main thread.

    Parameters
    ----------
    layer
        The layer.
    index
        Its index in a stack; 0 if the layer is one image.
    read
        Function that returns the image for `napari_lns.segment`.
    count
        Number of images in the layer's stack; None if the layer is one image.
    """

    layer: Layer
    index: int
    read: Callable[[], Any]
    count: int | None = None


def why_not_segmentable(layer: Layer | None) -> str:
    """Return why a layer cannot be segmented, and what to do; empty if it can.

    Only shape and type are checked here. A run checks the values when it reads them.
    """
    if layer is None:
        return "Add an image first: draw one in the Stimuli widget, or open a file."
    if not isinstance(layer, Image):
        return f"“{layer.name}” is not an image: choose an image layer."
    if layer.multiscale:
        return f"“{layer.name}” is multiscale: add one of its levels as its own layer."
    shape = layer.data.shape
    plane = shape[:-1] if layer.rgb else shape
    if len(plane) not in (2, 3):
        return (
            f"“{layer.name}” has {len(plane)} axes: choose an image (height, width) or a stack "
            "(n, height, width)."
        )
    return _why_wrong_size(layer, plane) or _why_wrong_type(layer)


def has_alpha(layer: Layer | None) -> bool:
    """Return whether a layer has an alpha channel, so that a background has to be chosen."""
    return isinstance(layer, Image) and bool(layer.rgb) and layer.data.shape[-1] == 4


def is_source_image(layer: Layer) -> bool:
    """Return whether a layer is an image that is not a map made by a run or by Inspect."""
    return isinstance(layer, Image) and not read_note(layer).is_derived


def is_stack(layer: Layer) -> bool:
    """Return whether an image layer holds a stack of images."""
    return bool(layer.data.ndim - layer.rgb == 3)


def image_sources(
    layer: Layer, index: int | None = None, background: float = 1.0
) -> list[ImageSource]:
    """Return the images of a layer: all of a stack, or the one at an index.

    Parameters
    ----------
    layer
        An image layer. Values outside [0, 1] are scaled by its contrast limits, as displayed.
    index
        The index in a stack; None for all.
    background
        The grey level, 0 to 1, behind transparent pixels.
    """
    data, stimuli = layer.data, read_note(layer).stimuli
    limits = None if layer.rgb else tuple(layer.contrast_limits)
    rescale = partial(_rescale, limits=limits, background=background)
    if not is_stack(layer):
        return [ImageSource(layer, 0, partial(_read_image, data, stimuli, rescale))]
    indices = range(len(data)) if index is None else [index]
    return [
        ImageSource(layer, place, partial(_read_slice, data, place, rescale), len(data))
        for place in indices
    ]


def first_image_reader(layer: Layer | None) -> Callable[[], Any] | None:
    """Return the function that reads a layer's first image; None if there is none to segment."""
    if layer is None or why_not_segmentable(layer):
        return None
    return image_sources(layer, 0)[0].read


def _why_wrong_size(layer: Layer, plane: tuple[int, ...]) -> str:
    if 0 in plane:
        return f"“{layer.name}” is empty: choose another layer."
    height, width = plane[-2:]
    if height * width < 2:
        return f"“{layer.name}” is one pixel: grouping needs at least two."
    if height * width > MAX_PIXELS:
        return f"“{layer.name}” is {height} × {width}: crop it, or make it smaller."
    return ""


def _why_wrong_type(layer: Layer) -> str:
    kind = np.dtype(layer.data.dtype)
    if kind.kind in "fbui":
        return ""
    return f"“{layer.name}” holds {kind} values: convert it to integers or to [0, 1]."


def _read_slice(data: Any, place: int, rescale: Rescale) -> NDArray[Any]:
    return rescale(np.asarray(data[place]))


def _read_image(
    data: object, stimuli: Sequence[Mapping[str, Any]], rescale: Rescale
) -> Stimulus | NDArray[Any]:
    array = np.asarray(data)
    stimulus = _restore_stimulus(stimuli[0]) if len(stimuli) == 1 else None
    if stimulus is not None and np.array_equal(stimulus.image, array):
        return stimulus
    return rescale(array)


def _restore_stimulus(record: Mapping[str, Any]) -> Stimulus | None:
    try:
        return Stimulus.from_record(record)
    except ValueError:  # the file of its drawing is missing; the pixels are still there
        return None


def _rescale(
    array: NDArray[Any], limits: tuple[float, float] | None, background: float
) -> NDArray[Any]:
    """Return the pixels that a layer shows, in [0, 1] or as uint8."""
    if array.ndim == 3 and array.shape[-1] == 4:
        maximum = np.iinfo(array.dtype).max if array.dtype.kind == "u" else 1
        colours = (array / maximum).astype(np.float32)
        alpha = colours[..., 3:]
        return colours[..., :3] * alpha + np.float32(background) * (1 - alpha)
    if array.dtype.kind == "b":
        return array.astype(np.float32)
    if array.dtype.kind == "u" and array.dtype != np.uint8:
        return (array / np.iinfo(array.dtype).max).astype(np.float32)
    if array.dtype.kind == "i":
        array = array.astype(np.float32)
    inside = array.dtype.kind == "u" or (array.min() >= 0 and array.max() <= 1)
    if limits is None or inside or not np.isfinite(array).all():
        return array
    low, high = limits
    scaled: NDArray[Any] = np.clip((array - low) / ((high - low) or 1), 0, 1).astype(np.float32)
    return scaled
