"""Tables of observers' answers: proportions, sensitivity and criterion.

All tables are computed from the result of `join_answers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from napari_lns.experiments.observers.answers import MISSED, Answers
from napari_lns.experiments.observers.plan import Paradigm
from napari_lns.experiments.observers.trials import CHOICES, Trial

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CLEAR", "join_answers", "proportion_same", "ratings", "sensitivity", "varied_columns"]

CLEAR = 4  # ratings above it count as "figure present"
RANGES = 5  # number of distance ranges if the plan has none


def join_answers(tables: Sequence[Answers]) -> pd.DataFrame:
    """Join answers with their trials, one row for each answer.

    Parameters
    ----------
    tables
        Tables of different observers for the same plan.

    Returns
    -------
    pandas.DataFrame
        Columns ``observer``, ``is_model``, ``trial``, ``stimulus``, the varied parameters (named
        ``vary.…``), ``control``, ``distance``, ``signal`` (whether "same" or "first" is correct,
        or the figure is shown), ``answer``, ``yes`` (whether "same", "first", or a rating above 4
        was answered; missing where the deadline passed), ``correct`` and ``seconds``.

    Raises
    ------
    ValueError
        If two tables have the same observer, or belong to different plans.

    Examples
    --------
    >>> from napari_lns.experiments.observers import Plan, Source, simulate
    >>> plan = Plan("which_of_two", (Source("kanizsa_figure"),))
    >>> join_answers([Answers(plan, "ab", tuple(simulate(plan, 50)))])["correct"].tolist()
    [True]
    """
    import pandas as pd

    _check_joinable(tables)
    paradigm = tables[0].plan.paradigm
    rows = [
        {
            "observer": each.observer,
            "is_model": each.is_model,
            **_describe_trial(trial, paradigm),
            "answer": row.answer,
            "seconds": row.seconds,
        }
        for each in tables
        for trial, row in zip(tables[0].trials, each.rows, strict=False)
    ]
    table = pd.DataFrame(rows)
    yes = table["answer"].map(lambda answer: _is_yes(paradigm, answer)).astype("boolean")
    table["yes"] = yes.where(table["answer"] != MISSED)
    table["correct"] = table["yes"] == table["signal"]
    return table


def _check_joinable(tables: Sequence[Answers]) -> None:
    """Raise ValueError for answers to different plans, or two tables of one observer."""
    if not tables:
        raise ValueError("there are no answers: give at least one table")
    names = [each.observer for each in tables]
    for each in tables:
        if each.plan.hash != tables[0].plan.hash:
            raise ValueError(
                f"the answers of {names[0]!r} and {each.observer!r} belong to different plans: "
                "report each plan separately"
            )
    if duplicates := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(
            f"two tables have the observer {duplicates[0]!r}: give one table for each observer, "
            "each under its own code name"
        )


def _describe_trial(trial: Trial, paradigm: Paradigm) -> dict[str, Any]:
    """Return the columns of a trial: stimulus, condition and correct answer."""
    first = trial.images[0]
    correct = trial.correct == CHOICES[paradigm][0]
    return {
        "trial": trial.number,
        "stimulus": first.record["name"],
        **{f"vary.{key}": value for key, value in trial.condition.items()},
        "control": first.control,
        "distance": trial.distance,
        "signal": not first.control if trial.correct is None else correct,
    }


def proportion_same(table: pd.DataFrame, ranges: Sequence[float] = ()) -> pd.DataFrame:
    """Return the proportion of "same" by observer, distance and ground truth.

    Parameters
    ----------
    table
        Result of `join_answers` for a ``"same_or_different"`` plan.
    ranges
        Boundaries of the distance ranges; by default, five ranges with equally many trials.

    Returns
    -------
    pandas.DataFrame
        Columns ``observer``, ``truth``, ``distance`` (mean), ``count``, ``proportion`` and
        ``standard_error``.

    Examples
    --------
    >>> from napari_lns.experiments.observers import Pairs, Plan, Source, simulate
    >>> pairs = Pairs("balanced", 4, (0.1, 0.3, 0.5))
    >>> plan = Plan("same_or_different", (Source("kanizsa_figure"),), pairs=pairs)
    >>> answers = Answers(plan, "ab", tuple(simulate(plan, 50)))
    >>> proportion_same(join_answers([answers]), pairs.distances)["proportion"].tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    import pandas as pd

    answered = table.dropna(subset=["yes"]).copy()
    answered["yes"] = answered["yes"].astype(float)
    answered["truth"] = np.where(answered["signal"], "same", "different")
    if len(ranges):
        answered["range"] = pd.cut(answered["distance"], list(ranges), right=False)
    else:
        answered["range"] = pd.qcut(answered["distance"], RANGES, duplicates="drop")
    summary = (
        answered.groupby(["observer", "truth", "range"], observed=True)
        .agg(distance=("distance", "mean"), count=("yes", "size"), proportion=("yes", "mean"))
        .reset_index()
        .drop(columns="range")
    )
    p = summary["proportion"]
    summary["standard_error"] = np.sqrt(p * (1 - p) / summary["count"])
    return summary


