"""Lock files, for folders that only one process may write to at a time."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, Field

from napari_lns._files import explain_os_errors
from napari_lns._moves import is_alive
from napari_lns._records import read_record

__all__ = ["hold_lock"]


class _Owner(BaseModel):
    process: int = Field(gt=0, lt=2**31)
    host: str = Field(max_length=1000)


@contextmanager
def hold_lock(file: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a lock file during the block; replace a lock whose process has died.

    Parameters
    ----------
    file
        The lock file; its folder must exist.

    Raises
    ------
    BlockingIOError
        If another process, or another thread of this one, holds the lock.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, hold_lock(f"{folder}/lock"):
    ...     Path(folder, "lock").exists()
    True
    """
    path = Path(file)
    owner = _Owner(process=os.getpid(), host=socket.gethostname())
    with explain_os_errors(path.parent):
        while not _create_lock(path, owner):
            _remove_stale(path, owner.host)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _create_lock(path: Path, owner: _Owner) -> bool:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(owner.model_dump_json())
    except BaseException:  # a lock without an owner would look like another process's
        path.unlink(missing_ok=True)
        raise
    return True


def _remove_stale(path: Path, host: str) -> None:
    """Remove the lock of a process that has died; raise an error if it may still be running."""
    try:
        owner = read_record(_Owner, path)
    except FileNotFoundError:  # released in the meantime
        return
    except ValueError as error:
        raise BlockingIOError(f"{error}; remove {path} if no other process writes there") from error
    if owner.host != host or is_alive(owner.process):
        raise BlockingIOError(
            f"{path.parent} is being written to by process {owner.process} on {owner.host}: wait "
            f"for it, use another folder, or remove {path} if that process has ended"
        )
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        path.replace(aside)  # only one process succeeds
        newer = read_record(_Owner, aside) != owner
        if newer and not path.exists():
            aside.replace(path)
        aside.unlink(missing_ok=True)
