"""A stimulus beside its control: both segmented, with the law's measure for each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_lns import stimuli
from napari_lns._levels import level_of
from napari_lns.experiments.psychophysics import comparisons
from napari_lns.experiments.psychophysics.measures import grouping
from napari_lns.experiments.psychophysics.visits import controlled
from napari_lns.segmentation import Segmentation, segment
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Compared", "compare", "control_of", "figure", "measure"]

NAMES = ("stimulus", "control")


@dataclass(frozen=True, eq=False)
class Compared:
    """A stimulus and its control with their segmentations, in this order.

    Parameters
    ----------
    stimuli
        The two stimuli.
    segmentations
        Their segmentations, with the same parameters.
    """

    stimuli: tuple[Stimulus, Stimulus]
    segmentations: tuple[Segmentation, Segmentation]

    @property
    def measures(self) -> tuple[float, float]:
        """The law's measure of each; NaN where there is none."""
        one, other = map(measure, self.segmentations, self.stimuli)
        return one, other

    @property
    def record(self) -> dict[str, Any]:
        """The control's record and the two measures, safe for JSON."""
        known = [None if math.isnan(each) else round(each, 4) for each in self.measures]
        return {
            "control": self.stimuli[1].record,
            "measures": dict(zip(NAMES, known, strict=True)),
        }

    def __str__(self) -> str:
        """Return the measures in words."""
        one, other = self.measures
        if math.isnan(one) or math.isnan(other):
            return "no measure is defined for this stimulus and method"
        return f"measure {one:.2f} in the stimulus, {other:.2f} in its control"


def control_of(stimulus: Stimulus) -> Stimulus:
    """Draw the control of a stimulus: the same but for what its law rests on.

    Parameters
    ----------
    stimulus
        A stimulus of a known name.

    Returns
    -------
    Stimulus

    Raises
    ------
    ValueError
        If it has no control, is one itself, or looks the same as its control.

    Examples
    --------
    >>> control_of(stimuli.draw("kanizsa_figure")).parameters["inducers"]
    'turned'
    """
    if stimulus.name not in stimuli.names():
        raise ValueError(
            f"{stimulus.name or 'the image'!r} is no stimulus that can be drawn again, so there is "
            "no control: draw a stimulus, in the Stimuli widget or with napari_lns.stimuli.draw"
        )
    gone = stimuli.control(stimulus.name)
    if not gone:
        known = ", ".join(name for name in stimuli.names() if stimuli.control(name))
        raise ValueError(f"{stimulus.name!r} has no control: these stimuli have one: {known}")
    if gone.items() <= dict(stimulus.parameters).items():
        raise ValueError(f"this {stimulus.name} is a control already: segment the stimulus")
    control = controlled(stimulus)
    if np.array_equal(control.image, stimulus.image):
        raise ValueError(
            f"this {stimulus.name} looks the same as its control, so nothing can be compared: "
            "choose another seed or other parameters"
        )
    return control


def compare(stimulus: Stimulus, model: Any = None, **parameters: Any) -> Compared:
    """Segment a stimulus and its control in the same way.

    Parameters
    ----------
    stimulus
        A stimulus that has a control.
    model, **parameters
        As for `napari_lns.segment`.

    Returns
    -------
    Compared

    Examples
    --------
    >>> drawn = stimuli.draw("kanizsa_figure")
    >>> compared = compare(drawn, "kanizsa-figure", clusters=3, method="exact")
    >>> compared.measures[0] > compared.measures[1]
    True
    """
    pair = (stimulus, control_of(stimulus))
    one, other = (segment(each, model, **parameters) for each in pair)
    return Compared(pair, (one, other))


def measure(segmentation: Segmentation, stimulus: Stimulus) -> float:
    """Return the law's measure of a segmentation; NaN where it has none.

    Parameters
    ----------
    segmentation
        By a method with features, at the stimulus's size.
    stimulus
        What was segmented.

    Returns
    -------
    float
        See `napari_lns.experiments.psychophysics.grouping`.
    """
    if segmentation.features is None or stimulus.name not in comparisons.names():
        return math.nan
    try:
        return grouping(segmentation, comparisons.pairs_of(stimulus))
    except ValueError:  # these parameters leave no pixels to compare
        return math.nan


def figure(compared: Compared) -> Figure:
    """Draw the stimulus above its control: image, reconstruction, segments.

    Parameters
    ----------
    compared
        What `compare` returned.

    Returns
    -------
    matplotlib.figure.Figure
        It belongs to no window; `savefig` writes it.
    """
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(6.4, 4.8), layout="constrained")
    rows = drawn.subplots(2, 3)
    each = zip(
        rows, NAMES, compared.stimuli, compared.segmentations, compared.measures, strict=True
    )
    for row, name, stimulus, found, value in each:
        row[0].imshow(stimulus.image)
        if found.reconstruction is not None:
            row[1].imshow(np.clip(found.reconstruction, 0, 1))
        row[2].imshow(found.labels % 20, cmap="tab20", vmin=0, vmax=19, interpolation="nearest")
        row[0].set_ylabel(name if math.isnan(value) else f"{name}\nmeasure {value:.2f}")
        level = level_of(found.record)
        if level is not None:
            row[2].set_xlabel(level.value, color=level.colour)
        for axes in row:
            axes.set(xticks=[], yticks=[])
    for axes, title in zip(rows[0], ("image", "reconstruction", "segments"), strict=True):
        axes.set_title(title, fontsize="medium")
    return drawn
