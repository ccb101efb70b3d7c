"""`napari-lns segment`: segment files in a batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_missing,
    refuse_unwritable,
    show_progress,
)
from napari_lns._cli.options import parse_assignments, parse_clusters
from napari_lns._files import describe_error
from napari_lns._levels import Level
from napari_lns._parameters import UnknownNameError
from napari_lns._progress import Report, split_report

if TYPE_CHECKING:
    from napari_lns.experiments.control import Comparison
    from napari_lns.segmentation import Segmentation
    from napari_lns.stimuli import Stimulus

__all__ = ["segment"]

# What is written of each image, after its name.
SUFFIXES = (".npz", ".json", "-labels.png", "-overview.png", "-control.npz", "-control.png")
COLOURS = {
    Level.FITS: "green",
    Level.UNKNOWN: "bright_black",
    Level.DOUBTFUL: "yellow",
    Level.OUT: "red",
}


def segment(
    files: Annotated[list[Path], typer.Argument(help="Images, npz files or folders.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    model: Annotated[
        str, typer.Option(help="A shipped model, a file, or auto: the best model for the image.")
    ] = "auto",
    clusters: Annotated[str, typer.Option(help="Number of segments, or auto.")] = "3",
    segmenter: Annotated[
        str, typer.Option(help="A method listed by `napari-lns segmenters`.")
    ] = "lns",
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="name=value: a parameter listed by `napari-lns segmenters NAME`.",
        ),
    ] = None,
    with_control: Annotated[
        bool,
        typer.Option("--with-control", help="Also segment the control of each stimulus."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Segment files; for each image, write an npz file, labels, an overview and a record."""
    from napari_lns.segmentation.segmenters import SEGMENTERS

    parameters = parse_assignments(SEGMENTERS[segmenter].parameters, setting or [])
    number: int | str = parse_clusters(clusters, "auto")
    arguments: dict[str, Any] = {
        "clusters": number,
        "seed": seed,
        "device": device,
        "segmenter": segmenter,
    }
    results: list[dict[str, Any]] = []
    broken: list[str] = []
    paths = _list_files(files)
    _refuse_existing(paths, out, overwrite)
    refuse_unwritable(out)
    with show_progress("Segmenting") as report:
        for name, stimulus, part in _iter_stimuli(paths, broken, report):
            try:
                result = _segment_with_control(
                    stimulus, model, with_control, part, **arguments, **parameters
                )
            except UnknownNameError:  # all other images would fail too
                raise
            except (ValueError, MemoryError) as error:
                broken.append(f"{name}: {describe_error(error)}")
                continue
            results.append(_write(result, stimulus, out, name))
    _print_results(results, broken, as_json)


def _segment_with_control(
    stimulus: Stimulus, model: str, with_control: bool, report: Report, **arguments: Any
) -> tuple[Segmentation, Comparison | None]:
    """Segment a stimulus and, if requested, its control with the same parameters."""
    from napari_lns.experiments.control import Comparison, measures, require_control
    from napari_lns.segmentation import iter_segment

    pair = (stimulus, require_control(stimulus)) if with_control else (stimulus,)
    segmentations = []
    for each, part in zip(pair, split_report(report, [1] * len(pair)), strict=True):
        for progress in iter_segment(each, model, **arguments):
            part(progress.share)
        segmentations.append(progress.segmentation())
    if len(pair) == 1:
        return segmentations[0], None
    used = model if segmentations[0].record["model"] else None  # some methods use none
    values = measures(pair, used, arguments["device"])
    return segmentations[0], Comparison(pair, (segmentations[0], segmentations[1]), values)


