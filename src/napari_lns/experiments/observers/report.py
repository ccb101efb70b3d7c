"""Report of observers' answers: tables (CSV), figures (PNG and PDF) and an HTML page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from pandas.api.types import is_numeric_dtype

from napari_lns._files import write_together
from napari_lns.experiments.observers import figures
from napari_lns.experiments.observers.agreement import agreement
from napari_lns.experiments.observers.analysis import (
    join_answers,
    proportion_same,
    ratings,
    sensitivity,
    varied_columns,
)
from napari_lns.experiments.observers.answers import Answers
from napari_lns.experiments.observers.maps import map_table, same_maps
from napari_lns.experiments.observers.plan import Plan
from napari_lns.experiments.observers.psychometric import Psychometric, fit_psychometric
from napari_lns.experiments.observers.trials import QUESTIONS
from napari_lns.experiments.report import Section, write_report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PAGE", "report"]

PAGE = "report.html"
MOST_MAPS = 4  # images in the figure of maps
MOST_ROWS = 60  # rows of a table on the page


@dataclass(frozen=True)
class _Part:
    """One table of the report, with its figure if it has one."""

    name: str
    title: str
    text: str
    table: pd.DataFrame
    figure: Figure | None = None

    @property
    def section(self) -> Section:
        cells = self.table.head(MOST_ROWS).map(
            lambda value: f"{value:.3f}" if isinstance(value, float) else value
        )
        rows = [tuple(row) for row in cells.itertuples(index=False)]
        text = self.text
        if len(self.table) > MOST_ROWS:
            text += f" The first {MOST_ROWS} of {len(self.table)} rows; all are in {self.name}.csv."
        return Section(self.title, text, list(self.table.columns), rows, self.figure)


def report(
    tables: Sequence[Answers], folder: str | os.PathLike[str], *, overwrite: bool = False
) -> pd.DataFrame:
    """Analyse answers to one plan and write tables, figures and a page.

    Parameters
    ----------
    tables
        One table for each observer.
    folder
        Output folder for ``report.html``, and a ``.csv``, ``.png`` and ``.pdf`` for each part.
    overwrite
        Whether to replace existing files.

    Returns
    -------
    pandas.DataFrame
        Sensitivity and criterion of each observer.

    Examples
    --------
    >>> from napari_lns.experiments.observers import Plan, Source, simulate
    >>> plan = Plan("which_of_two", (Source("kanizsa_figure"),), repeats=9)
    >>> result = report([Answers(plan, "ab", tuple(simulate(plan, 1)))], "out")
    >>> result["observer"].tolist()
    ['ab']
    """
    table = join_answers(tables)
    parts = _parts(tables, table)
    with write_together(folder, last=PAGE, overwrite=overwrite) as beside:
        table.to_csv(beside / "trials.csv", index=False)
        for part in parts:
            part.table.to_csv(beside / f"{part.name}.csv", index=False)
            if part.figure is not None:
                for suffix in ("png", "pdf"):
                    part.figure.savefig(beside / f"{part.name}.{suffix}", dpi=150)
        sections = [part.section for part in parts]
        write_report("Observers", sections, beside / PAGE, _note(tables))
    return parts[0].table


def _note(tables: Sequence[Answers]) -> str:
    plan = tables[0].plan
    counts = ", ".join(f"{each.observer} {len(each.rows)}" for each in tables)
    return (
        f"{QUESTIONS[plan.paradigm]} Plan {plan.hash}, {plan.count} trials; answered: {counts}. "
        "Trials answered after the deadline are left out."
    )


def _parts(tables: Sequence[Answers], table: pd.DataFrame) -> list[_Part]:
    plan = tables[0].plan
    by_observer = sensitivity(table, plan.paradigm)
    parts = [
        _Part(
            "sensitivity",
            "Sensitivity and criterion",
            "d′ and criterion ± standard error, log-linear correction.",
            by_observer,
            figures.sensitivity_figure(by_observer),
        )
    ]
    if varied_columns(table) or len(plan.stimuli) > 1:
        by = ["observer", "stimulus", *varied_columns(table)]
        text = "d′ and criterion ± standard error for each stimulus and condition."
        by_condition = sensitivity(table, plan.paradigm, by)
        drawing = figures.condition_figure(by_condition, by[1:])
        parts.append(_Part("conditions", "Sensitivity by condition", text, by_condition, drawing))
    if plan.pairs is not None and plan.pairs.kind != "edge":
        shares = proportion_same(table, plan.pairs.distances)
        text = 'Proportion of "same" ± standard error, by distance and by ground truth.'
        drawing = figures.proportion_figure(shares)
        parts.append(_Part("proportion_same", "Proportion same", text, shares, drawing))
    if plan.pairs is not None and plan.pairs.kind == "around":
        maps = same_maps(tables)
        text = (
            f'Proportion of "same" with the anchor (cross); at most {MOST_MAPS} images are drawn.'
        )
        drawing = figures.map_figure(maps[:MOST_MAPS])
        parts.append(_Part("maps", "Maps of p(same)", text, map_table(maps), drawing))
    if plan.paradigm == "rating":
        means = ratings(table)
        text = "Mean rating ± standard error; the figure shows means over conditions."
        drawing = figures.rating_figure(means)
        parts.append(_Part("ratings", "Ratings", text, means, drawing))
    parts += _psychometric(table, plan)
    agreements = agreement(table, plan.paradigm)
    if len(agreements):
        text = (
            "Each person in turn is left out and compared with the others; the mean, the noise "
            "ceiling, is the row people. Networks are compared with the same people."
        )
        drawing = figures.agreement_figure(agreements)
        parts.append(_Part("agreement", "Agreement and noise ceiling", text, agreements, drawing))
    return parts


def _psychometric(table: pd.DataFrame, plan: Plan) -> list[_Part]:
    """Fit each observer's answers by each varied number, and by the distance across an edge."""
    answered = table.dropna(subset=["yes"])
    if plan.paradigm == "rating":
        answered = answered[~answered["control"]]
    answer, guess, label = {
        "same_or_different": ("correct", 0.5, "proportion correct"),
        "which_of_two": ("correct", 0.5, "proportion correct"),
        "rating": ("yes", None, "proportion rated above 4"),
    }[plan.paradigm]
    parts = [
        _fit_column(answered, column, answer, guess, label) for column in varied_columns(answered)
    ]
    if plan.pairs is not None and plan.pairs.kind == "edge":
        parts.insert(0, _fit_column(answered, "distance", "yes", None, 'proportion "same"'))
    return [part for part in parts if part is not None]


