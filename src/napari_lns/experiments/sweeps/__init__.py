"""Sweeps: stimuli × models × methods on one machine or a cluster, resumable."""

from __future__ import annotations

from napari_lns.experiments.sweeps.plan import Plan, Point
from napari_lns.experiments.sweeps.running import run
from napari_lns.experiments.sweeps.store import Results

__all__ = ["Plan", "Point", "Results", "run"]
