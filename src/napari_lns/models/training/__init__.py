"""Training on stimuli that are drawn on the fly, with exact resume and the paper's losses."""

from napari_lns.models.training.loop import (
    TrainingDivergedError,
    TrainingProgress,
    iter_train,
    train,
)
from napari_lns.models.training.settings import Settings

__all__ = ["Settings", "TrainingDivergedError", "TrainingProgress", "iter_train", "train"]
