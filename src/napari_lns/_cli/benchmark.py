"""`napari-lns benchmark`: score methods and models on sets of stimuli, as a table and an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_unwritable,
    show_progress,
)
from napari_lns._cli.options import parse_assignments
from napari_lns._progress import split_report

if TYPE_CHECKING:
    from napari_lns.experiments.benchmark import Method
    from napari_lns.experiments.tables import Row

__all__ = ["app"]

app = typer.Typer(epilog="Example: napari-lns benchmark --data good_gestalt --out scores")


@app.callback(invoke_without_command=True)
def benchmark(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of npz files, one per set; folder of stimuli; or file."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Output folder.")] = None,
    models: Annotated[
        str, typer.Option(help="Models, separated by commas; default: those of each set.")
    ] = "",
    segmenter: Annotated[
        str,
        typer.Option(
            help="Methods listed by `napari-lns segmenters`, separated by commas; or all."
        ),
    ] = "lns",
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="name=value: parameter of a single method; repeatable."),
    ] = None,
    method: Annotated[
        str, typer.Option(help="For lns, separated by commas: sampled,smoothed,exact.")
    ] = "",
    relative_noise: Annotated[
        float, typer.Option(help="For lns: noise (× latent SD); 0: that on the model's card.")
    ] = 0,
    samples: Annotated[
        int, typer.Option(help="For lns: number of noise samples; 0: the default, 80.")
    ] = 0,
    count: Annotated[int, typer.Option(min=1, help="Number of stimuli of each set.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the runs.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Score methods on sets of stimuli by the adjusted Rand index, with true and estimated K."""
    if context.invoked_subcommand is not None:
        return
    if data is None or out is None:
        raise typer.BadParameter(
            "give --data and --out: the stimuli to score, and the output folder"
        )
    from napari_lns.experiments.benchmark import plan_runs, read_sets
    from napari_lns.experiments.tables import write_table

    if (out / "benchmark.json").exists() and not may_overwrite(out / "benchmark.json", overwrite):
        raise ValueError(f"{out} contains a benchmark: give another folder, or --overwrite")
    sets = read_sets(data, count)
    own = _parse_own_parameters(segmenter, setting or [])
    methods = list(_methods(segmenter, own, _choices(method, relative_noise, samples)))
    runs = plan_runs(sets.stimuli, [name for name in models.split(",") if name], methods)
    refuse_unwritable(out)
    rows: list[Row] = []
    with show_progress("Scoring") as report:
        for run, part in zip(runs, split_report(report, [1] * len(runs)), strict=True):
            rows += run.rows(seed, part)
    write_table(rows, out)
    _print_rows(rows, sets.broken, as_json)


@app.command(epilog="Example: napari-lns benchmark worlds --count 40 --out worlds")
def worlds(
    out: Annotated[Path, typer.Option(help="Output folder.")],
    stimulus: Annotated[
        list[str] | None, typer.Option(help="A stimulus; repeatable. Default: all.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="A shipped model, or a file; default: that of each stimulus.")
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="Number of draws of each stimulus.")] = 40,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Evaluate the network of each stimulus on stimulus and control, with baselines."""
    from napari_lns.experiments.worlds_table import (
        as_markdown,
        plan_evaluations,
        write_figure,
        write_table,
    )

    if (out / "worlds.json").exists() and not may_overwrite(out / "worlds.json", overwrite):
        raise ValueError(f"{out} contains a benchmark: give another folder, or --overwrite")
    plan, missing = plan_evaluations(stimulus or (), model)
    refuse_unwritable(out)
    evaluations = []
    with show_progress("Judging") as report:
        for run, part in zip(plan, split_report(report, [1] * len(plan)), strict=True):
            evaluations.append(run(count=count, report=part))
            write_figure(evaluations[-1], out)
            # completed evaluations are kept if the command is stopped
            write_table(evaluations, out)
    if as_json:
        print_json([each.record for each in evaluations])
    else:
        typer.echo(as_markdown(evaluations), nl=False)
    for sentence in missing:
        typer.echo(f"Left out: {sentence}", err=True)
    if missing:
        raise typer.Exit(1)


@app.command(epilog="Example: napari-lns benchmark fit --out fit")
def fit(
    out: Annotated[Path, typer.Option(help="Output folder.")],
    model: Annotated[
        list[str] | None, typer.Option(help="A shipped model; repeatable. Default: all.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Number of each network's own stimuli.")] = 8,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Evaluate the warnings: how well the displayed fit predicts correct segments."""
    from napari_lns.experiments import fit_table
    from napari_lns.models import load, names

    if (out / "fit.json").exists() and not may_overwrite(out / "fit.json", overwrite):
        raise ValueError(f"{out} contains a benchmark: give another folder, or --overwrite")
    networks = model or names()
    # raises for an unknown name before any work
    cards = {name: load(name).card for name in networks}
    without_limits = [name for name, card in cards.items() if card is None or card.limits is None]
    networks = [name for name in networks if name not in without_limits]
    if not networks:
        raise ValueError("no network has limits on its card: run `napari-lns models limits` first")
    refuse_unwritable(out)
    rows: list[fit_table.Row] = []
    with show_progress("Scoring") as report:
        for name, part in zip(networks, split_report(report, [1] * len(networks)), strict=True):
            rows += fit_table.score_model(name, count=count, report=part)
            # completed evaluations are kept if the command is stopped
            fit_table.write_table(rows, out)
    if as_json:
        print_json(fit_table.areas(rows))
    else:
        typer.echo(fit_table.as_markdown(rows), nl=False)
    for name in without_limits:
        typer.echo(f"Left out: {name}: its card has no limits", err=True)


def _print_rows(rows: list[Row], broken: Sequence[str], as_json: bool) -> None:
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        for row in rows:
            typer.echo(f"{row.set:20} {row.model:24} {row.method}, K {row.clusters}: {row.score}")
    for sentence in broken:
        typer.echo(f"Left out: {sentence}", err=True)
    if broken:
        raise typer.Exit(1)


def _parse_own_parameters(segmenter: str, settings: list[str]) -> dict[str, Any]:
    """Parse the parameters of the one named segmenter."""
    from napari_lns.segmentation.segmenters import SEGMENTERS

    if not settings:
        return {}
    if segmenter == "all" or "," in segmenter:
        raise typer.BadParameter(f"name the one segmenter with the parameter {settings[0]!r}")
    return parse_assignments(SEGMENTERS[segmenter].parameters, settings)


def _methods(
    segmenters: str, own: dict[str, Any], choices: list[dict[str, Any]]
) -> Iterator[Method]:
    from napari_lns.experiments.benchmark import BASELINES, Method
    from napari_lns.segmentation import segmenters as registered
    from napari_lns.segmentation.segmenters import SEGMENTERS

    names = list(registered()) if segmenters == "all" else segmenters.split(",")
    if "lns" not in names and any(choices):
        raise typer.BadParameter(
            "--method, --relative-noise and --samples are for lns: use --set for other methods"
        )
    for name in names:
        if name == "lns":
            yield from (Method("lns", {**choice, **own}) for choice in choices)
        elif name == "baseline" and not own:
            yield from BASELINES
        else:
            yield Method(SEGMENTERS[name].name, own)


def _choices(method: str, relative_noise: float, samples: int) -> list[dict[str, Any]]:
    noise = {"relative_noise": relative_noise} if relative_noise else {}
    more = {"samples": samples} if samples else {}
    methods: list[dict[str, Any]] = [{"method": one} for one in method.split(",") if one] or [{}]
    return [{**one, **noise, **more} for one in methods]
