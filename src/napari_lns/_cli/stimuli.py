"""`napari-lns stimuli`: list, draw one stimulus or the six sets, sweep, show a world, make a scene.

`draw` and `sweep` have a command for every stimulus, with an option for each of its parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperGroup

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_missing,
    refuse_unwritable,
    track_progress,
)
from napari_lns._cli.options import build_command, strip_markup

__all__ = ["app"]

Out = Annotated[Path, typer.Option(help="A .png, .tif, .npz or .csv file, or a folder.")]

app = typer.Typer(no_args_is_help=True, epilog="Example: napari-lns stimuli list")


@app.command("list", epilog="Example: napari-lns stimuli list kanizsa_figure")
def list_stimuli(
    name: Annotated[str, typer.Argument(help="A stimulus, to list its parameters.")] = "",
    as_json: Json = False,
) -> None:
    """List all stimuli, or the parameters of one."""
    from napari_lns import stimuli

    if name:
        _check_known(name)
    if as_json:
        print_json([_describe_stimulus(each) for each in ([name] if name else stimuli.names())])
    elif name:
        _print_parameters(name)
    else:
        _print_names()


@app.command("world", epilog="Example: napari-lns stimuli world kanizsa_figure --out sheet.png")
def draw_world(
    name: Annotated[str, typer.Argument(help="A stimulus that has a world, or a scene's .json.")],
    out: Annotated[Path, typer.Option(help="A .png file.")],
    count: Annotated[int, typer.Option(min=1, max=400, help="Number of images on the sheet.")] = 25,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Draw a contact sheet of the images on which a network for the stimulus is trained."""
    from napari_lns.stimuli.contact_sheet import world_sheet, write_sheet

    sheet = world_sheet(name, count=count, seed=seed)
    write_sheet(out, sheet, overwrite=may_overwrite(out, overwrite))
    if as_json:
        print_json({"out": str(out), "world": name, "count": count, "seed": seed})
    else:
        typer.echo(f"{count} images of the world of {name} are in {out}")


