"""TIFF files: for each stimulus a page with the image, one with the labels, and one for each part.

The description of the image page contains the record. Each page of a TIFF of another program is
one stimulus. Images are float32, or 8 bit if that represents them exactly.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._npz import check_unpacked
from napari_lns.stimuli.files import _pillow
from napari_lns.stimuli.files._directories import check_directories
from napari_lns.stimuli.files._pixels import (
    apply_orientation,
    check_size,
    from_eight_bits,
    to_eight_bits,
    to_image,
)
from napari_lns.stimuli.files._record import (
    Record,
    compute_checksum,
    make_stimulus,
    prefix_errors,
    translate_decoder_errors,
)
from napari_lns.stimuli.stimulus import Stimulus

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

__all__ = ["read_tiff", "write_tiff"]

_ORIENTATION = 274
_HEADER = 8  # bytes of a file before its pixels
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE = range(4)  # photometric interpretations
_LABELS, _PART = "labels", "part"  # descriptions of our pages after the image
_ALPHA = 2  # type of an extra sample; Pillow decodes premultiplied alpha


def read_tiff(path: Path) -> list[Stimulus]:
    """Read all stimuli of a TIFF file."""
    with prefix_errors(path):
        check_directories(path)
    with prefix_errors(path), _open_tiff(path) as file:
        with translate_decoder_errors("TIFF"):
            pages = [page.aspage() for page in file.pages]
            _check_chain(file)
            sizes = [_size(page) for page in pages]
        for height, width, _ in sizes:
            check_size(height, width)
        check_size(1, 1, sum(height * width for height, width, _ in sizes))
        check_unpacked(sum(bytes_ for *_, bytes_ in sizes), path.stat().st_size)
        return list(_stimuli(path, pages))


def write_tiff(stimuli: Iterable[Stimulus], path: Path) -> None:
    """Write stimuli one by one, with a single one in memory."""
    import tifffile

    with tifffile.TiffWriter(path) as file:
        for stimulus in stimuli:
            eight_bits = to_eight_bits(stimulus.image)
            exact = np.array_equal(from_eight_bits(eight_bits), stimulus.image)
            record = replace(Record.from_stimulus(stimulus), checksum=compute_checksum(stimulus))
            text = json.dumps(record.to_json())
            _write_page(file, eight_bits if exact else stimulus.image, text)
            _write_page(file, stimulus.labels, _LABELS)
            for mask in stimulus.parts.values():
                _write_page(file, mask.astype(np.uint8), _PART)


def _write_page(file: Any, pixels: NDArray[Any], description: str) -> None:
    file.write(
        pixels,
        photometric="rgb" if pixels.ndim == 3 else "minisblack",
        compression="zlib",
        description=description,
        metadata=None,
        contiguous=False,
    )


def _open_tiff(path: Path) -> TiffFile:
    import tifffile

    with translate_decoder_errors("TIFF"):
        return tifffile.TiffFile(path)


def _size(page: TiffPage) -> tuple[int, int, int]:
    """Return a page's height, its width times its depth, and the size of its pixels in bytes."""
    height, width = int(page.imagelength), int(page.imagewidth) * int(page.imagedepth)
    bits = int(np.max(page.bitspersample)) * int(page.samplesperpixel)
    return height, width, height * width * bits // 8


def _check_chain(file: TiffFile) -> None:
    """Raise an error if the file ends between two pages, since tifffile ignores missing pages."""
    position = file.pages.next_page_offset
    if position is None or not len(file.pages):
        raise ValueError("it has no pages")
    file.filehandle.seek(position)
    data = file.filehandle.read(file.tiff.offsetsize)
    if struct.unpack(file.tiff.offsetformat, data) != (0,):
        raise ValueError("pages are missing at its end")


def _stimuli(path: Path, pages: list[TiffPage]) -> Iterator[Stimulus]:
    number = 0
    while number < len(pages):
        record = _read_record(pages[number])
        following = number + (1 if record is None else 2 + len(record.parts))
        image, *masks = (
            _pixels(path, page, index) for index, page in enumerate(pages[number:following], number)
        )
        if record is None:
            if pages[number].description in (_LABELS, _PART):
                raise ValueError(
                    "the record of labels or parts is missing: copy or export it again"
                )
            parameters = {"page": number} if len(pages) > 1 else {}
            yield make_stimulus(to_image(image), name=path.name, parameters=parameters)
        else:
            yield record.stimulus(to_image(image), masks)
        number = following


def _read_record(page: TiffPage) -> Record | None:
    try:
        contents = json.loads(page.description)
    except (ValueError, RecursionError):  # a description in words
        return None
    return Record.from_json(contents)


def _pixels(path: Path, page: TiffPage, index: int) -> NDArray[Any]:
    if not _is_for_tifffile(page):
        return _pillow.pixels(path, "TIFF", page=index)
    with translate_decoder_errors("TIFF"):
        _check_strips(page)
        array = page.asarray()
        if page.axes.startswith("S"):
            array = np.moveaxis(array, 0, -1)
        if page.photometric == _PALETTE:
            colours = np.moveaxis(np.asarray(page.colormap), 0, -1)
            array = (colours[array] >> 8).astype(np.uint8)  # programs scale by 256 or by 257
        if page.photometric == _WHITE_IS_ZERO:
            array = ~array
        return apply_orientation(array, page.tags.valueof(_ORIENTATION, 1))


def _check_strips(page: TiffPage) -> None:
    """Raise an error if strips or tiles of a page are missing, since tifffile reads zeros there."""
    parts = math.prod(page.chunked)
    places, sizes = page.dataoffsets[:parts], page.databytecounts[:parts]
    if min(len(places), len(sizes)) < parts or min(places) < _HEADER or not min(sizes):
        raise ValueError(f"some of a page's {parts} strips or tiles are missing")


def _is_for_tifffile(page: TiffPage) -> bool:
    import tifffile

    return (
        page.compression in tifffile.TIFF.DECOMPRESSORS
        and page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE)
        and page.extrasamples in ((), (_ALPHA,))
    )
