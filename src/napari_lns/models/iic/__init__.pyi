from .clustering import cluster
from .dense import probabilities
from .evaluation import accuracy, majority_classes, one_to_one_classes
from .loss import clustering_loss, dense_loss
from .networks import DigitNetwork, IICNetwork, PhotoNetwork, PixelNetwork
from .semi_supervised import (
    Classifier,
    assign_classes,
    choose_labelled,
    fine_tune,
)
from .settings import DIGITS, PHOTOS, PIXELS, IICSettings, Transform
from .training import IICProgress, iter_train, train, train_best_of
from .weights import load, names, save

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
