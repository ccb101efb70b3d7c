"""Invariant information clustering (Ji, Henriques and Vedaldi, ICCV 2019)."""

from napari_lns.models.iic.clustering import cluster
from napari_lns.models.iic.dense import probabilities
from napari_lns.models.iic.evaluation import accuracy, majority_classes, one_to_one_classes
from napari_lns.models.iic.loss import clustering_loss, dense_loss
from napari_lns.models.iic.networks import DigitNetwork, IICNetwork, PhotoNetwork, PixelNetwork
from napari_lns.models.iic.semi_supervised import (
    Classifier,
    assign_classes,
    choose_labelled,
    fine_tune,
)
from napari_lns.models.iic.settings import DIGITS, PHOTOS, PIXELS, IICSettings
from napari_lns.models.iic.training import IICProgress, iter_train, train, train_best_of
from napari_lns.models.iic.transforms import Transform
from napari_lns.models.iic.weights import load, names, save

__all__ = [
    "DIGITS",
    "PHOTOS",
    "PIXELS",
    "Classifier",
    "DigitNetwork",
    "IICNetwork",
    "IICProgress",
    "IICSettings",
    "PhotoNetwork",
    "PixelNetwork",
    "Transform",
    "accuracy",
    "assign_classes",
    "choose_labelled",
    "cluster",
    "clustering_loss",
    "dense_loss",
    "fine_tune",
    "iter_train",
    "load",
    "majority_classes",
    "names",
    "one_to_one_classes",
    "probabilities",
    "save",
    "train",
    "train_best_of",
]
