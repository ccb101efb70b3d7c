"""Prediction of correct segmentations by statistics of a run: areas under ROC curves.

Each network segments its own stimuli, their controls and the stimuli of all other worlds, with
seeds other than those used to measure the limits on the cards.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._files import write_atomically
from napari_lns._levels import Level, read_level
from napari_lns._progress import Report, ignore_share
from napari_lns.experiments.limits import RIGHT, Case, cases
from napari_lns.experiments.scoring import main_score, true_clusters
from napari_lns.models import Card
from napari_lns.models.running import prepare_model
from napari_lns.segmentation import segment
from napari_lns.segmentation.measures import adjusted_rand_index

__all__ = [
    "STATISTICS",
    "Row",
    "areas",
    "as_markdown",
    "count_by_level",
    "score_model",
    "write_table",
]

SEED = 660_000  # neither the limits' seeds nor those of any table of scores
REPEATS: dict[str, Any] = {"method": "sampled", "samples": 20, "repeats": 2}
EDGE = 0.03  # smallest difference between neighbouring pixels that counts as an edge


@dataclass(frozen=True)
class Row:
    """One image, segmented by one network.

    Parameters
    ----------
    model, stimulus
        Names of model and stimulus.
    own, control
        Whether the network was trained on the stimulus's world, and whether it is a control.
    ari
        Main score of the stimulus: the ARI, restricted to foreground pixels for elements.
    level
        The displayed level.
    values
        Statistics by name; higher is worse.
    """

    model: str
    stimulus: str
    own: bool
    control: bool
    ari: float
    level: str
    values: dict[str, float]

    @property
    def right(self) -> bool:
        """Return whether the segmentation agrees with the ground truth."""
        return self.ari >= RIGHT


def score_model(
    model: str, *, count: int = 8, seed: int = SEED, report: Report = ignore_share
) -> Iterator[Row]:
    """Segment images with a network and compute all statistics of each.

    Parameters
    ----------
    model
        Name of the network.
    count
        Number of its own stimuli, each with its control.
    seed
        Seed of the first draw.
    report
        Receives the completed share.

    Yields
    ------
    Row
    """
    prepared = prepare_model(model, "cpu")
    card = prepared.card
    if card is None:
        raise ValueError("the model has no card, which names its stimuli: load one that has")
    for case in cases(prepared, count=count, seed=seed, report=report):
        again = segment(case.stimulus, prepared, clusters=true_clusters(case.stimulus), **REPEATS)
        values = {name: compute(case, card) for name, compute in STATISTICS.items()}
        alternatives = again.alternatives if again.alternatives is not None else ()
        agreement = [adjusted_rand_index(again.labels, other) for other in alternatives]
        yield Row(
            model,
            case.stimulus.name,
            case.own,
            case.control,
            main_score(case.stimulus, case.segmentation.labels),
            str(read_level(case.segmentation.record)),
            {**values, DISAGREEMENT: 1 - float(np.mean(agreement))},
        )


def areas(rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Compute the areas under the ROC curves of all statistics.

    Parameters
    ----------
    rows
        Rows of several networks.

    Returns
    -------
    dict
        By name of the statistic, the best first: the area over all rows, and its mean over the
        networks that have both right and wrong segmentations.
    """
    right = np.array([row.right for row in rows])
    models = np.array([row.model for row in rows])
    areas_by_name = {}
    for name in rows[0].values:
        values = np.array([row.values[name] for row in rows])
        each = [_area(values[models == one], right[models == one]) for one in np.unique(models)]
        defined = [area for area in each if not math.isnan(area)]
        within = float(np.mean(defined)) if defined else math.nan
        areas_by_name[name] = (_area(values, right), within)
    return dict(sorted(areas_by_name.items(), key=lambda item: -item[1][0]))


def count_by_level(rows: Sequence[Row]) -> dict[str, tuple[int, float]]:
    """Count the images on each level and the share of right segmentations.

    Returns
    -------
    dict
        By level: the number of images and the share of right segmentations.
    """
    counts = {}
    for level in Level:
        right = [row.right for row in rows if row.level == level]
        if right:
            counts[level.value] = (len(right), float(np.mean(right)))
    return counts


def write_table(rows: Sequence[Row], out: str | os.PathLike[str]) -> None:
    """Write all rows as ``fit.csv``, the areas and levels as ``fit.json`` and ``fit.md``."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    summary = {
        "areas": areas(rows),
        "levels": count_by_level(rows),
        "images": len(rows),
        "bar": RIGHT,
    }
    texts = {
        "fit.csv": _as_csv(rows),
        "fit.json": json.dumps(summary, indent=1),
        "fit.md": as_markdown(rows),
    }
    for name, text in texts.items():
        with write_atomically(folder / name) as beside:
            beside.write_text(text, encoding="utf-8")


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the areas and the levels as two tables in Markdown."""
    lines = ["| statistic | all networks | mean within a network |", "|---|---|---|"]
    lines += [f"| {name} | {one:.3f} | {own:.3f} |" for name, (one, own) in areas(rows).items()]
    lines += ["", "| level | images | segmented right |", "|---|---|---|"]
    levels = count_by_level(rows).items()
    lines += [f"| {name} | {n} | {100 * share:.0f} % |" for name, (n, share) in levels]
    return "\n".join(lines) + "\n"


def _area(values: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    from sklearn.metrics import roc_auc_score

    if right.all() or not right.any():
        return math.nan
    return float(roc_auc_score(right, -np.minimum(values, 1e6)))


def _as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    records = [{**asdict(row), **row.values} for row in rows]
    columns = [name for name in records[0] if name != "values"]
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _by_limits(case: Case, card: Card) -> float:
    """Return a number that orders images by level, and within a level by unexplained variance."""
    level = read_level(case.segmentation.record)
    assert level is not None
    share = min(case.unexplained_share, 1e6)
    return list(Level).index(level) + share / (1 + share)


def _error(case: Case) -> float:
    assert case.segmentation.error is not None
    return float(case.segmentation.error.mean())


def _at_edges(case: Case, card: Card) -> float:
    from scipy.ndimage import binary_dilation

    image, error = case.segmentation.image, case.segmentation.error
    assert error is not None
    edge = np.zeros(error.shape, bool)
    edge[1:] |= np.abs(np.diff(image, axis=0)).max(axis=2) > EDGE
    edge[:, 1:] |= np.abs(np.diff(image, axis=1)).max(axis=2) > EDGE
    near = binary_dilation(edge)
    return float(error[near].mean()) if near.any() else math.inf


def _weakness(case: Case, card: Card) -> float:
    """Return the weakness of the response: minus the logarithm of the mean variance."""
    assert case.segmentation.variance is not None
    return -math.log(float(case.segmentation.variance.mean()) + 1e-12)


DISAGREEMENT = "disagreement of repeated runs"
STATISTICS: dict[str, Callable[[Case, Card], float]] = {
    "unexplained variance, by the card's limits": _by_limits,
    "unexplained variance": lambda case, card: case.unexplained_share,
    "error": lambda case, card: _error(case),
    "error / mean on training images": lambda case, card: _error(case) / card.training["error"],
    "error / 99th percentile on training images": lambda case, card: _error(case) / card.error_99,
    "error at the image's edges": _at_edges,
    "weakness of the response": _weakness,
}