@app.command("scene", epilog="Example: napari-lns stimuli scene drawing.svg --out my.json")
def make_scene(
    drawing: Annotated[
        Path, typer.Argument(help="An .svg file, or an image with a file of labels.")
    ],
    out: Annotated[Path, typer.Option(help="The .json file to write.")],
    hull: Annotated[
        bool,
        typer.Option(
            "--hull", help="Complete labels to their convex hulls where other labels occlude them."
        ),
    ] = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Convert a drawing to a scene, on whose world a network can be trained."""
    from napari_lns.stimuli import Scene
    from napari_lns.stimuli.scene.labels import read_labels

    refuse_missing([drawing])
    if out.exists() and not may_overwrite(out, overwrite):
        raise FileExistsError(f"{out} exists: give another name, or --overwrite")
    is_svg = drawing.suffix.lower() == ".svg"
    scene = Scene.from_svg(drawing) if is_svg else Scene(*read_labels(drawing, hull=hull))
    scene.save(out)
    kinds = [ambiguity.kind for ambiguity in scene.ambiguities]
    if as_json:
        print_json({"out": str(out), "surfaces": len(scene.surfaces), "ambiguous": kinds})
        return
    typer.echo(f"{len(scene.surfaces)} surfaces were written to {out}")
    for surface in scene.surfaces:
        tie = f", colour of {surface.colour_of}" if surface.colour_of else ""
        typer.echo(f"  {surface.name}: label {surface.label}{tie}")
    typer.echo(f"ambiguous: {', '.join(kinds) or 'nothing, so there is no control'}")


@app.command("good-gestalt", epilog="Example: napari-lns stimuli good-gestalt --out good_gestalt")
def draw_good_gestalt(
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    count: Annotated[int, typer.Option(min=1, help="Number of images of each set.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Draw test images of the six Good Gestalt sets, one npz file each, for `benchmark`."""
    from napari_lns import stimuli
    from napari_lns.stimuli import good_gestalt

    files = {name: out / f"{name}.npz" for name in good_gestalt.NAMES}
    replace = {name: may_overwrite(file, overwrite) for name, file in files.items()}
    refuse_unwritable(out)
    for name, file in track_progress(files.items(), "Drawing", len(files)):
        drawn = good_gestalt.draw(name, count=count, seed=seed)
        stimuli.write(drawn, file, overwrite=replace[name])
    if as_json:
        print_json({"out": str(out), "count": count, "sets": [*files], "seed": seed})
    else:
        typer.echo(f"{count} images of each of {len(files)} sets are in {out}")


def draw(
    name: str,
    values: dict[str, Any],
    *,
    out: Out,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Draw one stimulus and write it."""
    from napari_lns import stimuli

    stimulus = stimuli.draw(name, **values)
    stimuli.write(stimulus, out, overwrite=may_overwrite(out, overwrite))
    if as_json:
        print_json({"out": str(out), "record": stimulus.record})
    else:
        typer.echo(f"{name} is in {out}")


def sweep(
    name: str,
    values: dict[str, list[Any]],
    *,
    out: Out,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Draw a stimulus for every combination of values and write all of them."""
    from napari_lns import stimuli

    drawn = stimuli.iter_sweep(name, **values)
    count = math.prod(map(len, values.values()))
    replace = may_overwrite(out, overwrite)
    stimuli.write(track_progress(drawn, "Drawing", count), out, overwrite=replace)
    if as_json:
        print_json({"out": str(out), "count": count, "name": name, "values": values})
    else:
        typer.echo(f"{count} stimuli are in {out}")


class _PerStimulus(TyperGroup):
    """A command for every stimulus, created on demand."""

    run: ClassVar[Callable[..., None]]
    several: ClassVar[bool]
    example: ClassVar[str]

    def list_commands(self, ctx: object) -> list[str]:
        """Return the names of all stimuli."""
        from napari_lns import stimuli

        return stimuli.names()

    def get_command(self, ctx: object, cmd_name: str) -> Any:
        """Make the command of a stimulus."""
        from napari_lns import stimuli
        from napari_lns._parameters import Whole

        _check_known(cmd_name)
        own = stimuli.parameters(cmd_name)
        varied = "" if stimuli.is_random(cmd_name) or not self.several else "--jitter 1 "
        seed = Whole("seed", 0, minimum=0, description="Random seed.")
        return build_command(
            self.run,
            cmd_name,
            {**own, "seed": seed},
            several=self.several,
            help=f"{stimuli.title(cmd_name)}: {stimuli.description(cmd_name)}",
            epilog=f"Example: napari-lns stimuli {self.name} {cmd_name} {varied}{self.example}",
        )


class _Draw(_PerStimulus):
    run, several, example = staticmethod(draw), False, "--seed 1 --out drawn.png"


class _Sweep(_PerStimulus):
    run, several, example = staticmethod(sweep), True, "--seed 0:9:10 --out sweep"


app.add_typer(
    typer.Typer(cls=_Draw, no_args_is_help=True),
    name="draw",
    help="Draw one stimulus and write it to a file.",
    epilog="Example: napari-lns stimuli draw kanizsa_figure --support-ratio 0.3 --out square.png",
)
app.add_typer(
    typer.Typer(cls=_Sweep, no_args_is_help=True),
    name="sweep",
    help="Draw a stimulus for every combination of parameters' values.",
    epilog="Example: napari-lns stimuli sweep kanizsa_figure --support-ratio 0:1:5 --out ratios",
)


def _check_known(name: str) -> None:
    from napari_lns import stimuli
    from napari_lns._parameters import unknown_name_error

    if name not in stimuli.names():
        raise unknown_name_error("stimulus", name, stimuli.names())


def _describe_stimulus(name: str) -> dict[str, Any]:
    """Return the registry's entry of a stimulus, JSON-compatible."""
    from napari_lns import stimuli

    groups = stimuli.groups().items()
    return {
        "name": name,
        "title": stimuli.title(name),
        "group": next(group for group, names in groups if name in names),
        "description": stimuli.description(name),
        "control": stimuli.control(name),
        "parameters": [parameter.to_json() for parameter in stimuli.parameters(name).values()],
    }


def _print_names() -> None:
    from rich.console import Console
    from rich.table import Table

    from napari_lns import stimuli

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for group, names in stimuli.groups().items():
        table.add_row(f"[bold]{group}[/bold]")
        for name in names:
            table.add_row(f"  {name}", stimuli.description(name))
    Console().print(table)


def _print_parameters(name: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from napari_lns import stimuli

    table = Table("parameter", "values", "default", "", box=None, padding=(0, 2, 0, 0))
    for each in stimuli.parameters(name).values():
        table.add_row(
            each.name, each.accepted_values, each.text(each.default), strip_markup(each.description)
        )
    Console().print(f"{stimuli.title(name)}: {stimuli.description(name)}", table, sep="\n\n")
