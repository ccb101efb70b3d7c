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
        Source of the network: shipped weights trained on a Good Gestalt set, training from scratch
        on ``this image``, or your own network from a ``file``.
    weights
        For ``file``: path of the weights, or folder of the training run.
    steps
        For ``this image``, as all following parameters: number of training steps.
    reach
        Largest distance of a pixel's neighbours in pixels; larger values give smoother segments.
    evenness
        λ, weight of the marginals' entropy; larger values give segments of more equal size.
    auxiliary
        Number of clusters of the auxiliary head, which helps training; 0 for none.
    copies
        Number of sub-heads, of which the one with the lowest loss is used.
    width
        Factor on the paper's numbers of channels.
    sobel
        Whether the network's input is grey values and Sobel gradients instead of colour.
    zoom
        Smallest crop, as a share of the image's side.
    flip
        Whether transformed versions are mirrored; disable it to distinguish left and right tilt.
    jitter
        Amount of change in brightness, contrast, saturation and hue.
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
            f"image has {image.shape[0]} × {image.shape[1]} pixels: IIC needs at least "
            f"{SMALLEST_SIDE} × {SMALLEST_SIDE}"
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
            f"cut again; use clusters={outputs} or 'auto', or train one with {clusters}"
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
        curve = [list(point) for point in step.curve]  # lists, as in JSON
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
            f"clusters is {clusters!r}: the number of segments is the network's number of outputs; "
            "give 2 or more to train one on this image"
        )
    return clusters
