"""Figures of observers' answers; people in colours, networks in black."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from napari_lns.experiments.observers.answers import MODEL
from napari_lns.experiments.observers.maps import SameMap, map_names
from napari_lns.experiments.observers.psychometric import Psychometric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "agreement_figure",
    "condition_figure",
    "map_figure",
    "proportion_figure",
    "psychometric_figure",
    "rating_figure",
    "sensitivity_figure",
]

# distinguishable for colour-blind readers
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
    _format_name_axis(axes)
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    axes.legend(frameon=False)
    return figure


def condition_figure(table: pd.DataFrame, by: Sequence[str]) -> Figure:
    """Draw each observer's d′ with standard errors by stimulus and varied parameters."""
    varying = [column for column in by if table[column].nunique() > 1]
    figure, axes = _figure(", ".join(name.removeprefix("vary.") for name in varying), "d′")
    words = table[varying].astype(str).agg(", ".join, axis=1)
    place = {condition: number for number, condition in enumerate(dict.fromkeys(words))}
    colours = _colours(table)
    for observer, part in table.groupby("observer"):
        x = words[part.index].map(place)
        axes.errorbar(
            x, part["d_prime"], part["d_prime_error"], marker=".", color=colours[observer],
            label=observer,
        )  # fmt: skip
    axes.set_xticks(list(place.values()), list(place))
    _format_name_axis(axes)
    figure.legend(frameon=False, fontsize="small", loc="outside right upper")
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
            axes.plot(fit.x, fit.probability, color=colours[observer])
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
    _format_name_axis(axes)
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
    _format_name_axis(axes)
    figure.legend(frameon=False, fontsize="small", loc="outside upper right")
    return figure


def map_figure(maps: Sequence[SameMap]) -> Figure:
    """Draw one row for each image: the image with its anchor, then the maps of p(same)."""
    from matplotlib.figure import Figure

    names = map_names(maps[0])
    figure = Figure(figsize=(2.2 * (1 + len(names)), 2.3 * len(maps)), layout="constrained")
    axes = figure.subplots(len(maps), 1 + len(names), squeeze=False)
    for row, same_map in zip(axes, maps, strict=True):
        row[0].imshow(same_map.stimulus.image, interpolation="nearest")
        row[0].set_title(same_map.stimulus.name.replace("_", " "), fontsize="small")
        for one, name in zip(row[1:], names, strict=True):
            mappable = one.imshow(same_map.on_image(name), vmin=0, vmax=1, interpolation="nearest")
            one.set_title(name, fontsize="small")
        for one in row:
            one.plot(*same_map.anchor[::-1], "+", color="red", markersize=9, markeredgewidth=2)
            one.set_axis_off()
    figure.colorbar(mappable, ax=axes, shrink=0.8, label="p(same)")
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
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(people)}
    return {name: colours.get(name, "black") for name in names}


def _format_name_axis(axes: Axes) -> None:
    axes.tick_params(axis="x", labelrotation=20)
    axes.margins(x=0.2)