def _fit_column(
    answered: pd.DataFrame, column: str, answer: str, guess: float | None, label: str
) -> _Part | None:
    """Fit psychometric functions of one column; return None for fewer than two numbers."""
    answered = answered.dropna(subset=[column])  # the parameter is varied for other stimuli only
    if answered[column].nunique() < 2 or not is_numeric_dtype(answered[column]):
        return None
    answered = answered.assign(x=answered[column].astype(float), y=answered[answer].astype(float))
    points = answered.groupby(["observer", "x"])["y"].agg(["size", "mean"]).reset_index()
    points.columns = pd.Index(["observer", "x", "count", "proportion"])
    fits: dict[str, Psychometric] = {
        str(observer): fit_psychometric(part["x"], part["y"], guess=guess)
        for observer, part in answered.groupby("observer")
        if part["x"].nunique() > 1
    }
    rows = [
        (name, fit.threshold, *fit.threshold_band, fit.width, fit.guess, fit.lapse)
        for name, fit in fits.items()
    ]
    columns = ["observer", "threshold", "low", "high", "width", "guess", "lapse"]
    name = column.removeprefix("vary.")
    text = f"Cumulative normal function of {name}, maximum likelihood; 95 % bands by bootstrap."
    drawing = figures.psychometric_figure(points, fits, name, label)
    fit_table = pd.DataFrame(rows, columns=columns)
    return _Part(
        f"psychometric_{name}", f"Psychometric functions of {name}", text, fit_table, drawing
    )
