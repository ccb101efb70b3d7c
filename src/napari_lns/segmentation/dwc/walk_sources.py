"""The first step of DWC: a random walk over an image, from one of three sources."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.models.devices import resolve_device
from napari_lns.models.running import ReadyModel
from napari_lns.segmentation.dwc.affinity import cosines
from napari_lns.segmentation.dwc.attention import Layers
from napari_lns.segmentation.dwc.diffusion import diffusion_walk, load_pipeline
from napari_lns.segmentation.dwc.resampling import interpolation
from napari_lns.segmentation.dwc.settings import DWCSettings
from napari_lns.segmentation.dwc.vit import load_vit, vit_walk
from napari_lns.segmentation.dwc.walks import Walk, transition
from napari_lns.segmentation.segmentation import Segmentation
from napari_lns.segmentation.segmenters.lns import iter_lns

__all__ = [
    "WalkProgress",
    "iter_diffusion_walk",
    "iter_lns_walk",
    "iter_vit_walk",
    "iter_walk",
    "similarity_walk",
]

Array = NDArray[np.float32]

_NOISE_PARAMETERS = ("method", "noise", "relative_noise", "samples")
_MOST_PATCHES = 4096  # patches in the grid; the walk over them is a matrix of 64 MB


@dataclass(frozen=True, eq=False)
class WalkProgress:
    """Progress of the computation of a walk, and at its end the walk.

    Parameters
    ----------
    done, total
        Completed steps and all steps.
    walk
        The walk; None before the last step.
    variance, reconstruction
        Maps from the model, (H, W) and (H, W, 3).
    warnings
        Warnings of the computation.
    used
        Entries for the segmentation's record.
    fit
        Record of how well the image fits the model; None without a model.
    """

    done: int
    total: int
    walk: Walk | None = None
    variance: Array | None = None
    reconstruction: Array | None = None
    warnings: tuple[str, ...] = ()
    used: Mapping[str, Any] = field(default_factory=dict)
    fit: Mapping[str, Any] | None = None


def iter_walk(
    image: Array, model: ReadyModel | None, settings: DWCSettings, *, seed: int, device: str
) -> Iterator[WalkProgress]:
    """Compute the walk from the source in the settings."""
    if settings.source == "vit":
        return iter_vit_walk(image, settings.weights, layers=settings.layers, device=device)
    if settings.source == "diffusion":
        return iter_diffusion_walk(
            image,
            settings.weights,
            time_step=settings.time_step,
            layers=settings.layers,
            seed=seed,
            device=device,
        )
    noise = {name: getattr(settings, name) for name in _NOISE_PARAMETERS}
    sharpness = settings.sharpness
    return iter_lns_walk(image, model, sharpness=sharpness, seed=seed, device=device, **noise)


def iter_lns_walk(
    image: Array, model: ReadyModel | None, *, sharpness: float, **parameters: object
) -> Iterator[WalkProgress]:
    """Compute the walk between pixels with similar responses to latent noise.

    Latent rescaling is disabled: it helps Ward's method but lowers the scores of graph cuts.

    Parameters
    ----------
    image
        (H, W, 3).
    model
        The prepared model.
    sharpness
        Exponent of the cosine of two pixels' responses.
    **asked
        Parameters of `iter_lns`.
    """
    if model is None:
        raise ValueError(
            "source is 'lns': it needs a model (see napari_lns.models.names()); source='vit' and "
            "'diffusion' need none"
        )
    plain = model.without_rescaling()
    # only the features are needed, and one k-means cluster costs nothing
    for progress in iter_lns(image, plain, clusters=1, clusterer="kmeans", **parameters):
        yield WalkProgress(progress.done, progress.total + 1, variance=progress.variance)
    segmentation = progress.segmentation()
    yield WalkProgress(
        progress.total + 1,
        progress.total + 1,
        similarity_walk(segmentation, sharpness),
        segmentation.variance,
        segmentation.reconstruction,
        tuple(segmentation.record["warnings"]),
        {"axes_power": 0.0},
        segmentation.record["fit"],
    )


def similarity_walk(segmentation: Segmentation, sharpness: float = 2.0) -> Walk:
    """Return the walk between pixels of a segmentation with similar features.

    Parameters
    ----------
    segmentation
        A segmentation with features; for more than 4,096 pixels, a coarser grid is used.
    sharpness
        Exponent of the cosine of two pixels' features.

    Examples
    --------
    >>> features = np.eye(2)[[0, 0, 1, 1]]
    >>> result = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), features=features)
    >>> similarity_walk(result).transition[0].tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    features, grid = segmentation.features, segmentation.grid
    assert features is not None
    assert grid is not None
    scale = math.sqrt(_MOST_PATCHES / math.prod(grid))
    if scale < 1:
        coarse = (max(1, int(grid[0] * scale)), max(1, int(grid[1] * scale)))
        features, grid = interpolation(grid, coarse) @ features, coarse
    # pixels that never respond are similar to each other too
    silent = ~features.any(axis=1, keepdims=True)
    return Walk(transition(cosines(np.hstack([features, silent]), power=sharpness)), grid)


def iter_diffusion_walk(
    image: Array, weights: str, *, time_step: int, layers: Layers, seed: int, device: str
) -> Iterator[WalkProgress]:
    """Compute the walk from Stable Diffusion's self-attention; see `diffusion_walk`."""
    yield WalkProgress(0, 1)
    torch_device = resolve_device(device)  # checked before loading gigabytes of weights
    pipeline = _pipeline(
        _require_weights(weights, "diffusion", "stable-diffusion-v1-5/stable-diffusion-v1-5")
    )
    yield WalkProgress(
        1,
        1,
        diffusion_walk(
            image, pipeline, time_step=time_step, layers=layers, seed=seed, device=torch_device
        ),
    )


def iter_vit_walk(
    image: Array, weights: str, *, layers: Layers, device: str
) -> Iterator[WalkProgress]:
    """Compute the walk from a vision transformer's attention; see `vit_walk`."""
    yield WalkProgress(0, 1)
    torch_device = resolve_device(device)
    model = _vit(_require_weights(weights, "vit", "facebook/dino-vits8"))
    yield WalkProgress(1, 1, vit_walk(image, model, layers=layers, device=torch_device))


def _require_weights(weights: str, source: str, example: str) -> str:
    if not weights:
        raise ValueError(
            f"source is {source!r}: it needs weights, the folder or the name of a network such "
            f"as {example!r}"
        )
    return weights


_pipeline = lru_cache(maxsize=1)(load_pipeline)  # gigabytes, so they are read once for many images
_vit = lru_cache(maxsize=1)(load_vit)
