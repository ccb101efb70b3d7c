"""The command line: `napari-lns`. Each command has a module in `napari_lns._cli`."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from napari_lns import __version__
from napari_lns._cli import (
    benchmark,
    iic,
    models,
    observe,
    psychophysics,
    reproduce,
    segment,
    segmenters,
    stimuli,
    sweep,
    train,
    windows,
)
from napari_lns._cli.common import Commands

__all__ = ["app", "main"]

app = typer.Typer(
    name="napari-lns",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Example: napari-lns stimuli draw kanizsa --out kanizsa.png",
)
app.add_typer(stimuli.app, name="stimuli", help="List, draw and sweep stimuli.")
app.add_typer(models.app, name="models", help="List, show, finish, import and validate models.")
app.add_typer(benchmark.app, name="benchmark")
app.add_typer(iic.app, name="iic", help="Train networks by invariant information clustering.")
app.add_typer(observe.app, name="observe", help="Compare people and networks on the same trials.")
app.command(epilog="Example: napari-lns train --data kanizsa --kind ae --out runs/kanizsa-ae")(
    train.train
)
app.command(
    epilog="Example: napari-lns sweep kanizsa_figure --vary support_ratio=0.25:0.75:6 "
    "--model kanizsa-figure --out ratios"
)(sweep.sweep)
app.command(epilog="Example: napari-lns reproduce table1 --out table1.html")(reproduce.reproduce)
app.command(epilog="Example: napari-lns psychophysics closure --out curves")(
    psychophysics.psychophysics
)
app.command(epilog="Example: napari-lns segment image.png --out segments --clusters auto")(
    segment.segment
)
app.command(epilog="Example: napari-lns segmenters dwc")(segmenters.segmenters)
app.command(epilog="Example: napari-lns view segments/image.npz")(windows.view)
app.command(epilog="Example: napari-lns demo")(windows.demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"napari-lns {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Its version.")
    ] = False,
) -> None:
    """Model and inspect perceptual grouping with Latent Noise Segmentation."""


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # for σ and d′ in pipes and consoles without UTF-8
            stream.reconfigure(errors="replace")
    app()
