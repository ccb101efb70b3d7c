"""Psychophysics: a model's curves for Gestalt laws, its control, and what humans do."""

from __future__ import annotations

from napari_lns.experiments.psychophysics.comparisons import Measure, measure
from napari_lns.experiments.psychophysics.curves import Curve, curve
from napari_lns.experiments.psychophysics.figures import figure
from napari_lns.experiments.psychophysics.files import write_curve
from napari_lns.experiments.psychophysics.human import Reference, reference
from napari_lns.experiments.psychophysics.laws import Law, law, names
from napari_lns.experiments.psychophysics.measures import grouping, strength

__all__ = [
    "Curve",
    "Law",
    "Measure",
    "Reference",
    "curve",
    "figure",
    "grouping",
    "law",
    "measure",
    "names",
    "reference",
    "strength",
    "write_curve",
]
