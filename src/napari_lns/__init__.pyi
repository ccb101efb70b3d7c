from . import analysis, experiments, models, segmentation, stimuli, viewer
from .segmentation import Segmentation, iter_segment, segment, segment_many, segmenters
from .stimuli import Stimulus

__version__: str

__all__ = [
    "Segmentation",
    "Stimulus",
    "analysis",
    "experiments",
    "iter_segment",
    "models",
    "segment",
    "segment_many",
    "segmentation",
    "segmenters",
    "stimuli",
    "viewer",
]
