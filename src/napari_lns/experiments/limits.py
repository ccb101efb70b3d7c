"""Limits on a network's card: unexplained variance up to which its segmentations are right.

A network segments held-out images: its own stimuli, their controls and the stimuli of all other
worlds. An isotonic regression of correctness on the unexplained variance gives the two limits,
where two thirds and one third of the segmentations are right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.elements import segment_elements_apart
from napari_lns.experiments.scoring import main_score, true_clusters
from napari_lns.experiments.worlds import draws
from napari_lns.models import AutoEncoder, Card, Limits
from napari_lns.models.running import ReadyModel, prepare_model
from napari_lns.segmentation import Segmentation, segment
from napari_lns.stimuli import Stimulus, worlds

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["RIGHT", "Case", "cases", "derive_limits", "measure_limits", "own_stimuli"]

SEED = 610_000  # of the images that limits are measured on; no score is reported on them
# ARI at and above which a segmentation counts as right; few scores are near it (docs/limits.md)
RIGHT = 0.6
UPPER_SHARE, LOWER_SHARE = 2 / 3, 1 / 3  # shares of right segmentations at the two limits
USUAL = 0.9  # quantile of the unexplained variance of a network's own stimuli that still fits
MARGIN = 1.25  # factor on the largest value in a small sample of own stimuli; others may exceed it
SMALLEST_SHARE = 1e-6  # smallest limit: lower unexplained variance does not predict better segments


@dataclass(frozen=True, eq=False)
class Case:
    """One image, segmented by a network.

    Parameters
    ----------
    stimulus
        The image with its ground truth.
    own
        Whether the network was trained on the stimulus's world.
    control
        Whether it is a control.
    segmentation
        Segmentation into the true number of segments.
    """

    stimulus: Stimulus
    own: bool
    control: bool
    segmentation: Segmentation

    @property
    def unexplained_share(self) -> float:
        """Share of the image's variance that the reconstruction does not explain."""
        share = self.segmentation.record["fit"]["unexplained"]
        return math.inf if share is None else float(share)

    @property
    def right(self) -> bool:
        """Return whether the segmentation agrees with the ground truth."""
        return main_score(self.stimulus, self.segmentation.labels) >= RIGHT


def own_stimuli(card: Card) -> list[str]:
    """List the stimuli on whose worlds a network was trained.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> own_stimuli(load("kanizsa-ae").card)
    ['kanizsa']
    """
    data = {*([card.world] if card.world else []), *card.data}
    names = {*stimuli.names(), *worlds.names()}
    return sorted({worlds.find_stimulus(name) for name in data & names} & {*stimuli.names()})


def cases(
    model: ModelLike,
    *,
    count: int = 16,
    others: int = 1,
    seed: int = SEED,
    report: Report = ignore_share,
) -> Iterator[Case]:
    """Segment a network's own stimuli with their controls, and the stimuli of other worlds.

    If the network's outputs are averaged over elements, images that this averaging segments right
    without a network are left out: they do not show whether the network fits.

    Parameters
    ----------
    model
        The network, with a card that names its stimuli.
    count
        Total number of pairs of its own stimuli and their controls.
    others
        Number of images of each other stimulus.
    seed
        Seed of the first draw.
    report
        Receives the completed share.

    Yields
    ------
    Case

    Examples
    --------
    >>> [case.control for case in cases("kanizsa-ae", count=1, others=0)]
    [False, True]
    """
    prepared = prepare_model(model, "cpu")
    images = list(_images(prepared, count, others, seed))
    for stimulus, own, control in report_each(images, len(images), report):
        clusters = true_clusters(stimulus)
        segmentation = segment(stimulus, prepared, clusters=clusters, method="exact")
        if not _is_right_by_averaging(stimulus, segmentation, clusters):
            yield Case(stimulus, own, control, segmentation)


