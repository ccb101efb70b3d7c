"""Segment images with a model, and score segmentations."""

from napari_lns.segmentation.api import iter_segment, segment, segment_many
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation
from napari_lns.segmentation.segmenters import FunctionSegmenter, Segmenter, segmenters

__all__ = [
    "FunctionSegmenter",
    "Progress",
    "Segmentation",
    "Segmenter",
    "iter_segment",
    "segment",
    "segment_many",
    "segmenters",
]
