"""Checks of Zarr folders before Zarr opens them.

Codecs named in the metadata could run code, and a small chunk could unpack to gigabytes.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import inf, prod
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from napari_lns._files import shorten
from napari_lns._npz import check_unpacked
from napari_lns._records import MOST_BYTES, read_record

__all__ = ["check_zarr"]

MOST_FILES = 1_000_000
METADATA = ("zarr.json", ".zarray")
_ATTRIBUTES = {".zattrs", ".zgroup", ".zmetadata"}
_HEAD = 18  # bytes of a chunk that say what it unpacks to

_Shape = Annotated[list[Annotated[int, Field(ge=0, lt=2**40)]], Field(max_length=32)]


def _read_blosc_size(head: bytes) -> float:
    return int.from_bytes(head[4:8], "little")


def _read_zstd_size(head: bytes) -> float:
    """Return the size in the header of a Zstandard frame (RFC 8878, 3.1.1.1)."""
    if not head.startswith(b"\x28\xb5\x2f\xfd") or len(head) < _HEAD:
        return 0  # cut off, or something else: the decoder says so
    flags = head[4]
    one_segment = flags >> 5 & 1
    start = 6 - one_segment + (0, 1, 2, 4)[flags & 3]
    length = (one_segment, 2, 4, 8)[flags >> 6]
    if not length:
        return inf  # the size is not written down
    return int.from_bytes(head[start : start + length], "little") + (256 if length == 2 else 0)


_COMPRESSORS: dict[str | None, Callable[[bytes], float]] = {
    None: lambda _: 0,
    "blosc": _read_blosc_size,
    "zstd": _read_zstd_size,
}
_CODECS: set[str | None] = {"bytes", "transpose", "crc32c", *_COMPRESSORS}


@dataclass(frozen=True)
class _Stored:
    """How an array is stored: the bytes of all and of one chunk in memory, and the compressor."""

    total: int
    chunk: int
    compressor: str | None


class _Loose(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Extension(_Loose):
    name: str
    configuration: dict[str, JsonValue] = {}


class _Node(_Loose):
    """Zarr 3's ``zarr.json``, of a group or an array."""

    zarr_format: Annotated[int, Field(ge=3, le=3)]
    node_type: str
    shape: _Shape = []
    data_type: JsonValue = None
    chunk_grid: _Extension | None = None
    codecs: list[_Extension] = []
    storage_transformers: Annotated[list[JsonValue], Field(max_length=0)] = []


class _Compressor(_Loose):
    id: str


class _Array(_Loose):
    """Zarr 2's ``.zarray``."""

    zarr_format: Annotated[int, Field(ge=2, le=2)]
    shape: _Shape
    chunks: _Shape
    dtype: str
    compressor: _Compressor | None = None
    filters: Annotated[list[JsonValue], Field(max_length=0)] | None = None


def check_zarr(path: str | os.PathLike[str], *, sparse: bool = False) -> None:
    """Raise an error if a Zarr folder names unknown codecs or would not fit into memory.

    Parameters
    ----------
    path
        The folder of a group or an array.
    sparse
        Whether most chunks may be missing, as in the lazily read stacks of a sweep; then only one
        chunk must fit into memory.

    Raises
    ------
    ValueError
        If the folder is refused.
    """
    folder = Path(path)
    size, arrays = 0, dict[Path, _Stored]()
    for file, bytes_ in _iter_files(folder):
        size += bytes_
        if file.name not in METADATA:
            continue
        stored = _read_zarr3(file) if file.name == "zarr.json" else _read_zarr2(file)
        if file.parent in arrays:
            raise ValueError(f"{file.parent} is described in two ways: save it again")
        if stored is not None:
            arrays[file.parent] = stored
    for stored in arrays.values():
        check_unpacked(stored.chunk, size)
    if not sparse:
        check_unpacked(sum(stored.total for stored in arrays.values()), size)
    for file, bytes_ in _iter_files(folder):
        if file.name in _ATTRIBUTES and bytes_ > MOST_BYTES:
            raise ValueError(f"{file} has {bytes_ / 2**20:,.0f} MB: at most 64 MB are read")
        place = next((parent for parent in file.parents if parent in arrays), None)
        if place and not file.name.startswith(".") and file.name not in METADATA:
            _check_chunk(file, bytes_, arrays[place])


