"""Tables of scores in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_lns.experiments.scoring import Score

__all__ = ["Line", "as_markdown", "summarise"]


@dataclass(frozen=True)
class Line:
    """One line of a table of scores.

    Parameters
    ----------
    data
        Name of the data.
    method
        Name of the method.
    score
        Mean, standard error and number of repetitions or images.
    """

    data: str
    method: str
    score: Score


def summarise(data: str, method: str, values: Sequence[float]) -> Line:
    """Return the line of several scores: their mean and standard error.

    Examples
    --------
    >>> str(summarise("digits", "k-means", [0.7, 0.9]).score)
    '0.800 ± 0.100'
    """
    return Line(data, method, Score.from_values(np.array(values)))


def as_markdown(lines: Sequence[Line]) -> str:
    """Return a table in Markdown: a row for each method, a column for each kind of data.

    Examples
    --------
    >>> print(as_markdown([Line("digits", "k-means", Score(0.79, 0.01, 5))]))
    | | digits |
    |---|---|
    | k-means | 0.790 ± 0.010 |
    """
    columns = list(dict.fromkeys(line.data for line in lines))
    cells = {(line.method, line.data): str(line.score) for line in lines}
    rows = [
        " | ".join([f"| {method}", *(cells.get((method, data), "") for data in columns)]) + " |"
        for method in dict.fromkeys(line.method for line in lines)
    ]
    head = " | ".join(["| ", *columns]).replace("|  |", "| |", 1) + " |"
    return "\n".join([head, "|" + "---|" * (len(columns) + 1), *rows])
