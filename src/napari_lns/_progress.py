"""Progress reports: functions that receive the completed share of a task, from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

__all__ = ["Report", "ignore_share", "report_each", "split_report"]

Report = Callable[[float], object]
T = TypeVar("T")


def ignore_share(share: float) -> None:
    """Ignore the completed share."""


def split_report(report: Report, costs: Sequence[float]) -> Iterator[Report]:
    """Yield a report function for each part of a task.

    Parameters
    ----------
    report
        Receives the completed share of the whole task.
    costs
        Expected durations of the parts, in any unit.

    Examples
    --------
    >>> first, second = split_report(print, [3, 1])
    >>> first(0.5)
    0.375
    >>> second(1)
    1.0
    """
    start, total = 0.0, sum(costs)
    for cost in costs:
        yield _partial_report(report, start / total, cost / total)
        start += cost


def report_each(values: Iterable[T], total: int, report: Report) -> Iterator[T]:
    """Yield values one after another; report the completed share after each.

    Examples
    --------
    >>> for letter in report_each("ab", 2, print):
    ...     print(letter)
    a
    0.5
    b
    1.0
    """
    for number, value in enumerate(values, 1):
        yield value
        report(number / total)


def _partial_report(report: Report, start: float, length: float) -> Report:
    return lambda share: report(start + length * share)
