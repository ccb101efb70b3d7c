"""Tables of conditions: CSV files with one row per stimulus, as in PsychoPy and MindSet.

Tables written here have the columns ``image_file``, ``labels_file``, ``stimulus``, ``seed`` and one
for each parameter; the images lie beside the table. MindSet's ``annotation.csv`` names the image in
``Path`` and has the parameters in its other columns. Paths are relative to the table.
"""

from __future__ import annotations

import csv
import io
import json
import keyword
import re
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath
from typing import Any

from napari_lns._files import check_regular, explain_os_errors
from napari_lns._records import MOST_BYTES
from napari_lns.stimuli.files._images import read_image, write_image
from napari_lns.stimuli.files._record import prefix_errors, translate_decoder_errors
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["TABLES", "read_table", "write_table"]

TABLES = ("conditions.csv", "annotation.csv")  # names of the table in a folder: ours and MindSet's
_COLUMNS = ("image_file", "Path")


def read_table(path: Path) -> list[Stimulus]:
    """Read the image of every row."""
    with explain_os_errors(path), prefix_errors(path):
        check_regular(path, most=MOST_BYTES)
        column, rows = _rows(path.read_bytes())
        pictures = [path.parent / _relative_path(row[column]) for row in rows]
        missing = [picture for picture in pictures if not picture.is_file()]
        if missing:
            raise ValueError(
                f"{len(missing)} of its {len(rows)} images are missing, first {missing[0]}: "
                "put them back, or remove their rows"
            )
    return [
        read_image(
            picture,
            name=picture.relative_to(path.parent).as_posix(),
            parameters={key: _value(text) for key, text in row.items() if key != column},
        )
        for picture, row in zip(pictures, rows, strict=True)
    ]


def _relative_path(text: str) -> str:
    """Return the path of an image in a table; raise an error if it leaves the table's folder."""
    place = PureWindowsPath(text)  # it accepts both kinds of slashes
    if place.is_absolute() or place.root or place.drive or ".." in place.parts:
        raise ValueError(f"it names {text!r}: its images must lie in its own folder")
    return place.as_posix()


def write_table(stimuli: Iterable[Stimulus], path: Path) -> None:
    """Write the numbered images, and the table beside them."""
    rows = []
    for number, stimulus in enumerate(stimuli):
        stem = re.sub(r"[^\w-]+", "_", Path(stimulus.name).stem, flags=re.ASCII)[:60]
        picture = path.with_name(f"{number:04d}_{stem}.png")
        write_image(stimulus, picture)
        rows.append(_row(stimulus, picture))
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _rows(data: bytes) -> tuple[str, list[dict[str, str]]]:
    """Return the column that names the images, and the rows."""
    with translate_decoder_errors("CSV table in UTF-8"):
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="")
        rows = list(reader)
    header = reader.fieldnames or []
    column = next((name for name in _COLUMNS if name in header), None)
    if column is None:
        raise ValueError(
            f"it has no column 'image_file' or 'Path' but {', '.join(header) or 'nothing'}: "
            "give the column of the images one of these names"
        )
    if not rows:
        raise ValueError("it has no rows under its header: add one for every image")
    for number, row in enumerate(rows, 2):
        if None in row:
            raise ValueError(f"row {number} has more cells than the header: quote its commas")
    return column, rows


def _row(stimulus: Stimulus, picture: Path) -> dict[str, Any]:
    row: dict[str, Any] = {
        "image_file": picture.name,
        "labels_file": picture.with_suffix(".labels.png").name,
        "stimulus": stimulus.name,
        "seed": stimulus.seed,
    }
    for key, value in stimulus.parameters.items():
        row[_column_name(key, row)] = _cell(value)
    return row


def _column_name(key: str, names: Iterable[str]) -> str:
    """Return an unused column name that PsychoPy can use as a variable."""
    name = re.sub(r"\W", "_", key, flags=re.ASCII)
    name = name if name[:1].isalpha() else f"p{name}"
    while name in names or keyword.iskeyword(name):
        name += "_"
    return name


def _cell(value: object) -> Any:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, list | dict) else value


def _value(text: str) -> Any:
    """Return the value of a cell: None if empty, a JSON value if it is one, or else the text."""
    if not text:
        return None
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return text
    return value
