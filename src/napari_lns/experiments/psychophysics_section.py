"""The report's third part: a model's curve for each Gestalt law, beside what humans do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_lns import models
from napari_lns.experiments import psychophysics as work
from napari_lns.experiments.psychophysics.curves import bootstrap
from napari_lns.experiments.report import Section

if TYPE_CHECKING:
    from napari_lns.experiments.reproduce import Material

__all__ = ["cost", "laws", "psychophysics"]

COUNT = 20  # stimuli at each value, and as many controls


def laws() -> list[str]:
    """Name the laws that the report has a section on: one that says why, where there can be none.

    Examples
    --------
    >>> laws()[0]
    'illusory_contour'
    """
    return work.names() if work.OBSERVER in models.names() else work.names()[:1]


def psychophysics(name: str, material: Material) -> Section:
    """Draw the curve of one law.

    Parameters
    ----------
    name
        The law.
    material
        Its seed counts; the stimuli are the law's own.
    """
    if work.OBSERVER not in models.names():
        return Section("Psychophysics", f"There are no curves here: {work.no_observer()}.")
    curve = work.curve(name, work.OBSERVER, count=COUNT, seed=material.seed, method="exact")
    rows = [
        [f"{x:g}", *(_told(row[each]) for each in ("stimulus", "control", "advantage"))]
        for x, row in zip(curve.x, curve.record["rows"], strict=True)
    ]
    return Section(
        f"Psychophysics: {name.replace('_', ' ')}",
        f"{work.OBSERVER}, exact method, {COUNT} stimuli at each value and their controls; 95 % "
        "bands by bootstrap over stimuli. The measure is the mean affinity (cosine of responses) "
        "of the pixels that the law binds less that of the pixels that it parts. "
        f"{work.law(name).compared}\n\n{_told_apart(curve)} {_known(curve)}",
        (work.law(name).label, "stimulus", "control", "told from control"),
        rows,
        work.figure(curve),
    )


def cost(material: Material) -> float:
    """Reckon how long a curve takes, in sampled runs of 80 samples."""
    runs = 7 * COUNT * 2  # values, stimuli, and controls
    return 0.6 * runs if work.OBSERVER in models.names() else 0.1


def _told(summary: dict[str, float]) -> str:
    return f"{summary['mean']:.3f} ({summary['low']:.3f} to {summary['high']:.3f})"


def _told_apart(curve: work.Curve) -> str:
    """Say whether the model does what the law says, whichever way it falls."""
    low, high = bootstrap(curve.advantages).T
    above, below = int(np.sum(low > 0.5)), int(np.sum(high < 0.5))
    return (
        "A stimulus measures more than its control, beyond chance (the band of the last column "
        f"above 0.5), at {above} of the {len(curve.x)} values, and less at {below}."
    )


def _known(curve: work.Curve) -> str:
    """Say at how many values the network is asked about what it knows."""
    if curve.known_error is None:
        return "How well the network knows such stimuli is not on its card."
    beyond = int(np.sum(curve.errors.mean(axis=1) > curve.known_error))
    if not beyond:
        return (
            "At no value does the network redraw the stimuli worse than 99 % of its training "
            "images: it knows such pictures."
        )
    return (
        f"At {beyond} of the {len(curve.x)} values the network redraws the stimuli worse than "
        "99 % of its training images: there the curve says little."
    )
