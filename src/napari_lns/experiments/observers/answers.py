"""Answers as a CSV table beside the plan: one row an answer, written at once, never edited.

``answers.csv`` lies beside ``answers.json``, the plan. Rows are in the order of the trials. Each
ends with a check of itself and of all rows before it, so that a changed, missing or foreign row is
noticed. A last line that a crash cut off is no answer: its trial is asked again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO

from napari_lns._files import check_regular, explained, shortened, written_together, written_whole
from napari_lns._lock import locked
from napari_lns._records import MOST_BYTES
from napari_lns.experiments.observers.plan import Plan, read_plan
from napari_lns.experiments.observers.trials import CHOICES, Trial, trials

__all__ = [
    "MISSED",
    "MODEL",
    "Answer",
    "Answers",
    "Table",
    "checked_observer",
    "plan_beside",
    "read_answers",
    "recording",
    "write_answers",
]

COLUMNS = ("plan", "observer", "trial", "answer", "seconds", "check")
HEADER = ",".join(COLUMNS) + "\n"
MISSED = "missed"  # the deadline passed
MODEL = "model:"  # what a network's code name begins with
_NAME = re.compile(rf"(?:{MODEL})?[\w.-]{{1,60}}")


@dataclass(frozen=True)
class Answer:
    """An observer's answer in one trial.

    Parameters
    ----------
    trial
        The trial's number.
    answer
        One of the paradigm's choices, or ``"missed"`` where the deadline passed.
    seconds
        How long it took.
    """

    trial: int
    answer: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Answers:
    """One observer's answers to a plan, as far as they have come.

    Parameters
    ----------
    plan
        What was asked.
    observer
        The observer's code name; a network's begins with ``model:``.
    rows
        One for each trial answered, in order from trial 0 on.
    """

    plan: Plan
    observer: str
    rows: tuple[Answer, ...]

    @cached_property
    def trials(self) -> list[Trial]:
        """All trials of the plan."""
        return trials(self.plan)

    @property
    def is_model(self) -> bool:
        """Return whether a network answered."""
        return self.observer.startswith(MODEL)


@dataclass
class Table:
    """A table that answers are appended to; see `recording`."""

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
        """The trial to show now; None when all are answered."""
        return self.trials[len(self.rows)] if len(self.rows) < len(self.trials) else None

    def append(self, answer: str, seconds: float) -> None:
        """Write the answer to `next`, and wait until it is on the disk.

        Where it cannot be written nothing of it stays: append it again once there is room.
        """
        if self.next is None:
            raise ValueError("all trials are answered: there is nothing left to ask")
        row = Answer(self.next.number, answer, seconds)
        _check_choice(self.plan, answer)
        line, check = _line(self.plan, self.observer, row, self._check)
        data = line.encode()
        with explained(self._file.name):
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
def recording(path: str | os.PathLike[str], plan: Plan, observer: str) -> Iterator[Table]:
    """Open a table for answers, a new one or one to go on with; no other process may write to it.

    Parameters
    ----------
    path
        The ``.csv`` file; the plan is kept beside it.
    plan
        What is asked. A table of another plan is refused.
    observer
        The observer's code name. A table of another observer is refused.

    Yields
    ------
    Table

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("rating", (Source("kanizsa_figure"),))
    >>> with recording("ab.csv", plan, "ab") as table:
    ...     table.append("5", 1.2)
    >>> with recording("ab.csv", plan, "ab") as table:  # after a crash, say
    ...     table.next.number
    1
    """
    file = Path(path)
    _check_suffix(file)
    checked_observer(observer)
    with explained(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file.with_suffix(".lock")):
        if not file.exists():
            if _missing_plan(file, plan):
                plan.write(plan_beside(file))
            with written_whole(file) as beside:
                beside.write_text(HEADER, encoding="utf-8")
        rows, check, whole = _parsed(file, plan, observer)
        with explained(file), file.open("r+b", buffering=0) as opened:
            opened.truncate(whole)  # a line that a crash cut off
            opened.seek(whole)
            yield Table(plan, observer, rows, opened, check, whole)


def read_answers(path: str | os.PathLike[str]) -> Answers:
    """Read a table of answers and the plan beside it.

    Parameters
    ----------
    path
        The ``.csv`` file.

    Returns
    -------
    Answers
        Without a last line that was cut off.

    Raises
    ------
    ValueError
        One sentence, if rows were edited, are missing, or belong to another plan or observer.

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("rating", (Source("kanizsa_figure"),))
    >>> write_answers("cd.csv", plan, "cd", [Answer(0, "6"), Answer(1, "2")])
    >>> read_answers("cd.csv").observer
    'cd'
    """
    file = Path(path)
    _check_suffix(file)
    lines = _lines(file)
    if not plan_beside(file).exists():
        raise ValueError(
            f"{file}: its plan {plan_beside(file).name} does not lie beside it: copy it there"
        )
    plan = read_plan(plan_beside(file))
    if len(lines) < 2:
        raise ValueError(f"{file}: it holds no answers yet")
    observer = lines[1].split(",")[1] if lines[1].count(",") >= 2 else ""
    rows, _, _ = _parsed(file, plan, observer)
    if not rows:
        raise ValueError(f"{file}: it holds no answers yet")
    return Answers(plan, observer, tuple(rows))


def write_answers(
    path: str | os.PathLike[str],
    plan: Plan,
    observer: str,
    rows: Iterable[Answer],
    *,
    overwrite: bool = False,
) -> None:
    """Write all answers of an observer at once, and the plan beside them.

    Parameters
    ----------
    path
        The ``.csv`` file.
    plan, observer
        What was asked, and whom.
    rows
        Answers in the order of the trials, from trial 0 on.
    overwrite
        Whether to replace files that exist.

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("rating", (Source("kanizsa_figure"),))
    >>> write_answers("ef.csv", plan, "ef", [Answer(0, "7"), Answer(1, "1")])
    """
    file = Path(path)
    _check_suffix(file)
    check, lines = _start(plan, checked_observer(observer)), [HEADER]
    for number, row in enumerate(rows):
        if row.trial != number:
            raise ValueError(f"answer {number} is to trial {row.trial}: give them in order")
        _check_choice(plan, row.answer)
        line, check = _line(plan, observer, row, check)
        lines.append(line)
    needs_plan = (overwrite and not _holds(file, plan)) or _missing_plan(file, plan)
    with written_together(file.parent, last=file.name, overwrite=overwrite) as beside:
        if needs_plan:
            (beside / plan_beside(file).name).write_text(plan.text, encoding="utf-8")
        (beside / file.name).write_text("".join(lines), encoding="utf-8")


def plan_beside(table: Path) -> Path:
    """Return where the plan of a table lies.

    Examples
    --------
    >>> plan_beside(Path("answers.csv")).name
    'answers.json'
    """
    return table.with_suffix(".json")


def checked_observer(name: str) -> str:
    """Return a code name, or refuse it.

    Examples
    --------
    >>> checked_observer("observer-7")
    'observer-7'
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"observer is {shortened(repr(name), 70)}: give a code name of 1 to 60 letters, "
            "digits, dots, hyphens and underscores"
        )
    return name


