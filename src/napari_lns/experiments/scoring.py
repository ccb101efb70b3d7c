"""Score a method on a set of stimuli: one score for each, their mean and standard error."""

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
    "fit",
    "fits",
    "found_by",
    "of_card",
    "scores",
    "true_clusters",
]

ELEMENTS = frozenset(  # of dots, lines or other elements: the background is most of the image
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
    model: ModelLike | None = None,
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
    ready = None if model is None else prepare_model(model, parameters.get("device", "auto"))
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


def fit(stimulus: Stimulus, labels: NDArray[np.int32]) -> float:
    """Compute the score that a stimulus is judged by: ARI, over the figures' pixels of `ELEMENTS`.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> row = draw("proximity_row")
    >>> fit(row, row.labels > 0)
    0.0
    """
    found = Agreement.of(stimulus.labels, labels)
    over_figures = stimulus.name in ELEMENTS and not np.isnan(found.foreground_ari)
    return found.foreground_ari if over_figures else found.ari


def fits(stimuli: Iterable[Stimulus], model: ModelLike, **parameters: Any) -> NDArray[np.float64]:
    """Compute the score that each stimulus is judged by (`fit`), with its true number of segments.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> from napari_lns.stimuli import draw
    >>> fits([draw("kanizsa_figure")], load("kanizsa-figure"), method="exact").shape
    (1,)
    """
    ready = prepare_model(model)
    found = [
        fit(each, segment(each, ready, clusters=true_clusters(each), **parameters).labels)
        for each in stimuli
    ]
    return np.array(found, np.float64)


def found_by(
    criterion: str, stimuli: Iterable[Stimulus], model: ModelLike, *, seed: int = 0
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


def of_card(model: ModelLike) -> dict[str, Any]:
    """Return the method on a model's card as `napari_lns.segment` takes it; nothing without a card.

    Examples
    --------
    >>> from napari_lns.models import load
    >>> list(of_card(load("kanizsa-ae")))
    ['method']
    """
    card = getattr(model, "card", None)
    return {} if card is None else {"method": card.method}


def true_clusters(stimulus: Stimulus) -> int:
    """Count the segments of the ground truth, the background included."""
    return len(np.unique(stimulus.labels))
