"""Shared code of the commands: error messages, JSON, progress, confirmation of overwriting.

Exit codes are 0 for success, 1 for failure, 2 for wrong usage and 130 for Ctrl-C. An unknown name
is wrong usage if the user gave it, and a failure if it is in a file.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from napari_lns._files import describe_error, explain_os_errors
from napari_lns._moves import exists
from napari_lns._parameters import UnknownNameError
from napari_lns._progress import Report

__all__ = [
    "Commands",
    "Json",
    "Overwrite",
    "explain_divergence",
    "may_overwrite",
    "print_json",
    "refuse_folder",
    "refuse_missing",
    "refuse_unwritable",
    "show_progress",
    "track_progress",
]

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]


class Commands(TyperGroup):
    """Group of commands that report invalid values and files without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the requested command."""
        # its errors are formatted as messages
        logging.getLogger("tifffile").setLevel(logging.CRITICAL)
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `napari-lns … | head`
            raise
        except UnknownNameError as error:
            raise typer.BadParameter(str(error)) from error
        except (ValueError, OSError, ImportError, MemoryError) as error:
            typer.echo(f"Error: {describe_error(error)}", err=True)
            raise typer.Exit(1) from error


def print_json(value: object) -> None:
    """Print one JSON value, and nothing else, to standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def may_overwrite(path: Path, overwrite: bool) -> bool:
    """Return whether an existing output may be replaced; ask in an interactive terminal."""
    if overwrite or not path.exists() or not sys.stdin.isatty():
        return overwrite
    return typer.confirm(f"{path} exists. Overwrite it?", abort=True, err=True)


def refuse_folder(file: Path) -> None:
    """Raise an error if the output file is a folder."""
    if file.is_dir():
        raise IsADirectoryError(f"{file}: it is a folder: give the name of a file")


def refuse_missing(files: Iterable[Path]) -> None:
    """Raise an error that lists all missing files and folders."""
    missing = [str(file) for file in files if not exists(file)]
    if missing:
        raise FileNotFoundError(f"there is no {', '.join(missing)}: check the path")


def refuse_unwritable(folder: Path) -> None:
    """Create the output folder; raise an error if it is not writable."""
    with explain_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()


@contextmanager
def explain_divergence() -> Iterator[None]:
    """Report diverged training as a ValueError."""
    from napari_lns.models import TrainingDivergedError

    try:
        yield
    except TrainingDivergedError as error:
        raise ValueError(str(error)) from error


def track_progress(values: Iterable[T], title: str, total: int) -> Iterator[T]:
    """Yield values while showing progress and the remaining time on standard error."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return iter(
        track(
            values, title, total, console=console, transient=True, disable=not console.is_terminal
        )
    )


@contextmanager
def show_progress(title: str) -> Iterator[Report]:
    """Show progress and the remaining time on standard error; yield the report function."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=1)
        yield lambda done: bar.update(task, completed=done)