def _check_chunk(file: Path, size: int, stored: _Stored) -> None:
    """Raise an error if a chunk is larger, packed or unpacked, than its array's chunks are."""
    with suppress(FileNotFoundError), file.open("rb") as opened:  # a sweep may just replace it
        unpacked = _COMPRESSORS[stored.compressor](opened.read(_HEAD))
        overhead = stored.chunk // 64 + 2**16
        if size > stored.chunk + overhead or unpacked > stored.chunk + overhead:
            raise ValueError(
                f"{file} is larger than a chunk of {stored.chunk:,} bytes: copy or save it again"
            )


def _iter_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield every file and its size in bytes; links and devices are refused."""
    count = 0
    for place, folders, files in os.walk(folder, onerror=_raise_error):
        for name in [*folders, *files]:
            count += 1
            if count > MOST_FILES:
                raise ValueError(f"it has more than {MOST_FILES:,} files")
            with suppress(FileNotFoundError):  # renamed or removed by a process that writes there
                status = Path(place, name).lstat()
                if stat.S_ISREG(status.st_mode):
                    yield Path(place, name), status.st_size
                elif not stat.S_ISDIR(status.st_mode):
                    raise ValueError(
                        f"{Path(place, name)} is a link, device or pipe: copy it again"
                    )


def _raise_error(error: OSError) -> None:
    raise error


def _read_zarr3(file: Path) -> _Stored | None:
    node = read_record(_Node, file)
    if node.node_type != "array":
        return None
    names = {codec.name for codec in node.codecs}
    grid = node.chunk_grid
    compressors = sorted(names & _COMPRESSORS.keys())
    if names - _CODECS or len(compressors) > 1 or len(names) < len(node.codecs):
        raise _codec_error(file, *sorted(names - _CODECS) or compressors)
    if grid is None or grid.name != "regular" or not isinstance(node.data_type, str):
        raise ValueError(f"{file}: its chunks or numbers are not those of a run: save it again")
    chunks = grid.configuration.get("chunk_shape")
    if not isinstance(chunks, list) or not all(isinstance(side, int) for side in chunks):
        raise ValueError(f"{file}: chunk_shape is {shorten(chunks)}: it must be a list of numbers")
    sizes = _array_sizes(file, node.data_type, node.shape, chunks)
    return _Stored(*sizes, compressors[0] if compressors else None)


def _read_zarr2(file: Path) -> _Stored:
    array = read_record(_Array, file)
    name = array.compressor.id if array.compressor else None
    if name not in _COMPRESSORS:
        raise _codec_error(file, str(name))
    return _Stored(*_array_sizes(file, array.dtype, array.shape, array.chunks), name)


def _codec_error(file: Path, *names: str) -> ValueError:
    coded = shorten(", ".join(map(repr, names)) or "one codec twice")
    return ValueError(f"{file}: it is encoded by {coded}, which is never run")


def _array_sizes(file: Path, kind: str, shape: list[int], chunks: list[Any]) -> tuple[int, int]:
    if not re.fullmatch(r"[<>|]?[a-z]\w*", kind):
        raise ValueError(f"{file}: its type is {shorten(repr(kind))}: it must be a numeric type")
    try:
        type_ = np.dtype(kind)
    except TypeError as error:
        raise ValueError(
            f"{file}: its type is {shorten(repr(kind))}: it must be a numeric type"
        ) from error
    if type_.kind not in "biuf" or any(side < 1 for side in chunks) or len(chunks) != len(shape):
        raise ValueError(
            f"{file}: its type is {kind!r}, in chunks of {shorten(chunks)}: save it again"
        )
    return prod(shape) * type_.itemsize, prod(chunks) * type_.itemsize
