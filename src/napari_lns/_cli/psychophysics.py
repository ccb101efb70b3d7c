"""`napari-lns psychophysics`: a model's curve for each Gestalt law, beside what humans do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_unwritable,
    share,
)
from napari_lns._share import parts

__all__ = ["psychophysics"]


def psychophysics(
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    laws: Annotated[list[str] | None, typer.Argument(help="Laws; all if none is named.")] = None,
    model: Annotated[str, typer.Option(help="A shipped model, or a file.")] = "gestalt-ae",
    count: Annotated[int, typer.Option(min=2, help="Stimuli at each value, and controls.")] = 20,
    method: Annotated[str, typer.Option(help="sampled, smoothed or exact.")] = "exact",
    seed: Annotated[int, typer.Option(help="Seed of the first stimulus.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Measure a model as an observer: for each law a figure and its numbers as JSON."""
    from napari_lns import models
    from napari_lns.experiments import psychophysics as work

    if model == work.OBSERVER and model not in models.names():
        raise ValueError(work.no_observer())
    chosen = [work.law(name).name for name in laws or work.names()]
    taken = [path for name in chosen if (path := out / f"{name}.json").exists()]
    if taken and not may_overwrite(taken[0], overwrite):
        raise ValueError(f"{taken[0]} exists: give another folder, or --overwrite")
    refuse_unwritable(out)
    told = []
    with share("Measuring") as report:
        for name, part in zip(chosen, parts(report, [1] * len(chosen)), strict=True):
            curve = work.curve(name, model, count=count, seed=seed, method=method, report=part)
            told.append(curve.record)
            _write(curve, out)
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{', '.join(chosen)}: figures and numbers are in {out}")


def _write(curve: Any, out: Path) -> None:
    from napari_lns._files import written_together
    from napari_lns.experiments.psychophysics import figure

    with written_together(out, last=f"{curve.law}.json", overwrite=True) as beside:
        figure(curve).savefig(beside / f"{curve.law}.png", dpi=150)
        text = json.dumps(curve.record, indent=1)
        (beside / f"{curve.law}.json").write_text(text, encoding="utf-8")
