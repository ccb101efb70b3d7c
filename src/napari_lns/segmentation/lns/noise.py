"""The noise: its standard deviation σ, its distribution and its draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.segmentation.lns.noise_kind import NOISE_KINDS

if TYPE_CHECKING:
    from napari_lns.models.card import Card

__all__ = ["PAPERS_SIGMA", "Noise", "resolve_sigma"]

PAPERS_SIGMA = 0.001
MOST_SIGMA = 1e6  # far beyond any latents; the largest float32 is 3e38


@dataclass(frozen=True)
class Noise:
    """Independent noise with mean zero on every unit of a layer.

    Parameters
    ----------
    sigma
        Standard deviation σ.
    kind
        A name in `NOISE_KINDS`.
    unit_scale
        Factor on σ for each unit, or for each channel of a layer of maps.

    Examples
    --------
    >>> Noise(0.5, "poisson").unit_sigmas(torch.tensor([[4.0, 0.0]])).tolist()
    [[1.0, 0.0]]
    """

    sigma: float
    kind: str = "gaussian"
    unit_scale: tuple[float, ...] | None = None

    def unit_sigmas(self, activity: Tensor) -> Tensor:
        """Return the standard deviation for each unit of a layer's activity (1, units, …)."""
        spread = torch.full_like(activity, self.sigma)
        scale = NOISE_KINDS[self.kind].scale
        if scale is not None:
            spread = spread * scale(activity)
        return spread if self.unit_scale is None else spread * self._scale(activity)

    def draws(
        self, generator: np.random.Generator, count: int, units: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """Draw noise of standard deviation 1, (count, units, …), from a random generator."""
        return NOISE_KINDS[self.kind].draw(generator, (count, *units))

    def _scale(self, activity: Tensor) -> Tensor:
        assert self.unit_scale is not None
        units, factors = activity.shape[1], self.unit_scale
        if len(factors) != units or not all(math.isfinite(each) and each >= 0 for each in factors):
            raise ValueError(
                f"unit_scale holds {len(factors)} numbers: it must hold {units}, one for each unit "
                "(or channel) of the noisy layer, each 0 or more"
            )
        scale = torch.tensor(factors, dtype=activity.dtype, device=activity.device)
        return scale.reshape(1, units, *[1] * (activity.ndim - 2))


def resolve_sigma(card: Card | None, noise: float | None, relative_noise: float | None) -> float:
    """Return σ: as given, relative to the latent SD, from the card, or as in the paper.

    Parameters
    ----------
    card
        The model's card, or None.
    noise, relative_noise
        σ, or σ as a multiple of the latent SD; at most one of them.

    Returns
    -------
    float

    Examples
    --------
    >>> resolve_sigma(None, None, None)
    0.001
    """
    if noise is not None and relative_noise is not None:
        raise ValueError("noise and relative_noise are both given: give only one")
    if noise is not None:
        return _check_sigma("noise", noise)
    if relative_noise is None:
        card_noise = getattr(card, "noise", None)
        if card_noise is None or math.isnan(getattr(card, "latent_spread", 0.0)):
            return PAPERS_SIGMA
        return _check_sigma("the noise of the model's card", card_noise)
    spread = getattr(card, "latent_spread", None)
    if spread is None or not math.isfinite(spread):
        raise ValueError(
            "relative_noise needs the SD of the model's latents, and the model has no card that "
            "contains it: give noise, an absolute σ, instead"
        )
    return _check_sigma("relative_noise × the latents' SD", relative_noise * float(spread))


def _check_sigma(name: str, value: float) -> float:
    if not 0 < value <= MOST_SIGMA:
        raise ValueError(
            f"{name} is {value!r}: it must be a number above 0, and {MOST_SIGMA:g} or less"
        )
    return float(value)
