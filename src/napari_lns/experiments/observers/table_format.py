"""The format of tables of answers: rows and their checksums."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_lns._files import check_regular, explain_os_errors, shorten
from napari_lns._moves import finish_moves
from napari_lns._records import MOST_BYTES
from napari_lns.experiments.observers.plan import Plan, read_plan
from napari_lns.experiments.observers.trials import CHOICES

__all__ = [
    "HEADER",
    "MISSED",
    "MODEL",
    "Answer",
    "check_choice",
    "check_observer",
    "check_suffix",
    "format_row",
    "initial_check",
    "is_plan_missing",
    "parse_table",
    "plan_path",
    "read_lines",
]

COLUMNS = ("plan", "observer", "trial", "answer", "seconds", "check")
HEADER = ",".join(COLUMNS) + "\n"
MISSED = "missed"  # answer after the deadline
MODEL = "model:"  # prefix of a network's code name
_NAME = re.compile(rf"(?:{MODEL})?[\w.-]{{1,60}}")


@dataclass(frozen=True)
class Answer:
    """An observer's answer in one trial.

    Parameters
    ----------
    trial
        Number of the trial.
    answer
        One of the paradigm's choices, or ``"missed"`` if the deadline passed.
    seconds
        Response time.
    """

    trial: int
    answer: str
    seconds: float = 0.0


def plan_path(table: Path) -> Path:
    """Return the path of a table's plan.

    Examples
    --------
    >>> plan_path(Path("answers.csv")).name
    'answers.json'
    """
    return table.with_suffix(".json")


def check_observer(name: str) -> str:
    """Return a valid code name; raise ValueError otherwise.

    Examples
    --------
    >>> check_observer("observer-7")
    'observer-7'
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"observer is {shorten(repr(name), 70)}: give a code name of 1 to 60 letters, "
            "digits, dots, hyphens and underscores"
        )
    return name


def parse_table(file: Path, plan: Plan, observer: str) -> tuple[list[Answer], str, int]:
    """Return the rows, the last checksum, and the number of bytes in complete lines."""
    header, *lines = read_lines(file)
    rows: list[Answer] = []
    check, whole = initial_check(plan, observer), len(header.encode())
    for number, line in enumerate(lines):
        if not line.endswith("\n"):  # only a last line that a crash cut off
            break
        row, check = _row(f"{file}: line {number + 2}", line, plan, observer, check)
        if row.trial != number or number >= plan.count:
            raise ValueError(
                f"{file}: line {number + 2} answers trial {row.trial} instead of {number}: "
                "rows are missing or were moved; use the table as it was written"
            )
        whole += len(line.encode())
        rows.append(row)
    return rows, check, whole


def read_lines(file: Path) -> list[str]:
    """Return the header and the rows; a last line that was cut off becomes ``…``."""
    with explain_os_errors(file):
        finish_moves(file.parent)
        check_regular(file, most=MOST_BYTES)
        data = file.read_bytes()
    ends = data.rfind(b"\n") + 1  # a cut-off line may end within a character
    text = data[:ends].decode("utf-8", errors="replace")
    lines = text.splitlines(keepends=True)
    if not lines or lines[0] != HEADER:
        raise ValueError(
            f"{file}: it is not a table of answers: its first line must be {HEADER.strip()}"
        )
    return [*lines, *(["…"] if data[ends:] else [])]


def _row(where: str, line: str, plan: Plan, observer: str, before: str) -> tuple[Answer, str]:
    parts = line.rstrip("\n").split(",")
    if len(parts) != len(COLUMNS):
        raise ValueError(f"{where} has {len(parts)} columns instead of {len(COLUMNS)}")
    if parts[0] != plan.hash:
        raise ValueError(
            f"{where} is of the plan {shorten(parts[0], 20)}, and this plan is {plan.hash}: the "
            "plan was changed, or the table belongs to another one; use the original plan"
        )
    if parts[1] != observer:
        raise ValueError(
            f"{where} is of the observer {shorten(parts[1], 60)!r}, not {observer!r}: use one "
            "table for each observer"
        )
    check = parts[-1]
    if _mark(before, parts[:-1]) != check:
        raise ValueError(
            f"{where} does not match its checksum: it was edited, or rows before it are missing; "
            "use the table as it was written"
        )
    try:
        row = Answer(int(parts[2]), parts[3], float(parts[4]))
        check_choice(plan, row.answer)
    except ValueError as error:
        raise ValueError(f"{where} is not an answer: {shorten(error)}") from error
    if not 0 <= row.seconds < math.inf:
        raise ValueError(f"{where} has a response time of {row.seconds} s: it must be 0 or more")
    return row, check


def format_row(plan: Plan, observer: str, row: Answer, before: str) -> tuple[str, str]:
    """Return the line of an answer and its checksum, on which the next one is based."""
    parts = [plan.hash, observer, str(row.trial), row.answer, f"{row.seconds:.3f}"]
    check = _mark(before, parts)
    return ",".join([*parts, check]) + "\n", check


def initial_check(plan: Plan, observer: str) -> str:
    """Return the text on which the checksum of the first row is based."""
    return f"{plan.hash} {observer}"


def _mark(before: str, parts: Sequence[str]) -> str:
    return hashlib.sha256(f"{before}\n{','.join(parts)}".encode()).hexdigest()[:12]


def check_choice(plan: Plan, answer: str) -> None:
    """Raise ValueError for an answer that the paradigm does not allow."""
    allowed = (*CHOICES[plan.paradigm], MISSED)
    if answer not in allowed:
        raise ValueError(f"the answer is {answer!r}: it must be one of {', '.join(allowed)}")


def check_suffix(file: Path) -> None:
    """Raise ValueError if a table is not a ``.csv`` file."""
    if file.suffix != ".csv":
        raise ValueError(f"{file}: a table of answers is a .csv file: use that suffix")


def is_plan_missing(file: Path, plan: Plan) -> bool:
    """Return whether the plan beside a table is missing; raise an error for a different plan."""
    beside = plan_path(file)
    if not beside.exists():
        return True
    if read_plan(beside).hash != plan.hash:
        raise FileExistsError(
            f"{beside} contains another plan: use another name for the table, or allow overwriting"
        )
    return False
