"""A simulated observer of known sensitivity: the equal-variance model of signal detection.

Evidence is normally distributed with standard deviation 1. Its mean is d′/2 if the dots lie on one
object (or the figure is shown), and -d′/2 otherwise. An analysis is valid if it recovers d′ and
criterion from the answers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from napari_lns.experiments.observers.answers import Answer
from napari_lns.experiments.observers.plan import Plan
from napari_lns.experiments.observers.trials import CHOICES, Trial, trials

__all__ = ["simulate"]

# the boundary between ratings 4 and 5 is at the criterion, as in `analysis`
STEPS = np.array([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0])


def simulate(
    plan: Plan, sensitivity: float, criterion: float = 0.0, *, seed: int = 0
) -> list[Answer]:
    """Return the answers of an observer of known sensitivity.

    Parameters
    ----------
    plan
        The plan.
    sensitivity
        d′: distance between the two distributions of evidence, in standard deviations. For two
        intervals, each has this sensitivity.
    criterion
        c: evidence above which the answer is "same", "first", or a rating above 4.
    seed
        Seed of the noise.

    Returns
    -------
    list of Answer
        One answer for each trial.

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("which_of_two", (Source("kanizsa_figure"),))
    >>> right = [trial.correct for trial in trials(plan)]
    >>> [each.answer for each in simulate(plan, sensitivity=50)] == right
    True
    """
    if not (np.isfinite(sensitivity) and np.isfinite(criterion)):
        raise ValueError(
            f"sensitivity is {sensitivity} and criterion {criterion}: give finite numbers"
        )
    trial_list = trials(plan)
    signal = np.array([_is_signal(trial) for trial in trial_list])
    noise = np.random.default_rng(seed).standard_normal(len(trial_list))
    distance = sensitivity * (np.sqrt(2) if plan.paradigm == "which_of_two" else 1)
    evidence = np.where(signal, 0.5, -0.5) * distance + noise - criterion
    choices = CHOICES[plan.paradigm]
    if plan.paradigm == "rating":
        places: NDArray[np.intp] = np.searchsorted(STEPS, evidence)
    else:
        places = (evidence <= 0).astype(np.intp)
    seconds = 0.4 + norm.sf(np.abs(evidence))  # slower if evidence is weak
    return [
        Answer(trial.number, choices[place], round(float(time), 3))
        for trial, place, time in zip(trial_list, places, seconds, strict=True)
    ]


def _is_signal(trial: Trial) -> bool:
    if trial.correct is None:
        return not trial.images[0].control
    return trial.correct in ("same", "first")
