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
    share,
)

if TYPE_CHECKING:
    from napari_lns.models import Card

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, epilog="Example: napari-lns models show kanizsa-ae")

Model = Annotated[str, typer.Argument(help="A shipped model's name, or a .safetensors file.")]
Out = Annotated[Path, typer.Option(help="The .safetensors file to write.")]


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
        raise ValueError(f"{model} has no card: only its weights are there")
    if as_json:
        print_json(asdict(card))
        return
    typer.echo(f"{card.name} ({card.kind}), trained on {', '.join(card.data)}")
    typer.echo(f"steps {card.training.get('step')}, error {card.training.get('error', 0):.5f}")
    typer.echo(f"latent rescaling: power {card.axes_power:g} (0: as trained)")
    typer.echo(f"method {card.method}, noise {card.noise} ({card.relative_noise} × latent SD)")
    if score := card.scores.get("own draws"):
        told = f"{score['mean']:.3f} ± {score['standard_error']:.3f} ({score['count']} images)"
        typer.echo(f"ARI on held-out images {told}")
    typer.echo("all choices and scores: --json")


@app.command(
    epilog="Example: napari-lns models finish runs/mine --name mine --out mine.safetensors"
)
def finish(
    run: Annotated[Path, typer.Argument(help="The folder of a training run.")],
    name: Annotated[str, typer.Option(help="The model's name.")],
    out: Out,
    calibrate: Annotated[
        int,
        typer.Option(
            help="Choose rescaling, method and noise on so many held-out images; 0: do not."
        ),
    ] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Make a model from a training run: weights in float16 and a measured card."""
    from napari_lns import models

    _check_place(out, overwrite)
    network, card = models.finished(run, name)
    if calibrate:
        from napari_lns.experiments.calibration import calibrated

        with share("Calibrating") as report:
            network = calibrated(network, card, count=calibrate, report=report)
            card = network.card or card
    models.save(network, out, card)
    _tell(f"{name} is in {out}", {"out": str(out), "name": name}, as_json)


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
    told = {"out": str(out), "kind": network.kind}
    _tell(f"{checkpoint} ({network.kind}) is in {out}", told, as_json)


@app.command(epilog="Example: napari-lns models validate mine.safetensors")
def validate(model: Model, as_json: Json = False) -> None:
    """Check that a model has what segmenting needs."""
    from napari_lns import models

    models.validate(models.load(model))
    _tell(f"{model} is valid", {"model": model, "valid": True}, as_json)


def _tell(sentence: str, told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        typer.echo(sentence)


def _check_place(out: Path, overwrite: bool) -> None:
    """Refuse a place that cannot take a model, before any work."""
    if out.suffix != ".safetensors":
        raise ValueError(f"{out} must end in .safetensors")
    refuse_folder(out)
    if out.exists() and not may_overwrite(out, overwrite):
        raise ValueError(f"{out} exists: give another name, or --overwrite")
    refuse_unwritable(out.parent)
