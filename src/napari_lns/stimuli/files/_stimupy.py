"""Dictionaries as stimupy's functions give them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.files._pixels import check_size, to_image
from napari_lns.stimuli.files._record import prefix_errors, stimulus_of_pixels
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["from_stimupy"]


def from_stimupy(
    stimulus: Mapping[str, Any], *, mask: str | None = None, name: str = "stimupy"
) -> Stimulus:
    """Take a stimulus from a stimupy dictionary.

    Intensities must lie in [0, 1], as stimupy's do by default. One mask gives the labels; those
    of the others that hold only 0 and 1 become parts. Sizes, ppd and all other values are kept
    as parameters.

    Parameters
    ----------
    stimulus
        What a stimupy function gave.
    mask
        The key of the mask that is the true partition; by default ``"target_mask"`` where it
        marks something, else the first mask that does.
    name
        What to call the stimulus.

    Returns
    -------
    Stimulus
        The image with its labels and parts.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.pad(np.ones((2, 2), int), 3)
    >>> from_stimupy({"img": square / 2, "target_mask": square}).label_names[1]
    'target 1'
    """
    with prefix_errors(name):
        image = _array(stimulus, "img")
        check_size(*image.shape[:2])
        masks = {key: _array(stimulus, key) for key in stimulus if "mask" in key}
        partition = mask or _partition_key(masks)
        labels = _array(stimulus, partition) if partition else None
        result = stimulus_of_pixels(
            to_image(image),
            labels,
            {
                _short_name(key): one
                for key, one in masks.items()
                if key != partition and _is_binary(one)
            },
            name=name,
            parameters=_parameters(stimulus, masks),
        )
        names = {
            label: f"{_short_name(partition or '')} {label}" if label else name_
            for label, name_ in result.label_names.items()
        }
        return replace(result, label_names=names)


def _entry(stimulus: Mapping[str, Any], key: str) -> Any:
    if key not in stimulus:
        raise ValueError(f"it has no {key!r} but {', '.join(stimulus) or 'nothing'}")
    return stimulus[key]


def _array(stimulus: Mapping[str, Any], key: str) -> NDArray[Any]:
    entry = _entry(stimulus, key)
    try:
        array = np.asarray(entry)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{key!r} is no array ({error})") from error
    if array.dtype.kind not in "biuf" or array.ndim not in (2, 3):
        raise ValueError(
            f"{key!r} has {array.ndim} axes of the type {array.dtype}: it must be an array of "
            "numbers, (height, width)"
        )
    return array


def _partition_key(masks: Mapping[str, NDArray[Any]]) -> str | None:
    order = sorted(masks, key=lambda key: key != "target_mask")
    return next((key for key in order if masks[key].any()), None)


def _is_binary(mask: NDArray[Any]) -> bool:
    return bool(np.isin(mask, (0, 1)).all())


def _short_name(key: str) -> str:
    return key.replace("_mask", "")


def _parameters(stimulus: Mapping[str, Any], masks: Mapping[str, Any]) -> dict[str, Any]:
    """Take what JSON can hold; maps as large as the image, and iterators, are left out."""
    parameters = {}
    for key in stimulus.keys() - masks.keys() - {"img"}:
        value = stimulus[key]
        try:
            if np.ndim(value) < 2:
                parameters[key] = json.loads(json.dumps(value, default=_to_list, allow_nan=False))
        except (TypeError, ValueError):
            continue
    return parameters


def _to_list(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{value!r} is no JSON")