def sensitivity(
    table: pd.DataFrame, paradigm: Paradigm, by: Sequence[str] = ("observer",)
) -> pd.DataFrame:
    """Return d′ and criterion with their standard errors.

    Counts are corrected log-linearly: ½ is added to the counts of "same" (or "first", or ratings
    above 4) and 1 to the number of trials, so that d′ is finite for a perfect observer.

    Parameters
    ----------
    table
        Result of `join_answers`.
    paradigm
        Paradigm of the plan. For two images, d′ is that of a single image: the difference of the
        two z values is divided by √2.
    by
        Columns to group by.

    Returns
    -------
    pandas.DataFrame
        The columns of `by`, ``count``, ``proportion_correct``, ``d_prime``, ``d_prime_error``,
        ``criterion`` and ``criterion_error``; NaN where only one kind of trial was answered.

    Examples
    --------
    >>> from napari_lns.experiments.observers import Plan, Source, simulate
    >>> plan = Plan("which_of_two", (Source("kanizsa_figure"),), repeats=2000)
    >>> answers = Answers(plan, "ab", tuple(simulate(plan, sensitivity=1.5)))
    >>> sensitivity(join_answers([answers]), plan.paradigm)["d_prime"].round(1).tolist()
    [1.5]
    """
    import pandas as pd

    answered = table.dropna(subset=["yes"])
    scale = np.sqrt(2) if paradigm == "which_of_two" else 1.0
    rows = [
        {**dict(zip(by, values, strict=True)), **_signal_detection(part, scale)}
        for values, part in answered.groupby(list(by), dropna=False)
    ]
    return pd.DataFrame(rows)


def ratings(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean rating by observer, varied parameters, and stimulus or control.

    Parameters
    ----------
    table
        Result of `join_answers` for a ``"rating"`` plan.

    Returns
    -------
    pandas.DataFrame
        Columns ``observer``, the varied parameters, ``control``, ``count``, ``mean`` and
        ``standard_error``.

    Examples
    --------
    >>> from napari_lns.experiments.observers import Plan, Source, simulate
    >>> plan = Plan("rating", (Source("kanizsa_figure"),))
    >>> ratings(join_answers([Answers(plan, "ab", tuple(simulate(plan, 50)))]))["mean"].tolist()
    [7.0, 1.0]
    """
    answered = table[table["answer"] != MISSED].copy()
    answered["answer"] = answered["answer"].astype(float)
    columns = ["observer", *varied_columns(table), "control"]
    summary = answered.groupby(columns, dropna=False)["answer"].agg(["size", "mean", "sem"])
    return summary.reset_index().rename(columns={"size": "count", "sem": "standard_error"})


def varied_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of the varied parameters.

    Examples
    --------
    >>> import pandas as pd
    >>> varied_columns(pd.DataFrame(columns=["trial", "vary.support_ratio"]))
    ['vary.support_ratio']
    """
    return [str(name) for name in table.columns if str(name).startswith("vary.")]


def _is_yes(paradigm: Paradigm, answer: str) -> bool:
    if paradigm == "rating":
        return answer != MISSED and int(answer) > CLEAR
    return answer == CHOICES[paradigm][0]


def _signal_detection(part: pd.DataFrame, scale: float) -> dict[str, Any]:
    """Return count, proportion correct, d′ and criterion of one group of trials."""

    def z_value(signal: bool) -> Iterator[float]:
        yes = part.loc[part["signal"] == signal, "yes"].astype(float)
        if not len(yes):
            yield from (np.nan, np.nan)
            return
        share = (yes.sum() + 0.5) / (len(yes) + 1)
        z = float(norm.ppf(share))
        yield z
        yield share * (1 - share) / ((len(yes) + 1) * norm.pdf(z) ** 2)

    (hits, hits_variance), (alarms, alarms_variance) = z_value(True), z_value(False)
    error = float(np.sqrt(hits_variance + alarms_variance))
    return {
        "count": len(part),
        "proportion_correct": float(part["correct"].mean()),
        "d_prime": (hits - alarms) / scale,
        "d_prime_error": error / scale,
        "criterion": -(hits + alarms) / 2,
        "criterion_error": error / 2,
    }
