"""Check the chain of directories of a TIFF before it is decoded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

__all__ = ["check_directories"]

MOST_PAGES = 100_000
MOST_TAGS = 4096
_SINGLE = {256: "width", 257: "height", 262: "colour", 277: "number of channels"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8}


def check_directories(path: Path) -> None:
    """Raise an error if a TIFF's chain of pages is circular or its tags are invalid.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ValueError
        If the file is invalid. The message lacks the file's name.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        mark = file.read(4)
        order = {b"II": "<", b"MM": ">"}.get(mark[:2], "")
        version = struct.unpack(f"{order}H", mark[2:])[0] if order and len(mark) == 4 else 0
        if version not in (42, 43):
            raise ValueError("it is damaged or not a valid TIFF: copy or export it again")
        big = version == 43
        file.seek(8 if big else 4)
        places: set[int] = set()
        place = _read_number(file, order + ("Q" if big else "I"))
        while place:
            if place in places or len(places) >= MOST_PAGES:
                raise ValueError(
                    f"its page {len(places)} lies at byte {place}, where an earlier one lies, or "
                    f"there are over {MOST_PAGES:,} pages: copy or export it again"
                )
            places.add(place)
            place = _check_directory(file, order, big, place, size)


def _check_directory(file: BinaryIO, order: str, big: bool, place: int, size: int) -> int:
    """Check one directory, and return the position of the next one."""
    if place >= size:
        raise ValueError(f"a page lies at byte {place} of {size}: copy or export it again")
    file.seek(place)
    count = _read_number(file, order + ("Q" if big else "H"))
    if count > MOST_TAGS:
        raise ValueError(f"a page has {count:,} tags: copy or export it again")
    tag, length = (f"{order}HHQ8x", 20) if big else (f"{order}HHI4x", 12)
    for _ in range(count):
        data = file.read(length)
        if len(data) < length:
            raise ValueError("it ends within a page's tags: copy or export it again")
        code, kind, values = struct.unpack(tag, data)
        if code in _SINGLE and values != 1:
            raise ValueError(f"a page has {values} values for its {_SINGLE[code]}: it must be one")
        if values * _SIZES.get(kind, 1) > size:
            raise ValueError(f"tag {code} of a page is larger than the file: copy it again")
    return _read_number(file, order + ("Q" if big else "I"))


def _read_number(file: BinaryIO, form: str) -> int:
    data = file.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise ValueError("it ends within its list of pages: copy or export it again")
    number: int = struct.unpack(form, data)[0]
    return number
