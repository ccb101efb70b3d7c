"""Comparison of a stimulus with its control: segmentations and the measure of the law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_lns import stimuli
from napari_lns._levels import read_level
from napari_lns.experiments.psychophysics.comparisons import measure_or_nan
from napari_lns.experiments.psychophysics.visits import draw_control
from napari_lns.models import suggest
from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.api import AUTO
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_lns.models.running import ModelLike

__all__ = ["Comparison", "compare", "figure", "measures", "require_control"]

NAMES = ("stimulus", "control")


@dataclass(frozen=True, eq=False)
class Comparison:
    """A stimulus and its control (in this order), with their segmentations.

    Parameters
    ----------
    stimuli
        The stimulus and its control.
    segmentations
        Their segmentations, with the same parameters.
    measures
        Measure of the law in each; NaN if it is not defined.
    """

    stimuli: tuple[Stimulus, Stimulus]
    segmentations: tuple[Segmentation, Segmentation]
    measures: tuple[float, float]

    @property
    def record(self) -> dict[str, Any]:
        """Record of the control and both measures, JSON-compatible."""
        values = [None if math.isnan(each) else round(each, 4) for each in self.measures]
        return {
            "control": self.stimuli[1].record,
            "measures": dict(zip(NAMES, values, strict=True)),
        }

    def __str__(self) -> str:
        """Return the measures in words."""
        one, other = self.measures
        if math.isnan(one) or math.isnan(other):
            return "no measure is defined for this stimulus and method"
        return f"measure {one:.2f} in the stimulus, {other:.2f} in its control"


def require_control(stimulus: Stimulus) -> Stimulus:
    """Draw the control of a stimulus, which differs only in the cue that its law is based on.

    Parameters
    ----------
    stimulus
        A stimulus with a registered name.

    Returns
    -------
    Stimulus

    Raises
    ------
    ValueError
        If it has no control, is one itself, or looks the same as its control.

    Examples
    --------
    >>> require_control(stimuli.draw("kanizsa_figure")).parameters["inducers"]
    'turned'
    """
    if stimulus.name not in stimuli.names():
        raise ValueError(
            f"{stimulus.name or 'the image'!r} cannot be drawn again from a record, so it has no "
            "control: draw a stimulus, in the Stimuli widget or with napari_lns.stimuli.draw"
        )
    changes = stimuli.control(stimulus.name)
    if not changes:
        names = ", ".join(name for name in stimuli.names() if stimuli.control(name))
        raise ValueError(f"{stimulus.name!r} has no control: these stimuli have one: {names}")
    if changes.items() <= dict(stimulus.parameters).items():
        raise ValueError(f"this {stimulus.name} is a control already: segment the stimulus")
    control = draw_control(stimulus)
    if np.array_equal(control.image, stimulus.image):
        raise ValueError(
            f"this {stimulus.name} looks the same as its control, so nothing can be compared: "
            "choose another seed or other parameters"
        )
    return control


def compare(stimulus: Stimulus, model: ModelLike | None = None, **parameters: Any) -> Comparison:
    """Segment a stimulus and its control with the same parameters, and measure the law in both.

    Parameters
    ----------
    stimulus
        A stimulus that has a control.
    model, **parameters
        Arguments of `napari_lns.segment`.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> drawn = stimuli.draw("kanizsa_figure")
    >>> compared = compare(drawn, "kanizsa-figure", clusters=3, method="exact")
    >>> compared.measures[0] > compared.measures[1]
    True
    """
    pair = (stimulus, require_control(stimulus))
    one, other = (segment(each, model, **parameters) for each in pair)
    return Comparison(pair, (one, other), measures(pair, model, parameters.get("device", "auto")))


def measures(
    pair: tuple[Stimulus, Stimulus], model: ModelLike | None, device: str = "auto"
) -> tuple[float, float]:
    """Measure the law in a stimulus and in its control with the same network.

    Parameters
    ----------
    pair
        The stimulus and its control.
    model
        As for `napari_lns.segment`; ``"auto"`` is the network that is suggested for the stimulus.
    device
        Device to run on.

    Returns
    -------
    tuple of float
        Values of `napari_lns.experiments.psychophysics.measure`; NaN if it is not defined.
    """
    if model == AUTO:
        model = suggest(pair[0]).model
    one, other = (measure_or_nan(each, model, device=device) for each in pair)
    return one, other


def figure(compared: Comparison) -> Figure:
    """Draw the stimulus above its control: image, reconstruction, segments.

    Parameters
    ----------
    compared
        Result of `compare`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, without a window.
    """
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(6.4, 4.8), layout="constrained")
    rows = canvas.subplots(2, 3)
    each = zip(
        rows, NAMES, compared.stimuli, compared.segmentations, compared.measures, strict=True
    )
    for row, name, stimulus, segmentation, value in each:
        row[0].imshow(stimulus.image)
        if segmentation.reconstruction is not None:
            row[1].imshow(np.clip(segmentation.reconstruction, 0, 1))
        row[2].imshow(
            segmentation.labels % 20, cmap="tab20", vmin=0, vmax=19, interpolation="nearest"
        )
        row[0].set_ylabel(name if math.isnan(value) else f"{name}\nmeasure {value:.2f}")
        level = read_level(segmentation.record)
        if level is not None:
            row[2].set_xlabel(level.value, color=level.colour)
        for axes in row:
            axes.set(xticks=[], yticks=[])
    for axes, title in zip(rows[0], ("image", "reconstruction", "segments"), strict=True):
        axes.set_title(title, fontsize="medium")
    return canvas
