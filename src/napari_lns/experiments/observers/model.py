"""A network as an observer: answers to the same trials from its segmentations.

The evidence is one number for each trial. For two dots it is the affinity of their pixels, or the
share of repeated noisy segmentations in which they share a segment. For two images it is the
difference of their measures (`napari_lns.experiments.psychophysics.measure`). Answers are drawn
from the evidence with a decision noise and a criterion. These are cross-fitted: each half of the
trials is answered with the values fitted to the other half.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm, rankdata

from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.observers.answers import MISSED, Answer, Answers
from napari_lns.experiments.observers.plan import Plan
from napari_lns.experiments.observers.trials import CHOICES, Trial, TrialImage, trials
from napari_lns.experiments.psychophysics.comparisons import measure
from napari_lns.experiments.scoring import true_clusters
from napari_lns.segmentation import Segmentation, segment

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["Decision", "ModelAnswers", "ask_model", "evidence", "fit_decision"]

Numbers: TypeAlias = NDArray[np.float64]
Rule: TypeAlias = Literal["affinity", "repeated"]
REPEATS = 20
LOG_NOISE = (-9.0, 5.0)  # limits of the log decision noise, in standard deviations of the evidence


@dataclass(frozen=True)
class Decision:
    """A normal distribution function from evidence to the probability of "same" or "first".

    Parameters
    ----------
    criterion
        The evidence at which both answers are equally probable.
    noise
        Standard deviation of the noise that is added to the evidence.

    Examples
    --------
    >>> Decision(criterion=0.5, noise=0.1).probability(np.array([0.5])).tolist()
    [0.5]
    """

    criterion: float
    noise: float

    def probability(self, evidence: Numbers) -> Numbers:
        """Return the probability of "same" or "first" for each trial."""
        return np.asarray(norm.cdf((evidence - self.criterion) / self.noise), np.float64)


@dataclass(frozen=True, eq=False)
class ModelAnswers:
    """The answers of a network, with evidence and decision parameters.

    Parameters
    ----------
    rows
        One answer for each trial.
    evidence
        One number for each trial.
    decisions
        Fitted to even-numbered and to odd-numbered trials; empty for ratings.
    log_likelihood
        Mean over trials, in bits, of the fitted answers under the decision of the other half; -1 is
        chance, NaN for ratings.
    """

    rows: tuple[Answer, ...]
    evidence: Numbers
    decisions: tuple[Decision, ...]
    log_likelihood: float


def ask_model(
    plan: Plan,
    model: ModelLike,
    *,
    rule: Rule = "affinity",
    like: Answers | None = None,
    seed: int = 0,
    report: Report = ignore_share,
) -> ModelAnswers:
    """Return a network's answers to a plan.

    Parameters
    ----------
    plan
        The plan.
    model
        A model, its name or the path of its weights.
    rule
        For two dots: ``"affinity"`` of their pixels by the exact method, or ``"repeated"`` noisy
        segmentations.
    like
        Answers to which noise and criterion are fitted; by default, the correct ones.
    seed
        Seed of the decision noise and of the segmentations.
    report
        Receives the completed share.

    Returns
    -------
    ModelAnswers

    Notes
    -----
    Ratings are not fitted: the measures of the plan's images are divided into seven quantiles.

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> from napari_lns.models import AutoEncoder
    >>> plan = Plan("rating", (Source("kanizsa_figure", {"jitter": 1.0}),))
    >>> len(ask_model(plan, AutoEncoder()).rows)
    2
    """
    if like is not None and like.plan.hash != plan.hash:
        raise ValueError(
            f"the answers of {like.observer!r} belong to another plan: give answers to this one"
        )
    trial_list = trials(plan)
    values = evidence(plan, trial_list, model, rule=rule, seed=seed, report=report)
    if plan.paradigm == "rating":
        places = np.ceil(7 * rankdata(values) / len(values)).astype(int) - 1
        return ModelAnswers(_rows(plan, places), values, (), float("nan"))
    yes, known = _fit_targets(plan, trial_list, like)
    decisions, chance = _cross_fit(values, yes, known)
    likelihood = np.where(yes, chance, 1 - chance)[known]
    bits = float(np.log2(np.clip(likelihood, 1e-12, 1)).mean())
    places = (np.random.default_rng(seed).random(len(trial_list)) >= chance).astype(int)
    return ModelAnswers(_rows(plan, places), values, decisions, bits)


def fit_decision(evidence: Numbers, yes: NDArray[np.bool_]) -> Decision:
    """Fit decision noise and criterion by maximum likelihood.

    Parameters
    ----------
    evidence
        One number for each trial.
    yes
        Whether "same" or "first" was answered.

    Returns
    -------
    Decision

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> shown = rng.uniform(-1, 1, 4000)
    >>> result = fit_decision(shown, shown + 0.3 * rng.standard_normal(4000) > 0.2)
    >>> round(result.criterion, 1), round(result.noise, 1)
    (0.2, 0.3)
    """
    if not len(evidence):
        raise ValueError("there are no answers to fit to: the plan needs two trials or more")
    middle, spread = float(np.mean(evidence)), float(np.std(evidence)) or 1.0
    scaled, sign = (evidence - middle) / spread, np.where(yes, 1.0, -1.0)

    def cost(values: Numbers) -> float:
        return -float(norm.logcdf(sign * (scaled - values[0]) / np.exp(values[1])).sum())

    limits = ((scaled.min() - 3, scaled.max() + 3), LOG_NOISE)
    starts = [(at, noise) for at in np.quantile(scaled, (0.25, 0.5, 0.75)) for noise in (-1.5, 0.5)]
    fits = [minimize(cost, start, bounds=limits, method="L-BFGS-B") for start in starts]
    criterion, log_noise = min(fits, key=lambda fit: float(fit.fun)).x
    return Decision(middle + spread * float(criterion), spread * float(np.exp(log_noise)))


def evidence(
    plan: Plan,
    asked: Sequence[Trial],
    model: ModelLike,
    *,
    rule: Rule = "affinity",
    seed: int = 0,
    report: Report = ignore_share,
) -> Numbers:
    """Compute a network's evidence for "same", for "first" or for a clear figure in each trial.

    Each image is segmented once, into the number of segments of its ground truth.

    Parameters
    ----------
    plan
        The plan.
    asked
        Its trials.
    model, rule, seed, report
        As for `ask_model`.

    Returns
    -------
    array of float64
    """
    from napari_lns.models.running import prepare_model

    prepared = prepare_model(model)
    arguments: dict[str, Any] = {"method": "exact"}
    if rule == "repeated" and plan.paradigm == "same_or_different":
        arguments = {"method": "sampled", "repeats": REPEATS}
    by_image: dict[str, list[tuple[Trial, float]]] = {}
    images: dict[str, TrialImage] = {}
    for trial in asked:
        for image, weight in zip(trial.images, (1.0, -1.0), strict=False):
            key = json.dumps(image.record, sort_keys=True)
            images[key] = image
            by_image.setdefault(key, []).append((trial, weight))
    values = np.zeros(len(asked))
    for key in report_each(by_image, len(by_image), report):
        stimulus = images[key].draw()
        if plan.paradigm == "same_or_different":
            segmentation = segment(
                stimulus, prepared, clusters=true_clusters(stimulus), seed=seed, **arguments
            )
            for trial, _ in by_image[key]:
                values[trial.number] = _dot_evidence(segmentation, trial)
            continue
        value = measure(stimulus, prepared).value
        for trial, weight in by_image[key]:
            values[trial.number] += weight * value
    return values


def _cross_fit(
    evidence: Numbers, yes: NDArray[np.bool_], known: NDArray[np.bool_]
) -> tuple[tuple[Decision, Decision], Numbers]:
    """Fit a decision to each half of the trials; return both and the other half's predictions."""
    odd = np.arange(len(evidence)) % 2 == 1
    even_half, odd_half = (
        fit_decision(evidence[half & known], yes[half & known]) for half in (~odd, odd)
    )
    chance = np.where(odd, even_half.probability(evidence), odd_half.probability(evidence))
    return (even_half, odd_half), chance


def _dot_evidence(segmentation: Segmentation, trial: Trial) -> float:
    assert trial.points is not None
    one, other = trial.points
    if segmentation.alternatives is None:
        return float(segmentation.affinity(*one)[other])
    labels = np.stack([segmentation.labels, *segmentation.alternatives])
    return float((labels[:, *one] == labels[:, *other]).mean())


def _fit_targets(
    plan: Plan, asked: Sequence[Trial], like: Answers | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of the answers to fit are "same" or "first", and which exist."""
    answers = [trial.correct for trial in asked]
    if like is not None:
        answers = [row.answer for row in like.rows]
        answers += [MISSED] * (len(asked) - len(answers))
    yes = np.array([answer == CHOICES[plan.paradigm][0] for answer in answers])
    return yes, np.array([answer != MISSED for answer in answers])


def _rows(plan: Plan, places: NDArray[np.int_]) -> tuple[Answer, ...]:
    def rows() -> Iterator[Answer]:
        for number, place in enumerate(places):
            yield Answer(number, CHOICES[plan.paradigm][place])

    return tuple(rows())
