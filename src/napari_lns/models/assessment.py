"""`assess`: judge from its reconstruction whether an image fits a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns._levels import Level, percent
from napari_lns.models.card import Card

__all__ = ["Assessment", "assess", "unexplained_variance"]

FLAT = 1e-10  # variance below which an image has one colour: far below a step of 8-bit values
MEASURE = "`napari-lns models limits` measures it"


@dataclass(frozen=True)
class Assessment:
    """The result of `assess`: how well an image fits a network.

    Parameters
    ----------
    level
        Whether the segmentation can be trusted.
    unexplained
        Share of the image's variance that the reconstruction leaves unexplained.
    sentence
        The reason, and what to do; without a full stop.
    """

    level: Level
    unexplained: float
    sentence: str

    @property
    def record(self) -> dict[str, Any]:
        """The assessment in a JSON-compatible form."""
        share = self.unexplained if math.isfinite(self.unexplained) else None
        return {"level": self.level.value, "unexplained": share, "sentence": self.sentence}

    def __str__(self) -> str:
        """Return the level and the sentence."""
        return f"{self.level.value}: {self.sentence}"


def unexplained_variance(image: ArrayLike, reconstruction: ArrayLike) -> float:
    """Compute the share of an image's variance that its reconstruction leaves unexplained.

    This is the squared error divided by the variance of the pixels, both summed over channels. It
    is 0 for a perfect reconstruction, 1 for an image of the mean colour, and larger for worse
    reconstructions.

    Parameters
    ----------
    image, reconstruction
        Images (H, W, 3).

    Returns
    -------
    float
        The share; infinite if all pixels of the image have one colour.

    Examples
    --------
    >>> halves = np.repeat([[[0.0], [1.0]]], 3, axis=2)
    >>> unexplained_variance(halves, halves), unexplained_variance(halves, halves * 0 + 0.5)
    (0.0, 1.0)
    """
    pixels: NDArray[np.float64] = np.asarray(image, np.float64)
    error = float(np.square(pixels - np.asarray(reconstruction, np.float64)).mean())
    variance = float(pixels.var(axis=(0, 1)).mean())
    return error / variance if variance > FLAT else math.inf


def assess(card: Card | None, image: ArrayLike, reconstruction: ArrayLike) -> Assessment:
    """Assess how well an image fits a network.

    Parameters
    ----------
    card
        Card of the network. Its `limits` were measured on images with known ground truth. Without
        limits, an image is out of distribution if its reconstruction error is unusually large.
    image, reconstruction
        Images (H, W, 3) of the network's image size.

    Returns
    -------
    Assessment
        Level, unexplained share and explanation.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> black = np.zeros((64, 64, 3))
    >>> assess(load("kanizsa-ae").card, black, black).sentence
    'all pixels of the image have one colour: there is nothing to segment'
    """
    share = unexplained_variance(image, reconstruction)
    if math.isinf(share):
        sentence = "all pixels of the image have one colour: there is nothing to segment"
        return Assessment(Level.OUT, share, sentence)
    if card is None:
        sentence = (
            f"the network has no card, so whether its segments are right is unknown; {MEASURE}"
        )
        return Assessment(Level.UNKNOWN, share, sentence)
    if card.limits is None:
        error = float(np.square(np.asarray(image) - np.asarray(reconstruction)).mean())
        return Assessment(*_assess_by_error(card, error, share))
    return Assessment(*_assess_by_limits(card, share))


def _assess_by_limits(card: Card, share: float) -> tuple[Level, float, str]:
    limits = card.limits
    assert limits is not None
    measurement = f"the reconstruction leaves {percent(share)} of the image's variance unexplained"
    if share <= limits.fits:
        conclusion = f"up to {percent(limits.fits)} most segmentations by {card.name} are right"
        return Level.FITS, share, f"{measurement}; {conclusion}"
    if share > limits.out:
        conclusion = f"beyond {percent(limits.out)} hardly any segmentation by {card.name} is right"
        return (
            Level.OUT,
            share,
            f"{measurement}; {conclusion}: choose another network, or train one",
        )
    conclusion = (
        f"up to {percent(limits.fits)} most segmentations by {card.name} are right"
        if limits.fits
        else f"{card.name} segments only {percent(limits.right)} of its own stimuli right"
    )
    return Level.DOUBTFUL, share, f"{measurement}; {conclusion}: compare with a control"


def _assess_by_error(card: Card, error: float, share: float) -> tuple[Level, float, str]:
    if error > card.error_99:
        times = f"{error / card.error_99:.3g} × " if card.error_99 else "above "
        text = (
            f"the reconstruction error {error:.3g} is {times}the 99th percentile on the network's "
            "training images: choose another network, or train one"
        )
        return Level.OUT, share, text
    text = f"whether segmentations by {card.name} are right was not measured; {MEASURE}"
    return Level.UNKNOWN, share, text