def _write(
    result: tuple[Segmentation, Comparison | None], stimulus: Stimulus, out: Path, name: str
) -> dict[str, Any]:
    """Write all files of one result and return its summary."""
    from napari_lns._files import write_together
    from napari_lns.analysis.figure import write_figure  # draws without napari
    from napari_lns.experiments.control import figure
    from napari_lns.segmentation.export import write_labels, write_record

    segmentation, compared = result
    scores = segmentation.agreement(stimulus).record if stimulus.labels.any() else {}
    more = {} if compared is None else compared.record
    with write_together(out, last=f"{name}.npz", overwrite=True) as beside:
        write_labels(segmentation, beside / f"{name}-labels.png")
        write_figure(segmentation, beside / f"{name}-overview.png")
        write_record(segmentation, beside / f"{name}.json", {"scores": scores, **more})
        if compared is not None:
            figure(compared).savefig(beside / f"{name}-control.png", dpi=150)
            compared.segmentations[1].save(beside / f"{name}-control.npz")
        segmentation.save(beside / f"{name}.npz")
    suggestion = segmentation.record.get("suggestion")
    return {
        "out": str(out / f"{name}.npz"),
        "clusters": segmentation.clusters,
        **scores,
        **({} if suggestion is None else {"suggestion": suggestion}),
        **({} if "fit" not in segmentation.record else {"fit": segmentation.record["fit"]}),
        **more,
    }


def _iter_stimuli(
    files: list[Path], broken: list[str], report: Report
) -> Iterator[tuple[str, Any, Report]]:
    """Yield the stimuli of all files; append a message for each unreadable file to `broken`."""
    from napari_lns import stimuli

    for file, file_report in zip(files, split_report(report, [1] * len(files)), strict=True):
        try:
            read = stimuli.read(file)
        except MemoryError as error:
            broken.append(f"{file}: {describe_error(error)}")
            continue
        except (ValueError, OSError) as error:
            broken.append(str(error))
            continue
        for index, part in enumerate(split_report(file_report, [1] * len(read))):
            name = file.stem if len(read) == 1 else f"{file.stem}-{index:04d}"
            yield name, read[index], part


def _list_files(paths: list[Path]) -> list[Path]:
    """Return the files and the files in folders."""
    from napari_lns.stimuli.files import files_in

    refuse_missing(paths)
    return [file for path in paths for file in (files_in(path) if path.is_dir() else [path])]


def _refuse_existing(files: list[Path], out: Path, overwrite: bool) -> None:
    """Raise an error if results of an earlier run or of this one would be replaced."""
    by_stem: dict[str, Path] = {}
    for file in files:
        if file.stem in by_stem:
            raise ValueError(
                f"{by_stem[file.stem]} and {file} would both be {file.stem}.npz: segment them into "
                "two folders"
            )
        by_stem[file.stem] = file
    from napari_lns.segmentation.saving import check_replaceable

    stems = [f"{stem}{end}" for stem in by_stem for end in ("", "-0000")]
    existing = [
        path for stem in stems for end in SUFFIXES if (path := out / f"{stem}{end}").exists()
    ]
    if existing and not may_overwrite(existing[0], overwrite):
        raise ValueError(f"{existing[0]} exists: give another folder, or --overwrite")
    for path in existing:
        if path.suffix == ".npz":
            check_replaceable(path)


def _print_results(results: list[dict[str, Any]], broken: list[str], as_json: bool) -> None:
    if as_json:
        print_json(results)
    else:
        for row in results:
            typer.echo(_format_row(row))
    for row in results:
        if "suggestion" in row:
            typer.echo(f"{row['out']}: {row['suggestion']['sentence']}", err=True)
        if "fit" in row:
            level = Level(row["fit"]["level"])
            word = typer.style(level.value, fg=COLOURS[level])
            typer.echo(f"{row['out']}: {word}: {row['fit']['sentence']}", err=True)
    for sentence in broken:
        typer.echo(f"Left out: {sentence}", err=True)
    if broken:
        raise typer.Exit(1)


def _format_row(row: dict[str, Any]) -> str:
    """Format a result as one line."""
    names = {"ari": "ARI", "foreground_ari": "foreground ARI", "iou": "best IoU"}
    scores = [f"{name} {row[key]:.3f}" for key, name in names.items() if key in row]
    parts = [f"{row['clusters']} segments", *scores]
    if "measures" in row:
        values = row["measures"].items()
        parts += [f"measure of the {name} {value}" for name, value in values if value is not None]
    return f"{row['out']}: {', '.join(parts)}"
