"""What holds for every command of `napari-lns`, each held to it as a user would run it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner

from napari_lns import models, stimuli
from napari_lns.cli import app
from napari_lns.experiments import observers
from napari_lns.models import AutoEncoder, Settings
from napari_lns.models.training.checkpoint import save_tensors
from napari_lns.stimuli import good_gestalt


def leaves(command: Any, path: str = "") -> Iterator[str]:
    """Every command; those made for each stimulus count as one."""
    for name, each in getattr(command, "commands", {}).items():
        below = list(leaves(each, f"{path} {name}".strip()))
        if not below or getattr(each, "invoke_without_command", False):
            yield f"{path} {name}".strip()
        yield from below


COMMANDS = sorted(leaves(typer.main.get_command(app)))
PER_STIMULUS = {"stimuli draw": "stimuli draw kanizsa", "stimuli sweep": "stimuli sweep kanizsa"}
each_command = pytest.mark.parametrize("name", COMMANDS)


def run(words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, words.split(), env={"COLUMNS": "300", "TERM": "dumb"})
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what the commands below read."""
    monkeypatch.chdir(tmp_path)
    (drawn,) = good_gestalt.draw("closure", "test", 1)
    stimuli.write(drawn, "picture.png")
    Path("data").mkdir()
    stimuli.write([drawn], "data/closure.npz")
    torch.manual_seed(0)
    models.save(AutoEncoder(), "own.safetensors")
    plan = observers.Plan("rating", (observers.Source("kanizsa_figure", {"jitter": 1.0}),))
    plan.write("plan.json")
    observers.write_answers("ab.csv", plan, "ab", observers.simulate(plan, 1.0))
    torch.save(AutoEncoder().state_dict(), "checkpoint.pth")


def test_the_commands_are_those_of_the_manual() -> None:
    assert {name.split()[0] for name in COMMANDS} == {
        "demo", "stimuli", "segment", "train", "models", "benchmark", "sweep", "reproduce",
        "view", "iic", "psychophysics", "segmenters", "observe",
    }  # fmt: skip


@each_command
def test_help_says_what_a_command_does_with_an_example(name: str) -> None:
    shown = run(f"{name} --help").stdout
    assert f"Example: napari-lns {name}" in " ".join(shown.split())


@each_command
def test_every_option_has_its_help(name: str) -> None:
    command: Any = typer.main.get_command(app)
    for word in PER_STIMULUS.get(name, name).split():
        command = command.get_command(click.Context(command), word)
    assert all(getattr(each, "help", "") for each in command.params if each.name != "help"), (
        command.params
    )


@each_command
def test_every_command_prints_json(name: str) -> None:
    assert "--json" in run(f"{PER_STIMULUS.get(name, name)} --help").stdout


@each_command
def test_wrong_use_is_reported_with_the_code_2(name: str) -> None:
    told = run(f"{PER_STIMULUS.get(name, name)} --no-such-option", code=2)
    assert "No such option" in told.stderr


