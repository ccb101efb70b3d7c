"""`napari-lns reproduce`: the paper's results on the shipped models, as one HTML file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_folder,
    refuse_unwritable,
)

__all__ = ["reproduce"]


def reproduce(
    what: Annotated[
        str, typer.Argument(help="table1, figures, further, psychophysics or all.")
    ] = "all",
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("reproduced.html"),
    data: Annotated[
        Path | None, typer.Option(help="npz files, one per set; default: held-out images.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Number of images of each set.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the runs.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write a report of the paper's results, and of the analyses requested by its reviewers."""
    from napari_lns.experiments import reproduce as work
    from napari_lns.experiments.benchmark import read_sets

    refuse_folder(out)
    if out.exists() and not may_overwrite(out, overwrite):
        raise ValueError(f"{out} exists: give another name, or --overwrite")
    sets = None if data is None else read_sets(data, count)
    material = work.gather_material(sets.stimuli if sets else None, count=count, seed=seed)
    refuse_unwritable(out.parent)
    minutes = work.estimate_minutes(what, material)
    typer.echo(f"This takes about {minutes:.0f} minutes here.", err=True)
    titles, began = [], time.monotonic()
    for title, share in work.reproduce(what, material, out=out):
        titles.append(title)
        left = (time.monotonic() - began) * (1 - share) / share / 60
        typer.echo(f"Done: {title}. About {left:.0f} minutes left.", err=True)
    if as_json:
        print_json({"out": str(out), "parts": titles})
    else:
        typer.echo(f"The report is in {out}")
    if sets and sets.broken:
        typer.echo("\n".join(f"Left out: {sentence}" for sentence in sets.broken), err=True)
        raise typer.Exit(1)
