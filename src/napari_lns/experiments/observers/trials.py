"""`trials`: from a plan to what is shown, in order; the same plan gives the same trials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from napari_lns import stimuli
from napari_lns._parameters import complete_parameters
from napari_lns.experiments.observers.plan import Paradigm, Plan, Source
from napari_lns.experiments.observers.points import Pair, chosen_pairs, distance
from napari_lns.stimuli import Stimulus

__all__ = ["CHOICES", "QUESTIONS", "Shown", "Trial", "trials"]

CHOICES: dict[Paradigm, tuple[str, ...]] = {
    "same_or_different": ("same", "different"),
    "which_of_two": ("first", "second"),
    "rating": tuple("1234567"),
}
QUESTIONS: dict[Paradigm, str] = {
    "same_or_different": "Do the two dots lie on one object?",
    "which_of_two": "Which of the two images holds the figure?",
    "rating": "How clear is the figure, from 1 to 7?",
}


@dataclass(frozen=True)
class Shown:
    """An image of a trial.

    Parameters
    ----------
    record
        What draws it: see `napari_lns.stimuli.Stimulus.record`.
    control
        Whether it is the control, in which what is seen in the stimulus is gone.
    """

    record: Mapping[str, Any]
    control: bool = False

    def drawn(self) -> Stimulus:
        """Draw it; a record that cannot be drawn any more is refused in one sentence."""
        try:
            return Stimulus.from_record(self.record)
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"{self.record['name']} cannot be drawn from the plan's parameters: {error}"
            ) from error


@dataclass(frozen=True)
class Trial:
    """One question.

    Parameters
    ----------
    number
        Its place in the order of presentation, from 0 on.
    shown
        One image, or for ``"which_of_two"`` the two in the order in which they are shown.
    condition
        The values of the varied parameters.
    points
        Two dots as (row, column), for ``"same_or_different"``.
    distance
        How far they are apart, as a share of the image's longer side.
    correct
        The answer that agrees with the ground truth; None for a rating.
    """

    number: int
    shown: tuple[Shown, ...]
    condition: Mapping[str, Any]
    points: Pair | None = None
    distance: float | None = None
    correct: str | None = None


def trials(plan: Plan) -> list[Trial]:
    """Return the trials of a plan in the order of presentation.

    Each repeat of all conditions is shuffled by itself.

    Parameters
    ----------
    plan
        What is to be shown.

    Returns
    -------
    list of Trial

    Examples
    --------
    >>> first, second = trials(Plan("which_of_two", (Source("kanizsa_figure"),), repeats=2))
    >>> sorted(shown.control for shown in first.shown)
    [False, True]
    """
    rng = np.random.default_rng(plan.seed)
    ordered: list[Trial] = []
    for repeat in range(plan.repeats):
        block = [
            trial
            for source in plan.stimuli
            for condition in source.conditions
            for trial in _of_condition(plan, source, condition, plan.seed + repeat, rng)
        ]
        ordered += [block[place] for place in rng.permutation(len(block))]
    return [replace(trial, number=number) for number, trial in enumerate(ordered)]


def _of_condition(
    plan: Plan,
    source: Source,
    condition: Mapping[str, Any],
    seed: int,
    rng: np.random.Generator,
) -> Iterator[Trial]:
    values = {**source.fixed, **condition}
    stimulus = Shown(_record(source.name, values, seed))
    if plan.paradigm == "same_or_different":
        yield from _with_dots(plan, stimulus, condition, rng)
        return
    gone = stimuli.control(source.name)
    control = Shown(_record(source.name, {**values, **gone}, seed), control=True)
    if plan.paradigm == "rating":
        yield from (Trial(0, (shown,), condition) for shown in (stimulus, control))
    elif rng.random() < 0.5:
        yield Trial(0, (stimulus, control), condition, correct="first")
    else:
        yield Trial(0, (control, stimulus), condition, correct="second")


def _with_dots(
    plan: Plan, shown: Shown, condition: Mapping[str, Any], rng: np.random.Generator
) -> Iterator[Trial]:
    assert plan.pairs is not None
    labels = shown.drawn().labels
    try:
        pairs = chosen_pairs(labels, plan.pairs, rng)
    except ValueError as error:
        raise ValueError(f"{shown.record['name']} with {dict(condition)}: {error}") from error
    for pair in pairs:
        correct = "same" if labels[pair[0]] == labels[pair[1]] else "different"
        apart = distance(pair, labels.shape)
        yield Trial(0, (shown,), condition, pair, apart, correct)


def _record(name: str, values: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return {
        "name": name,
        "parameters": complete_parameters(stimuli.parameters(name), values),
        "seed": seed,
    }
