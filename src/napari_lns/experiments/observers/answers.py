"""Tables of answers as CSV, with the plan in a file beside them.

``answers.csv`` is in the same folder as ``answers.json``, the plan. Rows are in the order of the
trials. Each row ends with a checksum of itself and all previous rows, which reveals changed,
missing or foreign rows. A last line that a crash cut off is ignored, and its trial is asked again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from napari_lns._files import write_together
from napari_lns.experiments.observers.plan import Plan, read_plan
from napari_lns.experiments.observers.table_format import (
    HEADER,
    MISSED,
    MODEL,
    Answer,
    check_choice,
    check_observer,
    check_suffix,
    format_row,
    initial_check,
    is_plan_missing,
    parse_table,
    plan_path,
    read_lines,
)
from napari_lns.experiments.observers.trials import Trial, trials

__all__ = [
    "MISSED",
    "MODEL",
    "Answer",
    "Answers",
    "check_observer",
    "plan_path",
    "read_answers",
    "write_answers",
]


@dataclass(frozen=True)
class Answers:
    """The answers of one observer to a plan, possibly incomplete.

    Parameters
    ----------
    plan
        The plan.
    observer
        Code name of the observer; those of networks begin with ``model:``.
    rows
        Answers in the order of the trials, from trial 0.
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
        If rows were edited, are missing, or belong to another plan or observer.

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("rating", (Source("kanizsa_figure"),))
    >>> write_answers("cd.csv", plan, "cd", [Answer(0, "6"), Answer(1, "2")])
    >>> read_answers("cd.csv").observer
    'cd'
    """
    file = Path(path)
    check_suffix(file)
    lines = read_lines(file)
    if not plan_path(file).exists():
        raise ValueError(
            f"{file}: its plan {plan_path(file).name} is not in the same folder: copy it there"
        )
    plan = read_plan(plan_path(file))
    if len(lines) < 2:
        raise ValueError(f"{file}: it holds no answers yet")
    observer = lines[1].split(",")[1] if lines[1].count(",") >= 2 else ""
    rows, _, _ = parse_table(file, plan, observer)
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
        Plan, and code name of the observer.
    rows
        Answers in the order of the trials, from trial 0.
    overwrite
        Whether to replace existing files.

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("rating", (Source("kanizsa_figure"),))
    >>> write_answers("ef.csv", plan, "ef", [Answer(0, "7"), Answer(1, "1")])
    """
    file = Path(path)
    check_suffix(file)
    check, lines = initial_check(plan, check_observer(observer)), [HEADER]
    for number, row in enumerate(rows):
        if row.trial != number:
            raise ValueError(f"answer {number} is for trial {row.trial}: give answers in order")
        check_choice(plan, row.answer)
        line, check = format_row(plan, observer, row, check)
        lines.append(line)
    needs_plan = (overwrite and not _holds(file, plan)) or is_plan_missing(file, plan)
    with write_together(file.parent, last=file.name, overwrite=overwrite) as beside:
        if needs_plan:
            (beside / plan_path(file).name).write_text(plan.text, encoding="utf-8")
        (beside / file.name).write_text("".join(lines), encoding="utf-8")


def _holds(file: Path, plan: Plan) -> bool:
    return plan_path(file).exists() and read_plan(plan_path(file)).hash == plan.hash
