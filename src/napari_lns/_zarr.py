"""Checks of Zarr folders before Zarr opens them: codecs named in the metadata could run code."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from napari_lns._files import shorten
from napari_lns._npz import check_unpacked
from napari_lns._records import read_record

__all__ = ["check_zarr"]

MOST_FILES = 1_000_000
METADATA = ("zarr.json", ".zarray")
_CODECS = {"bytes", "transpose", "blosc", "zstd", "gzip", "crc32c"}
_COMPRESSORS = {None, "blosc", "zstd", "lz4", "zlib", "gzip"}

_Shape = Annotated[list[Annotated[int, Field(ge=0, lt=2**40)]], Field(max_length=32)]


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
    size, metadata = 0, []
    for file, bytes_ in _iter_files(folder):
        size += bytes_
        if file.name in METADATA:
            metadata.append(file)
    unpacked = 0
    for file in metadata:
        total, chunk = _zarr3_sizes(file) if file.name == "zarr.json" else _zarr2_sizes(file)
        check_unpacked(chunk, size)
        unpacked += total
    if not sparse:
        check_unpacked(unpacked, size)


def _iter_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield every file and its size in bytes; links and devices are refused."""
    count = 0
    for place, folders, files in os.walk(folder, onerror=_raise_error):
        for name in [*folders, *files]:
            count += 1
            status = Path(place, name).lstat()
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                raise ValueError(f"{Path(place, name)} is a link, device or pipe: copy it again")
            if count > MOST_FILES:
                raise ValueError(f"it has more than {MOST_FILES:,} files")
        yield from ((Path(place, name), Path(place, name).stat().st_size) for name in files)


def _raise_error(error: OSError) -> None:
    raise error


def _zarr3_sizes(file: Path) -> tuple[int, int]:
    node = read_record(_Node, file)
    if node.node_type != "array":
        return 0, 0
    wrong = {codec.name for codec in node.codecs} - _CODECS
    grid = node.chunk_grid
    if wrong or grid is None or grid.name != "regular" or not isinstance(node.data_type, str):
        raise ValueError(
            f"{file}: it is coded by {shorten(_join_names(wrong))}, which is never run"
        )
    chunks = grid.configuration.get("chunk_shape")
    if not isinstance(chunks, list) or not all(isinstance(side, int) for side in chunks):
        raise ValueError(f"{file}: chunk_shape is {shorten(chunks)}: it must be a list of numbers")
    return _array_sizes(file, node.data_type, node.shape, chunks)


def _zarr2_sizes(file: Path) -> tuple[int, int]:
    array = read_record(_Array, file)
    name = array.compressor.id if array.compressor else None
    if name not in _COMPRESSORS:
        raise ValueError(f"{file}: it is coded by {shorten(repr(name))}, which is never run")
    return _array_sizes(file, array.dtype, array.shape, array.chunks)


def _array_sizes(file: Path, kind: str, shape: list[int], chunks: list[Any]) -> tuple[int, int]:
    if not re.fullmatch(r"[<>|]?[a-z]\w*", kind):
        raise ValueError(f"{file}: its type is {shorten(repr(kind))}: it must be one of numbers")
    try:
        type_ = np.dtype(kind)
    except TypeError as error:
        raise ValueError(
            f"{file}: its type is {shorten(repr(kind))}: it must be one of numbers"
        ) from error
    if type_.kind not in "biuf" or any(side < 1 for side in chunks) or len(chunks) != len(shape):
        raise ValueError(
            f"{file}: its type is {kind!r}, in chunks of {shorten(chunks)}: save it again"
        )
    return prod(shape) * type_.itemsize, prod(chunks) * type_.itemsize


def _join_names(names: set[str]) -> str:
    return ", ".join(sorted(map(repr, names))) or "what we do not use"
