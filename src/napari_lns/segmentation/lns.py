"""Latent Noise Segmentation as a segmenter: its parameters, each with its range and meaning.

This module imports no torch, so that a widget can list the parameters at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Range
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmenters import FunctionSegmenter
from napari_lns.segmentation.settings import LATENT, Settings

__all__ = ["LNS", "iter_lns"]


def iter_lns(
    image: NDArray[np.float32],
    model: Any,
    *,
    clusters: int | str,
    seed: int,
    device: str,
    method: Literal["sampled", "smoothed", "exact"] = "sampled",
    noise: Annotated[float, Range(1e-9, None)] | None = None,
    relative_noise: Annotated[float, Range(1e-9, None)] | None = None,
    samples: Annotated[int, Range(2, 100_000)] = 80,
    noise_kind: Literal["gaussian", "uniform", "poisson"] = "gaussian",
    noise_layer: str = LATENT,
    unit_scale: Sequence[float] | None = None,
    neighbourhood: Annotated[int, Range(1, 15, "px")] = 1,
    clusterer: Literal[
        "ward", "approximate_ward", "average", "kmeans", "gaussian_mixture", "spectral", "density"
    ] = "ward",
    criterion: Literal["gap", "silhouette", "eigengap"] = "gap",
    fit: Literal["resize", "pad"] = "resize",
    repeats: Annotated[int, Range(0, 1000)] = 0,
    repeat_over: Literal["seeds", "samples"] = "seeds",
    keep_outputs: bool = False,
    batch: Annotated[int, Range(2, None)] | None = None,
) -> Iterator[Progress]:
    """Latent Noise Segmentation (Lonnqvist, Wu & Herzog, ICML 2024).

    Parameters
    ----------
    image
        The image, (H, W, 3).
    model
        The model, as a `ReadyModel`.
    clusters
        Number of segments, or ``"auto"``.
    seed
        Random seed.
    device
        Where to run; the model is there already.
    method
        ``sampled`` is the paper's: differences of noisy outputs. ``smoothed`` regresses the
        outputs on the noise: less random for as many decodes. ``exact`` uses no noise: the
        decoder's derivative, the limit of both for small noise.
    noise
        Standard deviation σ of the noise. If neither it nor relative_noise is given, σ is that
        of the model's card, and without a card 0.001, as in the paper.
    relative_noise
        σ relative to the standard deviation of the model's latents over training images.
    samples
        Number of noisy outputs (N); the exact method needs none.
    noise_kind
        ``poisson`` has a variance that grows with a unit's activity, as in neurons that count
        spikes.
    noise_layer
        Where the noise goes in: ``latent``, the name of one of the decoder's layers, or
        ``output``, the paper's control: noise on the pixels themselves.
    unit_scale
        A factor on σ for each unit, or channel, of the noisy layer.
    neighbourhood
        Side of the square of pixels over which features are averaged before clustering; 1 for
        none, as in the paper.
    clusterer
        How pixels are clustered by their features; the paper uses ``ward``. ``approximate_ward``
        takes seconds where Ward takes minutes, and reports its error in the record.
    criterion
        How ``clusters="auto"`` estimates the number of segments.
    fit
        What to do with an image of another size than the network's: ``resize`` stretches it,
        ``pad`` keeps its proportions and repeats its border around it.
    repeats
        Number of repeated runs with other noise, for the map of uncertainty.
    repeat_over
        What is drawn anew in a repeat: all noise (``seeds``), or which of the run's own
        differences are taken (``samples``, the bootstrap: quicker, for ``sampled`` only).
    keep_outputs
        Save the noisy outputs with the result.
    batch
        Images decoded at once; chosen by device and image size if not given.

    Returns
    -------
    iterator of Progress
    """
    from napari_lns.segmentation.engine import run

    settings = Settings(
        clusters=clusters,
        seed=seed,
        method=method,
        noise=noise,
        relative_noise=relative_noise,
        samples=samples,
        noise_kind=noise_kind,
        noise_layer=noise_layer,
        unit_scale=None if unit_scale is None else tuple(map(float, unit_scale)),
        neighbourhood=neighbourhood,
        clusterer=clusterer,
        criterion=criterion,
        fit=fit,
        repeats=repeats,
        repeat_over=repeat_over,
        keep_outputs=keep_outputs,
        batch=batch,
    )
    return run(image, model, settings)


LNS = FunctionSegmenter("lns", "Latent noise (LNS)", iter_lns, has_tree=True, needs_model=True)
