"""IIC networks for the Good Gestalt sets: training, and comparison with LNS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from napari_lns import models
from napari_lns._parameters import unknown_name_error
from napari_lns._progress import Report, ignore_share, report_each, split_report
from napari_lns.experiments.iic.lines import Line
from napari_lns.experiments.scoring import Score, card_method, scores
from napari_lns.models import iic
from napari_lns.stimuli import good_gestalt

__all__ = ["SETS", "score_sets", "train_set"]

HELD_OUT = 1_000_000  # seed not used by any training run
LNS_COST = 20  # relative to an image of IIC, to estimate the remaining time

# number of outputs: the largest number of segments in an image of the set
SETS = {
    "kanizsa": 3,
    "closure": 2,
    "continuity": 2,
    "proximity": 4,
    "gradient_occlusion": 3,
    "illusory_occlusion": 2,
}
GESTALT = replace(iic.PIXELS, steps=200, batch=8, copies=3, reach=2)


def score_sets(count: int = 100, report: Report = ignore_share) -> Iterator[Line]:
    """Score the shipped IIC networks and LNS on new images of the six sets.

    Parameters
    ----------
    count
        Number of images of each split.
    report
        Receives the completed share.

    Yields
    ------
    Line
        Adjusted Rand index. In the *test* split, colour does not distinguish the objects.
    """
    part = split_report(report, [1, 1, LNS_COST] * len(SETS))
    for name in SETS:
        yield from _score_splits(name, count, part, source=name)
        model = models.load(f"{name.replace('_', '-')}-ae")
        held_out = good_gestalt.draw(name, "test", count, HELD_OUT)
        values = scores(report_each(held_out, count, next(part)), model, **card_method(model))
        yield Line(name, "LNS, test split", Score.from_values(values))


def train_set(
    name: str, out: str | os.PathLike[str], runs: int = 1, report: Report = ignore_share
) -> Path:
    """Train the network that ships for a Good Gestalt set and write it with its card.

    Parameters
    ----------
    name
        The set.
    out
        Output folder.
    runs
        Number of runs, of which the one with the lowest loss is kept.
    report
        Receives the completed share.

    Returns
    -------
    pathlib.Path
        File of the weights.
    """
    if name not in SETS:
        raise unknown_name_error("Good Gestalt set", name, SETS)
    training, *scoring = split_report(report, [2 * runs, 1, 1])
    network = iic.train_best_of(
        replace(GESTALT, data=name, clusters=SETS[name]), runs, report=training
    )
    path = Path(out) / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    iic.save(network, path)
    scores_by_method = {
        line.method: str(line.score)
        for line in _score_splits(name, 100, iter(scoring), source="file", weights=str(path))
    }
    iic.save(network, path, scores=scores_by_method)
    return path


def _score_splits(
    name: str, count: int, part: Iterator[Report], source: str, weights: str = ""
) -> Iterator[Line]:
    for split in ("train", "test"):
        held_out = report_each(good_gestalt.draw(name, split, count, HELD_OUT), count, next(part))
        values = scores(held_out, segmenter="iic", clusters="auto", source=source, weights=weights)
        yield Line(name, f"IIC, {split} split", Score.from_values(values))
