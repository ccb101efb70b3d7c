"""Uncertainty of a segmentation over repeated runs."""

from __future__ import annotations

from napari_lns.segmentation.uncertainty import disagreement, entropy

__all__ = ["disagreement", "entropy"]