def _parsed(file: Path, plan: Plan, observer: str) -> tuple[list[Answer], str, int]:
    """Return the rows, the check so far, and how many bytes of the file are whole."""
    header, *lines = _lines(file)
    rows: list[Answer] = []
    check, whole = _start(plan, observer), len(header.encode())
    for number, line in enumerate(lines):
        if not line.endswith("\n"):  # only a last line, which a crash cut off
            break
        row, check = _row(f"{file}: line {number + 2}", line, plan, observer, check)
        if row.trial != number or number >= plan.count:
            raise ValueError(
                f"{file}: line {number + 2} answers trial {row.trial} instead of {number}: "
                "rows are missing or were moved; take the table as it was written"
            )
        whole += len(line.encode())
        rows.append(row)
    return rows, check, whole


def _lines(file: Path) -> list[str]:
    with explained(file):
        check_regular(file, most=MOST_BYTES)
        data = file.read_bytes()
    ends = data.rfind(b"\n") + 1  # a cut-off line may end within a character
    text = data[:ends].decode("utf-8", errors="replace")
    lines = text.splitlines(keepends=True)
    if not lines or lines[0] != HEADER:
        raise ValueError(
            f"{file}: it is no table of answers: its first line must be {HEADER.strip()}"
        )
    return [*lines, *(["…"] if data[ends:] else [])]


def _row(where: str, line: str, plan: Plan, observer: str, before: str) -> tuple[Answer, str]:
    parts = line.rstrip("\n").split(",")
    if len(parts) != len(COLUMNS):
        raise ValueError(f"{where} has {len(parts)} columns instead of {len(COLUMNS)}")
    if parts[0] != plan.hash:
        raise ValueError(
            f"{where} is of the plan {shortened(parts[0], 20)}, and this plan is {plan.hash}: the "
            "plan was changed, or the table is another's; take the plan that was shown"
        )
    if parts[1] != observer:
        raise ValueError(
            f"{where} is of the observer {shortened(parts[1], 60)!r}, not {observer!r}: give each "
            "observer a table"
        )
    told = parts[-1]
    if _mark(before, parts[:-1]) != told:
        raise ValueError(
            f"{where} does not fit its check: it was edited, or rows before it are missing; take "
            "the table as it was written"
        )
    row = Answer(int(parts[2]), parts[3], float(parts[4]))
    _check_choice(plan, row.answer)
    return row, told


def _line(plan: Plan, observer: str, row: Answer, before: str) -> tuple[str, str]:
    parts = [plan.hash, observer, str(row.trial), row.answer, f"{row.seconds:.3f}"]
    check = _mark(before, parts)
    return ",".join([*parts, check]) + "\n", check


def _start(plan: Plan, observer: str) -> str:
    return f"{plan.hash} {observer}"


def _mark(before: str, parts: Sequence[str]) -> str:
    return hashlib.sha256(f"{before}\n{','.join(parts)}".encode()).hexdigest()[:12]


def _check_choice(plan: Plan, answer: str) -> None:
    known = (*CHOICES[plan.paradigm], MISSED)
    if answer not in known:
        raise ValueError(f"the answer is {answer!r}: it must be one of {', '.join(known)}")


def _check_suffix(file: Path) -> None:
    if file.suffix != ".csv":
        raise ValueError(f"{file}: a table of answers is a .csv file: give such a name")


def _holds(file: Path, plan: Plan) -> bool:
    return plan_beside(file).exists() and read_plan(plan_beside(file)).hash == plan.hash


def _missing_plan(file: Path, plan: Plan) -> bool:
    """Return whether the plan is to be written beside a table; another plan there is refused."""
    beside = plan_beside(file)
    if not beside.exists():
        return True
    if read_plan(beside).hash != plan.hash:
        raise FileExistsError(
            f"{beside} holds another plan: give the table another name, or --overwrite"
        )
    return False
