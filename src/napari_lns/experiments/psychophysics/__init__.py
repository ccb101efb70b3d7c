"""Psychophysics: a model's curve for each Gestalt law, its control, and what humans do."""

from __future__ import annotations

from napari_lns.experiments.psychophysics.curves import OBSERVER, Curve, curve, no_observer
from napari_lns.experiments.psychophysics.figures import figure
from napari_lns.experiments.psychophysics.human import Reference, reference
from napari_lns.experiments.psychophysics.laws import Law, law, names
from napari_lns.experiments.psychophysics.measures import grouping, strength

__all__ = [
    "OBSERVER",
    "Curve",
    "Law",
    "Reference",
    "curve",
    "figure",
    "grouping",
    "law",
    "names",
    "no_observer",
    "reference",
    "strength",
]
