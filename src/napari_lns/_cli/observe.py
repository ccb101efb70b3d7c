"""`napari-lns observe`: the same trials for people, networks and simulated observers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import (
    Json,
    Overwrite,
    may_overwrite,
    print_json,
    refuse_folder,
    refuse_missing,
    refuse_unwritable,
    show_progress,
)

if TYPE_CHECKING:
    from napari_lns.experiments.observers import Plan

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a .json file.")]
TableFile = Annotated[Path, typer.Option(help="The .csv file to write answers to.")]
Folder = Annotated[Path, typer.Option(help="The folder to write to.")]


@app.command(epilog="Example: napari-lns observe run plan.json --observer ab")
def run(
    plan: PlanFile,
    observer: Annotated[
        str, typer.Option(help="Code name; if empty, the window asks for it.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Table of answers, a .csv file; default: next to the plan.")
    ] = None,
    practice: Annotated[
        int, typer.Option(min=0, help="Number of practice trials with feedback.")
    ] = 6,
    as_json: Json = False,
) -> None:
    """Run the trials of a plan in a window; the same command resumes after the last answer."""
    import os
    import signal
    import sys

    from napari_lns.experiments.observers.table_format import check_observer, check_suffix

    trial_plan = _read_plan(plan)
    if observer:
        check_observer(observer)
    if out is not None:
        check_suffix(out)
    refuse_unwritable((out or plan).parent)
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(map(os.environ.get, displays)):
        raise OSError("there is no display for the window: run the command in a desktop session")
    from napari_lns.viewer.observe.window import run as run_window

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's loop does not return to Python
    window = run_window(trial_plan, plan, observer=observer, table=out, practice=practice)
    result = {
        "out": str(window.file or ""),
        "answered": window.answer_count,
        "count": trial_plan.count,
    }
    left = trial_plan.count - window.answer_count
    text = f"{window.answer_count} of {trial_plan.count} trials are answered"
    text += f"; the answers are in {window.file}" if window.file else ": no code name was entered"
    text += ". Run the same command again to continue." if left else ""
    _print_result(result, text, as_json)


@app.command(
    epilog="Example: napari-lns observe simulate plan.json --sensitivity 2 --seed 1 "
    "--out answers.csv"
)
def simulate(
    plan: PlanFile,
    out: TableFile,
    sensitivity: Annotated[float, typer.Option(help="d′ of the observer.")] = 1.0,
    criterion: Annotated[float, typer.Option(help="Criterion c; 0 is unbiased.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the noise.")] = 0,
    observer: Annotated[str, typer.Option(help="Its code name.")] = "simulated",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Simulate an observer of known sensitivity, to test an analysis."""
    from napari_lns.experiments import observers

    trial_plan = _read_plan(plan)
    replace = _may_replace(out, overwrite)
    rows = observers.simulate(trial_plan, sensitivity, criterion, seed=seed)
    observers.write_answers(out, trial_plan, observer, rows, overwrite=replace)
    result = {"out": str(out), "observer": observer, "count": len(rows)}
    _print_result(result, f"{len(rows)} answers of {observer} are in {out}", as_json)


