"""Safe reading of npz files: sizes, types and shapes are checked before anything is unpacked."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from napari_lns._files import check_regular

__all__ = ["Npz", "check_unpacked", "open_npz"]

FREE_BYTES = 2**28  # size that any file may unpack to, in bytes
MOST_COMPRESSION = 200  # largest compression ratio; uniform images reach it
_DECODERS = (zipfile.BadZipFile, zlib.error, struct.error)
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def check_unpacked(unpacked: int, size: int) -> None:
    """Raise an error if data are far larger in memory than on disk.

    Parameters
    ----------
    unpacked, size
        Size in memory and on disk, in bytes.

    Examples
    --------
    >>> check_unpacked(10**12, 1000)
    Traceback (most recent call last):
    ValueError: it unpacks to 931.3 GiB: split it; 256 MB are read, or 200 times a file's ...
    """
    if unpacked > max(FREE_BYTES, MOST_COMPRESSION * size):
        most = min(unpacked, 2**60)  # a float can hold it
        raise ValueError(
            f"it unpacks to {most / 2**30:.1f} GiB: split it; {FREE_BYTES // 2**20} MB are "
            f"read, or {MOST_COMPRESSION} times a file's size"
        )


class Npz:
    """An npz file whose arrays are listed but not yet read; created by `open_npz`.

    Parameters
    ----------
    file
        The opened ZIP file.
    size
        Its size in bytes.
    """

    def __init__(self, file: zipfile.ZipFile, size: int) -> None:
        self._file = file
        self._members = {member.filename: member for member in file.infolist()}
        if len(self._members) != len(file.infolist()):
            raise ValueError("it contains two arrays of the same name")
        if any(member.compress_type not in _PACKED for member in self._members.values()):
            raise ValueError("it is compressed by a method that NumPy does not use")
        check_unpacked(sum(member.file_size for member in self._members.values()), size)
        if (damaged := file.testzip()) is not None:
            raise ValueError(f"its part {damaged!r} has another checksum than when it was written")

    @property
    def names(self) -> list[str]:
        """Names of the arrays, as in `numpy.load`."""
        return [name.removesuffix(".npy") for name in self._members]

    def spec(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Return the shape and type of an array without reading it."""
        with self._open(name) as stream:
            return _read_header(name, stream)

    def read(self, name: str) -> NDArray[Any]:
        """Read an array; arrays of Python objects, which could run code, are refused."""
        shape, kind = self.spec(name)
        if kind.hasobject:
            raise ValueError(
                f"its array {name!r} holds Python objects, which can run any code and are never "
                "loaded: save it as an array of numbers"
            )
        with self._open(name) as stream:
            _read_header(name, stream)
            size = self._members[f"{name}.npy"].file_size - stream.tell()
        if size != prod(shape) * kind.itemsize:
            raise ValueError(f"its array {name!r} is cut off, or longer than its shape {shape}")
        with self._open(name) as stream:
            array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)  # type: ignore[no-untyped-call]
        return array

    def _open(self, name: str) -> IO[bytes]:
        if f"{name}.npy" not in self._members:
            raise ValueError(f"its part {name!r} is not an array")
        return self._file.open(self._members[f"{name}.npy"])


@contextmanager
def open_npz(path: str | os.PathLike[str]) -> Iterator[Npz]:
    """Open an npz file; raise ValueError for any damage.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    Npz
    """
    check_regular(path)
    try:
        with zipfile.ZipFile(path) as file:
            yield Npz(file, Path(path).stat().st_size)
    except OSError as error:
        if error.errno not in (None, EINVAL):  # EINVAL: positions before the start of the file
            raise
        raise _damage_error(error) from error
    except (*_DECODERS, NotImplementedError, EOFError, RuntimeError) as error:
        raise _damage_error(error) from error


def _damage_error(error: Exception) -> ValueError:
    reason = str(error).rstrip(".") or "it ends too early"
    return ValueError(f"it is damaged or not a valid npz ({reason}): copy or export it again")


def _read_header(name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        version = npy.read_magic(stream)  # type: ignore[no-untyped-call]
        read_version = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[
            version
        ]
        shape, _, kind = read_version(stream)  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, TypeError, SyntaxError, OverflowError) as error:
        raise ValueError(f"its part {name!r} is not an array ({error})") from error
    if any(side < 0 for side in shape):
        raise ValueError(f"its array {name!r} has the shape {shape}")
    return shape, kind
