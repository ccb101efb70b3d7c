"""`napari-lns models`: list, show, finish, import and validate models."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_folder,
    refuse_unwritable,
    show_progress,
)
from napari_lns._levels import percent
from napari_lns._progress import split_report

if TYPE_CHECKING:
    from napari_lns.models import Card

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, epilog="Example: napari-lns models show kanizsa-ae")

Model = Annotated[str, typer.Argument(help="Name of a shipped model, or a .safetensors file.")]
Out = Annotated[Path, typer.Option(help="The .safetensors file to write.")]
NOT_STIMULI = "it was not trained on stimuli, so there is no ground truth"


@app.command("list", epilog="Example: napari-lns models list")
def list_models(as_json: Json = False) -> None:
    """List the models that ship with the plugin, with their scores on held-out images."""
    from napari_lns import models

    cards = [models.load(name).card for name in models.names()]
    rows = [_row(card) for card in cards if card is not None]
    if as_json:
        print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "model", "steps", "error", "rescaling", "method", "noise (× latent SD)", "ARI", box=None
    )
    for row in rows:
        table.add_row(*_cells(**row))
    Console().print(table)


def _row(card: Card) -> dict[str, Any]:
    return {
        "model": card.name,
        "steps": card.training.get("step"),
        "error": card.training.get("error"),
        "axes_power": card.axes_power,
        "method": card.method,
        "relative_noise": card.relative_noise,
        "score": card.scores.get("own draws"),
    }


def _cells(
    model: str,
    steps: int,
    error: float,
    axes_power: float,
    method: str,
    relative_noise: float,
    score: Any,
) -> tuple[str, ...]:
    return (
        model,
        f"{steps or 0:,}",
        f"{error or 0:.5f}",
        f"{axes_power:g}",
        method,
        "" if method == "exact" else str(relative_noise),
        f"{score['mean']:.3f} ± {score['standard_error']:.3f}" if score else "",
    )


@app.command(epilog="Example: napari-lns models show kanizsa-ae")
def show(model: Model, as_json: Json = False) -> None:
    """Show a model's card."""
    from napari_lns import models

    card = models.load(model).card
    if card is None:
        raise ValueError(f"{model} has no card, only weights")
    if as_json:
        print_json(asdict(card))
        return
    typer.echo(f"{card.name} ({card.kind}), trained on {', '.join(card.data)}")
    typer.echo(f"steps {card.training.get('step')}, error {card.training.get('error', 0):.5f}")
    typer.echo(f"latent rescaling: power {card.axes_power:g} (0: as trained)")
    typer.echo(f"method {card.method}, noise {card.noise} ({card.relative_noise} × latent SD)")
    if score := card.scores.get("own draws"):
        text = f"{score['mean']:.3f} ± {score['standard_error']:.3f} ({score['count']} images)"
        typer.echo(f"ARI on held-out images {text}")
    typer.echo(_describe_limits(card))
    typer.echo("all choices and scores: --json")


