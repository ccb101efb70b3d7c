"""Agreement between people, as a noise ceiling, and agreement of networks with people.

Each person is left out in turn. The person and each network are compared with the remaining people:
by the proportion of trials with the answer of their majority (a tie counts ½), or for ratings by
the correlation with their mean. The mean value of the people is the noise ceiling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_lns.experiments.observers.answers import MISSED
from napari_lns.experiments.observers.plan import Paradigm

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["agreement"]


def agreement(table: pd.DataFrame, paradigm: Paradigm) -> pd.DataFrame:
    """Return each observer's agreement with people, and the noise ceiling.

    Parameters
    ----------
    table
        Result of `join_answers`. Simulated observers count as people.
    paradigm
        Paradigm of the plan.

    Returns
    -------
    pandas.DataFrame
        Columns ``observer`` (``"people"`` is the ceiling), ``others`` (how many people an observer
        is compared with), ``agreement``, ``standard_error`` (over the people left out; NaN for one
        person) and ``of_ceiling``. Empty with fewer than two people.

    Examples
    --------
    >>> from napari_lns.experiments.observers import Answers, Plan, Source, simulate
    >>> from napari_lns.experiments.observers.analysis import join_answers
    >>> plan = Plan("which_of_two", (Source("kanizsa_figure"),), repeats=9)
    >>> given = [Answers(plan, name, tuple(simulate(plan, 50))) for name in ("a", "b", "model:c")]
    >>> agreement(join_answers(given), plan.paradigm)["agreement"].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    import pandas as pd

    answers = table.assign(value=_values(table, paradigm)).pivot_table(
        index="trial", columns="observer", values="value", dropna=False
    )
    models = set(table.loc[table["is_model"], "observer"])
    people = [name for name in answers.columns if name not in models]
    columns = ["observer", "others", "agreement", "standard_error", "of_ceiling"]
    if len(people) < 2:
        return pd.DataFrame(columns=columns)
    others = {name: answers[[each for each in people if each != name]] for name in people}
    scores = {name: [_score(answers[name], others[name], paradigm)] for name in people}
    ceiling = [score for [score] in scores.values()]
    scores = {"people": ceiling, **scores}
    for name in sorted(models):
        scores[name] = [_score(answers[name], each, paradigm) for each in others.values()]
    rows = [
        (name, len(people) - 1, np.mean(each), _error(each), np.mean(each) / np.mean(ceiling))
        for name, each in scores.items()
    ]
    return pd.DataFrame(rows, columns=columns)


def _values(table: pd.DataFrame, paradigm: Paradigm) -> pd.Series:
    if paradigm == "rating":
        return table["answer"].replace(MISSED, "nan").astype(float)
    return table["yes"].astype("Float64").astype(float)


def _score(own: pd.Series, others: pd.DataFrame, paradigm: Paradigm) -> float:
    """Return the agreement of answers with those of others, over trials that both answered."""
    mean = others.mean(axis=1)
    known = own.notna() & mean.notna()
    if paradigm == "rating":
        varies = own[known].nunique() > 1 and mean[known].nunique() > 1
        return float(np.corrcoef(own[known], mean[known])[0, 1]) if varies else float("nan")
    majority = np.sign(mean[known] - 0.5)
    return float((0.5 + 0.5 * majority * np.sign(own[known] - 0.5)).mean())


def _error(scores: list[float]) -> float:
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else float("nan")
