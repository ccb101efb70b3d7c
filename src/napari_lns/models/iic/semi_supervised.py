"""Semi-supervised learning with IIC: fine-tune its features, or assign classes to its clusters."""

from __future__ import annotations

import copy

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from napari_lns.models.iic.evaluation import majority_classes
from napari_lns.models.iic.networks import IICNetwork
from napari_lns.models.iic.settings import Transform
from napari_lns.models.iic.transforms import transform_images

__all__ = ["Classifier", "assign_classes", "choose_labelled", "fine_tune"]

Images = NDArray[np.float32]
Labels = NDArray[np.int64]


class Classifier(nn.Module):
    """A network's features with one linear layer to classes on top.

    Parameters
    ----------
    network
        A network for whole images, trained or not. It is copied.
    classes
        Number of classes.

    Examples
    --------
    >>> from napari_lns.models.iic.networks import DigitNetwork
    >>> Classifier(DigitNetwork((8, 8), width=0.1), 10).classify(np.zeros((2, 1, 8, 8))).shape
    (2,)
    """

    def __init__(self, network: IICNetwork, classes: int) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).requires_grad_(True)
        self.head = nn.Linear(network.features, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return a score for each class, (n, classes)."""
        scores: Tensor = self.head(self.network.extract_features(images).flatten(1))
        return scores

    @torch.no_grad()
    def classify(self, images: ArrayLike) -> Labels:
        """Return the class of each image (n, channels, H, W)."""
        self.eval()
        classes: Labels = self(_tensor(images)).argmax(dim=1).numpy()
        return classes


def fine_tune(
    network: IICNetwork,
    images: Images,
    labels: ArrayLike,
    *,
    transform: Transform | None = None,
    steps: int = 150,
    batch: int = 64,
    rate: float = 1e-3,
    seed: int = 0,
) -> Classifier:
    """Train a classifier on labelled images, end to end from a network's features.

    With an untrained network this is plain supervised learning.

    Parameters
    ----------
    network
        Network whose features are used.
    images, labels
        Labelled images (n, channels, H, W) and their classes, numbered from 0.
    transform
        Random variation of the images; None for none.
    steps, batch, rate, seed
        Number of steps, images in a step, learning rate and random seed.

    Returns
    -------
    Classifier
        The trained classifier in evaluation mode.

    Examples
    --------
    >>> from napari_lns.models.iic.networks import DigitNetwork
    >>> network, images = DigitNetwork((8, 8), width=0.1), np.zeros((4, 1, 8, 8), np.float32)
    >>> fine_tune(network, images, [0, 1, 0, 1], steps=2).head.out_features
    2
    """
    classes = np.asarray(labels)
    if len(classes) != len(images) or len(np.unique(classes)) < 2:
        raise ValueError(
            f"there are {len(images)} images with {len(classes)} labels of "
            f"{len(np.unique(classes))} classes: one label for each and two classes are needed"
        )
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = Classifier(network, int(classes.max()) + 1).train()
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    tensor, targets = _tensor(images), torch.as_tensor(classes, dtype=torch.long)
    for _ in range(steps):
        indices = torch.randint(len(tensor), (batch,), generator=generator)
        inputs = tensor[indices]
        if transform is not None:
            inputs, _ = transform_images(transform, inputs, generator)
        loss = F.cross_entropy(classifier(inputs), targets[indices])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return classifier.eval()


def assign_classes(
    predictions: ArrayLike,
    ground_truth: ArrayLike,
    labelled: ArrayLike,
    clusters: int | None = None,
) -> Labels:
    """Return for each sample the class of the majority of labelled samples in its cluster.

    Parameters
    ----------
    predictions
        Cluster of each sample (image or pixel).
    ground_truth
        Class of each sample; only those of `has_ground_truth` samples are used.
    labelled
        Mask or indices of the labelled samples.
    clusters
        Number of clusters.

    Examples
    --------
    >>> assign_classes([0, 0, 1, 1], [7, 0, 4, 0], labelled=[0, 2]).tolist()
    [7, 7, 4, 4]
    """
    assigned, classes = np.asarray(predictions), np.asarray(ground_truth)
    labelled_samples = np.asarray(labelled)
    count = int(assigned.max()) + 1 if clusters is None else clusters
    names: Labels = majority_classes(classes[labelled_samples], assigned[labelled_samples], count)
    result: Labels = names[assigned]
    return result


def choose_labelled(ground_truth: ArrayLike, count: int, seed: int = 0) -> Labels:
    """Choose `count` samples to be labelled, as evenly over the classes as possible.

    Examples
    --------
    >>> truth = np.array([0, 0, 0, 1, 1, 2])
    >>> sorted(truth[choose_labelled(truth, 3)].tolist())
    [0, 1, 2]
    """
    classes = np.asarray(ground_truth)
    if not 1 <= count <= len(classes):
        raise ValueError(f"count is {count}: it must be from 1 to the {len(classes)} samples")
    order = np.random.default_rng(seed).permutation(len(classes))
    turn = np.empty(len(classes), np.int64)
    for each in np.unique(classes):
        members = order[classes[order] == each]
        turn[members] = np.arange(len(members))
    selected: Labels = order[np.argsort(turn[order], kind="stable")][:count]
    return selected


def _tensor(images: ArrayLike) -> Tensor:
    return torch.from_numpy(np.array(images, dtype=np.float32))