FAILING = {
    "stimuli world kanizsa --out a.gif": "a sheet is a .png file",
    "stimuli scene nowhere.svg --out a.json": "there is no nowhere.svg: check the path",
    "stimuli scene picture.png --out a.txt": "a scene is a .json file",
    "train --scene nowhere.json --out run": "there is no such file or folder: check the path",
    "train --scene picture.png --out run": "picture.png: it is not valid JSON",
    "train --scene a.json --data kanizsa --out run": "one of them",
    "stimuli draw kanizsa --out a.gif": "suffix '.gif' is unknown",
    "stimuli sweep kanizsa --seed 0,1 --out a.png": "a PNG holds one stimulus",
    "models finish nowhere --name mine --out mine.safetensors": "safetensors': check the path",
    "models import nowhere.pth --out mine.safetensors": "no file 'nowhere.pth': check the path",
    "models import picture.png --out mine.safetensors": "picture.png",
    "models validate nowhere.safetensors": "no model file 'nowhere.safetensors': check",
    "train --data closure --rate 1e30 --batch 2 --steps 60 --out run": "diverged",
    "iic train --data closure --width 0.06 --rate 1e30 --batch 2 --steps 40 --out run": "diverged",
    "models show nowhere.safetensors": "or name one of those that `napari-lns models list` shows",
    "benchmark --data nowhere --out scores": "there is no 'nowhere': check the path",
    "reproduce table1 --data nowhere --out r.html": "there is no 'nowhere'",
    "segment nowhere.png --out out": "there is no nowhere.png: check the path",
    "segment picture.png --out out --device gpu": "device is 'gpu'",
    "view nowhere.npz": "there is no nowhere.npz: check the path",
    "observe run nowhere.json": "there is no nowhere.json: check the path",
    "observe run picture.png": "picture.png: it is not valid JSON",
    "observe run plan.json --observer ä,b": "give a code name",
    "observe run plan.json --out a.txt": "a table of answers is a .csv file",
    "observe simulate nowhere.json --out a.csv": "there is no nowhere.json: check the path",
    "observe simulate plan.json --out a.txt": "a table of answers is a .csv file",
    "observe simulate plan.json --observer ä,b --out a.csv": "give a code name",
    "observe simulate picture.png --out a.csv": "picture.png: it is not valid JSON",
    "observe model plan.json --model nowhere.safetensors --out a.csv": "no model file 'nowhere",
    "observe model plan.json --like picture.png --out a.csv": "a table of answers is a .csv file",
    "observe report nowhere.csv --out out": "there is no nowhere.csv: check the path",
    "observe report ab.csv ab.csv --out out": "two tables have the observer 'ab'",
    "observe export nowhere.json --out out": "there is no nowhere.json: check the path",
}


def told_without_writing(words: str, code: int) -> str:
    """Run a command that must end with a code and leave all files as they were."""
    before = {path for path in Path().rglob("*") if path.is_file()}
    told: str = run(words, code=code).stderr
    assert {path for path in Path().rglob("*") if path.is_file()} == before
    return told


@pytest.mark.parametrize("words", FAILING)
def test_a_users_mistake_is_one_sentence_with_the_code_1_and_writes_nothing(words: str) -> None:
    assert FAILING[words] in told_without_writing(words, code=1)


UNKNOWN_NAMES = {
    "stimuli world kaniza --out a.png": "did you mean 'kanizsa'",
    "segmenters dcw": "did you mean 'dwc'",
    "models show kanisza-ae": "did you mean 'kanizsa-ae'",
    "train --data kaniza --out run --steps 1": "did you mean 'kanizsa'",
    "train --data kanizsa --start kaniza-ae --out run --steps 1": "did you mean 'kanizsa-ae'",
    "iic train --data kanizsa --network pixel --out run": "did you mean 'pixels'",
    "iic train-set kaniza --out weights": "did you mean 'kanizsa'",
    "benchmark --data data --segmenter lsn --out scores": "did you mean 'lns'",
    "benchmark --data data --models kaniza-ae --out scores": "did you mean 'kanizsa-ae'",
    "sweep kanizsa_figure --segmenter lsn --out ratios": "did you mean 'lns'",
    "sweep kanizsa_figure --clusters ² --out ratios": "'²' is not a number of segments",
    "sweep kanizsa_figure --clusters 0 --out ratios": "is not a number of segments",
    "sweep kanizsa_figure --vary seed=0:1:9999999999 --out ratios": "give 1 to 100,000",
    "sweep kanizsa_figure --vary size=0:1e999:inf --out ratios": "is not low:high:count",
    "segment picture.png --out out --clusters ²": "'²' is not a number of segments",
    "segment picture.png --out out --clusters 9999999999": "is not a number of segments",
    "sweep kanizsa_figure --model kaniza-ae --out ratios": "did you mean 'kanizsa-ae'",
    "reproduce table --out r.html": "did you mean 'table1'",
    "psychophysics closur --model kanizsa-ae --out curves": "did you mean 'closure'",
    "psychophysics closure --model kaniza-ae --out curves": "did you mean 'kanizsa-ae'",
    "segment picture.png --out out --segmenter lsn": "did you mean 'lns'",
    "segment picture.png --out out --model kaniza-ae": "did you mean 'kanizsa-ae'",
    "segment picture.png --out out --set noise_layer=linear_9": "did you mean 'linear_",
    "psychophysics closure --method exakt --out curves": "it must be one of 'sampled'",
    "stimuli list kaniza": "did you mean 'kanizsa'",
    "train --data kanizsa --kind av --out run": "'ae', 'vae', 'compact'",
    "train --data kanizsa --fit crob --out run": "'resize', 'pad', 'crop'",
    "observe model plan.json --model kaniza-ae --out a.csv": "did you mean 'kanizsa-ae'",
    "observe model plan.json --rule afinity --out a.csv": "did you mean 'affinity'",
}


