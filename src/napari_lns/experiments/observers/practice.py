"""Practice: trials with feedback before those of the plan; their answers are not saved."""

from __future__ import annotations

import math
from dataclasses import replace

from napari_lns.experiments.observers.plan import Plan
from napari_lns.experiments.observers.trials import Trial, trials

__all__ = ["PRACTICE", "feedback", "practice_trials"]

PRACTICE = 6  # default number of trials
_GROUND_TRUTH = {
    "same": "the dots lie on one object",
    "different": "the dots lie on two objects",
    "first": "the first image contains the figure",
    "second": "the second image contains the figure",
}


def practice_trials(plan: Plan, count: int) -> list[Trial]:
    """Return trials like those of a plan, drawn with other seeds.

    Parameters
    ----------
    plan
        The plan to practise for.
    count
        Number of practice trials.

    Returns
    -------
    list of Trial

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> plan = Plan("which_of_two", (Source("kanizsa_figure", {"jitter": 1.0}),))
    >>> [trial.images[0].record["seed"] for trial in practice_trials(plan, 3)]
    [1, 2, 3]
    """
    if count < 0:
        raise ValueError(f"practice is {count}: give a number of practice trials, 0 for none")
    if not count:
        return []
    repeats = math.ceil(count * plan.repeats / plan.count)
    return trials(replace(plan, seed=plan.seed + plan.repeats, repeats=repeats))[:count]


def feedback(trial: Trial, answer: str) -> str:
    """Describe whether an answer agrees with the ground truth.

    Parameters
    ----------
    trial
        The trial.
    answer
        The answer.

    Returns
    -------
    str

    Examples
    --------
    >>> from napari_lns.experiments.observers.plan import Source
    >>> [trial] = trials(Plan("which_of_two", (Source("kanizsa_figure"),)))
    >>> feedback(trial, trial.correct).split(":")[0]
    'Correct'
    """
    if trial.correct is None:
        present = "a control: the figure is absent" if trial.images[0].control else "the stimulus"
        return f"You rated it {answer}. It was {present}."
    verdict = "Correct" if answer == trial.correct else "Incorrect"
    return f"{verdict}: {_GROUND_TRUTH[trial.correct]}."
