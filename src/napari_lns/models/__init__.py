"""Networks: the paper's AE and VAE, training, shipped weights, and your own models."""

from napari_lns.models.adapters import AdaptedModel, ClassifierAutoEncoder, adapt
from napari_lns.models.assessment import Assessment, assess
from napari_lns.models.card import Card, Limits
from napari_lns.models.finishing import finish_run
from napari_lns.models.imports import import_checkpoint
from napari_lns.models.networks import AutoEncoder, CompactAutoEncoder, VariationalAutoEncoder
from napari_lns.models.rescaling import rescale_latents
from napari_lns.models.suggestion import Suggestion, suggest
from napari_lns.models.training import (
    Settings,
    TrainingDivergedError,
    TrainingProgress,
    iter_train,
    train,
)
from napari_lns.models.validate import InvalidModelError, LatentModel, validate
from napari_lns.models.zoo import for_stimulus, load, names, save

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
    "TrainingDivergedError",
    "TrainingProgress",
    "VariationalAutoEncoder",
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