@pytest.mark.parametrize(
    "words",
    [
        "segment picture.png --out out",
        "benchmark --data kanizsa --out scores",
        "psychophysics closure --out curves",
        "reproduce table1 --out r.html",
    ],
)
def test_a_negative_seed_is_wrong_use_with_the_code_2_and_writes_nothing(words: str) -> None:
    assert "--seed" in told_without_writing(f"{words} --seed -1", code=2)


@pytest.mark.parametrize("words", UNKNOWN_NAMES)
def test_an_unknown_name_is_wrong_use_with_the_code_2_and_writes_nothing(words: str) -> None:
    assert UNKNOWN_NAMES[words] in told_without_writing(words, code=2)


def test_an_unknown_name_that_stands_in_a_file_is_a_failure() -> None:
    notes = {"settings": {**Settings(("closure",)).to_json(), "kind": "av"}}
    Path("run").mkdir()
    save_tensors("run/checkpoint.safetensors", {"a": torch.zeros(1)}, notes)
    told = run("models finish run --name mine --out mine.safetensors", code=1).stderr
    assert "checkpoint.safetensors: kind is 'av': it must be one of 'ae', 'vae', 'compact'" in told


MISSING = {
    "distributed": (
        "sweep closure --model own.safetensors --scheduler tcp://127.0.0.1:9 --out out",
        "distributed",
    ),
    "transformers": (
        "segment picture.png --segmenter dwc --set source=vit --set weights=data --out out",
        "diffusion",
    ),
    "diffusers": (
        "segment picture.png --segmenter dwc --set source=diffusion --set weights=data --out out",
        "diffusion",
    ),
}


@pytest.mark.parametrize("library", MISSING)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, extra = MISSING[library]
    monkeypatch.setitem(sys.modules, library, None)  # as if it were not installed
    told = run(words, code=1).stderr
    assert f'{library} is not installed: run pip install "napari-lns[{extra}]"' in told


EXISTING = {
    "stimuli world closure --out {}": "a.png",
    "stimuli draw closure --out {}": "a.png",
    "stimuli scene picture.png --out {}": "a.json",
    "stimuli good-gestalt --count 1 --out {}": "folder/kanizsa.npz",
    "stimuli sweep closure --seed 0,1 --out {}": "a.npz",
    "models finish nowhere --name mine --out {}": "a.safetensors",
    "models import checkpoint.pth --out {}": "a.safetensors",
    "iic train-set closure --out {}": "folder/closure.safetensors",
    "benchmark --data data --segmenter baseline --out {}": "folder/benchmark.json",
    "benchmark worlds --out {}": "folder/worlds.json",
    "reproduce table1 --count 1 --out {}": "a.html",
    "psychophysics closure --model own.safetensors --out {}": "folder/closure.json",
    "segment picture.png --out {}": "folder/picture.npz",
    "sweep closure --model own.safetensors --out {}": "folder/sweep.json",
    "observe simulate plan.json --out {}": "a.csv",
    "observe model plan.json --model own.safetensors --out {}": "a.csv",
    "observe report ab.csv --out {}": "folder/report.html",
    "observe export plan.json --out {}": "folder/conditions.csv",
}


@pytest.mark.parametrize("words", EXISTING)
def test_existing_files_are_kept_unless_overwrite_is_given(words: str) -> None:
    there = Path(EXISTING[words])
    there.parent.mkdir(exist_ok=True)
    there.write_text("{}" if there.suffix == ".json" else "mine")
    kept = there.read_text()
    given = there if there.parent == Path() else there.parent
    told = run(words.format(given), code=1).stderr
    assert "overwrite" in told
    assert there.read_text() == kept
    assert "--overwrite" in run(f"{words.split(' --')[0].removesuffix(' nowhere')} --help").stdout


