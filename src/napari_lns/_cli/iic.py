"""`napari-lns iic`: train networks by invariant information clustering, and score them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    explain_divergence,
    may_overwrite,
    print_json,
    refuse_unwritable,
    show_progress,
    track_progress,
)
from napari_lns._cli.options import accept_options
from napari_lns._parameters import unknown_name_error
from napari_lns.models.iic.settings import PRESETS, IICSettings, Transform

if TYPE_CHECKING:
    from napari_lns.experiments.iic import Line

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, epilog="Example: napari-lns iic train --data kanizsa --out runs/iic"
)

Steps = Annotated[int, typer.Option(help="Number of steps; 0: the default.")]
Runs = Annotated[
    int, typer.Option(min=1, help="Number of runs, of which the one with the lowest loss is used.")
]
RunsFolder = Annotated[
    Path | None, typer.Option(help="Folder for the runs, from which the command resumes.")
]
Repetitions = Annotated[int, typer.Option(min=1, help="Number of repetitions with other seeds.")]


@app.command(epilog="Example: napari-lns iic train --data kanizsa --clusters 3 --out runs/iic")
@accept_options(IICSettings, Transform, omit=("data", "network", "transform"), show_defaults=False)
def train(
    values: Mapping[str, Any],
    data: Annotated[str, typer.Option(help="A stimulus, digits, a folder, or an image file.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; an existing run resumes.")],
    network: Annotated[str, typer.Option(help="pixels, digits or photos.")] = "pixels",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    as_json: Json = False,
) -> None:
    """Train a network. Ctrl-C stops it at the last checkpoint; the same command resumes.

    Options that are not given are those of the network's preset.
    """
    from napari_lns.models.iic import iter_train

    settings = _choose_settings(data, network, values)
    refuse_unwritable(out)
    reports = iter_train(settings, out=out, device=device)
    with explain_divergence():
        *_, last = track_progress(reports, "Training", -(-settings.steps // 20))
    if as_json:
        print_json({"out": str(out), "step": last.step, "loss": last.loss})
    else:
        typer.echo(f"{out}: step {last.step} of {last.steps}, loss {last.loss:.4f}")


def _choose_settings(data: str, network: str, values: Mapping[str, Any]) -> IICSettings:
    """Return the preset of a kind of network with the given values."""
    if network not in PRESETS:
        raise unknown_name_error("IIC network", network, PRESETS)
    preset = PRESETS[network]
    of_transform = {field.name for field in fields(Transform)} & values.keys()
    transform = replace(preset.transform, **{name: values[name] for name in of_transform})
    others = {name: value for name, value in values.items() if name not in of_transform}
    return replace(preset, data=data, transform=transform, **others)


@app.command(epilog="Example: napari-lns iic digits --repetitions 5")
def digits(
    repetitions: Repetitions = 5, runs: Runs = 3, out: RunsFolder = None, as_json: Json = False
) -> None:
    """Score clusters of scikit-learn's digits, and those of k-means."""
    from napari_lns.experiments import iic

    _print(partial(iic.score_digits, repetitions, runs, out=out), as_json)


@app.command(epilog="Example: napari-lns iic textures --repetitions 5")
def textures(
    repetitions: Repetitions = 5,
    steps: Annotated[int, typer.Option(help="Number of training steps on each image.")] = 60,
    as_json: Json = False,
) -> None:
    """Score networks trained on one image of two or three oriented textures."""
    from napari_lns.experiments import iic

    _print(partial(iic.score_textures, repetitions=repetitions, steps=steps), as_json)


@app.command(epilog="Example: napari-lns iic labels --repetitions 3")
def labels(
    repetitions: Repetitions = 3,
    steps: Annotated[int, typer.Option(help="Number of steps of each supervised training.")] = 300,
    out: RunsFolder = None,
    as_json: Json = False,
) -> None:
    """Score both semi-supervised settings on digits, for few and many labels."""
    from napari_lns.experiments import iic

    work = partial(iic.score_labels, repetitions=repetitions, steps=steps, out=out)
    _print(work, as_json)


@app.command(epilog="Example: napari-lns iic sets --count 100")
def sets(
    count: Annotated[int, typer.Option(help="Number of images of each split.")] = 100,
    as_json: Json = False,
) -> None:
    """Score the shipped networks on the six Good Gestalt sets."""
    from napari_lns.experiments import iic

    _print(partial(iic.score_sets, count), as_json)


@app.command("train-set", epilog="Example: napari-lns iic train-set kanizsa --out weights")
def train_set(
    name: Annotated[str, typer.Argument(help="A Good Gestalt set.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    runs: Runs = 1,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Train the network that ships for a Good Gestalt set."""
    from napari_lns.experiments import iic

    path = out / f"{name}.safetensors"
    if path.exists() and not may_overwrite(path, overwrite):
        raise ValueError(f"{path} exists: give another folder, or --overwrite")
    refuse_unwritable(out)
    with show_progress("Training") as report:
        weights = iic.train_set(name, out, runs, report)
    if as_json:
        print_json({"out": str(weights)})
    else:
        typer.echo(f"{weights}")


def _print(score: Callable[..., Iterable[Line]], as_json: bool) -> None:
    from napari_lns.experiments.iic import as_markdown

    with show_progress("Scoring") as report:
        lines = list(score(report=report))
    if as_json:
        print_json([asdict(line) for line in lines])
    else:
        typer.echo(as_markdown(lines))
