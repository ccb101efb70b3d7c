"""Atomic writing of files, and readable messages for operating-system errors.

Uses the standard library only.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from napari_lns._moves import finish_moves, is_alive, machine_tag, move_all, process_tag

__all__ = [
    "check_regular",
    "describe_error",
    "explain_os_errors",
    "parse_system_error",
    "shorten",
    "temporary_folder",
    "write_atomically",
    "write_together",
]

_DISK_FULL = "the disk is full: free some space, or write elsewhere"
_NO_PERMISSION = "permission is denied: change its permissions, or use another folder"
_SENTENCES = {
    errno.ENOENT: "there is no such file or folder: check the path",
    errno.ENOTDIR: "a part of the path is a file, not a folder: check the path",
    errno.EISDIR: "it is a folder: give the name of a file",
    errno.EEXIST: "it already exists: give another name",
    errno.ENAMETOOLONG: "the name is too long: give a shorter one",
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.ELOOP: "its links form a circle: give the path of the file itself",
    errno.EROFS: "the disk is read-only: write elsewhere",
    errno.ENOSPC: _DISK_FULL,
    errno.EDQUOT: _DISK_FULL,
    errno.EFBIG: _DISK_FULL,
    errno.EIO: "the disk failed, or it is not a file: check the path, and copy the file elsewhere",
}


@contextmanager
def explain_os_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Replace an operating-system error with a message that names `path` and the fix.

    The type of the error and its `errno` are kept.

    Parameters
    ----------
    path
        The file or folder that the block reads or writes.

    Examples
    --------
    >>> with explain_os_errors("no/such.png"):
    ...     open("no/such.png")
    Traceback (most recent call last):
    FileNotFoundError: no/such.png: there is no such file or folder: check the path
    """
    try:
        yield
    except OSError as error:
        # of another kind, or already explained
        if error.errno not in _SENTENCES or len(error.args) < 2:
            raise
        explanation = type(error)(f"{os.fspath(path)}: {_SENTENCES[error.errno]}")
        explanation.errno = error.errno
        raise explanation from error


def check_regular(path: str | os.PathLike[str], *, most: int | None = None) -> None:
    """Raise an error unless a path is a regular file of an acceptable size.

    Parameters
    ----------
    path
        The file to read; links to it are followed.
    most
        Largest accepted size in bytes; None for no limit.

    Examples
    --------
    >>> check_regular("/dev/null")
    Traceback (most recent call last):
    ValueError: /dev/null: it is a device or pipe, not a file: give the path of a file
    """
    status = Path(path).stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "", os.fspath(path))
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(
            f"{os.fspath(path)}: it is a device or pipe, not a file: give the path of a file"
        )
    if most is not None and status.st_size > most:
        raise ValueError(
            f"{os.fspath(path)}: it has {status.st_size / 2**20:,.0f} MB: at most "
            f"{most / 2**20:,.0f} MB are read"
        )


def parse_system_error(error: Exception) -> OSError:
    """Return the OSError for a library's error whose message contains the error number.

    Examples
    --------
    >>> parse_system_error(RuntimeError("I/O error: File too large (os error 27)")).errno == 27
    True
    """
    number = re.search(r"(?:os error|code:) (\d+)", str(error))
    return OSError(int(number[1]) if number else errno.EIO, str(error))


def shorten(text: object, most: int = 300) -> str:
    """Return a text, such as a library's error message, on one line of limited length.

    Examples
    --------
    >>> shorten("a long story", 6)
    'a long…'
    """
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[:most]}…"


def describe_error(error: Exception) -> str:
    """Return the message of an error, with a message for errors that have none.

    Examples
    --------
    >>> describe_error(MemoryError())
    'there is too little memory: close other programs, or use smaller images'
    """
    return str(error) or "there is too little memory: close other programs, or use smaller images"


@contextmanager
def write_atomically(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, and rename it to `path` once the block succeeds.

    After a crash, on a full disk or on Ctrl-C, the old file is unchanged and no partial file
    remains.

    Parameters
    ----------
    path
        The file to write.

    Yields
    ------
    pathlib.Path
        The file to write to; it has the suffix of `path`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, write_atomically(Path(folder) / "a.txt") as beside:
    ...     _ = beside.write_text("whole")
    """
    target = Path(path)
    with explain_os_errors(target):
        finish_moves(target.parent)
        _remove_leftovers(target.parent)
        beside = target.with_name(f".{target.stem[:100]}-{process_tag()}{target.suffix}")
        beside.touch(exist_ok=False)  # with the permissions of the user's umask
        try:
            yield beside
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def write_together(
    folder: str | os.PathLike[str], *, last: str, overwrite: bool = False
) -> Iterator[Path]:
    """Yield a temporary folder, and move its contents into `folder` once the block succeeds.

    If the block fails, or would overwrite files without permission, nothing is moved and the
    created folders are removed. Old and new files are never mixed: if the process is killed while
    it moves them, `finish_moves` completes the move.

    Parameters
    ----------
    folder
        Destination of the files; created if it is missing.
    last
        The file or folder to move last: the one that describes the others.
    overwrite
        Whether files and folders of the same names may be replaced.

    Yields
    ------
    pathlib.Path
        The folder to write to.

    Examples
    --------
    >>> with TemporaryDirectory() as folder, write_together(folder, last="b") as beside:
    ...     _ = (beside / "a").write_text("first"), (beside / "b").write_text("then")
    """
    target = Path(folder)
    with explain_os_errors(target):
        missing = [place for place in (target, *target.parents) if not place.exists()]
        target.mkdir(parents=True, exist_ok=True)
        try:
            with temporary_folder(target) as staging:
                yield staging
                move_all(staging, target, last, overwrite)
        except BaseException:
            with suppress(OSError):  # files that were moved stay
                for place in missing:
                    place.rmdir()
            raise


@contextmanager
def temporary_folder(inside: Path) -> Iterator[Path]:
    """Yield a temporary folder inside a folder, after removing leftovers of killed processes.

    Parameters
    ----------
    inside
        An existing folder.

    Yields
    ------
    pathlib.Path
        The temporary folder; it is removed at the end of the block.
    """
    finish_moves(inside)
    _remove_leftovers(inside)
    with TemporaryDirectory(prefix=f".writing-{process_tag()}-", dir=inside) as folder:
        yield Path(folder)


@lru_cache(maxsize=1024)  # once per folder and process, because listing large folders is slow
def _remove_leftovers(folder: Path) -> None:
    """Remove temporary files of processes of this machine that were killed."""
    pattern = re.compile(rf"\..*-{machine_tag()}-(\d+)-[0-9a-f]{{8}}(-\w+|\.\w+)?")
    with suppress(OSError):
        for leftover in folder.iterdir():
            mark = pattern.fullmatch(leftover.name)
            if mark is None or is_alive(int(mark[1])):
                continue
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)
