"""Calibration: choice of latent rescaling, method and noise of a model on held-out images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from napari_lns._progress import Report, ignore_share, report_each, split_report
from napari_lns.experiments.elements import segment_elements_apart
from napari_lns.experiments.held_out import check_calibratable, held_out_stimuli
from napari_lns.experiments.scoring import (
    ELEMENTS,
    Score,
    main_score,
    main_scores,
    true_clusters,
)
from napari_lns.models import AutoEncoder, Card, rescale_latents
from napari_lns.models.kinds import COMPACT
from napari_lns.segmentation.lns.settings import LNSSettings
from napari_lns.stimuli import Stimulus

__all__ = ["calibrate", "choices"]

NEIGHBOURHOODS = (1, 3, 5, 7, 9, 11, 13)  # pixels
BORDERS = (0, 1, 2)  # pixels
MIN_WIDTHS = (0, 5, 7)  # pixels; elements are narrower
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the pixels' votes for the latents' axes
NOISES = (0.01, 0.02, 0.05, 0.1, 0.2)  # σ as a share of the latents' spread
FINE_NOISES = (0.01, 0.001, 0.0001)  # the same, where samples are to equal the exact method
Table = list[tuple[dict[str, Any], Score]]  # choices, and the scores with them


def choices(latent_size: int = 15, kind: str = "ae") -> Iterator[dict[str, Any]]:
    """Yield the methods and noise levels to try on a network.

    For compact networks this is only the exact method, because the others take ten times as long.
    The smoothed method needs two samples for each latent unit; it is left out if it would need
    more than the default number of samples.

    Examples
    --------
    >>> next(choices())
    {'method': 'exact'}
    """
    yield {"method": "exact"}
    if kind in COMPACT:
        return
    enough = 2 * latent_size <= LNSSettings().samples
    for method in ("smoothed", "sampled") if enough else ("sampled",):
        for noise in NOISES:
            yield {"method": method, "relative_noise": noise}


def calibrate(
    network: AutoEncoder, card: Card, *, count: int = 40, report: Report = ignore_share
) -> AutoEncoder:
    """Choose how a network's latents are rescaled, over what outputs are averaged, and the noise.

    Each choice is the one that segments held-out images best: first, for compact networks, what
    outputs are averaged over (a neighbourhood, or elements where the images have them), if
    averaging without a network reaches at most half of the score; then the width
    of the borders at which pixels are reassigned, with the least power of the latents' rescaling
    whose score is within a standard error of the best; then the least width of segments, all with
    the exact method; then method and noise. Compact networks take the exact method, and as noise
    the most with which samples segment as well, within a standard error.

    Parameters
    ----------
    network
        The network.
    card
        Card of the network; its training data must have ground truth.
    count
        Number of held-out images.
    report
        Receives the completed share.

    Returns
    -------
    AutoEncoder
        The network with rescaled latents; its card holds the choices and all scores.
    """
    check_calibratable(card.data, card.name, card.training)
    network.card = card
    images = held_out_stimuli(card, count)
    over_elements = {images[0].name} <= ELEMENTS
    averages = [{"averaging": "neighbourhood", "neighbourhood": size} for size in NEIGHBOURHOODS]
    if over_elements:
        averages.append({"averaging": "elements", "neighbourhood": 1})
    if network.kind not in COMPACT:
        averages = averages[:1]
    powers = POWERS if card.votes else (card.axes_power,)
    widths = MIN_WIDTHS[:1] if over_elements else MIN_WIDTHS
    methods = list(choices(network.latent_size, network.kind))
    runs = len(averages) + len(BORDERS) * len(powers) + len(widths) + len(methods)
    runs += len(FINE_NOISES) * (network.kind in COMPACT)
    score = _scorer(images, split_report(report, [1] * runs))

    average, by_average = _choose_average(network, averages, images, score)
    best, border_width, by_variant = _choose_rescaling(network, powers, average, score)
    shared: dict[str, Any] = {**average, "border_width": border_width}
    by_width = [
        ({"min_width": width}, score(best, method="exact", min_width=width, **shared))
        for width in widths
    ]
    shared |= _best(by_width)[0]
    by_method = [(choice, score(best, **shared, **choice)) for choice in methods]
    chosen, highest = _best(by_method)
    noise = chosen.get("relative_noise", NOISES[0])
    if network.kind in COMPACT:
        noise, by_noise = _choose_noise(best, shared, highest, score)
        by_method += by_noise
        report(1.0)  # the first noise is often enough
    best.card = replace(
        best.card or card,
        method=chosen["method"],
        relative_noise=noise,
        **shared,
        scores={
            **card.scores,
            "own draws": asdict(highest),
            "over figures only": over_elements,
            "neighbourhoods": _rows(by_average),
            "axes": _rows(by_variant),
            "min_widths": _rows(by_width),
            "calibration": _rows(by_method),
        },
    )
    return best


def _scorer(images: Sequence[Stimulus], shares: Iterator[Report]) -> Callable[..., Score]:
    """Return a function that scores a network with given parameters on images."""

    def score(network: AutoEncoder, **parameters: object) -> Score:
        reported = report_each(images, len(images), next(shares))
        return Score.from_values(main_scores(reported, network, **parameters))

    return score


def _choose_average(
    network: AutoEncoder,
    averages: Sequence[dict[str, Any]],
    images: Sequence[Stimulus],
    score: Callable[..., Score],
) -> tuple[dict[str, Any], Table]:
    """Choose what is averaged over; the first choice where averaging alone explains the scores."""
    table = [(average, score(network, method="exact", **average)) for average in averages]
    worthwhile = [
        (average, each)
        for average, each in table
        if each.mean >= 2 * _averaging_score(images, average)
    ]
    return (_best(worthwhile)[0] if worthwhile else averages[0]), table


def _choose_rescaling(
    network: AutoEncoder,
    powers: Sequence[float],
    average: Mapping[str, Any],
    score: Callable[..., Score],
) -> tuple[AutoEncoder, int, Table]:
    """Choose the power of the latent rescaling together with the width of borders."""
    card = network.card
    by_power = {
        power: rescale_latents(network, power) if card and card.votes else network
        for power in powers
    }
    table = [
        (
            {"power": power, "border_width": width},
            score(each, method="exact", border_width=width, **average),
        )
        for width in BORDERS
        for power, each in by_power.items()
    ]
    best, highest = _best(table)
    width = best["border_width"]
    good = [
        choice["power"]
        for choice, each in table
        if choice["border_width"] == width and _is_as_good(each, highest)
    ]
    return by_power[min(good)], width, table


def _choose_noise(
    network: AutoEncoder,
    shared: Mapping[str, Any],
    exact: Score,
    score: Callable[..., Score],
) -> tuple[float, Table]:
    """Choose the most noise with which samples segment as well as the exact method."""
    table: Table = []
    for noise in FINE_NOISES:
        sampling = {"method": "sampled", "relative_noise": noise}
        table.append((sampling, score(network, **shared, **sampling)))
        if _is_as_good(table[-1][1], exact):
            break
    return noise, table


def _is_as_good(score: Score, best: Score) -> bool:
    """Return whether a mean is within a standard error of the best: the rule of one error."""
    return score.mean >= best.mean - best.standard_error


def _best(table: Table) -> tuple[dict[str, Any], Score]:
    """Return the first choice with the highest mean score, and its score."""
    return max(table, key=lambda row: row[1].mean)


def _rows(table: Table) -> list[dict[str, Any]]:
    """Return a table of choices and scores in a JSON-compatible form."""
    return [{**choice, **asdict(score)} for choice, score in table]


def _averaging_score(images: Sequence[Stimulus], average: Mapping[str, Any]) -> float:
    """Return the mean score of averaging alone on elements; 0 for other stimuli."""
    elements = [each for each in images if each.name in ELEMENTS]
    values = [
        main_score(each, segment_elements_apart(each, true_clusters(each), **average))
        for each in elements
    ]
    return float(np.mean(values)) if values else 0.0
