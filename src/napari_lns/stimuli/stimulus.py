"""`Stimulus`: an image with its ground truth and the record that reproduces it."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from napari_lns._html import colour_labels, overview
from napari_lns._size import check_pixels

__all__ = ["Stimulus"]


@dataclass(frozen=True, eq=False)
class Stimulus:
    """An image, its ground truth, and the record that reproduces it exactly.

    Parameters
    ----------
    image
        float32 (H, W, 3) with values in [0, 1].
    labels
        int32 (H, W), a complete partition; 0 is the background.
    label_names
        Name of each value in `labels`.
    parts
        Named boolean masks (H, W) of details that are not segments, such as a rim or a gap.
    name
        Name of the stimulus in the registry, or of the file that it was read from.
    parameters
        JSON-compatible parameters. With `name` and `seed` they reproduce the stimulus exactly.
    seed
        Random seed.

    Examples
    --------
    >>> import numpy as np
    >>> grey = Stimulus(np.full((8, 8, 3), 0.5), np.zeros((8, 8)), {0: "background"}, name="grey")
    >>> grey.shape
    (8, 8)
    """

    image: NDArray[np.float32]
    labels: NDArray[np.int32]
    label_names: Mapping[int, str]
    parts: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    name: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        image = _validate_image(self.image)
        shape = image.shape[:2]
        labels = _validate_labels(self.labels, shape)
        names = {int(value): str(name) for value, name in self.label_names.items()}
        unnamed = sorted(set(np.unique(labels).tolist()) - set(names))
        if unnamed:
            raise ValueError(f"label_names lacks a name for the labels {unnamed}")
        parts = {
            str(name): _validate_part(str(name), mask, shape) for name, mask in self.parts.items()
        }
        _set = object.__setattr__
        _set(self, "image", image)
        _set(self, "labels", labels)
        _set(self, "label_names", MappingProxyType(names))
        _set(self, "parts", MappingProxyType(parts))
        _set(self, "parameters", MappingProxyType(_json_safe(self.parameters)))
        _set(self, "seed", _validate_seed(self.seed))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.labels.shape
        return height, width

    @property
    def record(self) -> dict[str, Any]:
        """Return the JSON-compatible record from which `redraw` draws the stimulus."""
        return {"name": self.name, "parameters": _to_json_types(self.parameters), "seed": self.seed}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Stimulus:
        """Draw the stimulus that a record describes, identical to the original."""
        from napari_lns.stimuli._entries import find_entry

        missing = {"name", "parameters", "seed"} - set(record)
        if missing:
            raise ValueError(f"the record lacks {', '.join(sorted(missing))}: nothing to draw")
        parameters = record["parameters"]
        if not isinstance(parameters, Mapping) or {"name", "seed"} & parameters.keys():
            raise ValueError(f"the record's parameters are {parameters!r}: nothing to draw")
        if "scene" in parameters:
            options = {key: value for key, value in parameters.items() if key != "scene"}
            scene = import_module("napari_lns.stimuli.scene").Scene.from_json(parameters["scene"])
            from_scene: Stimulus = scene.draw(seed=record["seed"], **options)
            return from_scene
        stimulus: Stimulus = find_entry(record["name"]).draw(seed=record["seed"], **parameters)
        return stimulus

    def redraw(self) -> Stimulus:
        """Draw this stimulus again from its record, with exactly the same pixels."""
        return self.from_record(self.record)

    def __repr__(self) -> str:
        """Return a summary of one line."""
        height, width = self.shape
        name = f"{self.name!r}, " if self.name else ""
        labels = len(np.unique(self.labels))
        plural = "label" if labels == 1 else "labels"
        return f"Stimulus({name}{height} × {width}, {labels} {plural}, seed {self.seed})"

    def _repr_html_(self) -> str:
        """Return an overview for notebooks."""
        return overview(
            repr(self), {"image": self.image, "ground truth": colour_labels(self.labels)}
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the stimulus with plain dictionaries, since read-only mappings have no pickle."""
        fields = (
            self.label_names,
            self.parts,
            self.name,
            _to_json_types(self.parameters),
            self.seed,
        )
        plain = (dict(each) if isinstance(each, Mapping) else each for each in fields)
        return Stimulus, (self.image, self.labels, *plain)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stimulus):
            return NotImplemented
        return (
            self.record == other.record
            and self.label_names == other.label_names
            and np.array_equal(self.image, other.image)
            and np.array_equal(self.labels, other.labels)
            and self.parts.keys() == other.parts.keys()
            and all(np.array_equal(mask, other.parts[key]) for key, mask in self.parts.items())
        )

    __hash__ = None  # type: ignore[assignment]  # equal by value, and arrays have no hash


def _validate_image(image: Any) -> NDArray[np.float32]:
    if np.ma.is_masked(image):  # type: ignore[no-untyped-call]
        raise ValueError("image is a masked array: give image.filled(value)")
    if np.ndim(image) == 3:
        check_pixels(*np.shape(image)[:2])
    array = np.array(image, dtype=np.float32)
    if array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        raise ValueError(f"image has the shape {array.shape}: it must be (height, width, 3)")
    if not np.isfinite(array).all():
        raise ValueError("image holds NaN or infinite values: it must be finite, in [0, 1]")
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        raise ValueError(f"image has values from {low:g} to {high:g}: they must lie in [0, 1]")
    array.setflags(write=False)
    return array


def _validate_labels(labels: object, shape: tuple[int, ...]) -> NDArray[np.int32]:
    values = np.asarray(labels)
    if values.shape != shape:
        raise ValueError(f"labels have the shape {values.shape}: the image's is {shape}")
    numeric = values.dtype.kind in "biuf" and np.isfinite(values).all()
    if not numeric or (values < 0).any() or (values > 2**31 - 1).any() or (values % 1 != 0).any():
        raise ValueError("labels must be whole numbers from 0 (background) on")
    array = values.astype(np.int32)
    array.setflags(write=False)
    return array


def _validate_part(name: str, mask: object, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    array = np.array(mask)
    if array.shape != shape:
        raise ValueError(f"part {name!r} has the shape {array.shape}: the image's is {shape}")
    array = array.astype(bool)
    array.setflags(write=False)
    return array


def _validate_seed(seed: SupportsIndex) -> int:
    whole = hasattr(seed, "__index__") and not isinstance(seed, bool)
    if not whole or operator.index(seed) < 0:
        raise ValueError(f"seed is {seed!r}: it must be a whole number from 0 on")
    return operator.index(seed)


def _json_safe(parameters: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(_to_json_types(parameters), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"parameters must be JSON-compatible: {error}") from error
    values: dict[str, Any] = json.loads(text)
    return values


def _to_json_types(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _to_json_types(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json_types(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value
