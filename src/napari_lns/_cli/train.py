"""`napari-lns train`: train a network, or resume a stopped run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import Json, explain_divergence, print_json, refuse_unwritable
from napari_lns._cli.options import accept_options
from napari_lns.models.training.settings import Settings

if TYPE_CHECKING:
    from napari_lns.models import TrainingProgress

__all__ = ["train"]


@accept_options(Settings, omit=("data", "warm_up", "colour_until"))
def train(
    values: Mapping[str, Any],
    out: Annotated[Path, typer.Option(help="Folder of the run; an existing run resumes.")],
    data: Annotated[
        list[str] | None, typer.Option(help="A stimulus, or a folder of images; repeatable.")
    ] = None,
    world: Annotated[str, typer.Option(help="A stimulus whose world is the training data.")] = "",
    scene: Annotated[
        Path | None, typer.Option(help="A scene's .json file, whose world is the training data.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[int, typer.Option(help="Number of threads; 0: torch's default.")] = 0,
    minutes: Annotated[
        float,
        typer.Option(
            help="Time limit in minutes; 0: none. For a scene: duration of the whole run (15)."
        ),
    ] = 0,
    plan: Annotated[
        str,
        typer.Option(help="Method to compute steps: measured, plain, or another run's plan.json."),
    ] = "measured",
    as_json: Json = False,
) -> None:
    """Train a network. Ctrl-C stops it at the last checkpoint; the same command resumes.

    On a scene's world the options that are not given depend on the scene. Some scenes begin with
    a shipped network's weights; --start none begins with random ones.
    """
    import torch

    if threads:
        torch.set_num_threads(threads)
    if values.get("start") == "none":
        values = {**values, "start": ""}
    if scene is not None:
        _refuse_other_data(data, world)
        refuse_unwritable(out)
        last = _run_scene(scene, out, minutes, plan, device, values)
        _print_progress(out, last, as_json)
        return
    settings = Settings(_training_data(data, world), **values)
    refuse_unwritable(out)
    last = _run(settings, out, device, minutes or None, plan)
    _print_progress(out, last, as_json, settings.steps)


def _print_progress(
    out: Path, last: TrainingProgress | None, as_json: bool, steps: int = 0
) -> None:
    """Print the progress of a run; `last` is None if the run was already complete."""
    if as_json:
        result: dict[str, Any] = (
            {"step": steps} if last is None else {"step": last.step, "error": last.error}
        )
        print_json({"out": str(out), **result})
    elif last is None:
        typer.echo(f"The run in {out} was already complete.")
    else:
        scores = "".join(f", {name} {score:.2f}" for name, score in last.scores.items())
        typer.echo(f"{out}: step {last.step} of {last.steps}, error {last.error:.5f}{scores}")


def _refuse_other_data(data: list[str] | None, world: str) -> None:
    if data or world:
        raise ValueError("give --scene FILE, --world NAME or --data NAME, one of them")


def _training_data(data: list[str] | None, world: str) -> tuple[str, ...]:
    """Return the training data: a world, or the data named by `--data`."""
    from napari_lns._parameters import unknown_name_error
    from napari_lns.stimuli import worlds

    if bool(data) == bool(world):
        raise ValueError("give --world NAME or --data NAME, one of them")
    if world and world not in worlds.names():
        raise unknown_name_error("world", world, worlds.names())
    return (world,) if world else tuple(data or ())


def _run(
    settings: Settings, out: Path, device: str, minutes: float | None, plan: str
) -> TrainingProgress | None:
    from napari_lns.experiments.held_out import evaluation_for
    from napari_lns.models import iter_train
    from napari_lns.models.training.speed import plan_for_option

    steps = iter_train(
        settings,
        out,
        evaluate=evaluation_for(settings),
        device=device,
        minutes=minutes,
        plan=plan_for_option(plan, device),
    )
    return _train_with_bar(steps, settings.steps)


def _run_scene(
    file: Path, out: Path, minutes: float, plan: str, device: str, changes: Mapping[str, Any]
) -> TrainingProgress | None:
    """Train on the world of a scene and write the network; print the estimated time first."""
    from napari_lns.experiments.own_scenes import finish_scene, scene_score
    from napari_lns.models import iter_train
    from napari_lns.models.training.scenes import MINUTES, estimate_run
    from napari_lns.models.training.speed import plan_for_option
    from napari_lns.stimuli import Scene

    scene = Scene.load(file)
    estimate = estimate_run(
        scene,
        out,
        minutes=minutes or MINUTES,
        device=device,
        plan=plan_for_option(plan, device),
        **changes,
    )
    typer.echo(str(estimate), err=True)
    steps = iter_train(
        estimate.settings,
        out,
        evaluate=scene_score(scene),
        evaluate_every=500,
        plan=estimate.plan,
    )
    last = _train_with_bar(steps, estimate.settings.steps)
    typer.echo(f"The network is in {finish_scene(out)}", err=True)
    return last


def _train_with_bar(steps: Iterator[TrainingProgress], total: int) -> TrainingProgress | None:
    """Train with a progress bar of error, scores and remaining time; return the last progress."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("{task.description}", BarColumn(), "{task.completed} of {task.total}")
    last = None
    with Progress(
        *columns,
        TextColumn("error {task.fields[error]}{task.fields[scores]}"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("Training", total=total, error="…", scores="")
        with explain_divergence():
            for last in steps:
                scores = "".join(f", {name} {score:.2f}" for name, score in last.scores.items())
                bar.update(task, completed=last.step, error=f"{last.error:.5f}", scores=scores)
    return last
