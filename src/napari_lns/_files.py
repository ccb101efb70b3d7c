"""Writing files whole or not at all. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

__all__ = ["written_whole"]


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` once the block succeeds.

    A crash, a full disk or Ctrl-C leaves the old file as it was and no half-written one.

    Parameters
    ----------
    path
        The file to write.

    Yields
    ------
    pathlib.Path
        Where to write; it carries the suffix of `path`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, written_whole(Path(folder) / "a.txt") as beside:
    ...     _ = beside.write_text("whole")
    """
    target = Path(path)
    descriptor, name = mkstemp(
        prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent or None
    )
    os.close(descriptor)
    beside = Path(name)
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)  # mkstemp makes private files
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
