"""Scoring a model: how well its groups agree with the truth, over many stimuli, quickly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from napari_lns.segmentation.api import segment_many
from napari_lns.segmentation.measures import adjusted_rand_index
from napari_lns.segmentation.ready import made_ready
from napari_lns.stimuli import Stimulus

__all__ = ["ari_over", "latent_spread"]


def ari_over(
    model: Any,
    stimuli: Sequence[Stimulus],
    *,
    method: str = "smoothed",
    relative_noise: float | None = None,
    noise: float | None = None,
    samples: int = 80,
    seed: int = 0,
    **parameters: Any,
) -> NDArray[np.float64]:
    """Score a model's segmentations of stimuli, each cut at its true number of groups.

    Parameters
    ----------
    model
        A model, or its name. In a training run it may be in training mode, and is not changed.
    stimuli
        Stimuli with true labels.
    method, noise, samples, seed, **parameters
        As for `segment`.
    relative_noise
        σ over the spread of the latents; a model without a card is measured on these stimuli.

    Returns
    -------
    array of float64
        One adjusted Rand index for each stimulus.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> halves = np.repeat([[0, 1]], 64, axis=0).repeat(32, axis=1)
    >>> stimulus = Stimulus(np.zeros((64, 64, 3)), halves, {0: "left", 1: "right"})
    >>> ari_over(AutoEncoder(), [stimulus], method="exact").shape
    (1,)
    """
    ready = made_ready(model, parameters.get("device", "auto"))
    if relative_noise is not None and ready.card is None:
        spread = latent_spread(ready, (stimulus.image for stimulus in stimuli))
        noise, relative_noise = relative_noise * spread, None
    found = segment_many(
        stimuli,
        ready,
        method=method,
        noise=noise,
        relative_noise=relative_noise,
        samples=samples,
        seed=seed,
        clusters=2,
        **parameters,
    )
    return np.array(
        [
            adjusted_rand_index(stimulus.labels, each.cut(len(np.unique(stimulus.labels))))
            for stimulus, each in zip(stimuli, found, strict=True)
        ]
    )


@torch.inference_mode()
def latent_spread(model: Any, images: Iterable[NDArray[np.float32]]) -> float:
    """Give √(mean over latent units of their variance over images): what relative noise is of.

    Parameters
    ----------
    model
        A model, or its name.
    images
        At least two (H, W, 3), of the size that the network takes.

    Returns
    -------
    float
    """
    ready = made_ready(model)
    rows = [
        ready.encode(torch.tensor(image).permute(2, 0, 1)[None].to(ready.device)).flatten()
        for image in images
    ]
    if len(rows) < 2:
        raise ValueError(f"images are {len(rows)}: the latents' spread needs at least two")
    return float(torch.stack(rows).var(0).mean().sqrt())
