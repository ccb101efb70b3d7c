"""The table of all worlds as CSV, JSON and Markdown, and an image of every stimulus."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns._files import write_atomically
from napari_lns.experiments.scoring import Score
from napari_lns.experiments.worlds import Evaluation, SegmentedStimulus, evaluate
from napari_lns.models import for_stimulus, load
from napari_lns.segmentation.measures import match_labels
from napari_lns.stimuli._entries import find_entry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLUMNS", "as_markdown", "figure", "plan_evaluations", "write_figure", "write_table"]

COLUMNS = {  # measures in the order of the table, and their headings
    "ari": "ARI",
    "foreground_ari": "foreground ARI",
    "iou": "best IoU",
    "colour_ari": "ARI, colour",
    "colour_foreground_ari": "foreground ARI, colour",
    "colour_and_position_ari": "ARI, colour and position",
    "colour_and_position_foreground_ari": "foreground ARI, colour and position",
    "apart_foreground_ari": "foreground ARI, elements apart",
    "advantage": "share above control",
    "measure": "measure",
    "control_measure": "measure, control",
    "strength": "strength",
    "control_strength": "strength, control",
    "error": "error",
    "control_error": "error, control",
}
NAMES = ("stimulus", "control")
FOUR_PLACES = ("error", "control_error")


def plan_evaluations(
    names: Sequence[str] = (), model: str = ""
) -> tuple[list[Callable[..., Evaluation]], list[str]]:
    """Plan the evaluation of stimuli, each with its own network.

    Parameters
    ----------
    names
        Names of the stimuli; all if empty.
    model
        Name or file of one network for all of them; each stimulus's own network if empty.

    Returns
    -------
    tuple
        A function for each stimulus that takes the other arguments of `evaluate`, and a message
        for each stimulus without a shipped network.

    Examples
    --------
    >>> plan, missing = plan_evaluations(["closure"])
    >>> plan[0](count=1).scores["ari"].count
    1
    """
    for name in names:
        find_entry(name)  # raises for an invalid model
    if model:
        load(model)
    plan: list[Callable[..., Evaluation]] = []
    missing: list[str] = []
    for name in names or stimuli.names():
        try:
            plan.append(partial(evaluate, name, model or for_stimulus(name)))
        except ValueError as error:
            missing.append(str(error))
    if not plan:
        raise ValueError("; ".join(missing))
    return plan, missing


def write_table(evaluations: Sequence[Evaluation], out: str | os.PathLike[str]) -> None:
    """Write the table as ``worlds.csv``, ``.json`` and ``.md``.

    Parameters
    ----------
    evaluations
        One for each stimulus.
    out
        The folder; it is created if it is missing.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "worlds.csv": _as_csv(evaluations),
        "worlds.md": as_markdown(evaluations),
        "worlds.json": json.dumps([each.record for each in evaluations], indent=1),
    }
    for name, text in texts.items():
        with write_atomically(folder / name) as beside:
            beside.write_text(text, encoding="utf-8")


def write_figure(evaluation: Evaluation, out: str | os.PathLike[str]) -> None:
    """Write the image of an evaluation into a folder, named after its stimulus."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with write_atomically(folder / f"{evaluation.stimulus}.png") as beside:
        figure(evaluation).savefig(beside, dpi=110)


def as_markdown(evaluations: Sequence[Evaluation]) -> str:
    """Return the table in Markdown: mean ± standard error, one line for each stimulus.

    Examples
    --------
    >>> from napari_lns.experiments.worlds import evaluate
    >>> from napari_lns.models import AutoEncoder
    >>> as_markdown([evaluate("dead_leaves", AutoEncoder(), count=1)]).splitlines()[1][:8]
    '|---|---'
    """
    header = ["stimulus", "network", "draws", *COLUMNS.values()]
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    for each in evaluations:
        scores = each.scores
        cells = [each.stimulus, str(each.model["name"]), str(len(each.seeds))]
        for name in COLUMNS:
            cells.append(_cell(name, scores[name]) if name in scores else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def figure(evaluation: Evaluation) -> Figure:
    """Draw the first stimulus above its control: image, reconstruction, variance, segments.

    Both variances have the same scale, so that a weak response looks weak.

    Parameters
    ----------
    evaluation
        Result of `evaluate`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, without a window.

    Examples
    --------
    >>> from napari_lns.experiments.worlds import evaluate
    >>> from napari_lns.models import AutoEncoder
    >>> len(figure(evaluate("dead_leaves", AutoEncoder(), count=1)).axes)
    4
    """
    from matplotlib.figure import Figure

    shown = evaluation.shown
    canvas = Figure(figsize=(8, 0.4 + 2.05 * len(shown)), layout="constrained")
    panels = canvas.subplots(len(shown), 4, squeeze=False)
    variances = [np.asarray(each.segmentation.variance, np.float64) for each in shown]
    most = max(float(variance.max()) for variance in variances) or 1.0
    for row, each, variance, name in zip(panels, shown, variances, NAMES, strict=False):
        reconstruction = np.asarray(each.segmentation.reconstruction, np.float64)
        row[0].imshow(each.stimulus.image)
        row[1].imshow(reconstruction.clip(0, 1))
        row[2].imshow(variance, cmap="magma", vmin=0, vmax=most)
        row[3].imshow(_match_to_truth(each), cmap="tab20", vmin=0, vmax=19, interpolation="nearest")
        row[0].set_ylabel(name + _measure_label(evaluation, name))
        for axes in row:
            axes.set(xticks=[], yticks=[])
    titles = ("image", "reconstruction", "variance", "segments")
    for axes, title in zip(panels[0], titles, strict=True):
        axes.set_title(title, fontsize="medium")
    title = evaluation.stimulus.replace("_", " ")
    canvas.suptitle(f"{title}, {evaluation.model['name']}", fontsize="medium")
    return canvas


def _measure_label(evaluation: Evaluation, name: str) -> str:
    key = "measure" if name == "stimulus" else "control_measure"
    values = evaluation.values.get(key)
    return "" if values is None else f"\nmeasure {values[0]:.2f}"


def _match_to_truth(segmented: SegmentedStimulus) -> NDArray[np.int32]:
    """Return the segments, renumbered to match the ground truth, as colour indices."""
    return match_labels(segmented.stimulus.labels, segmented.segmentation.labels) % 20


def _cell(name: str, score: Score) -> str:
    places = 4 if name in FOUR_PLACES else 2
    return f"{score.mean:.{places}f} ± {score.standard_error:.{places}f}"


def _as_csv(evaluations: Sequence[Evaluation]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    both = [f"{name}{end}" for name in COLUMNS for end in ("", "_standard_error")]
    writer.writerow(["stimulus", "network", "draws", *both])
    for each in evaluations:
        cells: list[object] = [each.stimulus, each.model["name"], len(each.seeds)]
        for name in COLUMNS:
            score = each.scores.get(name)
            cells += ["", ""] if score is None else [score.mean, score.standard_error]
        writer.writerow(cells)
    return text.getvalue()
