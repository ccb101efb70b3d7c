"""The networks: the paper's AE and VAE, their training, the shipped weights, your own models."""

from napari_lns.models.card import Card
from napari_lns.models.networks import AutoEncoder, VariationalAutoEncoder
from napari_lns.models.training import (
    Settings,
    TrainingDivergedError,
    TrainingProgress,
    iter_train,
    train,
)
from napari_lns.models.zoo import load, names, save

__all__ = [
    "AutoEncoder",
    "Card",
    "Settings",
    "TrainingDivergedError",
    "TrainingProgress",
    "VariationalAutoEncoder",
    "iter_train",
    "load",
    "names",
    "save",
    "train",
]
