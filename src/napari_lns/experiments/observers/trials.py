"""`trials`: the reproducible sequence of trials of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from napari_lns import stimuli
from napari_lns._parameters import complete_parameters
from napari_lns.experiments.observers.plan import Paradigm, Plan, Source
from napari_lns.experiments.observers.points import Pair, choose_pairs, distance
from napari_lns.stimuli import Stimulus

__all__ = ["CHOICES", "QUESTIONS", "Trial", "TrialImage", "trials"]

CHOICES: dict[Paradigm, tuple[str, ...]] = {
    "same_or_different": ("same", "different"),
    "which_of_two": ("first", "second"),
    "rating": tuple("1234567"),
}
QUESTIONS: dict[Paradigm, str] = {
    "same_or_different": "Do the two dots lie on one object?",
    "which_of_two": "Which of the two images contains the figure?",
    "rating": "How clear is the figure, from 1 to 7?",
}


@dataclass(frozen=True)
class TrialImage:
    """An image of a trial.

    Parameters
    ----------
    record
        Record from which the image is drawn, see `napari_lns.stimuli.Stimulus.record`.
    control
        Whether it is the control.
    """

    record: Mapping[str, Any]
    control: bool = False

    def draw(self) -> Stimulus:
        """Draw the image; raise ValueError if the record cannot be drawn."""
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
        Position in the order of presentation, from 0.
    images
        One image, or for ``"which_of_two"`` two in the order of presentation.
    condition
        Values of the varied parameters.
    points
        Two dots as (row, column), for ``"same_or_different"``.
    distance
        Distance between them, as a share of the image's longer side.
    correct
        The answer that agrees with the ground truth; None for a rating.
    """

    number: int
    images: tuple[TrialImage, ...]
    condition: Mapping[str, Any]
    points: Pair | None = None
    distance: float | None = None
    correct: str | None = None


def trials(plan: Plan) -> list[Trial]:
    """Return the trials of a plan in the order of presentation.

    The conditions are shuffled within each repeat.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    list of Trial

    Examples
    --------
    >>> first, second = trials(Plan("which_of_two", (Source("kanizsa_figure"),), repeats=2))
    >>> sorted(image.control for image in first.images)
    [False, True]
    """
    rng = np.random.default_rng(plan.seed)
    in_order: list[Trial] = []
    for repeat in range(plan.repeats):
        block = [
            trial
            for source in plan.stimuli
            for condition in source.conditions
            for trial in _condition_trials(plan, source, condition, plan.seed + repeat, rng)
        ]
        in_order += [block[place] for place in rng.permutation(len(block))]
    return [replace(trial, number=number) for number, trial in enumerate(in_order)]


def _condition_trials(
    plan: Plan,
    source: Source,
    condition: Mapping[str, Any],
    seed: int,
    rng: np.random.Generator,
) -> Iterator[Trial]:
    values = {**source.fixed, **condition}
    stimulus = TrialImage(_record(source.name, values, seed))
    if plan.paradigm == "same_or_different":
        yield from _dot_trials(plan, stimulus, condition, rng)
        return
    changes = stimuli.control(source.name)
    control = TrialImage(_record(source.name, {**values, **changes}, seed), control=True)
    if plan.paradigm == "rating":
        yield from (Trial(0, (image,), condition) for image in (stimulus, control))
    elif rng.random() < 0.5:
        yield Trial(0, (stimulus, control), condition, correct="first")
    else:
        yield Trial(0, (control, stimulus), condition, correct="second")


def _dot_trials(
    plan: Plan, image: TrialImage, condition: Mapping[str, Any], rng: np.random.Generator
) -> Iterator[Trial]:
    assert plan.pairs is not None
    labels = image.draw().labels
    try:
        pairs = choose_pairs(labels, plan.pairs, rng)
    except ValueError as error:
        raise ValueError(f"{image.record['name']} with {dict(condition)}: {error}") from error
    for pair in pairs:
        correct = "same" if labels[pair[0]] == labels[pair[1]] else "different"
        dot_distance = distance(pair, labels.shape)
        yield Trial(0, (image,), condition, pair, dot_distance, correct)


def _record(name: str, values: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return {
        "name": name,
        "parameters": complete_parameters(stimuli.parameters(name), values),
        "seed": seed,
    }
