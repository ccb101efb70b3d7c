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
    share,
)
from napari_lns._cli.options import assigned, clusters_of
from napari_lns._files import describe_error
from napari_lns._levels import Level
from napari_lns._parameters import UnknownNameError
from napari_lns._progress import Report, split_report

if TYPE_CHECKING:
    from napari_lns.experiments.control import Compared
    from napari_lns.segmentation import Segmentation
    from napari_lns.stimuli import Stimulus

__all__ = ["segment"]

# What is written of each image, after its name.
ENDS = (".npz", ".json", "-labels.png", "-overview.png", "-control.npz", "-control.png")
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
        str, typer.Option(help="A shipped model, a file, or auto: the one that fits the image.")
    ] = "auto",
    clusters: Annotated[str, typer.Option(help="Number of segments, or auto.")] = "3",
    segmenter: Annotated[str, typer.Option(help="A method of `napari-lns segmenters`.")] = "lns",
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="name=value: a parameter that `napari-lns segmenters NAME` lists.",
        ),
    ] = None,
    with_control: Annotated[
        bool,
        typer.Option("--with-control", help="Segment each stimulus's control beside it."),
    ] = False,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Segment files: for each image an npz with everything, labels, an overview and a record."""
    from napari_lns.segmentation.segmenters import SEGMENTERS

    parameters = assigned(SEGMENTERS[segmenter].parameters, setting or [])
    number: int | str = clusters_of(clusters, "auto")
    asked: dict[str, Any] = {
        "clusters": number,
        "seed": seed,
        "device": device,
        "segmenter": segmenter,
    }
    told: list[dict[str, Any]] = []
    broken: list[str] = []
    each = _each(files)
    _refuse_existing(each, out, overwrite)
    refuse_unwritable(out)
    with share("Segmenting") as report:
        for name, stimulus, part in _pictures(each, broken, report):
            try:
                done = _segmented(stimulus, model, with_control, part, **asked, **parameters)
            except UnknownNameError:  # no other image would fare better
                raise
            except (ValueError, MemoryError) as error:
                broken.append(f"{name}: {describe_error(error)}")
                continue
            told.append(_write(done, stimulus, out, name))
    _tell(told, broken, as_json)


def _segmented(
    stimulus: Stimulus, model: str, with_control: bool, report: Report, **asked: Any
) -> tuple[Segmentation, Compared | None]:
    """Segment a stimulus and, if it is wanted, its control in the same way."""
    from napari_lns.experiments.control import Compared, control_of, measures
    from napari_lns.segmentation import iter_segment

    pair = (stimulus, control_of(stimulus)) if with_control else (stimulus,)
    found = []
    for each, part in zip(pair, split_report(report, [1] * len(pair)), strict=True):
        for progress in iter_segment(each, model, **asked):
            part(progress.share)
        found.append(progress.segmentation())
    if len(pair) == 1:
        return found[0], None
    used = model if found[0].record["model"] else None  # some methods use none
    values = measures(pair, used, asked["device"])
    return found[0], Compared(pair, (found[0], found[1]), values)


def _write(
    done: tuple[Segmentation, Compared | None], stimulus: Stimulus, out: Path, name: str
) -> dict[str, Any]:
    """Write all files of one result and return what is printed of it."""
    from napari_lns._files import write_together
    from napari_lns.analysis.figure import write_figure  # draws without napari
    from napari_lns.experiments.control import figure
    from napari_lns.segmentation.export import write_labels, write_record

    found, compared = done
    scores = found.agreement(stimulus).record if stimulus.labels.any() else {}
    more = {} if compared is None else compared.record
    with write_together(out, last=f"{name}.npz", overwrite=True) as beside:
        write_labels(found, beside / f"{name}-labels.png")
        write_figure(found, beside / f"{name}-overview.png")
        write_record(found, beside / f"{name}.json", {"scores": scores, **more})
        if compared is not None:
            figure(compared).savefig(beside / f"{name}-control.png", dpi=150)
            compared.segmentations[1].save(beside / f"{name}-control.npz")
        found.save(beside / f"{name}.npz")
    suggested = found.record.get("suggestion")
    return {
        "out": str(out / f"{name}.npz"),
        "clusters": found.clusters,
        **scores,
        **({} if suggested is None else {"suggestion": suggested}),
        **({} if "fit" not in found.record else {"fit": found.record["fit"]}),
        **more,
    }


def _pictures(
    files: list[Path], broken: list[str], report: Report
) -> Iterator[tuple[str, Any, Report]]:
    """Read one file after another; what cannot be read is noted, and the others go on."""
    from napari_lns import stimuli

    for file, whole in zip(files, split_report(report, [1] * len(files)), strict=True):
        try:
            found = stimuli.read(file)
        except MemoryError as error:
            broken.append(f"{file}: {describe_error(error)}")
            continue
        except (ValueError, OSError) as error:
            broken.append(str(error))
            continue
        for index, part in enumerate(split_report(whole, [1] * len(found))):
            name = file.stem if len(found) == 1 else f"{file.stem}-{index:04d}"
            yield name, found[index], part


def _each(given: list[Path]) -> list[Path]:
    """Yield the files, and those of folders one by one."""
    from napari_lns.stimuli.files import files_in

    refuse_missing(given)
    return [file for path in given for file in (files_in(path) if path.is_dir() else [path])]


def _refuse_existing(files: list[Path], out: Path, overwrite: bool) -> None:
    """Refuse to replace results, those of an earlier run and those of this one."""
    named: dict[str, Path] = {}
    for file in files:
        if file.stem in named:
            raise ValueError(
                f"{named[file.stem]} and {file} would both be {file.stem}.npz: segment them into "
                "two folders"
            )
        named[file.stem] = file
    from napari_lns.segmentation.saving import check_replaceable

    stems = [f"{stem}{end}" for stem in named for end in ("", "-0000")]
    taken = [path for stem in stems for end in ENDS if (path := out / f"{stem}{end}").exists()]
    if taken and not may_overwrite(taken[0], overwrite):
        raise ValueError(f"{taken[0]} exists: give another folder, or --overwrite")
    for path in taken:
        if path.suffix == ".npz":
            check_replaceable(path)


def _tell(told: list[dict[str, Any]], broken: list[str], as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        for row in told:
            typer.echo(_line(row))
    for row in told:
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


def _line(row: dict[str, Any]) -> str:
    """Return one result in one line."""
    names = {"ari": "ARI", "foreground_ari": "foreground ARI", "iou": "best IoU"}
    scores = [f"{name} {row[key]:.3f}" for key, name in names.items() if key in row]
    told = [f"{row['clusters']} segments", *scores]
    if "measures" in row:
        values = row["measures"].items()
        told += [f"measure of the {name} {value}" for name, value in values if value is not None]
    return f"{row['out']}: {', '.join(told)}"
