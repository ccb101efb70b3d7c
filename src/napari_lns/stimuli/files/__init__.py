"""Read and write stimuli as files.

The suffix of a file determines its format. A folder is read by its table, or image by image.
`read` returns exactly what `write` wrote, to the last bit of every pixel.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import chain, islice
from pathlib import Path

from napari_lns._files import check_regular, explain_os_errors, write_together
from napari_lns._moves import exists, finish_moves
from napari_lns._records import MOST_BYTES
from napari_lns.stimuli.files._images import is_companion, read_image, write_image
from napari_lns.stimuli.files._npz import read_npz, write_npz
from napari_lns.stimuli.files._record import parse_json, prefix_errors
from napari_lns.stimuli.files._stimupy import from_stimupy
from napari_lns.stimuli.files._tables import TABLES, read_table, write_table
from napari_lns.stimuli.files._tiff import read_tiff, write_tiff
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["SUFFIXES", "from_stimupy", "read", "write"]

_Reader = Callable[[Path], list[Stimulus]]
_Writer = Callable[[Iterable[Stimulus], Path], None]


def read(path: str | os.PathLike[str]) -> list[Stimulus]:
    """Read the stimuli of a file or folder.

    Parameters
    ----------
    path
        A file with one of `SUFFIXES`; or a folder with ``conditions.csv``, ``annotation.csv`` (as
        in MindSet), or such files.

    Returns
    -------
    list of Stimulus
        The stimuli in the order of the file. Without labels, all pixels are background; without a
        record, the name is that of the file.

    Raises
    ------
    ValueError
        If the contents are damaged or out of range; the error names the file and the fix.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from napari_lns import stimuli
    >>> with TemporaryDirectory() as folder:
    ...     square = stimuli.draw("kanizsa_figure")
    ...     stimuli.write(square, f"{folder}/square.png")
    ...     stimuli.read(f"{folder}/square.png") == [square]
    True
    """
    path = Path(path)
    with explain_os_errors(path):
        if exists(path) and path.is_dir():
            return [stimulus for file in files_in(path) for stimulus in read(file)]
        check_regular(path)
        if path.stat().st_size == 0:
            raise ValueError(f"{path}: it is empty: copy or export it again")
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            raise ValueError(
                f"{path}: {_unknown_suffix(path.suffix, _READERS)}, or a folder of them"
            )
        return reader(path)


def write(
    stimuli: Stimulus | Iterable[Stimulus],
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
) -> None:
    """Write stimuli to one file or into a folder, completely or not at all.

    Parameters
    ----------
    stimuli
        One stimulus or several. Lazy iterables are drawn and written one by one.
    path
        ``.png`` (one stimulus, with labels, parts and record beside it), ``.tif``, ``.npz``
        (stimuli of one size), ``.csv`` (a table of conditions, with the images beside it), or a
        folder for the images and ``conditions.csv``.
    overwrite
        Whether to replace existing files.

    Raises
    ------
    ValueError
        If the format cannot hold the stimuli.
    OSError
        If files exist, or the system reports an error.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from napari_lns import stimuli
    >>> with TemporaryDirectory() as folder:
    ...     ratios = stimuli.sweep("kanizsa_figure", support_ratio=[0.2, 0.4, 0.6])
    ...     stimuli.write(ratios, f"{folder}/ratios")
    ...     len(stimuli.read(f"{folder}/ratios/conditions.csv"))
    3
    """
    path = Path(path)
    with explain_os_errors(path), prefix_errors(path):
        target = _target(path)
        if exists(target) and not overwrite:
            raise FileExistsError(f"{target} exists: give another name, or allow to overwrite it")
        remaining = iter([stimuli] if isinstance(stimuli, Stimulus) else stimuli)
        first = next(remaining, None)
        if first is None:
            raise ValueError("there are no stimuli to write: draw some first")
        with write_together(target.parent, last=target.name, overwrite=overwrite) as folder:
            _WRITERS[target.suffix.lower()](chain([first], remaining), folder / target.name)


def _target(path: Path) -> Path:
    """Return the file to write; for a folder, its table."""
    if not path.suffix or (path.is_dir() and path.suffix.lower() not in _WRITERS):
        return path / TABLES[0]
    if path.suffix.lower() not in _WRITERS:
        raise ValueError(f"{_unknown_suffix(path.suffix, _WRITERS)}, or a folder")
    if path.is_dir():
        raise IsADirectoryError(f"{path}: it is a folder: give the name of a file")
    return path


def files_in(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the files of a folder that `read` reads: its table of conditions, or else its images.

    Reading them one by one, a program can skip a damaged file.

    Parameters
    ----------
    folder
        A folder of stimuli.

    Returns
    -------
    list of pathlib.Path

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, "a.png").touch()
    ...     [file.name for file in files_in(folder)]
    ['a.png']
    """
    path = Path(folder)
    finish_moves(path)
    tables = [path / table for table in TABLES if (path / table).exists()]
    images = (
        file
        for file in sorted(path.iterdir())
        if file.suffix.lower() in _IMAGES and not file.name.startswith(".") and file.is_file()
    )
    files = tables[:1] or [file for file in images if not is_companion(file)]
    if not files:
        raise ValueError(
            f"{path}: it holds no stimuli: it needs {' or '.join(TABLES)}, "
            f"or files with {', '.join(_IMAGES)}"
        )
    return files


def _read_json(path: Path) -> list[Stimulus]:
    """Read the image beside a record, or a dictionary exported by stimupy."""
    check_regular(path, most=MOST_BYTES)
    with prefix_errors(path):
        contents = parse_json(path.read_bytes())
        if isinstance(contents, dict) and "img" in contents:
            return [from_stimupy(contents, name=path.name)]
    for suffix in (".png", ".jpg", ".jpeg"):
        if path.with_suffix(suffix).exists():
            return [read_image(path.with_suffix(suffix))]
    raise ValueError(
        f"{path}: no image of this name lies beside it, and it is no stimupy dictionary: "
        "put the image back"
    )


def _write_one(stimuli: Iterable[Stimulus], path: Path) -> None:
    first, *others = islice(stimuli, 2)
    if others:
        raise ValueError("a PNG holds one stimulus: write several to a folder, .tif or .npz")
    write_image(first, path)


def _unknown_suffix(suffix: str, suffixes: Iterable[str]) -> str:
    return f"the suffix {suffix!r} is unknown: use {', '.join(suffixes)}"


_IMAGES: dict[str, _Reader] = {
    ".png": lambda path: [read_image(path)],
    ".jpg": lambda path: [read_image(path)],
    ".jpeg": lambda path: [read_image(path)],
    ".tif": read_tiff,
    ".tiff": read_tiff,
    ".npz": read_npz,
}
_READERS: dict[str, _Reader] = {**_IMAGES, ".csv": read_table, ".json": _read_json}
_WRITERS: dict[str, _Writer] = {
    ".png": _write_one,
    ".tif": write_tiff,
    ".tiff": write_tiff,
    ".npz": write_npz,
    ".csv": write_table,
}
SUFFIXES = tuple(_READERS)
