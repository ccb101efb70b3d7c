"""Convert dictionaries of stimupy to stimuli."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli.files._pixels import check_size, to_image
from napari_lns.stimuli.files._record import make_stimulus, prefix_errors
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["from_stimupy"]


def from_stimupy(
    stimulus: Mapping[str, Any], *, mask: str | None = None, name: str = "stimupy"
) -> Stimulus:
    """Convert a stimupy dictionary to a stimulus.

    Intensities must lie in [0, 1], as by default in stimupy. One mask becomes the labels. Other
    masks become parts if they hold only 0 and 1. Sizes, ppd and all other values become
    parameters.

    Parameters
    ----------
    stimulus
        The dictionary that a stimupy function returned.
    mask
        Key of the mask with the ground truth. The default is ``"target_mask"`` if it marks any
        pixel, else the first mask that does.
    name
        Name of the stimulus.

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
        result = make_stimulus(
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
        raise ValueError(f"{key!r} is not an array ({error})") from error
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
    """Return the values that JSON can represent, without arrays of two and more axes."""
    parameters = {}
    for key in stimulus.keys() - masks.keys() - {"img"}:
        value = stimulus[key]
        try:
            if np.ndim(value) < 2:
                parameters[key] = json.loads(json.dumps(value, default=_to_list, allow_nan=False))
        except (TypeError, ValueError):
            continue
    return parameters


def _to_list(value: object) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{value!r} is not JSON-compatible")
