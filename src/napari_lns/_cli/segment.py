"""`napari-lns segment`: segment files in a batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

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
from napari_lns._cli.options import assigned
from napari_lns._files import in_words
from napari_lns._parameters import UnknownNameError
from napari_lns._share import Report, parts

__all__ = ["segment"]


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
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Segment files: for each image an npz with labels, maps and the record."""
    from napari_lns.segmentation import iter_segment
    from napari_lns.segmentation.segmenters import segmenter_named

    parameters = assigned(segmenter_named(segmenter).parameters, setting or [])
    number: int | str = clusters if clusters == "auto" else _whole(clusters)
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
                for progress in iter_segment(stimulus, model, **asked, **parameters):
                    part(progress.share)
                found = progress.segmentation()
            except UnknownNameError:  # no other image would fare better
                raise
            except (ValueError, MemoryError) as error:
                broken.append(f"{name}: {in_words(error)}")
                continue
            target = out / f"{name}.npz"
            found.save(target)
            scored = _scored(found, stimulus)
            suggested = found.record.get("suggestion")
            chosen = {} if suggested is None else {"suggestion": suggested}
            told.append({"out": str(target), "clusters": found.clusters, **scored, **chosen})
    _tell(told, broken, as_json)


def _pictures(
    files: list[Path], broken: list[str], report: Report
) -> Iterator[tuple[str, Any, Report]]:
    """Read one file after another; what cannot be read is noted, and the others go on."""
    from napari_lns import stimuli

    for file, whole in zip(files, parts(report, [1] * len(files)), strict=True):
        try:
            found = stimuli.read(file)
        except MemoryError as error:
            broken.append(f"{file}: {in_words(error)}")
            continue
        except (ValueError, OSError) as error:
            broken.append(str(error))
            continue
        for index, part in enumerate(parts(whole, [1] * len(found))):
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

    targets = (out / f"{stem}{end}.npz" for stem in named for end in ("", "-0000"))
    taken = next((target for target in targets if target.exists()), None)
    if taken and not may_overwrite(taken, overwrite):
        raise ValueError(f"{taken} exists: give another folder, or --overwrite")
    if taken:
        check_replaceable(taken)


def _scored(found: Any, stimulus: Any) -> dict[str, float]:
    return {"ari": round(found.score(stimulus), 4)} if stimulus.labels.any() else {}


def _whole(text: str) -> int:
    if not text.isdigit():
        sentence = f"{text!r} is no number of segments: give one, such as 3, or auto"
        raise typer.BadParameter(sentence, param_hint="--clusters")
    return int(text)


def _tell(told: list[dict[str, Any]], broken: list[str], as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        for row in told:
            score = f", ARI {row['ari']}" if "ari" in row else ""
            typer.echo(f"{row['out']}: {row['clusters']} segments{score}")
    for row in told:
        if "suggestion" in row:
            typer.echo(f"{row['out']}: {row['suggestion']['sentence']}", err=True)
    for sentence in broken:
        typer.echo(f"Left out: {sentence}", err=True)
    if broken:
        raise typer.Exit(1)
