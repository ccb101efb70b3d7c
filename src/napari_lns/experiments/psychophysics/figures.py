"""Figures of curves: model, control, human data and reconstruction error."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from napari_lns._levels import Level
from napari_lns.experiments.psychophysics.curves import Curve, bootstrap
from napari_lns.experiments.psychophysics.human import reference
from napari_lns.experiments.psychophysics.laws import law

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["figure"]

MODEL, CONTROL, HUMAN = "#0072b2", "#999999", "#d55e00"  # distinguishable for colour-blind readers


def figure(curve: Curve) -> Figure:
    """Draw a curve.

    Parameters
    ----------
    curve
        A curve of `napari_lns.experiments.psychophysics.curve`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, without a window.

    Examples
    --------
    >>> from napari_lns.experiments import psychophysics
    >>> from napari_lns.models import AutoEncoder
    >>> result = psychophysics.curve("closure", AutoEncoder(), count=1, values=[0.4, 0.6])
    >>> len(psychophysics.figure(result).axes)
    4
    """
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(10, 5.6), layout="constrained")
    (measure, human), (error, choice) = canvas.subplots(2, 2, height_ratios=(2, 1), sharex=True)
    _draw_pair(measure, curve, "values", "controls")
    measure.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    measure.set_ylabel("affinity together − apart")
    measure.legend(frameon=False)
    measure.set_title("model", fontsize="medium")
    _draw_pair(error, curve, "errors", "control_errors")
    _draw_levels(error, curve)
    _draw_human(human, curve)
    _draw_choice(choice, curve)
    for axes in (error, choice):
        axes.set_xlabel(law(curve.law).label)
    for axes in canvas.axes:
        axes.spines[["top", "right"]].set_visible(False)
    _write(canvas, curve)
    return canvas


def _write(canvas: Figure, curve: Curve) -> None:
    """Write the model's name above the panels, and the limits of the human data below."""
    parameters = ", ".join(f"{name} {value}" for name, value in curve.parameters.items())
    title = f"{curve.law.replace('_', ' ')}: {curve.model['name']}"
    canvas.suptitle(f"{title} ({parameters})" if parameters else title)
    human = reference(curve.law)
    note = textwrap.fill(f"Humans: {human.source}. {human.limits}", 150)
    canvas.supxlabel(note, x=0.01, ha="left", fontsize="x-small", color="0.3")


def _draw_pair(axes: Axes, curve: Curve, stimulus: str, control: str) -> None:
    for name, colour, label in ((control, CONTROL, "control"), (stimulus, MODEL, "stimulus")):
        values = getattr(curve, name)
        axes.plot(curve.x, values.mean(axis=1), ".-", color=colour, label=label)
        axes.fill_between(curve.x, *bootstrap(values).T, color=colour, alpha=0.2, linewidth=0)


def _draw_levels(axes: Any, curve: Curve) -> None:
    """Mark at each value how well most of the stimuli fit the network."""
    axes.set_ylabel("reconstruction error")
    most = max(float(curve.errors.max()), float(curve.control_errors.max()))
    axes.set_ylim(0, 1.3 * most or 1)
    means = curve.errors.mean(axis=1)
    dots: list[Any] = []
    for level in Level:
        here = [k for k, each in enumerate(curve.levels) if each == level]
        if here:
            x, y = [curve.x[k] for k in here], means[here]
            style = {"color": level.colour, "markeredgecolor": "black"}
            dots += axes.plot(x, y, "o", label=level.value, **style)
    small = {"fontsize": "x-small", "title_fontsize": "x-small"}
    axes.legend(handles=dots, title="most stimuli", frameon=False, **small)


def _draw_human(axes: Axes, curve: Curve) -> None:
    """Draw measured data, or write the finding if there is no data."""
    human = reference(curve.law)
    axes.set_title("humans", fontsize="medium")
    if human.points:
        axes.plot(*zip(*human.points, strict=True), "o", color=HUMAN)
        axes.set_ylabel("proportion correct\nof two alternatives")
        return
    axes.set_axis_off()
    authors, year = human.source.split(")")[0].split(" (")
    text = textwrap.fill(f"{human.finding} ({authors} {year})", 36)
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)


def _draw_choice(axes: Axes, curve: Curve) -> None:
    """Draw the proportion of stimuli discriminated from their controls by model and humans."""
    axes.plot(curve.x, curve.advantages.mean(axis=1), ".-", color=MODEL)
    axes.fill_between(curve.x, *bootstrap(curve.advantages).T, color=MODEL, alpha=0.2, linewidth=0)
    human = reference(curve.law)
    if human.points:
        axes.plot(*zip(*human.points, strict=True), "o", color=HUMAN)
    axes.axhline(0.5, color="0.8", linewidth=0.8, zorder=0)
    axes.set_ylim(0, 1.05)
    axes.set_ylabel("discriminated from control")
