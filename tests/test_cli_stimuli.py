"""The command line: what it draws, what it refuses and how, that it answers at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from napari_lns import __version__, stimuli
from napari_lns._cli.options import parse_value, parse_values
from napari_lns._parameters import Choice, Colours, Number, Numbers, Switch, Whole
from napari_lns.cli import app

COMMAND = [sys.executable, "-c", "from napari_lns.cli import main; main()"]
RATIO = Number("ratio", 0.5, 0, 1)
COUNT = Whole("count", 3, 1, 9)
COLOUR = Colours("colour", (0, 0, 0), 0, 1)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def run(words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, ["stimuli", *words.split()])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def test_a_stimulus_is_drawn_with_the_parameters_given() -> None:
    run("draw kanizsa_figure --support-ratio 0.3 --foreground 1,0,0 --seed 4 --out a.png")
    drawn = stimuli.draw("kanizsa_figure", support_ratio=0.3, foreground=(1, 0, 0), seed=4)
    assert stimuli.read("a.png") == [drawn]


def test_options_may_be_written_as_in_python() -> None:
    run("draw kanizsa_figure --support_ratio 0.3 --out a.png")
    assert stimuli.read("a.png")[0].parameters["support_ratio"] == 0.3


def test_a_sweep_is_the_grid_that_python_draws() -> None:
    run(
        "sweep kanizsa_figure --support-ratio 0:1:3 --inducers facing,turned --seed 0,1 --jitter 1 "
        "--foreground 0,0,0 --foreground 1,1,1 --out grid"
    )
    assert stimuli.read("grid") == stimuli.sweep(
        "kanizsa_figure",
        support_ratio=[0.0, 0.5, 1.0],
        inducers=["facing", "turned"],
        foreground=[(0, 0, 0), (1, 1, 1)],
        seed=[0, 1],
        jitter=1.0,
    )


def test_json_is_printed() -> None:
    told = json.loads(run("draw kanizsa --index 3 --out a.npz --json").stdout)
    assert told == {"out": "a.npz", "record": stimuli.read("a.npz")[0].record}
    told = json.loads(run("sweep kanizsa --index 3:4:2 --out b.npz --json").stdout)
    assert told == {"out": "b.npz", "count": 2, "name": "kanizsa", "values": {"index": [3, 4]}}


def test_all_stimuli_are_listed() -> None:
    told = json.loads(run("list --json").stdout)
    assert [each["name"] for each in told] == stimuli.names()
    shown = run("list").stdout
    assert all(name in shown for name in (*stimuli.names(), *stimuli.groups()))


def test_a_stimulus_tells_its_parameters() -> None:
    shown = run("list kanizsa_figure").stdout
    assert all(name in shown for name in stimuli.parameters("kanizsa_figure"))
    (told,) = json.loads(run("list kanizsa_figure --json").stdout)
    assert told["control"] == {"inducers": "turned"}
    assert told["parameters"][0]["name"] == "corners"


@pytest.mark.parametrize("name", stimuli.names())
def test_the_help_of_a_stimulus_names_its_parameters_and_an_example(name: str) -> None:
    shown = run(f"draw {name} --help").stdout
    for parameter in stimuli.parameters(name):
        assert f"--{parameter.replace('_', '-')}" in shown
    assert f"Example: napari-lns stimuli draw {name}" in shown


@pytest.mark.parametrize("words", [[], ["list"], ["draw"], ["sweep"], ["sweep", "closure"]])
def test_every_help_has_an_example(words: list[str]) -> None:
    shown = CliRunner().invoke(app, [*(["stimuli"] if words else []), *words, "--help"]).stdout
    assert "Example: napari-lns stimuli" in shown


def test_the_version_is_reported() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"napari-lns {__version__}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("draw kaniza --out a.png", "there is no stimulus 'kaniza'; did you mean 'kanizsa'"),
        ("list kaniza", "there is no stimulus 'kaniza'; did you mean 'kanizsa'"),
        ("draw kanizsa", "Missing option '--out'"),
        ("draw kanizsa_figure --ratio 1 --out a.png", "No such option: --ratio"),
        ("draw kanizsa_figure --corners 3.5 --out a.png", "it must be a whole number"),
        ("draw kanizsa_figure --corners 9 --out a.png", "it must be between 3 and 8"),
        ("draw kanizsa_figure --foreground 1,2 --out a.png", "it must be three numbers (RGB)"),
        ("draw kanizsa_figure --inducers up --out a.png", "one of 'facing', 'turned'"),
        ("draw kanizsa --seed -1 --out a.png", "it must be at least 0"),
        ("sweep kanizsa --index 0:x:2 --out a", "'0:x:2' is not low:high:count"),
        ("sweep kanizsa_figure --corners 3:4:3 --out a", "it must be a whole number"),
    ],
)
def test_wrong_use_gives_one_sentence_and_the_code_2(words: str, told: str) -> None:
    assert told in run(words, code=2).stderr
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("draw kanizsa --out a.gif", "Error: a.gif: the suffix '.gif' is unknown: use .png"),
        ("sweep kanizsa --seed 0,1 --out a.png", "Error: a.png: a PNG holds one stimulus: write"),
    ],
)
def test_what_fails_gives_one_sentence_and_the_code_1(words: str, told: str) -> None:
    assert run(words, code=1).stderr.startswith(told)
    assert not list(Path().iterdir())


def test_existing_files_are_kept_unless_overwrite_is_given() -> None:
    run("draw kanizsa --out a.png")
    kept = stimuli.read("a.png")
    told = run("draw closure --out a.png", code=1).stderr
    assert told == "Error: a.png exists: give another name, or allow to overwrite it\n"
    assert stimuli.read("a.png") == kept
    run("draw closure --out a.png --overwrite")
    assert stimuli.read("a.png") == [stimuli.draw("closure")]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("answer", "name"), [("y", "closure"), ("n", "kanizsa")])
def test_somebody_who_can_answer_is_asked_whether_to_overwrite(answer: str, name: str) -> None:
    stimuli.write(stimuli.draw("kanizsa"), "a.png")
    terminal, end = os.openpty()
    words = ["stimuli", "draw", "closure", "--out", "a.png"]
    with subprocess.Popen([*COMMAND, *words], stdin=end, stderr=subprocess.PIPE) as process:
        os.write(terminal, f"{answer}\n".encode())
        _, told = process.communicate()
    os.close(terminal)
    os.close(end)
    assert b"a.png exists. Overwrite it?" in told
    assert process.returncode == (answer == "n")
    assert stimuli.read("a.png") == [stimuli.draw(name)]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent another way")
def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    words = ["stimuli", "sweep", "kanizsa", "--index", "0:9999:10000", "--out", "many"]
    with subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE) as process:
        while not list(tmp_path.rglob("0001_*")):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended by itself with {process.wait(0.05)}")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in told
    assert not list(tmp_path.iterdir())


def test_a_reader_that_goes_away_is_no_error() -> None:
    listing = subprocess.Popen(
        [*COMMAND, "stimuli", "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    listing.stdout.close()  # type: ignore[union-attr]
    _, told = listing.communicate()
    assert told == b""


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'torch', 'napari', 'numba', 'PIL', 'scipy', 'rich.progress'}"
    code = f"import sys; from napari_lns.cli import app; print({heavy} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert loaded.stdout == "set()\n", loaded.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="processes' times are told otherwise")
def test_help_takes_less_than_half_a_second() -> None:
    def seconds() -> float:
        before = os.times()
        subprocess.run([*COMMAND, "--help"], check=True, capture_output=True)
        after = os.times()  # of the processor: a busy machine is not our fault
        return after.children_user + after.children_system - sum(before[2:4])

    assert min(seconds() for _ in range(3)) < 0.5


# Options' texts


@given(st.floats(0, 1))
def test_a_number_is_taken_as_it_is_written(value: float) -> None:
    assert parse_value(repr(value), RATIO) == value
    assert parse_values([f"{value!r},0.5", "1"], RATIO) == [value, 0.5, 1.0]


@given(st.integers(1, 9))
def test_a_whole_number_is_taken_as_it_is_written(value: int) -> None:
    assert parse_value(COUNT.text(value), COUNT) == value
    assert parse_values([f"1:{value}:{value}"], COUNT) == list(range(1, value + 1))


@given(st.tuples(*[st.integers(0, 100).map(lambda n: n / 100)] * 3))
def test_a_colour_is_taken_as_it_is_written(value: tuple[float, float, float]) -> None:
    assert parse_value(COLOUR.text(value), COLOUR) == value
    assert parse_values([COLOUR.text(value)] * 2, COLOUR) == [value, value]


def test_several_numbers_are_taken_with_commas() -> None:
    scale = Numbers("unit_scale", None)
    assert parse_value("1,0.5", scale) == (1.0, 0.5)
    assert parse_values(["1,0.5", "0,1"], scale) == [(1.0, 0.5), (0.0, 1.0)]


def test_choices_and_switches_are_taken_by_their_names() -> None:
    assert parse_value("256", Choice("size", 64, choices=(64, 256))) == 256
    assert parse_value("true", Switch("on", False)) is True
    with pytest.raises(Exception, match="on is 'yes': it must be True or False"):
        parse_value("yes", Switch("on", False))


def test_a_worlds_sheet_shows_the_images_that_training_begins_with() -> None:
    done = run("world kanizsa_figure --count 4 --seed 3 --out sheet.png --json")
    assert json.loads(done.stdout) == {
        "out": "sheet.png", "world": "kanizsa_figure", "count": 4, "seed": 3,
    }  # fmt: skip
    sheet = np.asarray(Image.open("sheet.png"))[::2, ::2] / 255
    first, *_ = next(stimuli.world("kanizsa_figure", seed=3, batch=4))
    assert np.abs(sheet[4:68, 4:68] - first.transpose(1, 2, 0)).max() < 0.003
    assert "overwrite" in run("world kanizsa_figure --out sheet.png", code=1).stderr
    assert "did you mean 'kanizsa_figure'" in run("world kaniza_figure --out a.png", code=2).stderr
    assert "a sheet is a .png file" in run("world kanizsa --out sheet.gif", code=1).stderr
