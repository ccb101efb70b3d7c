"""Diffusing, Walking and Cutting: self-attention as a random walk over the image, cut by NCut."""

from napari_lns.segmentation.dwc.affinity import affinity
from napari_lns.segmentation.dwc.hierarchy import Hierarchy, cut_recursively
from napari_lns.segmentation.dwc.thresholds import number_of_groups
from napari_lns.segmentation.dwc.walks import Walk, transition

__all__ = ["Hierarchy", "Walk", "affinity", "cut_recursively", "number_of_groups", "transition"]