IN_JSON = {
    "stimuli world closure --out b.png": "seed",
    "stimuli list": "kanizsa_figure",
    "stimuli scene picture.png --out b.json": "ambiguous",
    "stimuli good-gestalt --count 1 --out sets": "illusory_occlusion",
    "stimuli draw closure --out b.png": "record",
    "stimuli sweep closure --seed 0,1 --out b.npz": "count",
    "models list": "kanizsa-ae",
    "segmenters": "Latent noise",
    "segmenters dwc": "threshold",
    "models show kanizsa-ae": "latent_spread",
    "models validate own.safetensors": "own.safetensors",
    "models import checkpoint.pth --out b.safetensors": "ae",
    "train --data closure --steps 1 --batch 2 --out run": "step",
    "iic train --data closure --clusters 2 --steps 1 --width 0.0625 --out run": "loss",
    "segment picture.png --out out --segmenter baseline --clusters 2": "ari",
    "benchmark --data data --segmenter baseline --out scores": "standard_error",
    "benchmark worlds --stimulus closure --model own.safetensors --count 1 --out w": "advantage",
    "sweep closure --model own.safetensors --segment method=exact --out ratios": "faults",
    "observe simulate plan.json --out b.csv": "simulated",
    "observe model plan.json --model own.safetensors --out b.csv": "model:own",
    "observe report ab.csv --out out": "d_prime",
    "observe export plan.json --out out": "images",
}


@pytest.mark.parametrize("words", IN_JSON)
def test_json_is_printed_and_nothing_else(words: str) -> None:
    told = json.loads(run(f"{words} --json").stdout)
    assert IN_JSON[words] in json.dumps(told)


INTERRUPTED = {
    "segment data --out out --segmenter baseline": "napari_lns._cli.segment._segment_with_control",
    "benchmark --data data --segmenter baseline --out out": (
        "napari_lns.experiments.benchmark.segment"
    ),
    "benchmark worlds --stimulus closure --model own.safetensors --out out": (
        "napari_lns.experiments.worlds.segment"
    ),
    "sweep closure --model own.safetensors --workers 1 --out out": (
        "napari_lns.experiments.sweeps.work.segment"
    ),
    "reproduce table1 --data data --out out.html": "napari_lns.experiments.scoring.segment",
    "psychophysics closure --model own.safetensors --out out": (
        "napari_lns.experiments.psychophysics.curves.measure"
    ),
    "train --data closure --steps 9 --batch 2 --out out": (
        "napari_lns.models.training.trainer.Trainer.advance"
    ),
    "iic train --data closure --clusters 2 --steps 9 --width 0.0625 --out out": (
        "napari_lns.models.iic.run.Run.advance"
    ),
    "models import checkpoint.pth --out out.safetensors": "napari_lns.models.zoo.write_tensors",
    "observe model plan.json --model own.safetensors --out out.csv": (
        "napari_lns.experiments.observers.model.measure"
    ),
    "observe export plan.json --out out": "napari_lns.experiments.observers.export._row",
}


@pytest.mark.parametrize("words", INTERRUPTED)
def test_ctrl_c_leaves_no_half_written_file(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(INTERRUPTED[words], interrupted)
    run(words, code=130)
    assert not [path for path in Path().rglob(".*") if path.is_file()]
    for written in Path("out").rglob("*.npz"):
        np.load(written).close()
    for written in Path("out").rglob("*.json"):
        json.loads(written.read_text())
    assert not Path("out.html").exists()


@pytest.mark.parametrize(
    "words", sorted(set(INTERRUPTED) - {"models import checkpoint.pth --out out.safetensors"})
)
def test_a_place_that_cannot_be_written_to_is_refused_before_the_work(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("blocked").touch()
    monkeypatch.setattr(INTERRUPTED[words], pytest.fail)
    told = run(words.replace("--out out", "--out blocked/in/out"), code=1).stderr
    assert "a part of the path is a file, not a folder" in told
