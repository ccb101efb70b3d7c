"""Experiments: scores with standard errors, calibration, benchmarks, sweeps, reports."""

from napari_lns.experiments.calibration import calibrate
from napari_lns.experiments.scoring import Score, scores

__all__ = ["Score", "calibrate", "scores"]
