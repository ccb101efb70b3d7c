"""Segmentation of images: the functions, the result, and the classes for extensions."""

from napari_lns.segmentation.api import iter_segment, segment, segment_many
from napari_lns.segmentation.clustering import Clustering, clusterer
from napari_lns.segmentation.lns.noise_kind import NoiseKind
from napari_lns.segmentation.lns.settings import LNSSettings
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation
from napari_lns.segmentation.segmenters import FunctionSegmenter, Segmenter, segmenters

__all__ = [
    "Clustering",
    "FunctionSegmenter",
    "LNSSettings",
    "NoiseKind",
    "Progress",
    "Segmentation",
    "Segmenter",
    "clusterer",
    "iter_segment",
    "segment",
    "segment_many",
    "segmenters",
]
