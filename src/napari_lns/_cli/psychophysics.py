"""`napari-lns psychophysics`: a model's curves for Gestalt laws, with human data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_unwritable,
    show_progress,
)
from napari_lns._progress import split_report

__all__ = ["psychophysics"]


def psychophysics(
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    laws: Annotated[list[str] | None, typer.Argument(help="Names of laws; default: all.")] = None,
    model: Annotated[
        str,
        typer.Option(help="A shipped model, or a file; default: that of each law's stimulus."),
    ] = "",
    count: Annotated[
        int, typer.Option(min=2, help="Number of stimuli at each value, each with its control.")
    ] = 40,
    method: Annotated[str, typer.Option(help="sampled, smoothed or exact.")] = "exact",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first stimulus.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Measure a model's curve for each law: figure, summary, and all stimuli with controls."""
    from napari_lns.experiments import psychophysics as work

    law_names = [work.law(name).name for name in laws or work.names()]
    networks, missing = _networks(law_names, model)
    if (laws and missing) or not networks:
        raise ValueError(missing[0])
    existing = [path for name in networks if (path := out / f"{name}.json").exists()]
    if existing and not may_overwrite(existing[0], overwrite):
        raise ValueError(f"{existing[0]} exists: give another folder, or --overwrite")
    refuse_unwritable(out)
    records = []
    with show_progress("Measuring") as report:
        each = split_report(report, [1] * len(networks))
        for (name, network), part in zip(networks.items(), each, strict=True):
            curve = work.curve(name, network, count=count, seed=seed, method=method, report=part)
            records.append(curve.record)
            work.write_curve(curve, out)
    if as_json:
        print_json(records)
    else:
        typer.echo(
            f"{', '.join(networks)}: figures (PNG, PDF) and numbers (JSON, CSV) are in {out}"
        )
    for sentence in missing:
        typer.echo(f"Left out: {sentence}", err=True)
    if missing:
        raise typer.Exit(1)


def _networks(laws: list[str], model: str) -> tuple[dict[str, str], list[str]]:
    """Return the network of each law, and a message for each law without one."""
    from napari_lns.experiments.psychophysics import law
    from napari_lns.models import for_stimulus

    networks, missing = {}, []
    for name in laws:
        try:
            networks[name] = model or for_stimulus(law(name).stimulus)
        except ValueError as error:
            missing.append(f"{name}: {error}; or name another model with --model")
    return networks, missing
