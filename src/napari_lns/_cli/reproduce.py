"""`napari-lns reproduce`: the paper's results on the shipped models, as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from napari_lns._cli.common import Json, Overwrite, may_overwrite, print_json

__all__ = ["reproduce"]


def reproduce(
    what: Annotated[str, typer.Argument(help="table1, figures, further or all.")] = "all",
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("reproduced.html"),
    data: Annotated[
        Path | None, typer.Option(help="npz files, each a set; own draws if not given.")
    ] = None,
    count: Annotated[int, typer.Option(help="Images of each set.")] = 20,
    seed: Annotated[int, typer.Option(help="Seed of the runs.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write the paper's results, and what its reviewers asked for, as a report."""
    from napari_lns.experiments import reproduce as work
    from napari_lns.experiments.benchmark import sets_in

    if out.exists() and not may_overwrite(out, overwrite):
        raise ValueError(f"{out} exists: give another name, or --overwrite")
    sets = None if data is None else sets_in(data, count).stimuli
    minutes = work.expected_minutes(what, count)
    typer.echo(f"About {minutes:.0f} minutes on two cores.", err=True)
    titles = []
    for title in work.reproduce(what, out=out, sets=sets, count=count, seed=seed):
        titles.append(title)
        typer.echo(f"Done: {title}", err=True)
    if as_json:
        print_json({"out": str(out), "parts": titles})
    else:
        typer.echo(f"The report is in {out}")
