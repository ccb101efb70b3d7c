"""Invariant information clustering as a segmenter; its parameters are those of `IICParameters`.

This module imports no torch, so that a widget can list the parameters at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Range, accept_settings
from napari_lns.segmentation.clustering.tree import number_largest_first
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation
from napari_lns.segmentation.segmenters import FunctionSegmenter

if TYPE_CHECKING:
    from napari_lns.models.iic import IICNetwork, IICSettings

__all__ = ["IICParameters", "iic", "iter_iic"]

SMALLEST_SIDE = 8

Image = NDArray[np.float32]
Source = Literal[
    "kanizsa",
    "closure",
    "continuity",
    "proximity",
    "gradient_occlusion",
    "illusory_occlusion",
    "this image",
    "file",
]


@dataclass(frozen=True)
class IICParameters:
    """Invariant information clustering (Ji, Henriques & Vedaldi, ICCV 2019).

    The number of segments is the network's number of outputs: there is no merge tree to cut again.

    Parameters
    ----------
    source
        Where the network comes from: shipped weights, trained on a Good Gestalt set; trained from
        scratch on ``this image`` alone; or one that you trained, from a ``file``.
    weights
        For ``file``: the weights, or the folder of the training run.
    steps
        For ``this image``: steps of training; so too all that follows.
    reach
        How far away a pixel's neighbours are taken: larger, smoother.
    evenness
        λ, the weight of the marginals' entropy: larger, groups of more even size.
    auxiliary
        Clusters of the auxiliary head, a training aid; 0 for none.
    copies
        Sub-heads; the one with the lowest loss answers.
    width
        A factor on the paper's numbers of channels.
    sobel
        Whether the network takes grey values and their slopes in place of colour.
    zoom
        The smallest crop, as a share of the image's side.
    flip
        Whether versions are mirrored: not where left and right tilt shall be told apart.
    jitter
        How much brightness, contrast, saturation and hue of versions change.
    """

    source: Source = "kanizsa"
    weights: str = ""
    steps: Annotated[int, Range(1, 100_000)] = 150
    reach: Annotated[int, Range(0, 20, "px")] = 5
    evenness: Annotated[float, Range(0.5, 5)] = 1.0
    auxiliary: Annotated[int, Range(0, 100)] = 0
    copies: Annotated[int, Range(1, 10)] = 5
    width: Annotated[float, Range(0.0625, 1)] = 0.125
    sobel: bool = False
    zoom: Annotated[float, Range(0.3, 1)] = 0.7
    flip: bool = False
    jitter: Annotated[float, Range(0, 0.9)] = 0.2

    def settings(self, clusters: int, seed: int, side: int) -> IICSettings:
        """Return the settings for training on one image with a shorter side of `side` pixels."""
        from napari_lns.models.iic import IICSettings, Transform

        return IICSettings(
            clusters=clusters,
            seed=seed,
            steps=self.steps,
            batch=8,
            reach=min(self.reach, side - 1),
            evenness=self.evenness,
            auxiliary=self.auxiliary,
            copies=self.copies,
            width=self.width,
            sobel=self.sobel,
            transform=Transform(zoom=(self.zoom, 1.0), flip=self.flip, jitter=self.jitter),
        )


@accept_settings(IICParameters)
def iter_iic(
    image: Image,
    model: None,
    *,
    clusters: int | str,
    seed: int,
    device: str,
    settings: IICParameters,
) -> Iterator[Progress]:
    """Invariant information clustering (Ji, Henriques & Vedaldi, ICCV 2019).

    The number of segments is the network's number of outputs: there is no merge tree to cut again.

    Parameters
    ----------
    image
        The image, (H, W, 3).
    model
        None: this method has its own networks.
    clusters
        Number of segments: the network's number of outputs, or ``"auto"`` for the same; for
        ``this image``, the number of outputs to train.
    seed
        Seed of weights and transforms, for ``this image``.
    device
        Device to run on.

    Returns
    -------
    iterator of Progress
    """
    side = min(image.shape[:2])
    if side < SMALLEST_SIDE:
        raise ValueError(
            f"image has {image.shape[0]} × {image.shape[1]} pixels: IIC needs "
            f"{SMALLEST_SIDE} × {SMALLEST_SIDE} at least"
        )
    if settings.source == "this image":
        return _train_on_image(
            image, settings.settings(_check_outputs(clusters), seed, side), device
        )
    weights = settings.weights if settings.source == "file" else settings.source
    return _apply_network(image, clusters, device, weights)


def _own_networks() -> list[str]:
    from napari_lns.models import iic

    return iic.names()


iic = FunctionSegmenter(
    "iic",
    "Invariant information (IIC)",
    iter_iic,
    has_tree=False,
    needs_model=False,
    own_networks=_own_networks,
)


def _apply_network(
    image: Image, clusters: int | str, device: str, weights: str
) -> Iterator[Progress]:
    """Segment an image with a trained network."""
    from napari_lns.models.devices import resolve_device
    from napari_lns.models.iic import load

    network = load(weights)
    outputs = network.main.clusters
    if clusters not in ("auto", outputs):
        raise ValueError(
            f"clusters is {clusters}: this IIC network has {outputs} outputs, and no merge tree to "
            f"cut elsewhere; take clusters={outputs} or 'auto', or train one with {clusters}"
        )
    network.to(resolve_device(device))
    yield Progress(1, 1, finish=partial(_segmentation, network, image, time.monotonic()))


def _train_on_image(image: Image, settings: IICSettings, device: str) -> Iterator[Progress]:
    """Train a network on an image and segment the image, step by step."""
    from napari_lns.models.devices import resolve_device
    from napari_lns.models.iic import iter_train
    from napari_lns.models.iic.data import as_batch

    start = time.monotonic()
    for step in iter_train(settings, as_batch(image), device=str(resolve_device(device))):
        curve = [list(point) for point in step.curve]  # lists, as JSON gives them back
        finish = partial(_segmentation, step.network, image, start, curve)
        yield Progress(step.step, step.steps, finish=finish)


def _segmentation(
    network: IICNetwork, image: Image, start: float, curve: Sequence[Any] = ()
) -> Segmentation:
    from napari_lns.models.iic import probabilities

    answers = probabilities(network, image)
    labels = number_largest_first(answers.argmax(axis=0))
    present, outputs = int(labels.max()), network.main.clusters
    missing = f"only {present} of the network's {outputs} clusters occur in this image"
    record: dict[str, Any] = {
        "used": {"clusters": present, "outputs": outputs, "curve": list(curve), **_origin(network)},
        "seconds": {"all": round(time.monotonic() - start, 3)},
        "warnings": [missing] if present < outputs else [],
    }
    features = answers.reshape(outputs, -1).T
    return Segmentation(image, labels, record, features=features)


def _origin(network: IICNetwork) -> dict[str, Any]:
    return {key: network.card[key] for key in ("name", "hash", "settings") if key in network.card}


def _check_outputs(clusters: int | str) -> int:
    if isinstance(clusters, str) or clusters < 2:
        raise ValueError(
            f"clusters is {clusters!r}: IIC has as many groups as its network has outputs, so give "
            "a number from 2 on to train one on this image"
        )
    return clusters
