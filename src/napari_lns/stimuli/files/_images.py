"""PNG and JPEG files with labels, part masks and record beside them.

Beside ``a.png`` lie ``a.labels.png`` (indexed colours; the index is the label), ``a.part1.png``
and so on (the parts in the record's order) and ``a.json`` (the record). If eight bits do not
represent the pixels exactly, the PNG also stores them as float32 in a private chunk, which viewers
ignore and image editors remove.
"""

from __future__ import annotations

import colorsys
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from napari_lns._files import check_regular, explain_os_errors
from napari_lns._records import MOST_BYTES
from napari_lns.stimuli.files._pillow import pixels, private_chunk
from napari_lns.stimuli.files._pixels import from_eight_bits, to_eight_bits, to_image
from napari_lns.stimuli.files._record import Record, make_stimulus, parse_json, prefix_errors
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["is_companion", "read_image", "write_image"]

_EXACT = b"exAC"  # ancillary, private, unsafe to copy: an editor that changes pixels must drop it


def read_image(
    path: Path, *, name: str = "", parameters: Mapping[str, Any] | None = None
) -> Stimulus:
    """Read a PNG or JPEG and the files beside it; name and parameters replace a missing record."""
    with explain_os_errors(path), prefix_errors(path):
        image = _exact_pixels(path, to_image(pixels(path, "PNG", "JPEG")))
    record = _read_record(path.with_suffix(".json"))
    labels_file = _companion(path, "labels")
    labels = _read_mask(labels_file) if record or labels_file.exists() else None
    if record is None or labels is None:
        with prefix_errors(path):
            return make_stimulus(image, labels, name=name or path.name, parameters=parameters)
    parts = [_read_mask(_companion(path, f"part{n + 1}")) for n in range(len(record.parts))]
    with prefix_errors(path):
        return record.stimulus(image, [labels, *parts])


def write_image(stimulus: Stimulus, path: Path) -> None:
    """Write the PNG with its labels, part masks and record."""
    eight_bits = to_eight_bits(stimulus.image)
    info = PngInfo()
    if not np.array_equal(from_eight_bits(eight_bits), stimulus.image):
        info.add(_EXACT, zlib.compress(stimulus.image.astype("<f4").tobytes()))
    Image.fromarray(eight_bits).save(path, pnginfo=info)
    _labels_image(stimulus.labels).save(_companion(path, "labels"))
    for number, mask in enumerate(stimulus.parts.values(), 1):
        Image.fromarray(mask).save(_companion(path, f"part{number}"))
    text = json.dumps(Record.from_stimulus(stimulus).to_json(), indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def is_companion(path: Path) -> bool:
    """Return whether a file holds the labels or a part of another image."""
    return re.search(r"\.(labels|part\d+)\.png$", path.name, re.IGNORECASE) is not None


def _companion(path: Path, what: str) -> Path:
    return path.with_suffix(f".{what}.png")


def _read_record(path: Path) -> Record | None:
    if not path.exists():
        return None
    with explain_os_errors(path):
        check_regular(path, most=MOST_BYTES)
        with prefix_errors(path):
            return Record.from_json(parse_json(path.read_bytes()))


def _read_mask(path: Path) -> NDArray[Any]:
    with explain_os_errors(path), prefix_errors(path):
        mask = pixels(path, "PNG", indices=True)
        if mask.ndim != 2:
            raise ValueError(
                "it has several channels: save labels in one, as grey values or indexed colours"
            )
        return mask


def _exact_pixels(path: Path, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the float32 pixels stored in a PNG if they agree with its visible pixels."""
    chunk = private_chunk(path, _EXACT)
    if chunk is None:
        return image
    try:
        values = np.frombuffer(zlib.decompressobj().decompress(chunk, image.nbytes), "<f4")
        exact = values.reshape(image.shape).astype(np.float32)
    except (zlib.error, ValueError):
        return image
    is_same = np.allclose(exact, image, rtol=0, atol=0.51 / 255)
    return exact if is_same else image


def _labels_image(labels: NDArray[np.int32]) -> Image.Image:
    highest = int(labels.max())
    if highest > 65535:
        raise ValueError(f"PNG holds labels up to 65535, not {highest}: write .tif or .npz")
    if highest > 255:
        return Image.fromarray(labels.astype(np.uint16))
    image = Image.fromarray(labels.astype(np.uint8))
    image.putpalette(_palette(highest))
    return image


def _palette(highest: int) -> list[int]:
    """Return a palette: black for the background, and hues a golden angle apart for the labels."""
    colours = [colorsys.hsv_to_rgb(0.382 * n % 1, 0.6, 0.95) for n in range(highest)]
    return [0, 0, 0, *(round(255 * channel) for colour in colours for channel in colour)]
