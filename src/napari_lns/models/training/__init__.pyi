from .loop import (
    TrainingDivergedError,
    TrainingProgress,
    iter_train,
    train,
)
from .settings import Settings

__all__ = ["Settings", "TrainingDivergedError", "TrainingProgress", "iter_train", "train"]
