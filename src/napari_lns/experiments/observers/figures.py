"""Figures of observers' answers; people in colours, networks in black."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from napari_lns.experiments.observers.answers import MODEL
from napari_lns.experiments.observers.psychometric import Psychometric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = [
    "agreement_figure",
    "proportion_figure",
    "psychometric_figure",
    "rating_figure",
    "sensitivity_figure",
]

# told apart by colour-blind readers
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def proportion_figure(table: pd.DataFrame) -> Figure:
    """Draw the proportion of "same" by distance, for pairs of one object and of two."""
    figure, axes = _figure("distance of the dots / image's side", 'proportion "same"')
    for (observer, truth), part in table.groupby(["observer", "truth"]):
        style = "-" if truth == "same" else "--"
        axes.errorbar(
            part["distance"],
            part["proportion"],
            part["standard_error"],
            linestyle=style,
            marker=".",
            color=_colours(table)[observer],
            label=f"{observer}, {'one object' if truth == 'same' else 'two objects'}",
        )
    axes.set_ylim(-0.03, 1.03)
    figure.legend(frameon=False, fontsize="small", loc="outside right upper")
    return figure


def sensitivity_figure(table: pd.DataFrame) -> Figure:
    """Draw each observer's d′ and criterion with standard errors."""
    figure, axes = _figure("", "standard deviations")
    for column, marker, label in (("d_prime", "o", "d′"), ("criterion", "s", "criterion")):
        errors = table[f"{column}_error"]
        axes.errorbar(table["observer"], table[column], errors, fmt=marker, capsize=3, label=label)
    _named_axis(axes)
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    axes.legend(frameon=False)
    return figure


def psychometric_figure(
    points: pd.DataFrame, fits: Mapping[str, Psychometric], x_label: str, y_label: str
) -> Figure:
    """Draw each observer's proportions by a parameter, the fitted functions and their bands."""
    figure, axes = _figure(x_label, y_label)
    colours = _colours(points)
    for observer, part in points.groupby("observer"):
        axes.plot(part["x"], part["proportion"], ".", color=colours[observer], label=observer)
        if observer in fits:
            fit = fits[observer]
            axes.plot(fit.x, fit.fitted, color=colours[observer])
            axes.fill_between(
                fit.x, fit.low, fit.high, color=colours[observer], alpha=0.2, linewidth=0
            )
    axes.set_ylim(-0.03, 1.03)
    figure.legend(frameon=False, fontsize="small", loc="outside right upper")
    return figure


def rating_figure(table: pd.DataFrame) -> Figure:
    """Draw each observer's mean rating of the stimuli and of their controls."""
    means = table.groupby(["observer", "control"])["mean"].mean().unstack()
    figure, axes = _figure("", "mean rating")
    for control, marker, label in ((False, "o", "stimulus"), (True, "x", "control")):
        if control in means:
            axes.plot(means.index, means[control], marker, label=label)
    _named_axis(axes)
    axes.set_ylim(0.8, 7.2)
    axes.legend(frameon=False)
    return figure


def agreement_figure(table: pd.DataFrame) -> Figure:
    """Draw each observer's agreement with people, and the noise ceiling."""
    figure, axes = _figure("", "agreement with other people")
    ceiling, others = table.iloc[0], table.iloc[1:]
    level, error = ceiling["agreement"], ceiling["standard_error"]
    axes.axhspan(level - error, level + error, color="0.85", label="noise ceiling ± standard error")
    colours = [_colours(others)[name] for name in others["observer"]]
    axes.bar(others["observer"], others["agreement"], color=colours, width=0.5)
    _named_axis(axes)
    axes.legend(frameon=False, fontsize="small")
    return figure


def _figure(x_label: str, y_label: str) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _colours(table: pd.DataFrame) -> dict[str, str]:
    names = sorted(set(table["observer"]))
    people = [name for name in names if not name.startswith(MODEL)]
    shown = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(people)}
    return {name: shown.get(name, "black") for name in names}


def _named_axis(axes: Any) -> None:
    axes.tick_params(axis="x", labelrotation=20)
    axes.margins(x=0.2)
