"""Rows of a benchmark, and their table as CSV, JSON, Markdown and an image."""

from __future__ import annotations

import csv
import html
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from napari_lns._files import write_atomically
from napari_lns.experiments.scoring import Score

__all__ = ["Row", "as_markdown", "write_table"]

GIVEN, NOT_GIVEN = "#0072b2", "#e69f00"
HEADER = [
    "set",
    "model",
    "method",
    "K",
    "ARI",
    "foreground ARI",
    "best IoU",
    "fit",
    "images",
    "s per image",
]
HEIGHT = 0.28  # inches for each method


@dataclass(frozen=True)
class Row:
    """One row of a benchmark's table.

    Parameters
    ----------
    set
        Name of the set of stimuli.
    model
        Name of the model, or "" for a method without one.
    segmenter
        Name of the method.
    parameters
        Parameters of the method that differ from its defaults.
    clusters
        ``"given"``: the true number of segments; ``"found"``: the number estimated by the method;
        ``"fixed"``: the number of outputs of a network.
    score
        Mean adjusted Rand index, its standard error, and the number of images.
    seconds
        Time per image in seconds.
    used
        All parameters of the method that were used, with the σ of the noise.
    foreground
        Mean foreground ARI over the images with two or more figures; None if there are none.
    iou
        Mean best IoU.
    levels
        Number of images on each level (`napari_lns.models.assess`), best first; empty for a method
        without a network.
    """

    set: str
    model: str
    segmenter: str
    parameters: Mapping[str, Any]
    clusters: str
    score: Score
    seconds: float
    used: Mapping[str, Any] = field(default_factory=dict)
    foreground: Score | None = None
    iou: Score | None = None
    levels: Mapping[str, int] = field(default_factory=dict)

    @property
    def fit(self) -> str:
        """Number of images on each level, in words.

        Examples
        --------
        >>> score = Score(0.5, 0.1, 4)
        >>> Row("s", "m", "lns", {}, "given", score, 0.2, levels={"fits": 3, "doubtful": 1}).fit
        'fits 3, doubtful 1'
        """
        return ", ".join(f"{level} {count}" for level, count in self.levels.items())

    @property
    def method(self) -> str:
        """The method with its parameters.

        Examples
        --------
        >>> Row("s", "", "baseline", {"position": 1.0}, "given", Score(0.5, 0.1, 4), 0.2).method
        'baseline (position 1.0)'
        """
        parameters = ", ".join(f"{name} {value}" for name, value in self.parameters.items())
        return f"{self.segmenter} ({parameters})" if parameters else self.segmenter

    @property
    def line(self) -> str:
        """The method and its model, or only the kind of a model of the set.

        Examples
        --------
        >>> Row("kanizsa", "kanizsa-ae", "lns", {}, "given", Score(0.5, 0.1, 4), 0.2).line
        'lns, ae'
        """
        model = self.model.removeprefix(f"{self.set.replace('_', '-')}-")
        return f"{self.method}, {model}" if model else self.method


def write_table(rows: Sequence[Row], out: str | os.PathLike[str]) -> None:
    """Write a table as ``benchmark.csv``, ``.json``, ``.md`` and an image, ``.png``."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "benchmark.json": json.dumps([asdict(row) for row in rows], indent=1),
        "benchmark.csv": _as_csv(rows),
        "benchmark.md": as_markdown(rows),
    }
    for name, text in texts.items():
        with write_atomically(folder / name) as beside:
            beside.write_text(text, encoding="utf-8")
    with write_atomically(folder / "benchmark.png") as beside:
        _draw(rows, beside)


def as_markdown(rows: Sequence[Row]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(HEADER)} |", "|" + "---|" * len(HEADER)]
    lines += [
        f"| {_cell(row.set)} | {_cell(row.model)} | {_cell(row.method)} | {row.clusters} "
        f"| {row.score} | {row.foreground or ''} | {row.iou or ''} | {row.fit} "
        f"| {row.score.count} | {row.seconds:.2f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Escape text for one cell of a Markdown table."""
    return " ".join(html.escape(text, quote=False).replace("|", "&#124;").split())


def _as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    columns = "set model segmenter parameters clusters ari se images seconds used "
    more = "foreground_ari foreground_se iou iou_se fit"
    writer.writerow((columns + more).split())
    for row in rows:
        score = row.score
        identity = [
            row.set,
            row.model,
            row.segmenter,
            json.dumps(dict(row.parameters)),
            row.clusters,
        ]
        fit = [score.mean, score.standard_error, score.count, row.seconds]
        others = [value for each in (row.foreground, row.iou) for value in _mean_and_error(each)]
        writer.writerow([*identity, *fit, json.dumps(dict(row.used)), *others, row.fit])
    return text.getvalue()


def _mean_and_error(score: Score | None) -> tuple[Any, Any]:
    return ("", "") if score is None else (score.mean, score.standard_error)


def _draw(rows: Sequence[Row], path: Path) -> None:
    """Draw a panel for each set, with a line for each method and model."""
    from matplotlib.figure import Figure

    sets = list(dict.fromkeys(row.set for row in rows))
    names = list(dict.fromkeys(row.line for row in rows))
    across = min(3, len(sets))
    down = -(-len(sets) // across)
    size = (2 + 2.6 * across, down * (1.1 + HEIGHT * len(names)))
    figure = Figure(figsize=size, layout="constrained")
    panels = np.ravel(figure.subplots(down, across, sharex=True, sharey=True, squeeze=False))
    for axes, name in zip(panels, sets, strict=False):
        own = [row for row in rows if row.set == name]
        for points, colour, label in (
            ([row for row in own if row.clusters == "given"], GIVEN, "K given"),
            ([row for row in own if row.clusters != "given"], NOT_GIVEN, "K found or fixed"),
        ):
            axes.errorbar(
                [row.score.mean for row in points],
                [names.index(row.line) for row in points],
                xerr=[row.score.standard_error for row in points],
                fmt="o",
                markersize=4,
                color=colour,
                label=label,
            )
        axes.set_title(name.replace("_", " "), fontsize="medium")
        axes.grid(axis="y", color="0.9")
        axes.tick_params(labelsize="small")
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels[len(sets) :]:
        axes.set_axis_off()
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    figure.supxlabel("adjusted Rand index (mean ± standard error)", fontsize="medium")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    figure.savefig(path, dpi=150)