def _is_right_by_averaging(stimulus: Stimulus, segmentation: Segmentation, clusters: int) -> bool:
    if segmentation.record["used"]["averaging"] != "elements":
        return False
    apart = segment_elements_apart(stimulus, clusters, averaging="elements")
    return main_score(stimulus, apart) >= RIGHT


def measure_limits(
    network: AutoEncoder, card: Card, *, count: int = 16, report: Report = ignore_share
) -> Card:
    """Measure a network's limits and return its card with them.

    Parameters
    ----------
    network
        The network with rescaled latents.
    card
        Card of the network, which must be trained on stimuli with ground truth.
    count
        Number of its own stimuli, each with its control.
    report
        Receives the completed share.

    Returns
    -------
    Card

    Raises
    ------
    ValueError
        If the network's training data have no ground truth.
    """
    if not own_stimuli(card):
        raise ValueError(
            f"{card.name} was trained on {', '.join(card.data) or 'what its card does not name'}: "
            "limits need stimuli, whose ground truth is known"
        )
    network.card = card
    measured_cases = list(cases(network, count=count, report=report))
    return replace(card, limits=derive_limits(measured_cases))


def derive_limits(measured_cases: Sequence[Case]) -> Limits:
    """Compute the limits from cases.

    Images like the network's own stimuli are never out of distribution, even if it segments them
    badly: the upper limit is at least the largest unexplained variance among them, with a margin.
    If two thirds of them are right, nine in ten of them fit; if fewer than a third are right, no
    image fits.

    Parameters
    ----------
    measured_cases
        Results of `cases`.

    Returns
    -------
    Limits
    """
    shares = np.array([case.unexplained_share for case in measured_cases])
    right = np.array([case.right for case in measured_cases], dtype=float)
    own = np.array([case.own and not case.control for case in measured_cases])
    fits = _crossing(shares, right, UPPER_SHARE)
    if right[own].mean() >= UPPER_SHARE:
        fits = max(fits, float(np.quantile(shares[own], USUAL)))
    elif right[own].mean() < LOWER_SHARE:
        fits = 0.0
    largest = MARGIN * float(shares[own].max())
    out = max(_crossing(shares, right, LOWER_SHARE), largest, fits)
    return Limits(_round(fits), _round(out), _round(float(right[own].mean())), len(measured_cases))


def _images(
    prepared: ReadyModel, count: int, others: int, seed: int
) -> Iterator[tuple[Stimulus, bool, bool]]:
    own = [] if prepared.card is None else own_stimuli(prepared.card)
    each = -(-count // len(own)) if own else 0
    for name in stimuli.names():
        number = each if name in own else others
        for pair in _draw_pairs(name, number, seed, prepared.image_size):
            for place, stimulus in enumerate(pair if name in own else pair[:1]):
                if true_clusters(stimulus) > 1:  # a single segment has no score
                    yield stimulus, name in own, place > 0


@lru_cache(maxsize=64)  # networks share the same stimuli
def _draw_pairs(
    name: str, count: int, seed: int, size: tuple[int, int] | None
) -> list[tuple[Stimulus, ...]]:
    return list(draws(name, count, seed, size))


def _crossing(shares: NDArray[np.float64], right: NDArray[np.float64], level: float) -> float:
    """Return where the share of right segmentations falls below a level; 0 if it is below it."""
    from sklearn.isotonic import IsotonicRegression

    x = np.log(np.maximum(shares, SMALLEST_SHARE))
    order = np.argsort(x)
    x = x[order]
    curve = IsotonicRegression(increasing=False).fit_transform(x, right[order])
    above = np.flatnonzero(curve >= level)
    if not len(above):
        return 0.0
    last = int(above[-1])
    if last + 1 == len(x):
        return float(np.exp(x[last]))
    part = (curve[last] - level) / (curve[last] - curve[last + 1])
    return float(np.exp(x[last] + part * (x[last + 1] - x[last])))


def _round(value: float) -> float:
    return float(f"{value:.3g}")
