"""The third part of the report: curves of models for Gestalt laws, beside human data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_lns import models
from napari_lns._levels import Level
from napari_lns.experiments import psychophysics as work
from napari_lns.experiments.psychophysics.curves import bootstrap
from napari_lns.experiments.report import Section
from napari_lns.models.zoo import names_for_world

if TYPE_CHECKING:
    from napari_lns.experiments.material import Material

__all__ = ["cost", "psychophysics"]

COUNT = 40  # stimuli at each value, and as many controls


def psychophysics(name: str, material: Material) -> Section:
    """Draw the curve of one law.

    Parameters
    ----------
    name
        Name of the law.
    material
        Material of the report; only its seed is used.
    """
    title = f"Psychophysics: {name.replace('_', ' ')}"
    try:
        model = models.for_stimulus(work.law(name).stimulus)
    except ValueError as error:
        return Section(title, f"There is no curve here: {error}.")
    curve = work.curve(name, model, count=COUNT, seed=material.seed, method="exact")
    rows = [
        [f"{x:g}", *(_format_summary(row[each]) for each in ("stimulus", "control", "advantage"))]
        for x, row in zip(curve.x, curve.record["rows"], strict=True)
    ]
    return Section(
        title,
        f"{model}, exact method, {COUNT} stimuli at each value and their controls; 95 % "
        "bands by bootstrap over stimuli. The measure is the mean affinity (cosine of responses) "
        "of the pixels that the law groups minus that of the pixels that it separates. "
        f"{work.law(name).compared}\n\n{_describe_advantages(curve)} {_describe_fit(curve)}",
        (work.law(name).label, "stimulus", "control", "discriminated from control"),
        rows,
        work.figure(curve),
    )


def cost(name: str, material: Material) -> float:
    """Estimate the duration of a law's curve in units of a sampled run with 80 samples."""
    law = work.law(name)
    return 0.6 * 2 * COUNT * len(law.values) if names_for_world(law.stimulus) else 0.1


def _format_summary(summary: dict[str, float]) -> str:
    return f"{summary['mean']:.3f} ({summary['low']:.3f} to {summary['high']:.3f})"


def _describe_advantages(curve: work.Curve) -> str:
    """Describe at how many values the measure is above or below that of the control."""
    low, high = bootstrap(curve.advantages).T
    above, below = int(np.sum(low > 0.5)), int(np.sum(high < 0.5))
    return (
        "The measure of the stimulus exceeds that of its control beyond chance (the band of the "
        f"last column is above 0.5) at {above} of the {len(curve.x)} values, and is lower at "
        f"{below}."
    )


def _describe_fit(curve: work.Curve) -> str:
    """Describe at how many values most stimuli fit the network."""
    if Level.UNKNOWN in curve.levels:
        return "The network's card has no limits for such stimuli."
    fitting, out = (curve.levels.count(level) for level in (Level.FITS, Level.OUT))
    sentence = f"Most stimuli fit the network at {fitting} of the {len(curve.x)} values"
    if not out:
        return f"{sentence}, and at none they are out of distribution."
    return f"{sentence}; at {out} they are out of distribution, and the curve means little there."
