from .adapters import AdaptedModel, ClassifierAutoEncoder, adapt
from .assessment import Assessment, assess
from .card import Card, Limits
from .finishing import finish_run
from .imports import import_checkpoint
from .networks import AutoEncoder, CompactAutoEncoder, VariationalAutoEncoder, WaveAutoEncoder
from .rescaling import rescale_latents
from .suggestion import Suggestion, suggest
from .surfaces import SurfaceAutoEncoder
from .training import (
    Settings,
    TrainingDivergedError,
    TrainingProgress,
    iter_train,
    train,
)
from .validation import InvalidModelError, LatentModel, validate
from .zoo import for_stimulus, load, names, save

__all__ = [
    "AdaptedModel",
    "Assessment",
    "AutoEncoder",
    "Card",
    "ClassifierAutoEncoder",
    "CompactAutoEncoder",
    "InvalidModelError",
    "LatentModel",
    "Limits",
    "Settings",
    "Suggestion",
    "SurfaceAutoEncoder",
    "TrainingDivergedError",
    "TrainingProgress",
    "VariationalAutoEncoder",
    "WaveAutoEncoder",
    "adapt",
    "assess",
    "finish_run",
    "for_stimulus",
    "import_checkpoint",
    "iter_train",
    "load",
    "names",
    "rescale_latents",
    "save",
    "suggest",
    "train",
    "validate",
]
