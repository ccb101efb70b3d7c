"""Score a method on a set of stimuli: one score for each, their mean and standard error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns.segmentation import segment
from napari_lns.segmentation.measures import foreground_ari
from napari_lns.segmentation.ready import made_ready
from napari_lns.stimuli import Stimulus

__all__ = ["Score", "foreground", "found_by", "of_card", "scores", "true_clusters"]


@dataclass(frozen=True)
class Score:
    """A mean with its standard error over so many images.

    Examples
    --------
    >>> Score.of(np.array([0.5, 0.7]))
    Score(mean=0.6, standard_error=0.1, count=2)
    """

    mean: float
    standard_error: float
    count: int

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Score:
        """Summarise values, one an image."""
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        return cls(round(float(values.mean()), 6), round(error, 6), len(values))

    def __str__(self) -> str:
        """Return the mean ± its standard error, which one image has not."""
        error = f" ± {self.standard_error:.3f}" if self.count > 1 else ""
        return f"{self.mean:.3f}{error}"


def scores(
    stimuli: Iterable[Stimulus],
    model: Any = None,
    *,
    clusters: int | str | None = None,
    seed: int = 0,
    **parameters: Any,
) -> NDArray[np.float64]:
    """Return the adjusted Rand index of every stimulus.

    Parameters
    ----------
    stimuli
        The stimuli.
    model, **parameters
        As for `napari_lns.segment`.
    clusters
        Number of segments; that of the ground truth if not given, as in the paper's tables.
    seed
        Seed of the first run; the following runs use the following seeds.

    Returns
    -------
    numpy.ndarray
        One score a stimulus.

    Examples
    --------
    >>> from napari_lns.stimuli import good_gestalt
    >>> scores(good_gestalt.draw("closure", count=2), segmenter="baseline").shape
    (2,)
    """
    ready = None if model is None else made_ready(model, parameters.get("device", "auto"))
    found = [
        segment(
            stimulus,
            ready,
            clusters=true_clusters(stimulus) if clusters is None else clusters,
            seed=seed + number,
            **parameters,
        ).score(stimulus)
        for number, stimulus in enumerate(stimuli)
    ]
    return np.array(found, dtype=np.float64)


def found_by(
    criterion: str, stimuli: Iterable[Stimulus], model: Any, *, seed: int = 0
) -> tuple[float, Score]:
    """Estimate the number of segments by a criterion, with the settings of the model's card.

    Parameters
    ----------
    criterion
        Of `napari_lns.segment`, for ``clusters="auto"``.
    stimuli
        What to group.
    model
        By what.
    seed
        Of the first stimulus; each has one more than that before.

    Returns
    -------
    tuple
        The share of stimuli whose number of segments is right, and the score.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> from napari_lns.stimuli import good_gestalt
    >>> drawn = good_gestalt.draw("kanizsa", count=1)
    >>> found_by("gap", drawn, load("kanizsa-ae"))[1].count
    1
    """
    free = {"clusters": "auto", "criterion": criterion, **of_card(model)}
    right, fits = [], []
    for number, stimulus in enumerate(stimuli):
        found = segment(stimulus, model, seed=seed + number, **free)
        right.append(found.clusters == true_clusters(stimulus))
        fits.append(found.score(stimulus))
    return float(np.mean(right)), Score.of(np.array(fits))


def of_card(model: Any) -> dict[str, Any]:
    """Return the method on a model's card as `napari_lns.segment` takes it; nothing without a card.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> list(of_card(load("kanizsa-ae")))
    ['method']
    """
    card = getattr(model, "card", None)
    return {} if card is None else {"method": card.method}


def foreground(stimulus: Stimulus, labels: ArrayLike) -> float:
    """Compute the adjusted Rand index over the pixels of a stimulus's figures.

    Parameters
    ----------
    stimulus
        With its ground truth, whose background is 0.
    labels
        A segmentation of it.

    Returns
    -------
    float
        NaN where the ground truth has fewer than two figures: there is nothing to tell apart.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> row, control = draw("proximity_row"), draw("proximity_row", gap_ratio=1.0)
    >>> foreground(row, row.labels), foreground(control, row.labels)
    (1.0, nan)
    """
    figures = np.setdiff1d(stimulus.labels, 0)
    return foreground_ari(stimulus.labels, labels) if len(figures) > 1 else float("nan")


def true_clusters(stimulus: Stimulus) -> int:
    """Count the segments of the ground truth, the background included."""
    return len(np.unique(stimulus.labels))