@app.command(
    epilog="Example: napari-lns observe model plan.json --model occluded-bar --out answers.csv"
)
def model(
    plan: PlanFile,
    out: TableFile,
    model: Annotated[
        str, typer.Option(help="A shipped model, or a file; default: that of the first stimulus.")
    ] = "",
    rule: Annotated[
        str, typer.Option(help="For two dots: affinity, or repeated (noisy segmentations).")
    ] = "affinity",
    like: Annotated[
        Path | None,
        typer.Option(
            help="Answers to which noise and criterion are fitted; default: the correct ones."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the noise.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Compute a network's answers from its segmentations, with fitted noise and criterion."""
    from napari_lns import models
    from napari_lns._parameters import unknown_name_error
    from napari_lns.experiments import observers
    from napari_lns.experiments.observers.answers import MODEL, check_observer

    if rule not in ("affinity", "repeated"):
        raise unknown_name_error("rule", rule, ("affinity", "repeated"))
    trial_plan = _read_plan(plan)
    model = model or models.for_stimulus(trial_plan.stimuli[0].name)
    loaded = models.load(model)
    others = None if like is None else observers.read_answers(like)
    replace = _may_replace(out, overwrite)
    name = check_observer(f"{MODEL}{Path(model).stem}")
    with show_progress("Segmenting") as report:
        answers = observers.ask_model(
            trial_plan,
            loaded,
            rule=rule,  # type: ignore[arg-type]
            like=others,
            seed=seed,
            report=report,
        )
    observers.write_answers(out, trial_plan, name, answers.rows, overwrite=replace)
    result: dict[str, Any] = {"out": str(out), "observer": name, "count": len(answers.rows)}
    text = f"{len(answers.rows)} answers of {name} are in {out}"
    if answers.decisions:
        result["decisions"] = [vars(each) for each in answers.decisions]
        result["log_likelihood"] = answers.log_likelihood
        text += f"; log-likelihood on held-out trials {answers.log_likelihood:.3f} bits (chance -1)"
    _print_result(result, text, as_json)


@app.command(epilog="Example: napari-lns observe report one.csv two.csv --out report")
def report(
    answers: Annotated[
        list[Path], typer.Argument(help="Tables of answers to one plan, one per observer.")
    ],
    out: Folder,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Analyse answers: tables as CSV, figures as PNG and PDF, and an HTML page."""
    from napari_lns.experiments import observers
    from napari_lns.experiments.observers.report import PAGE
    from napari_lns.experiments.observers.report import report as write

    refuse_missing(answers)
    replace = _may_replace(out / PAGE, overwrite)
    table = write([observers.read_answers(each) for each in answers], out, overwrite=replace)
    rows = table.to_dict("records")
    result = {"out": str(out), "observers": [_replace_nan(row) for row in rows]}
    lines = [
        f"{row['observer']}: d′ {row['d_prime']:.2f} ± {row['d_prime_error']:.2f}, criterion "
        f"{row['criterion']:.2f} ± {row['criterion_error']:.2f}, {row['count']} trials"
        for row in rows
    ]
    _print_result(result, "\n".join([*lines, f"Tables, figures and {PAGE} are in {out}"]), as_json)


@app.command(epilog="Example: napari-lns observe export plan.json --out psychopy")
def export(
    plan: PlanFile,
    out: Folder,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write a plan's trials for PsychoPy: conditions as CSV, and the images."""
    from napari_lns.experiments.observers.export import CONDITIONS
    from napari_lns.experiments.observers.export import export as write

    trial_plan = _read_plan(plan)
    replace = _may_replace(out / CONDITIONS, overwrite)
    refuse_unwritable(out)
    with show_progress("Drawing") as done:
        images = write(trial_plan, out, overwrite=replace, report=done)
    result = {"out": str(out), "count": trial_plan.count, "images": images}
    _print_result(result, f"{trial_plan.count} trials and {images} images are in {out}", as_json)


def _read_plan(file: Path) -> Plan:
    from napari_lns.experiments.observers import read_plan

    refuse_missing([file])
    return read_plan(file)


def _may_replace(file: Path, overwrite: bool) -> bool:
    """Return whether to replace an output; raise an error if it cannot be written."""
    replace = may_overwrite(file, overwrite)
    if file.exists() and not replace:
        raise ValueError(f"{file} exists: give another name, or --overwrite")
    refuse_folder(file)
    refuse_unwritable(file.parent)
    return replace


def _replace_nan(row: dict[Any, Any]) -> dict[str, Any]:
    """Replace NaN by None, which JSON represents as null."""
    return {str(key): None if value != value else value for key, value in row.items()}


def _print_result(result: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        typer.echo(text)
