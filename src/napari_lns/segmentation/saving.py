"""Results in files: arrays and JSON in one npz file or one Zarr folder, never pickle."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._files import explained, written_whole

__all__ = ["damaged", "read_result", "write_result"]

FORMAT = "napari-lns segmentation"
VERSION = 1
_NOTES = "json"
_FAULTS = (
    ValueError,
    KeyError,
    OSError,
    EOFError,
    TypeError,
    RuntimeError,
)  # codecs raise the last

Arrays = Mapping[str, NDArray[Any]]


def write_result(path: str | os.PathLike[str], arrays: Arrays, notes: Mapping[str, Any]) -> None:
    """Write arrays and JSON-safe notes whole or not at all; the suffix says how."""
    target = Path(path)
    kept = {"format": FORMAT, "version": VERSION, "checksums": _checksums(arrays), **notes}
    text = json.dumps(kept, allow_nan=False)
    if target.suffix == ".npz":
        with written_whole(target) as beside:
            np.savez(beside, allow_pickle=False, **{**arrays, _NOTES: np.array(text)})
    elif target.suffix == ".zarr":
        _write_zarr(target, arrays, text)
    else:
        raise ValueError(f"{os.fspath(path)!r} must end in .npz or .zarr")


def read_result(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read what `write_result` wrote; a damaged or foreign file is refused in one sentence."""
    target = Path(path)
    if not target.exists():
        raise FileNotFoundError(f"there is no file {os.fspath(path)!r}: check the path")
    try:
        arrays, text = _read_zarr(target) if target.is_dir() else _read_npz(target)
        notes = json.loads(text)
        if notes["format"] != FORMAT or notes["version"] != VERSION:
            raise ValueError(f"it holds {notes['format']!r}, version {notes['version']}")
        if notes["checksums"] != _checksums(arrays):
            raise ValueError("its arrays are not those that were saved")
        return arrays, notes
    except (*_FAULTS, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error


def damaged(path: str | os.PathLike[str], error: Exception) -> ValueError:
    """Say in one sentence that a file does not hold what it should."""
    return ValueError(
        f"{os.fspath(path)!r} is damaged or no saved segmentation ({error}): save it again"
    )


def _checksums(arrays: Arrays) -> dict[str, int]:
    """Give each array's CRC-32: Zarr takes a chunk that is missing for zeros."""
    return {name: zlib.crc32(np.ascontiguousarray(array).data) for name, array in arrays.items()}


def _read_npz(path: Path) -> tuple[dict[str, NDArray[Any]], str]:
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("it holds one bare array")
        arrays = {name: file[name] for name in file.files}
    return arrays, str(arrays.pop(_NOTES))


def _write_zarr(target: Path, arrays: Arrays, text: str) -> None:
    import zarr

    with explained(target), TemporaryDirectory(prefix=".writing-", dir=target.parent) as beside:
        new, old = Path(beside, "new.zarr"), Path(beside, "old.zarr")
        group = zarr.open_group(str(new), mode="w")
        for name, array in arrays.items():
            group[name] = array
        group.attrs[_NOTES] = text
        if target.exists():  # moved, not removed: something whole is there at every moment
            target.replace(old)
        new.replace(target)


def _read_zarr(path: Path) -> tuple[dict[str, NDArray[Any]], str]:
    import zarr

    group = zarr.open_group(str(path), mode="r")
    arrays = {name: np.asarray(array[:]) for name, array in group.arrays()}
    return arrays, str(group.attrs[_NOTES])
