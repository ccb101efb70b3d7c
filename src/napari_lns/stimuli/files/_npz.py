"""npz files: ``images`` (n, 3, H, W) and ``masks`` (n, H, W), as in the published stimulus sets.

Files written here have two more arrays: ``records``, the records as JSON, and ``parts``, the part
masks of all stimuli in sequence. ``detailed_masks`` of published sets become parts. Arrays of
Python objects are never loaded, since unpickling them can run any code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
from numpy.typing import NDArray

from napari_lns._npz import open_npz
from napari_lns.stimuli.files._pixels import check_size, to_image
from napari_lns.stimuli.files._record import (
    Record,
    make_stimulus,
    parse_json,
    prefix_errors,
    translate_decoder_errors,
)
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["read_npz", "write_npz"]

_ARRAYS = ("images", "masks", "detailed_masks", "parts", "records")


def read_npz(path: Path) -> list[Stimulus]:
    """Read all stimuli of an npz file."""
    with prefix_errors(path):
        arrays = _read_arrays(path)
        images = arrays["images"]
        if images.ndim != 4 or images.shape[1] not in (1, 3, 4):
            raise ValueError(
                f"images has the shape {images.shape}: it must be (count, 3, height, width)"
            )
        check_size(images.shape[2], images.shape[3], len(images))
        for name in {"masks", "detailed_masks"} & arrays.keys():
            expected = (len(images), *images.shape[2:])
            if arrays[name].shape != expected:
                raise ValueError(
                    f"{name} has the shape {arrays[name].shape}: "
                    f"for these images it must be {expected}"
                )
        if "parts" in arrays and "records" not in arrays:
            raise ValueError("the record of its parts is missing: copy or export it again")
        build = _from_records if "records" in arrays else _load_published
        return list(build(path, arrays))


def write_npz(stimuli: Iterable[Stimulus], path: Path) -> None:
    """Write stimuli of one size."""
    all_stimuli = list(stimuli)
    shapes = sorted({stimulus.shape for stimulus in all_stimuli})
    if len(shapes) != 1:
        sizes = " and ".join(f"{height} × {width}" for height, width in shapes)
        raise ValueError(f"an npz holds images of one size, not {sizes}: write .tif or a folder")
    labels = np.stack([stimulus.labels for stimulus in all_stimuli])
    records = [Record.from_stimulus(stimulus).to_json() for stimulus in all_stimuli]
    parts = [mask for stimulus in all_stimuli for mask in stimulus.parts.values()]
    with path.open("wb") as file:  # given a name, NumPy would append .npz to .NPZ
        np.savez_compressed(
            file,
            images=np.stack([np.moveaxis(stimulus.image, 2, 0) for stimulus in all_stimuli]),
            masks=labels.astype(np.uint8) if labels.max() < 256 else labels,
            parts=np.array(parts, bool).reshape(-1, *shapes[0]),
            records=np.array(json.dumps(records)),
        )


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    if not is_zipfile(path):
        with (
            translate_decoder_errors("npz"),
            path.open("rb") as opened,
        ):  # read only the header
            np.lib.format.read_magic(opened)  # type: ignore[no-untyped-call]
        raise ValueError("it holds one array without a name: write it by numpy.savez(images=…)")
    with open_npz(path) as file:
        names = file.names
        if "images" not in names:
            raise ValueError(
                f"it has no array 'images' but {', '.join(names) or 'nothing'}: give the stack of "
                "images this name"
            )
        for name in _ARRAYS:
            if name in names and name != "records":
                _check_form(name, *file.spec(name))
        return {name: file.read(name) for name in _ARRAYS if name in names}


def _check_form(name: str, shape: tuple[int, ...], kind: np.dtype[Any]) -> None:
    """Raise an error for an array that does not hold numbers, before it is read."""
    if kind.kind not in "biufO":  # arrays of objects have an error message of their own
        raise ValueError(f"its array {name!r} is of the type {kind}: save it as numbers")
    if name != "images" and len(shape) != 3:
        raise ValueError(f"{name} has the shape {shape}: it must be (count, height, width)")


def _from_records(path: Path, arrays: dict[str, NDArray[Any]]) -> Iterator[Stimulus]:
    record_list = parse_json(str(arrays["records"]))
    records = (
        [Record.from_json(each) for each in record_list] if isinstance(record_list, list) else []
    )
    if len(records) != len(arrays["images"]) or not {"masks", "parts"} <= arrays.keys():
        raise ValueError(f"its arrays do not belong together: write {path.name} again")
    parts = list(arrays["parts"])
    if len(parts) != sum(len(record.parts) for record in records if record is not None):
        raise ValueError(f"its parts are not those of its records: write {path.name} again")
    for record, image, labels in zip(records, arrays["images"], arrays["masks"], strict=True):
        if record is None:
            raise ValueError("a record in it is not ours: remove the array 'records'")
        own, parts = parts[: len(record.parts)], parts[len(record.parts) :]
        yield record.stimulus(to_image(np.moveaxis(image, 0, -1)), [labels, *own])


def _load_published(path: Path, arrays: dict[str, NDArray[Any]]) -> Iterator[Stimulus]:
    masks, details = arrays.get("masks"), arrays.get("detailed_masks")
    for index, image in enumerate(arrays["images"]):
        detail = np.zeros(image.shape[1:], np.uint8) if details is None else details[index]
        values = np.unique(detail)
        yield make_stimulus(
            to_image(np.moveaxis(image, 0, -1)),
            None if masks is None else masks[index],
            {f"detail {value}": detail == value for value in values[values != 0]},
            name=path.name,
            parameters={"index": index},
        )
