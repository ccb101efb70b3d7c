"""Gaussian noise with variance σ² times a unit's activity, like the spike counts of neurons."""

from __future__ import annotations

from torch import Tensor

from napari_lns.segmentation.lns.noise_kind import NoiseKind
from napari_lns.segmentation.lns.noises.gaussian import standard_normal

__all__ = ["poisson"]


def _by_activity(activity: Tensor) -> Tensor:
    return activity.abs().sqrt()


poisson = NoiseKind(standard_normal, _by_activity)