@app.command(
    epilog="Example: napari-lns models finish runs/mine --name mine --out mine.safetensors"
)
def finish(
    run: Annotated[Path, typer.Argument(help="Folder of a training run.")],
    name: Annotated[str, typer.Option(help="Name of the model.")],
    out: Out,
    calibrate: Annotated[
        int,
        typer.Option(
            help="Number of held-out images on which to choose rescaling, method and noise, and to "
            "measure limits; 0: skip this."
        ),
    ] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Export a model from a training run: weights in float16, and a card."""
    from napari_lns import models

    _check_place(out, overwrite)
    if calibrate:
        _check_labelled(run)
    network, card = models.finish_run(run, name)
    if calibrate:
        from napari_lns.experiments import calibration
        from napari_lns.experiments.limits import measure_limits

        with show_progress("Calibrating") as report:
            choosing, measuring = split_report(report, [3, 1])
            network = calibration.calibrate(network, card, count=calibrate, report=choosing)
            card = measure_limits(network, network.card or card, report=measuring)
    models.save(network, out, card)
    _print_result(f"{name} is in {out}", {"out": str(out), "name": name}, as_json)


@app.command(epilog="Example: napari-lns models limits kanizsa-figure")
def limits(
    models: Annotated[
        list[str] | None,
        typer.Argument(help="Names or .safetensors files; default: all shipped models."),
    ] = None,
    count: Annotated[
        int,
        typer.Option(min=2, help="Number of each network's own stimuli, each with its control."),
    ] = 16,
    as_json: Json = False,
) -> None:
    """Measure the limits up to which images fit networks, and write them to the cards."""
    from napari_lns.experiments.limits import measure_limits, own_stimuli
    from napari_lns.models import load, zoo

    names = models or zoo.names()
    networks = {name: load(name) for name in names}  # raises for an unknown name before any work
    cards = {name: each.card for name, each in networks.items() if each.card is not None}
    missing = [f"{name}: it has no card" for name in names if name not in cards]
    missing += [f"{name}: {NOT_STIMULI}" for name, card in cards.items() if not own_stimuli(card)]
    measured: dict[str, Card] = {}
    with show_progress("Measuring") as report:
        calibratable = [name for name, card in cards.items() if own_stimuli(card)]
        for name, part in zip(
            calibratable, split_report(report, [1] * len(calibratable)), strict=True
        ):
            measured[name] = measure_limits(networks[name], cards[name], count=count, report=part)
            # completed cards are kept if the command is stopped
            measured[name].save(zoo.weights_path(name).with_suffix(".json"))
    if as_json:
        print_json({name: asdict(card)["limits"] for name, card in measured.items()})
    else:
        for name, card in measured.items():
            typer.echo(f"{name}: {_describe_limits(card)}")
    for sentence in missing:
        typer.echo(f"Left out: {sentence}", err=True)
    if models and missing:
        raise typer.Exit(1)


@app.command("import", epilog="Example: napari-lns models import last --out authors.safetensors")
def import_model(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of the paper's authors.")],
    out: Out,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Import a checkpoint of the paper's authors; code in it is never run."""
    from napari_lns import models

    _check_place(out, overwrite)
    network = models.import_checkpoint(checkpoint)
    models.save(network, out)
    result = {"out": str(out), "kind": network.kind}
    _print_result(f"{checkpoint} ({network.kind}) was written to {out}", result, as_json)


@app.command(epilog="Example: napari-lns models validate mine.safetensors")
def validate(model: Model, as_json: Json = False) -> None:
    """Check that a model meets the requirements for segmentation."""
    from napari_lns import models

    models.validate(models.load(model))
    _print_result(f"{model} is valid", {"model": model, "valid": True}, as_json)


def _describe_limits(card: Card) -> str:
    """Describe a card's limits."""
    limits = card.limits
    if limits is None:
        return "no limits on the card"
    return (
        f"fits up to {percent(limits.fits)} unexplained variance, out of distribution beyond "
        f"{percent(limits.out)}; {percent(limits.right)} of its own stimuli are segmented correctly"
    )


def _check_labelled(run: Path) -> None:
    """Raise ValueError if a run's images have no ground truth to calibrate on."""
    from napari_lns.experiments.held_out import check_calibratable
    from napari_lns.models.training.measuring import read_run_settings

    settings = read_run_settings(run)
    if settings is not None:
        check_calibratable(settings.data, str(run))


def _print_result(sentence: str, result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        typer.echo(sentence)


def _check_place(out: Path, overwrite: bool) -> None:
    """Raise an error if a model cannot be written to a path."""
    if out.suffix != ".safetensors":
        raise ValueError(f"{out} must end in .safetensors")
    refuse_folder(out)
    if out.exists() and not may_overwrite(out, overwrite):
        raise ValueError(f"{out} exists: give another name, or --overwrite")
    refuse_unwritable(out.parent)
