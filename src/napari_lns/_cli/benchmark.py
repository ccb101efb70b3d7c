"""`napari-lns benchmark`: score sets of stimuli with models, as a table and a picture."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from napari_lns._cli.common import Json, Overwrite, may_overwrite, print_json

__all__ = ["benchmark"]


def benchmark(
    data: Annotated[Path, typer.Option(help="npz files, each a set; or a folder of stimuli.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    models: Annotated[str, typer.Option(help="Models, with commas; each set's own if none.")] = "",
    segmenter: Annotated[str, typer.Option(help="The method.")] = "lns",
    method: Annotated[str, typer.Option(help="For lns, with commas: sampled,smoothed,exact.")] = "",
    relative_noise: Annotated[
        float, typer.Option(help="Noise as a share of the latents' spread; 0: the model's own.")
    ] = 0,
    samples: Annotated[int, typer.Option(help="Noise samples.")] = 80,
    found: Annotated[bool, typer.Option("--found", help="Find the number of groups.")] = False,
    count: Annotated[int, typer.Option(help="Stimuli of each set.")] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the runs.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Score sets of stimuli: adjusted Rand index, mean ± standard error."""
    from napari_lns.experiments import benchmark as work

    if (out / "benchmark.json").exists() and not may_overwrite(out / "benchmark.json", overwrite):
        raise ValueError(f"{out} holds a benchmark: give another folder, or --overwrite")
    sets = work.sets_in(data, count)
    choices = _choices(method, relative_noise, samples) if segmenter == "lns" else [{}]
    rows = []
    for row in work.benchmark(
        sets.stimuli,
        [name for name in models.split(",") if name],
        segmenter=segmenter,
        found=found,
        choices=choices,
        seed=seed,
    ):
        rows.append(row)
        if not as_json:
            typer.echo(f"{row.set:20} {row.model:24} {dict(row.parameters)} {row.score}")
    work.write_table(rows, out)
    if as_json:
        print_json([asdict(row) for row in rows])
    for sentence in sets.broken:
        typer.echo(f"Left out: {sentence}", err=True)
    if sets.broken:
        raise typer.Exit(1)


def _choices(method: str, relative_noise: float, samples: int) -> list[dict[str, Any]]:
    noise = {"relative_noise": relative_noise} if relative_noise else {}
    more = {} if samples == 80 else {"samples": samples}
    methods: list[dict[str, Any]] = [{"method": one} for one in method.split(",") if one] or [{}]
    return [{**one, **noise, **more} for one in methods]
