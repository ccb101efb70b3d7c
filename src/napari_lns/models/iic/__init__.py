"""Invariant information clustering (Ji, Henriques and Vedaldi, ICCV 2019)."""

from napari_lns.models.iic.clustering import cluster
from napari_lns.models.iic.dense import probabilities
from napari_lns.models.iic.evaluation import accuracy, majority, one_to_one
from napari_lns.models.iic.loss import clustering_loss, dense_loss
from napari_lns.models.iic.networks import DigitNetwork, IICNetwork, PhotoNetwork, PixelNetwork
from napari_lns.models.iic.semi_supervised import Classifier, fine_tune, labelled, named
from napari_lns.models.iic.settings import DIGITS, PHOTOS, PIXELS, IICSettings
from napari_lns.models.iic.training import IICProgress, best_of, iter_train, train
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
    "best_of",
    "cluster",
    "clustering_loss",
    "dense_loss",
    "fine_tune",
    "iter_train",
    "labelled",
    "load",
    "majority",
    "named",
    "names",
    "one_to_one",
    "probabilities",
    "save",
    "train",
]
