"""Moving sets of complete files into a folder, so that old and new files are never mixed.

A set of files is first renamed to a folder within ``.moving``. If its process is then killed, the
next process that reads or writes in the folder completes the move. Uses the standard library only.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import socket
import time
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["exists", "finish_moves", "is_alive", "machine_tag", "move_all", "process_tag"]

_MOVES = ".moving"  # subfolder with sets of files to be moved
_LAST = ".last"  # subfolder of a set with the file to move last
_ABANDONED = 60  # seconds without progress after which a set's process counts as dead


def exists(path: Path) -> bool:
    """Return whether a file or folder exists, after completing an interrupted move.

    Examples
    --------
    >>> exists(Path("no/such/file"))
    False
    """
    if not os.path.lexists(path):
        finish_moves(path.parent)
    return path.exists()


def finish_moves(folder: Path) -> None:
    """Complete moves into a folder whose processes were killed.

    Parameters
    ----------
    folder
        The folder.

    Examples
    --------
    >>> finish_moves(Path("no/such/folder"))
    """
    with suppress(OSError):  # usually a missing folder, or one that is not writable
        for whole in [*(folder / _MOVES).iterdir()]:
            process = re.search(rf"-{machine_tag()}-(\d+)-", whole.name)
            ended = process is not None and not is_alive(int(process[1]))
            if ended or time.time() - whole.stat().st_mtime > _ABANDONED:
                _set_aside(whole, folder)
                _carry_out(whole, folder)
        (folder / _MOVES).rmdir()  # if it is empty


def move_all(source: Path, target: Path, last: str, overwrite: bool) -> None:
    """Move the contents of one folder into another, completely or not at all.

    Parameters
    ----------
    source
        A folder in `target` with a `process_tag` in its name; it is removed.
    target
        The destination.
    last
        Name of the file to move last.
    overwrite
        Whether existing files may be replaced.

    Examples
    --------
    >>> with TemporaryDirectory() as folder:
    ...     source = Path(folder, f".new-{process_tag()}")
    ...     source.mkdir()
    ...     _ = (source / "a").write_text("whole")
    ...     move_all(source, Path(folder), "a", overwrite=False)
    ...     Path(folder, "a").exists()
    True
    """
    files = sorted(source.iterdir())
    for file in files:
        _check_place(file, target / file.name, overwrite)
    if len(files) == 1 and files[0].is_file():
        files[0].replace(target / files[0].name)
        return
    (source / _LAST).mkdir()
    with suppress(FileNotFoundError):
        (source / last).replace(source / _LAST / last)
    whole = _announce(source, target)
    try:
        _set_aside(whole, target)
    except OSError:
        shutil.rmtree(whole, ignore_errors=True)
        raise
    finally:
        if whole.exists():  # also after Ctrl-C
            _carry_out(whole, target)


def _check_place(file: Path, place: Path, overwrite: bool) -> None:
    if not os.path.lexists(place):
        return
    if not overwrite:
        raise FileExistsError(f"{place} exists: give another name, or allow to overwrite it")
    if place.is_dir() and not place.is_symlink() and not file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(place))


def _announce(source: Path, target: Path) -> Path:
    while True:
        (target / _MOVES).mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # another writer has just removed the empty folder
            return source.rename(target / _MOVES / source.name)


def _remaining_files(whole: Path) -> list[Path]:
    """Return the files that are still to be moved, in order."""
    first = [file for file in sorted(whole.iterdir()) if file.name != _LAST]
    return [*first, *(whole / _LAST).glob("*")]


def _set_aside(whole: Path, target: Path) -> None:
    """Remove the files that a set replaces, completely or not at all."""
    with TemporaryDirectory(prefix=f".writing-{process_tag()}-", dir=target) as aside:
        try:
            # the file that describes the others goes first
            for file in reversed(_remaining_files(whole)):
                with suppress(FileNotFoundError):
                    (target / file.name).replace(Path(aside, file.name))
        except OSError:
            for old in Path(aside).iterdir():
                old.replace(target / old.name)
            raise


def _carry_out(whole: Path, target: Path) -> None:
    for file in _remaining_files(whole):
        with suppress(FileNotFoundError):  # already moved by another process
            file.replace(target / file.name)
    for folder in (whole / _LAST, whole, whole.parent):
        with suppress(OSError):
            folder.rmdir()


def is_alive(process: int) -> bool:
    """Return whether a process is running on this machine.

    Examples
    --------
    >>> is_alive(os.getpid())
    True
    """
    if os.name == "nt":  # on Windows, os.kill would end the process
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # a process of another user
        return True
    return True


def process_tag() -> str:
    """Return a unique tag for temporary files: machine, process and a random part.

    Examples
    --------
    >>> str(os.getpid()) in process_tag()
    True
    """
    return f"{machine_tag()}-{os.getpid()}-{secrets.token_hex(4)}"


@lru_cache(maxsize=1)
def machine_tag() -> str:
    """Return a short name for this machine.

    Examples
    --------
    >>> len(machine_tag())
    8
    """
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"
