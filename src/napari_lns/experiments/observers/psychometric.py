"""A psychometric function fitted by maximum likelihood, with a bootstrap band."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import ndtr

__all__ = ["Psychometric", "fit_psychometric"]

Numbers: TypeAlias = NDArray[np.float64]
RESAMPLED = 200
POINTS = 101
MOST_LAPSES = 0.1
NARROWEST = 0.02  # smallest width of the function, as a share of the range of x


@dataclass(frozen=True, eq=False)
class Psychometric:
    """Probability of an answer over a parameter: guess + (1 − guess − lapse) Φ((x − m) / w).

    Parameters
    ----------
    threshold
        m, at which the function is halfway between its ends.
    width
        w; negative if the probability falls.
    guess, lapse
        The lower end, and the distance of the upper end from 1. A lower end that is not fixed
        equals the lapse rate.
    threshold_band
        95 % band of the bootstrap samples' thresholds.
    x, probability, low, high
        The function, and the 95 % band of the bootstrap samples' functions.
    """

    threshold: float
    width: float
    guess: float
    lapse: float
    threshold_band: tuple[float, float]
    x: Numbers
    probability: Numbers
    low: Numbers
    high: Numbers


def fit_psychometric(
    x: ArrayLike, yes: ArrayLike, *, guess: float | None = None, seed: int = 0
) -> Psychometric:
    """Fit a psychometric function.

    Parameters
    ----------
    x
        Value of the parameter in each trial.
    yes
        Whether the answer was given.
    guess
        The lower end: 0.5 for the correct one of two answers; None if it is not fixed.
    seed
        Seed of the bootstrap, which resamples trials at each value of x.

    Returns
    -------
    Psychometric

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = np.repeat(np.linspace(0, 1, 7), 40)
    >>> result = fit_psychometric(x, x + 0.2 * rng.standard_normal(280) > 0.5)
    >>> round(result.threshold, 1), bool(result.low[0] < result.probability[0] < result.high[0])
    (0.5, True)
    """
    counts = _Counts.from_trials(x, yes)
    best = _fit(counts, guess)
    samples = np.array(list(_bootstrap(counts, guess, best, seed)))
    shown = np.linspace(counts.x[0], counts.x[-1], POINTS)
    curves = np.array([_function(shown, sample, guess) for sample in samples])
    low, high = np.quantile(curves, (0.025, 0.975), axis=0)
    ends = np.quantile(samples[:, 0], (0.025, 0.975))
    threshold, width, lapse = map(float, best)
    return Psychometric(
        threshold,
        width,
        lapse if guess is None else guess,
        lapse,
        (float(ends[0]), float(ends[1])),
        shown,
        _function(shown, best, guess),
        low,
        high,
    )


@dataclass(frozen=True, eq=False)
class _Counts:
    """Number of positive answers and of trials at each value of x."""

    x: Numbers
    yes: Numbers
    total: Numbers

    @classmethod
    def from_trials(cls, x: ArrayLike, yes: ArrayLike) -> _Counts:
        """Count the answers of single trials."""
        values, place = np.unique(np.asarray(x, float), return_inverse=True)
        if len(values) < 2:
            raise ValueError(
                "a psychometric function needs two values of its parameter: vary one in the plan"
            )
        answers = np.asarray(np.bincount(place, np.asarray(yes, float)), np.float64)
        return cls(values, answers, np.bincount(place).astype(float))


def _bootstrap(counts: _Counts, guess: float | None, best: Numbers, seed: int) -> Iterator[Numbers]:
    """Fit the function to trials resampled with replacement at each value of x."""
    rng = np.random.default_rng(seed)
    for _ in range(RESAMPLED):
        drawn = rng.binomial(counts.total.astype(int), counts.yes / counts.total).astype(float)
        yield _fit(replace(counts, yes=drawn), guess, best)


def _function(x: Numbers, parameters: Numbers, guess: float | None) -> Numbers:
    threshold, width, lapse = parameters
    lower = lapse if guess is None else guess
    return np.asarray(lower + (1 - lower - lapse) * ndtr((x - threshold) / width), np.float64)


def _fit(counts: _Counts, guess: float | None, start: Numbers | None = None) -> Numbers:
    """Return threshold, width and lapse rate of the likelier of a rising and a falling function."""
    low, span = counts.x[0], counts.x[-1] - counts.x[0]

    def cost(scaled: Numbers, sign: float) -> float:
        parameters = _unscale(scaled, sign, low, span)
        p = np.clip(_function(counts.x, parameters, guess), 1e-9, 1 - 1e-9)
        no = counts.total - counts.yes
        return -float((counts.yes * np.log(p) + no * np.log1p(-p)).sum())

    limits = ((-1.0, 2.0), (np.log(NARROWEST), 2.0), (0.0, MOST_LAPSES))
    starts = [(sign, (0.5, -1.5, 0.02)) for sign in (1.0, -1.0)]
    if start is not None:
        scaled = ((start[0] - low) / span, np.log(abs(start[1]) / span), start[2])
        starts = [(float(np.sign(start[1])), scaled)]
    fits = [
        (minimize(cost, first, (sign,), bounds=limits, method="L-BFGS-B"), sign)
        for sign, first in starts
    ]
    best, sign = min(fits, key=lambda fit: float(fit[0].fun))
    return _unscale(best.x, sign, low, span)


def _unscale(scaled: Numbers, sign: float, low: float, span: float) -> Numbers:
    return np.array([low + scaled[0] * span, sign * np.exp(scaled[1]) * span, scaled[2]])
