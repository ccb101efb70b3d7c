"""Which method and noise suit a model: chosen on own draws, never on given test images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from napari_lns.experiments.scoring import Score, scores
from napari_lns.models import AutoEncoder, Card
from napari_lns.stimuli import good_gestalt

__all__ = ["calibrated", "choices"]

OWN_SEED = 2024  # of the draws that choices are made on
NOISES = (0.02, 0.05, 0.1, 0.2)  # σ as a share of the latents' spread


def choices() -> Iterator[dict[str, Any]]:
    """List the methods and noises that are tried.

    Examples
    --------
    >>> next(choices())
    {'method': 'exact'}
    """
    yield {"method": "exact"}
    for method in ("smoothed", "sampled"):
        for noise in NOISES:
            yield {"method": method, "relative_noise": noise}


def calibrated(network: AutoEncoder, card: Card, *, count: int = 40) -> Card:
    """Choose the method and noise that group own draws best, and note all scores on the card.

    Parameters
    ----------
    network
        The network.
    card
        Its card; its data must be one of the Good Gestalt sets.
    count
        How many own test images.

    Returns
    -------
    Card
        The card with the choice and the table that it was made on.
    """
    (name,) = card.data
    network.card = card
    own = good_gestalt.draw(name, "test", count, seed=OWN_SEED)
    table = [(choice, Score.of(scores(own, network, **choice))) for choice in choices()]
    best, score = max(table, key=lambda row: row[1].mean)
    told = [{**choice, **asdict(one)} for choice, one in table]
    return replace(
        card,
        method=best["method"],
        relative_noise=best.get("relative_noise", NOISES[0]),
        scores={**card.scores, "own draws": asdict(score), "calibration": told},
    )
