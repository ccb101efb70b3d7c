"""Reading and writing of segmentations: arrays and JSON in npz or Zarr, without pickle."""

from __future__ import annotations

import json
import os
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._files import explain_os_errors, shorten, write_atomically, write_together
from napari_lns._moves import exists
from napari_lns._npz import open_npz
from napari_lns._records import read_record, validate_json
from napari_lns._zarr import check_zarr
from napari_lns.segmentation._notes import FORMAT, VERSION, Notes, check_specs

__all__ = ["check_replaceable", "damage_error", "is_run", "read_result", "write_result"]

_NOTES = "json"
_MEMBERS = {f"{_NOTES}.npy", "image.npy", "labels.npy"}
_METADATA = {"zarr.json", ".zgroup", ".zattrs"}
_ARRAYS = {
    "image",
    "labels",
    "variance",
    "reconstruction",
    "features",
    "tree",
    "outputs",
    "alternatives",
}
_FAULTS = (
    ValueError,
    KeyError,
    OSError,
    EOFError,
    TypeError,
    RuntimeError,
    zlib.error,
)  # codecs raise the last two

Arrays = Mapping[str, NDArray[Any]]


def write_result(path: str | os.PathLike[str], arrays: Arrays, notes: Mapping[str, Any]) -> None:
    """Write arrays and JSON-compatible notes atomically, in the format of the path's suffix."""
    target = Path(path)
    content = {"format": FORMAT, "version": VERSION, "checksums": _checksums(arrays), **notes}
    text = json.dumps(content, allow_nan=False)
    if target.suffix not in (".npz", ".zarr"):
        raise ValueError(f"{os.fspath(path)!r} must end in .npz or .zarr")
    check_replaceable(target)
    if target.suffix == ".npz":
        with write_atomically(target) as beside:
            np.savez(beside, **{**arrays, _NOTES: np.array(text)})  # type: ignore[arg-type]
    else:
        _write_zarr(target, arrays, text)


def is_run(path: str | os.PathLike[str]) -> bool:
    """Return whether a file or folder is a saved segmentation without other contents.

    Examples
    --------
    >>> is_run("no/such.zarr")
    False
    """
    place = Path(path)
    try:
        if place.is_dir():
            names = {part.name for part in place.iterdir()}
            run = {"image", "labels"} <= names <= _ARRAYS | _METADATA
            return run and FORMAT in _zarr_notes(place)
        if not (place.is_file() and zipfile.is_zipfile(place)):
            return False
        with zipfile.ZipFile(place) as file:
            return set(file.namelist()) >= _MEMBERS
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return False


def check_replaceable(path: str | os.PathLike[str]) -> None:
    """Raise FileExistsError if a path exists and is not a saved segmentation.

    Examples
    --------
    >>> check_replaceable("nothing/here.npz")
    """
    if os.path.lexists(path) and not is_run(path):
        raise FileExistsError(
            f"{os.fspath(path)} exists and is not a saved segmentation: give another name, or "
            "remove it"
        )


def read_result(
    path: str | os.PathLike[str],
) -> tuple[dict[str, NDArray[Any]], tuple[int, int], dict[str, Any]]:
    """Return arrays, grid and record of a saved segmentation; refuse damaged or foreign files."""
    target = Path(path)
    if not exists(target):
        raise FileNotFoundError(f"there is no file {os.fspath(path)!r}: check the path")
    try:
        arrays, notes = _read_zarr(target) if target.is_dir() else _read_npz(target)
        if notes.checksums != _checksums(arrays):
            raise ValueError("its arrays differ from those that were saved")
        return arrays, notes.grid, notes.plain_record
    except _FAULTS as error:
        raise damage_error(path, error) from error


def damage_error(path: str | os.PathLike[str], error: Exception) -> ValueError:
    """Return the error for a damaged or foreign file."""
    return ValueError(
        f"{os.fspath(path)!r} is damaged or not a saved segmentation ({shorten(error)}): save it "
        "again"
    )


def _checksums(arrays: Arrays) -> dict[str, int]:
    """Return the CRC-32 of each array, because Zarr reads a missing chunk as zeros."""
    return {name: zlib.crc32(np.ascontiguousarray(array).data) for name, array in arrays.items()}


def _read_npz(path: Path) -> tuple[dict[str, NDArray[Any]], Notes]:
    with open_npz(path) as file:
        if file.spec(_NOTES)[0] != () or file.spec(_NOTES)[1].kind != "U":
            raise ValueError("its notes are not text")
        notes = validate_json(Notes, str(file.read(_NOTES)), "its notes")
        names = [name for name in file.names if name != _NOTES]
        check_specs({name: file.spec(name) for name in names}, notes.grid)
        return {name: file.read(name) for name in names}, notes


def _write_zarr(target: Path, arrays: Arrays, text: str) -> None:
    import zarr

    with explain_os_errors(target):
        # raises an error for a missing folder, which Zarr would create
        next(target.parent.iterdir(), None)
    with write_together(target.parent, last=target.name, overwrite=True) as beside:
        group = zarr.open_group(str(beside / target.name), mode="w")
        for name, array in arrays.items():
            group[name] = array
        group.attrs[_NOTES] = text


def _zarr_notes(path: Path) -> str:
    """Read the notes of a Zarr folder without Zarr, whose codecs may run code."""
    if (path / ".zattrs").exists():  # Zarr 2
        attributes: object = read_record(dict[str, Any], path / ".zattrs")
    else:
        attributes = read_record(dict[str, Any], path / "zarr.json").get("attributes")
    text = attributes.get(_NOTES) if isinstance(attributes, dict) else None
    if not isinstance(text, str):
        raise ValueError("it has no notes of a segmentation")
    return text


def _read_zarr(path: Path) -> tuple[dict[str, NDArray[Any]], Notes]:
    import zarr

    check_zarr(path)
    notes = validate_json(Notes, _zarr_notes(path), "its notes")
    with warnings.catch_warnings(action="ignore"):  # Zarr's own error for a folder without notes
        group = zarr.open_group(str(path), mode="r", use_consolidated=False)  # not checked
        stored = dict(group.arrays())
        check_specs(
            {name: (array.shape, array.dtype) for name, array in stored.items()}, notes.grid
        )
        return {name: np.asarray(array[:]) for name, array in stored.items()}, notes
