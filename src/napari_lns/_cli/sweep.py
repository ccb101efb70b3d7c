"""`napari-lns sweep`: resumable sweeps of a stimulus over its parameters, also on a cluster."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import Json, Overwrite, print_json, track_progress
from napari_lns._cli.options import parse_clusters, parse_values

if TYPE_CHECKING:
    from napari_lns._parameters import Parameter

__all__ = ["sweep"]


def sweep(
    name: Annotated[str, typer.Argument(help="A stimulus (see: napari-lns stimuli list).")],
    out: Annotated[Path, typer.Option(help="The folder of the results.")],
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="PARAMETER=VALUES", help="v1,v2,… or low:high:count; also seed."),
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="A model; repeatable.")] = None,
    segmenter: Annotated[str, typer.Option(help="The method.")] = "lns",
    segment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PARAMETER=VALUES", help="A parameter of the method, such as method=exact."
        ),
    ] = None,
    clusters: Annotated[
        str, typer.Option(help="Number of segments: true, auto, or a number.")
    ] = "true",
    scheduler: Annotated[
        str, typer.Option(help="threads, processes, or a Dask scheduler such as tcp://host:8786.")
    ] = "threads",
    workers: Annotated[
        int, typer.Option(min=0, help="Number of threads or processes; 0: one per core.")
    ] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Segment a stimulus over its parameters; the same command resumes an interrupted sweep."""
    from napari_lns.experiments import sweeps

    plan = sweeps.Plan(
        name,
        _parse_axes(vary or [], _stimulus_parameters(name)),
        model or [],
        _methods(segmenter, segment or [], clusters),
    )
    blocks = sweeps.run(
        plan, out, scheduler=scheduler, workers=workers or None, overwrite=overwrite
    )
    start, missing = time.perf_counter(), len([*sweeps.Results.open(out).missing_blocks()])
    runs = sum(len(block) for block in track_progress(blocks, "Sweeping", missing))
    _print_result(sweeps.Results.open(out), runs, time.perf_counter() - start, as_json)


def _print_result(results: Any, runs: int, seconds: float, as_json: bool) -> None:
    """Print a summary of the sweep and its failed runs."""
    faults = [row for row in results.rows() if "fault" in row]
    result = {
        "out": str(results.folder),
        "count": results.plan.count,
        "now": runs,
        "seconds": round(seconds, 2),
        "faults": [{"index": row["index"], "fault": row["fault"]} for row in faults],
    }
    if as_json:
        print_json(result)
    else:
        rate = f", {runs / seconds:.2f} runs a second" if runs else ""
        typer.echo(f"{result['count']} runs are in {result['out']}: {runs} new{rate}")
    for row in faults:
        typer.echo(f"Run {row['index']} failed: {row['fault']}", err=True)
    if faults:
        raise typer.Exit(1)


def _stimulus_parameters(name: str) -> dict[str, Parameter]:
    from napari_lns import stimuli
    from napari_lns._parameters import Whole, unknown_name_error

    if name not in stimuli.names():
        raise unknown_name_error("stimulus", name, stimuli.names())
    return {**stimuli.parameters(name), "seed": Whole("seed", 0, minimum=0)}


def _methods(segmenter: str, texts: list[str], clusters: str) -> list[dict[str, Any]]:
    """Return all combinations of the method's values."""
    from napari_lns.segmentation.segmenters import SEGMENTERS

    fixed: dict[str, Any] = {} if segmenter == "lns" else {"segmenter": segmenter}
    if clusters != "true":
        fixed["clusters"] = parse_clusters(clusters, "auto")
    axes = _parse_axes(texts, SEGMENTERS[segmenter].parameters)
    points = itertools.product(*axes.values())
    return [{**fixed, **dict(zip(axes, point, strict=True))} for point in points]


def _parse_axes(texts: list[str], known: Mapping[str, Parameter]) -> dict[str, list[Any]]:
    """Parse assignments such as ``support_ratio=0.2,0.5`` to lists of values."""
    from napari_lns._parameters import unknown_name_error

    axes: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not PARAMETER=VALUES, such as size=32,64")
        if name not in known:
            raise unknown_name_error("parameter", name, known)
        axes[name] = [*axes.get(name, []), *parse_values([values], known[name])]
    return axes
