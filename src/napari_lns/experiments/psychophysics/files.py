"""Files of a curve: all pairs as CSV, the summary as JSON, the figure as PNG and PDF."""

from __future__ import annotations

import csv
import io
import json
import os

from napari_lns._files import write_together
from napari_lns.experiments.psychophysics.curves import Curve
from napari_lns.experiments.psychophysics.figures import figure

__all__ = ["as_csv", "write_curve"]

COLUMNS = ("law", "model", "x", "seed", "stimulus", "control", "error", "control_error")


def write_curve(curve: Curve, folder: str | os.PathLike[str]) -> None:
    """Write ``LAW.csv``, ``.json``, ``.png`` and ``.pdf`` atomically.

    Parameters
    ----------
    curve
        The curve.
    folder
        Output folder; files with the same names are replaced.
    """
    canvas = figure(curve)
    with write_together(folder, last=f"{curve.law}.json", overwrite=True) as beside:
        canvas.savefig(beside / f"{curve.law}.png", dpi=150)
        canvas.savefig(beside / f"{curve.law}.pdf")
        (beside / f"{curve.law}.csv").write_text(as_csv(curve), encoding="utf-8")
        text = json.dumps(curve.record, indent=1, ensure_ascii=False)
        (beside / f"{curve.law}.json").write_text(text, encoding="utf-8")


def as_csv(curve: Curve) -> str:
    """Return measures and errors as CSV, one line for each stimulus and its control.

    Parameters
    ----------
    curve
        The curve.

    Returns
    -------
    str
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    tables = (curve.values, curve.controls, curve.errors, curve.control_errors)
    for k, x in enumerate(curve.x):
        for number in range(curve.values.shape[1]):
            row = [float(table[k, number]) for table in tables]
            writer.writerow([curve.law, curve.model["name"], x, curve.seed + number, *row])
    return text.getvalue()
