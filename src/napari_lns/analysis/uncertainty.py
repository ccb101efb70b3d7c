"""How sure a segmentation is: what stays the same over repeated runs."""

from __future__ import annotations

from napari_lns.segmentation.uncertainty import disagreement, entropy

__all__ = ["disagreement", "entropy"]
