"""Maps of p(same) around an anchor, for people and networks, from pairs of kind ``"around"``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns.experiments.observers.answers import MISSED, MODEL, Answers
from napari_lns.experiments.observers.plan import Plan
from napari_lns.experiments.observers.points import Point
from napari_lns.experiments.observers.trials import CHOICES, Trial, TrialImage
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PEOPLE", "SameMap", "map_names", "map_table", "same_maps"]

PEOPLE = "people"
FEW = 4  # up to this number of maps, all are shown
Grid: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SameMap:
    """Proportions of "same" between an anchor and the dots of a grid, on one image.

    Parameters
    ----------
    stimulus
        The stimulus.
    anchor
        The fixed dot, as (row, column).
    counts, proportions
        By observer: number of answers for each dot of the grid, and proportion of "same", NaN
        without answers. The name ``"people"`` holds the mean over people.
    """

    stimulus: Stimulus
    anchor: Point
    counts: Mapping[str, Grid]
    proportions: Mapping[str, Grid]

    def on_image(self, observer: str) -> NDArray[np.float32]:
        """Return an observer's proportions as an image (H, W), each pixel with that of its dot."""
        values = self.proportions[observer]
        rows, columns = (
            np.arange(size) * side // size
            for size, side in zip(self.stimulus.shape, values.shape, strict=True)
        )
        return np.asarray(values[np.ix_(rows, columns)], np.float32)


def same_maps(tables: Sequence[Answers]) -> list[SameMap]:
    """Compute the maps of p(same), one for each image of the plan.

    Draws with equal pixels, such as those of a stimulus without jitter, share a map.

    Parameters
    ----------
    tables
        Tables of different observers for the same plan, which has pairs around an anchor.

    Returns
    -------
    list of SameMap

    Examples
    --------
    >>> from napari_lns.experiments.observers import Pairs, Plan, Source, simulate
    >>> pairs = Pairs("around", 16, anchor=(0.5, 0.5))
    >>> plan = Plan("same_or_different", (Source("kanizsa_figure"),), pairs=pairs)
    >>> [result] = same_maps([Answers(plan, "ab", tuple(simulate(plan, 50)))])
    >>> result.proportions["ab"].shape, result.on_image("ab").shape
    ((4, 4), (64, 64))
    """
    plan = tables[0].plan
    if plan.pairs is None or plan.pairs.kind != "around":
        raise ValueError(
            "the plan has no pairs around an anchor: a map needs a plan of same_or_different with "
            'pairs of kind "around"'
        )
    by_image: dict[str, list[Trial]] = {}
    for trial in tables[0].trials:
        by_image.setdefault(_key(trial.images[0]), []).append(trial)
    return [_map(plan, image_trials, tables) for image_trials in by_image.values()]


def map_table(maps: Iterable[SameMap]) -> pd.DataFrame:
    """Return maps as a table, with a row for each observer, image and dot.

    Parameters
    ----------
    maps
        Result of `same_maps`.

    Returns
    -------
    pandas.DataFrame
        Columns ``image``, ``stimulus``, ``observer``, ``row`` and ``column`` of the grid,
        ``count`` and ``proportion``.
    """
    import pandas as pd

    rows = [
        (
            number,
            same_map.stimulus.name,
            name,
            row,
            column,
            int(same_map.counts[name][row, column]),
            p,
        )
        for number, same_map in enumerate(maps)
        for name, values in same_map.proportions.items()
        for (row, column), p in np.ndenumerate(values)
    ]
    columns = ["image", "stimulus", "observer", "row", "column", "count", "proportion"]
    return pd.DataFrame(rows, columns=columns)


def map_names(same_map: SameMap) -> list[str]:
    """Return the names of the maps to show: mean over people, networks, and single people if few.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> maps = dict.fromkeys(["people", "a", "b", "c", "model:x"], np.zeros((2, 2)))
    >>> map_names(SameMap(draw("kanizsa_figure"), (0, 0), maps, maps))
    ['people', 'model:x']
    """
    names = list(same_map.proportions)
    if len(names) <= FEW or PEOPLE not in names:
        return names
    return [PEOPLE, *(name for name in names if name.startswith(MODEL))]


def _key(shown: TrialImage) -> str:
    """Return a key of an image's record; the seed is included only if it changes the pixels."""
    record = dict(shown.record)
    if not stimuli.is_random(record["name"], **record["parameters"]):
        del record["seed"]
    return json.dumps(record, sort_keys=True)


def _map(plan: Plan, image_trials: Sequence[Trial], tables: Sequence[Answers]) -> SameMap:
    assert plan.pairs is not None
    assert image_trials[0].points is not None
    stimulus, anchor = image_trials[0].images[0].draw(), image_trials[0].points[0]
    side = math.isqrt(plan.pairs.count)
    counts: dict[str, Grid] = {}
    proportions: dict[str, Grid] = {}
    for each in tables:
        count, same = np.zeros((side, side)), np.zeros((side, side))
        for trial in image_trials:
            answer = each.rows[trial.number].answer if trial.number < len(each.rows) else MISSED
            if answer != MISSED:
                place = _cell(trial, stimulus.shape, side)
                count[place] += 1
                same[place] += answer == CHOICES[plan.paradigm][0]
        counts[each.observer] = count
        proportions[each.observer] = np.divide(
            same, count, out=np.full_like(same, np.nan), where=count > 0
        )
    people = [each.observer for each in tables if not each.is_model]
    if len(people) > 1:
        counted = np.array([~np.isnan(proportions[name]) for name in people]).sum(axis=0)
        total = np.nansum([proportions[name] for name in people], axis=0)
        mean = np.divide(total, counted, out=np.full_like(total, np.nan), where=counted > 0)
        counts = {PEOPLE: np.sum([counts[name] for name in people], axis=0), **counts}
        proportions = {PEOPLE: mean, **proportions}
    return SameMap(stimulus, anchor, counts, proportions)


def _cell(trial: Trial, shape: tuple[int, ...], side: int) -> tuple[int, int]:
    assert trial.points is not None
    (row, column), (height, width) = trial.points[1], shape
    return row * side // height, column * side // width
