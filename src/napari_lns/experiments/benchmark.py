"""Sets of stimuli × models × methods: one table, with standard errors and times."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from napari_lns import stimuli
from napari_lns._files import written_whole
from napari_lns.experiments.scoring import Score, scores
from napari_lns.models import names
from napari_lns.stimuli import Stimulus

__all__ = ["Row", "Sets", "benchmark", "sets_in", "write_table"]


@dataclass(frozen=True)
class Row:
    """One line of a benchmark's table.

    Parameters
    ----------
    set
        Name of the set of stimuli.
    model
        Name of the model, or "" for a method without one.
    segmenter
        Name of the method.
    parameters
        The method's own parameters, where they are not its defaults.
    clusters
        ``"given"``: the true number; ``"found"``: by the method itself.
    score
        Mean adjusted Rand index, its standard error, and the number of images.
    seconds
        Time for an image.
    """

    set: str
    model: str
    segmenter: str
    parameters: Mapping[str, Any]
    clusters: str
    score: Score
    seconds: float


@dataclass(frozen=True)
class Sets:
    """Sets of stimuli by name, and what could not be read."""

    stimuli: Mapping[str, list[Stimulus]]
    broken: Sequence[str] = field(default_factory=tuple)


def sets_in(folder: str | os.PathLike[str], count: int | None = None) -> Sets:
    """Read the sets of a folder: each npz file is one, or the whole folder is.

    Parameters
    ----------
    folder
        npz files as the Good Gestalt sets are published in, or a folder of stimuli.
    count
        How many stimuli of each set, at the most.

    Returns
    -------
    Sets
        What could be read, and a sentence for each file that could not.
    """
    path = Path(folder)
    if not path.is_dir():
        raise FileNotFoundError(f"there is no folder {os.fspath(folder)!r}")
    files = sorted(path.glob("*.npz")) or [path]
    found, broken = {}, []
    for file in files:
        try:
            found[file.stem] = stimuli.read(file)[:count]
        except (ValueError, OSError) as error:
            broken.append(str(error))
    if not found:
        raise ValueError("; ".join(broken) or f"{os.fspath(folder)!r} holds no stimuli")
    return Sets(found, tuple(broken))


def benchmark(
    sets: Mapping[str, list[Stimulus]],
    models: Sequence[str] = (),
    *,
    segmenter: str = "lns",
    found: bool = False,
    choices: Sequence[Mapping[str, Any]] = ({},),
    seed: int = 0,
) -> Iterator[Row]:
    """Score every set with every model and choice of parameters, row by row.

    Parameters
    ----------
    sets
        Stimuli by the name of their set.
    models
        Names or files of models; if none are given, each set's own shipped ones.
    segmenter
        The method.
    found
        Whether the method finds the number of groups itself, rather than being given it.
    choices
        The method's own parameters, one row each; what is not given is the model's choice.
    seed
        Seed of the runs.

    Yields
    ------
    Row
        As soon as it is done.
    """
    needs_model = _needs_model(segmenter)
    for name, given in sets.items():
        for model in (models or _own_models(name)) if needs_model else ("",):
            for choice in choices:
                started = time.perf_counter()
                values = scores(
                    given,
                    model or None,
                    clusters="auto" if found else None,
                    seed=seed,
                    segmenter=segmenter,
                    **(_chosen(model, choice) if segmenter == "lns" else choice),
                )
                seconds = (time.perf_counter() - started) / len(given)
                yield Row(
                    name,
                    Path(model).stem,
                    segmenter,
                    dict(choice),
                    "found" if found else "given",
                    Score.of(values),
                    round(seconds, 4),
                )


def write_table(rows: Sequence[Row], out: str | os.PathLike[str]) -> None:
    """Write a table as ``benchmark.csv``, ``.json``, ``.md`` and a picture, ``.png``."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "benchmark.json": json.dumps([asdict(row) for row in rows], indent=1),
        "benchmark.csv": _as_csv(rows),
        "benchmark.md": as_markdown(rows),
    }
    for name, text in texts.items():
        with written_whole(folder / name) as beside:
            beside.write_text(text, encoding="utf-8")
    with written_whole(folder / "benchmark.png") as beside:
        _draw(rows, beside)


def as_markdown(rows: Sequence[Row]) -> str:
    """Give a table in Markdown."""
    lines = ["| set | model | method | K | ARI | images | s an image |", "|" + "---|" * 7]
    lines += [
        f"| {row.set} | {row.model} | {_method(row)} | {row.clusters} | {row.score} "
        f"| {row.score.count} | {row.seconds:.2f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _needs_model(segmenter: str) -> bool:
    from napari_lns.segmentation.segmenters import segmenter_named

    return segmenter_named(segmenter).needs_model


def _own_models(name: str) -> list[str]:
    own = [model for model in names() if model.rsplit("-", 1)[0] == name.replace("_", "-")]
    if not own:
        raise ValueError(f"no model ships for the set {name!r}: name one of {', '.join(names())}")
    return own


def _chosen(model: str, choice: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a choice by the method that the model's card tells."""
    from napari_lns.models import load

    card = load(model).card
    method = {"method": card.method} if card is not None else {}
    return {**method, **choice}


def _method(row: Row) -> str:
    told = ", ".join(f"{name} {value}" for name, value in row.parameters.items())
    return f"{row.segmenter} ({told})" if told else row.segmenter


def _as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["set", "model", "segmenter", "parameters", "clusters", "ari", "se", "images", "seconds"]
    )
    for row in rows:
        score = row.score
        writer.writerow(
            [
                row.set,
                row.model,
                row.segmenter,
                json.dumps(dict(row.parameters)),
                row.clusters,
                score.mean,
                score.standard_error,
                score.count,
                row.seconds,
            ]
        )
    return text.getvalue()


def _draw(rows: Sequence[Row], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 0.9 + 0.32 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(rows))
    axes.barh(
        places,
        [row.score.mean for row in rows],
        xerr=[row.score.standard_error for row in rows],
        color="#0072b2",
        error_kw={"ecolor": "0.2"},
    )
    axes.set_yticks(places, [f"{row.set}: {row.model} {_method(row)}" for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(min(0.0, *(row.score.mean for row in rows)), 1)
    axes.set_xlabel("adjusted Rand index (mean ± standard error)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
