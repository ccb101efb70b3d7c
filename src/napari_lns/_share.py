"""The share of a long work that is done, told as it goes: whole works are made of parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

__all__ = ["Report", "parts", "silent"]

Report = Callable[[float], object]


def silent(share: float) -> None:
    """Tell nobody."""


def parts(report: Report, costs: Sequence[float]) -> Iterator[Report]:
    """Give each part of a work, one after another, what it tells its own share to.

    Parameters
    ----------
    report
        Is told the share of the whole that is done.
    costs
        How long the parts take, in any unit; good for the time left alone.

    Examples
    --------
    >>> first, second = parts(print, [3, 1])
    >>> first(0.5)
    0.375
    >>> second(1)
    1.0
    """
    begun, total = 0.0, sum(costs)
    for cost in costs:
        yield _part(report, begun / total, cost / total)
        begun += cost


def _part(report: Report, begun: float, whole: float) -> Report:
    return lambda share: report(begun + whole * share)
