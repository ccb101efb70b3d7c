"""npz files, opened so that nothing is unpacked before its size, type and shape are known."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from napari_lns._files import check_regular

__all__ = ["Npz", "check_unpacked", "opened_npz"]

FREELY = 2**28  # bytes that any file may unpack to
SHRINKING = 200  # times its own size that a file may unpack to; flat images shrink so far
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def check_unpacked(unpacked: int, size: int) -> None:
    """Refuse what is far larger in memory than on the disk.

    Parameters
    ----------
    unpacked, size
        Bytes in memory and on the disk.

    Examples
    --------
    >>> check_unpacked(10**12, 1000)
    Traceback (most recent call last):
    ValueError: it would unpack from 0.0 to 953,674 MB, more than 256 MB and 200 times its size
    """
    if unpacked > max(FREELY, SHRINKING * size):
        raise ValueError(
            f"it would unpack from {size / 2**20:,.1f} to {unpacked / 2**20:,.0f} MB, more than "
            f"{FREELY // 2**20} MB and {SHRINKING} times its size"
        )


class Npz:
    """An npz file whose arrays have been looked up but not read; `opened_npz` makes it.

    Parameters
    ----------
    file
        The opened ZIP file.
    """

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._members = {member.filename: member for member in file.infolist()}
        if len(self._members) != len(file.infolist()):
            raise ValueError("it holds two arrays of one name")
        if any(member.compress_type not in _PACKED for member in self._members.values()):
            raise ValueError("it is packed in a way that NumPy does not use")
        on_disk = sum(member.compress_size for member in self._members.values())
        check_unpacked(sum(member.file_size for member in self._members.values()), on_disk)

    @property
    def names(self) -> list[str]:
        """Names of the arrays, as `numpy.load` gives them."""
        return [name.removesuffix(".npy") for name in self._members]

    def form(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Return an array's shape and type without reading it."""
        with self._opened(name) as stream:
            return _header(name, stream)

    def read(self, name: str) -> NDArray[Any]:
        """Read an array; one of Python objects, which could run any code, is refused."""
        shape, kind = self.form(name)
        if kind.hasobject:
            raise ValueError(
                f"its array {name!r} holds Python objects, which can run any code and are never "
                "loaded: save it as an array of numbers"
            )
        with self._opened(name) as stream:
            _header(name, stream)
            held = self._members[f"{name}.npy"].file_size - stream.tell()
        if held != prod(shape) * kind.itemsize:
            raise ValueError(f"its array {name!r} is cut off, or longer than its shape {shape}")
        with self._opened(name) as stream:
            found: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
            stream.read()  # to the end, where ZIP checks what it has read
        return found

    def _opened(self, name: str) -> IO[bytes]:
        if f"{name}.npy" not in self._members:
            raise ValueError(f"its part {name!r} is no array")
        return self._file.open(self._members[f"{name}.npy"])


@contextmanager
def opened_npz(path: str | os.PathLike[str]) -> Iterator[Npz]:
    """Open an npz file; whatever is wrong with it is a ValueError.

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
            yield Npz(file)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise ValueError(str(error) or "it ends too early") from error


def _header(name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        version = npy.read_magic(stream)  # type: ignore[no-untyped-call]
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, _, kind = read(stream)  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, TypeError, SyntaxError, OverflowError) as error:
        raise ValueError(f"its part {name!r} is no array ({error})") from error
    if any(side < 0 for side in shape):
        raise ValueError(f"its array {name!r} has the shape {shape}")
    return shape, kind
