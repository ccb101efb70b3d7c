"""Export of the trials of a plan for PsychoPy: a table of conditions and its images.

A Qt window cannot time brief flashes. If timing matters, run the same trials in PsychoPy.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from napari_lns._files import write_together
from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.observers.plan import Plan
from napari_lns.experiments.observers.points import Point
from napari_lns.experiments.observers.trials import Trial, TrialImage, trials

__all__ = ["CONDITIONS", "export"]

CONDITIONS = "conditions.csv"


def export(
    plan: Plan,
    folder: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    report: Report = ignore_share,
) -> int:
    """Write the trials of a plan for PsychoPy.

    Positions of dots are relative to the image's centre, to the right and upwards, as shares of its
    longer side: multiply them by the displayed size of the image.

    Parameters
    ----------
    plan
        The plan.
    folder
        Output folder for ``conditions.csv``, ``plan.json`` and the images.
    overwrite
        Whether to replace existing files.
    report
        Receives the completed share.

    Returns
    -------
    int
        Number of images written.

    Examples
    --------
    >>> from napari_lns.experiments.observers import Source
    >>> export(Plan("which_of_two", (Source("kanizsa_figure"),)), "psychopy")
    2
    """
    trial_list = trials(plan)
    images: dict[str, tuple[str, TrialImage]] = {}
    for trial in trial_list:
        for image in trial.images:
            images.setdefault(_key(image), (f"image_{len(images):05d}.png", image))
    shapes: dict[str, tuple[int, int]] = {}
    with write_together(folder, last=CONDITIONS, overwrite=overwrite) as beside:
        for key, (name, image) in report_each(images.items(), len(images), report):
            stimulus = image.draw()
            shapes[key] = stimulus.shape
            Image.fromarray(np.rint(255 * stimulus.image).astype(np.uint8)).save(beside / name)
        (beside / "plan.json").write_text(plan.text, encoding="utf-8")
        rows = [_row(trial, plan, images, shapes) for trial in trial_list]
        _write_rows(rows, beside / CONDITIONS)
    return len(images)


def _key(image: TrialImage) -> str:
    return json.dumps(image.record, sort_keys=True)


def _row(
    trial: Trial,
    plan: Plan,
    images: dict[str, tuple[str, TrialImage]],
    shapes: dict[str, tuple[int, int]],
) -> dict[str, Any]:
    names = [images[_key(image)][0] for image in trial.images]
    columns = ["image"] if len(names) == 1 else ["first_image", "second_image"]
    row: dict[str, Any] = {"trial": trial.number, **dict(zip(columns, names, strict=True))}
    if trial.points is not None:
        shape = shapes[_key(trial.images[0])]
        for dot, point in enumerate(trial.points, 1):
            row[f"x{dot}"], row[f"y{dot}"] = _place(point, shape)
    if plan.paradigm == "rating":
        row["control"] = int(trial.images[0].control)
    else:
        row["correct"] = trial.correct
    return {**row, **trial.condition, "deadline": plan.deadline or ""}


def _place(point: Point, shape: tuple[int, int]) -> tuple[float, float]:
    (row, column), (height, width) = point, shape
    side = max(shape)
    return round((column + 0.5 - width / 2) / side, 5), round((height / 2 - row - 0.5) / side, 5)


def _write_rows(rows: list[dict[str, Any]], file: Path) -> None:
    columns = dict.fromkeys(key for row in rows for key in row)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(columns))
        writer.writeheader()
        writer.writerows(rows)
