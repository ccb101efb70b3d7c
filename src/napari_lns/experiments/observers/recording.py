"""`open_table`: a table to which answers are appended one by one, each saved at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from napari_lns._files import explain_os_errors, write_atomically
from napari_lns._lock import hold_lock
from napari_lns._moves import exists
from napari_lns.experiments.observers.plan import Plan
from napari_lns.experiments.observers.table_format import (
    HEADER,
    Answer,
    check_choice,
    check_observer,
    check_suffix,
    format_row,
    is_plan_missing,
    parse_table,
    plan_path,
)
from napari_lns.experiments.observers.trials import Trial, trials

__all__ = ["Table", "open_table", "table_path"]


@dataclass
class Table:
    """A table to which answers are appended; see `open_table`."""

    plan: Plan
    observer: str
    rows: list[Answer]
    _file: IO[bytes]
    _check: str
    _whole: int
    trials: list[Trial] = field(init=False)

    def __post_init__(self) -> None:
        self.trials = trials(self.plan)

    @property
    def next(self) -> Trial | None:
        """The next trial; None if all are answered."""
        return self.trials[len(self.rows)] if len(self.rows) < len(self.trials) else None

    def append(self, answer: str, seconds: float) -> None:
        """Write the answer to the trial `next` and wait until it is on disk.

        If it cannot be written, the table is unchanged: append it again once there is space.
        """
        if self.next is None:
            raise ValueError("all trials are answered: no trial is left")
        row = Answer(self.next.number, answer, seconds)
        check_choice(self.plan, answer)
        line, check = format_row(self.plan, self.observer, row, self._check)
        data = line.encode()
        with explain_os_errors(self._file.name):
            try:
                if self._file.write(data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(self._file.fileno())
            except BaseException:  # Ctrl-C too
                self._file.truncate(self._whole)
                self._file.seek(self._whole)
                raise
        self._check, self._whole = check, self._whole + len(data)
        self.rows.append(row)


@contextmanager
def open_table(path: str | os.PathLike[str], plan: Plan, observer: str) -> Iterator[Table]:
    """Open a new or existing table to append answers, locked against other processes.

    Parameters
    ----------
    path
        The ``.csv`` file; the plan is saved in the same folder.
    plan
        The plan. A table of another plan is refused.
    observer
        The observer's code name. A table of another observer is refused.

    Yields
    ------
    Table

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("rating", (Source("kanizsa_figure"),))
    >>> with open_table("ab.csv", plan, "ab") as table:
    ...     table.append("5", 1.2)
    >>> with open_table("ab.csv", plan, "ab") as table:  # after a crash, say
    ...     table.next.number
    1
    """
    file = Path(path)
    check_suffix(file)
    check_observer(observer)
    with explain_os_errors(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    with hold_lock(file.with_suffix(".lock")):
        if not exists(file):
            _write_plan(file, plan)
            with write_atomically(file) as beside:
                beside.write_text(HEADER, encoding="utf-8")
        rows, check, whole = parse_table(file, plan, observer)
        _write_plan(file, plan)
        with explain_os_errors(file), file.open("r+b", buffering=0) as stream:
            stream.truncate(whole)  # remove a line that a crash cut off
            stream.seek(whole)
            yield Table(plan, observer, rows, stream, check, whole)


def table_path(plan_file: str | os.PathLike[str], observer: str) -> Path:
    """Return the path of an observer's answers in the folder of the plan.

    Parameters
    ----------
    plan_file
        The ``.json`` file of the plan.
    observer
        The observer's code name.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> table_path("plan.json", "ab").name
    'plan_ab.csv'
    """
    name = check_observer(observer).replace(":", "-")  # not allowed in a file name on Windows
    file = Path(plan_file)
    return file.with_name(f"{file.stem}_{name}.csv")


def _write_plan(table: Path, plan: Plan) -> None:
    """Write the plan beside a table if it is missing; raise ValueError for a different plan."""
    if is_plan_missing(table, plan):
        plan.write(plan_path(table))
