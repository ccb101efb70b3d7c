"""Scores of a method on a set of stimuli, with mean and standard error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.models.running import prepare_model
from napari_lns.segmentation import segment
from napari_lns.segmentation.agreement import Agreement
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = [
    "ELEMENTS",
    "Score",
    "card_method",
    "main_score",
    "main_scores",
    "score_criterion",
    "scores",
    "true_clusters",
]

ELEMENTS = frozenset(  # stimuli of dots, lines or other elements, which are mostly background
    {
        "varin_figure",
        "ehrenstein_figure",
        "dot_lattice",
        "proximity_row",
        "similarity_rows",
        "common_region",
        "connectedness",
        "symmetry_pairs",
        "contour_integration",
    }
)


@dataclass(frozen=True)
class Score:
    """A mean over images with its standard error.

    Examples
    --------
    >>> Score.from_values(np.array([0.5, 0.7]))
    Score(mean=0.6, standard_error=0.1, count=2)
    """

    mean: float
    standard_error: float
    count: int

    @classmethod
    def from_values(cls, values: NDArray[np.float64]) -> Score:
        """Summarise values, one for each image."""
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        return cls(round(float(values.mean()), 6), round(error, 6), len(values))

    def __str__(self) -> str:
        """Return the mean ± its standard error; without the error for one image."""
        error = f" ± {self.standard_error:.3f}" if self.count > 1 else ""
        return f"{self.mean:.3f}{error}"


def scores(
    stimuli: Iterable[Stimulus],
    model: ModelLike | None = None,
    *,
    clusters: int | str | None = None,
    seed: int = 0,
    **parameters: Any,
) -> NDArray[np.float64]:
    """Segment stimuli and return the adjusted Rand index of each.

    Parameters
    ----------
    stimuli
        The stimuli.
    model, **parameters
        Arguments of `napari_lns.segment`.
    clusters
        Number of segments; that of the ground truth if not given, as in the paper's tables.
    seed
        Random seed for the first stimulus; stimulus i has ``seed + i``.

    Returns
    -------
    numpy.ndarray
        One score for each stimulus.

    Examples
    --------
    >>> from napari_lns.stimuli import good_gestalt
    >>> scores(good_gestalt.draw("closure", count=2), segmenter="baseline").shape
    (2,)
    """
    prepared = None if model is None else prepare_model(model, parameters.get("device", "auto"))
    values = [
        segment(
            stimulus,
            prepared,
            clusters=true_clusters(stimulus) if clusters is None else clusters,
            seed=seed + number,
            **parameters,
        ).score(stimulus)
        for number, stimulus in enumerate(stimuli)
    ]
    return np.array(values, dtype=np.float64)


def main_score(stimulus: Stimulus, labels: NDArray[np.int32]) -> float:
    """Compute the main score: the ARI, restricted to foreground pixels for `ELEMENTS`.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> row = draw("proximity_row")
    >>> main_score(row, row.labels > 0)
    0.0
    """
    agreement = Agreement.from_labels(stimulus.labels, labels)
    over_figures = stimulus.name in ELEMENTS and not np.isnan(agreement.foreground_ari)
    return agreement.foreground_ari if over_figures else agreement.ari


def main_scores(
    stimuli: Iterable[Stimulus], model: ModelLike, **parameters: Any
) -> NDArray[np.float64]:
    """Compute the main score of each stimulus, segmented into its true number of segments.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> from napari_lns.stimuli import draw
    >>> main_scores([draw("kanizsa_figure")], load("kanizsa-figure"), method="exact").shape
    (1,)
    """
    prepared = prepare_model(model)
    values = [
        main_score(each, segment(each, prepared, clusters=true_clusters(each), **parameters).labels)
        for each in stimuli
    ]
    return np.array(values, np.float64)


def score_criterion(
    criterion: str, stimuli: Iterable[Stimulus], model: ModelLike, *, seed: int = 0
) -> tuple[float, Score]:
    """Score a criterion for the number of segments, with the settings on the model's card.

    Parameters
    ----------
    criterion
        Name of the criterion for ``clusters="auto"``.
    stimuli
        The stimuli.
    model
        The model.
    seed
        Random seed for the first stimulus; stimulus i has ``seed + i``.

    Returns
    -------
    tuple
        Share of stimuli with the right number of segments, and the score.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> from napari_lns.stimuli import good_gestalt
    >>> drawn = good_gestalt.draw("kanizsa", count=1)
    >>> score_criterion("gap", drawn, load("kanizsa-ae"))[1].count
    1
    """
    free = {"clusters": "auto", "criterion": criterion, **card_method(model)}
    right, values = [], []
    for number, stimulus in enumerate(stimuli):
        segmentation = segment(stimulus, model, seed=seed + number, **free)
        right.append(segmentation.clusters == true_clusters(stimulus))
        values.append(segmentation.score(stimulus))
    return float(np.mean(right)), Score.from_values(np.array(values))


def card_method(model: ModelLike) -> dict[str, Any]:
    """Return the method on a model's card as arguments of `napari_lns.segment`, or no arguments.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> list(card_method(load("kanizsa-ae")))
    ['method']
    """
    card = getattr(model, "card", None)
    return {} if card is None else {"method": card.method}


def true_clusters(stimulus: Stimulus) -> int:
    """Count the segments of the ground truth, the background included."""
    return len(np.unique(stimulus.labels))
