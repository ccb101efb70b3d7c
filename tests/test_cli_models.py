"""The command line for training, models and benchmarks, run as a user would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from napari_lns import models, segmentation, stimuli
from napari_lns.cli import app
from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import good_gestalt


def run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def test_a_network_is_trained_resumed_and_finished(tmp_path: Path) -> None:
    command = ("train", "--data", "kanizsa", "--out", tmp_path / "run", "--steps", 2, "--batch", 2)
    told = json.loads(run(*command, "--json"))
    assert told["step"] == 2
    assert "was already complete" in run(*command)
    out = tmp_path / "mine.safetensors"
    run("models", "finish", tmp_path / "run", "--name", "mine", "--out", out)
    model = models.load(out)
    assert model.card is not None
    assert model.card.latent_spread > 0
    assert "mine (ae), trained on kanizsa" in run("models", "show", out)
    assert "is valid" in run("models", "validate", out)
    assert "--overwrite" in run(
        "models", "finish", tmp_path / "run", "--name", "m", "--out", out, code=1
    )


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("blocked/in/m.safetensors", "a part of the path is a file"),
        ("folder.safetensors", "it is a folder: give the name of a file"),
        ("m.pth", "must end in .safetensors"),
    ],
)
def test_a_place_that_cannot_take_a_model_is_refused_before_it_is_measured(
    tmp_path: Path, out: str, told: str
) -> None:
    (tmp_path / "blocked").touch()
    (tmp_path / "folder.safetensors").mkdir()
    words = ("models", "finish", tmp_path / "no run", "--name", "m", "--out", tmp_path / out)
    assert told in run(*words, "--overwrite", code=1)


@pytest.mark.parametrize("group", ["stimuli", "models", "iic"])
def test_a_group_of_commands_shows_an_example(group: str) -> None:
    assert f"Example: napari-lns {group}" in " ".join(run(group, "--help").split())


def test_options_that_no_named_method_takes_are_refused(tmp_path: Path) -> None:
    stimuli.write(good_gestalt.draw("kanizsa", "test", 1), tmp_path / "kanizsa.npz")
    words = ("benchmark", "--data", tmp_path, "--segmenter", "dwc", "--out", tmp_path / "out")
    assert "are for lns" in " ".join(run(*words, "--method", "exact", code=2).split())


def test_the_shipped_models_are_listed() -> None:
    rows = json.loads(run("models", "list", "--json"))
    assert [row["model"] for row in rows] == models.names()
    card = models.load("kanizsa-ae").card
    assert card is not None
    told = next(row for row in rows if row["model"] == card.name)
    assert told == {
        "model": "kanizsa-ae",
        "steps": card.training["step"],
        "error": card.training["error"],
        "axes_power": card.axes_power,
        "method": card.method,
        "relative_noise": card.relative_noise,
        "score": card.scores["own draws"],
    }


def test_signs_that_the_outputs_encoding_lacks_are_replaced(run_python: Callable[..., str]) -> None:
    main = "import sys; from napari_lns.cli import main; sys.argv = ['', *sys.argv[1:]]; main()"
    told = run_python("-c", main, "models", "show", "kanizsa-ae", PYTHONIOENCODING="koi8-r")
    assert "? latent SD" in told


def test_a_failure_is_one_sentence_with_exit_code_1() -> None:
    told = run("models", "show", "none.safetensors", code=1)
    assert told.startswith("Error: there is no model file 'none.safetensors'")


def test_wrong_use_ends_with_exit_code_2(tmp_path: Path) -> None:
    assert "did you mean 'kanizsa-ae'" in run("models", "show", "kanisza-ae", code=2)
    told = run("train", "--data", "kaniza", "--out", tmp_path, "--steps", 1, code=2)
    assert "did you mean 'kanizsa'" in told
    run("train", code=2)


@pytest.mark.slow
def test_a_benchmark_is_written_and_a_broken_set_is_reported_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    stimuli.write(good_gestalt.draw("kanizsa", "test", 1), tmp_path / "data" / "kanizsa.npz")
    (tmp_path / "data" / "torn.npz").write_bytes(b"torn")
    command = ("benchmark", "--data", tmp_path / "data", "--out", tmp_path / "out")
    told = run(*command, "--method", "exact", "--count", 1, code=1)
    assert "Left out: " in told
    assert (tmp_path / "out" / "benchmark.md").exists()
    assert "--overwrite" in run(*command, code=1)


def test_files_are_segmented_and_a_broken_one_is_reported_at_the_end(tmp_path: Path) -> None:
    good, torn = tmp_path / "good.png", tmp_path / "torn.png"
    stimuli.write(good_gestalt.draw("kanizsa", "test", 1), good)
    torn.write_bytes(b"torn")
    command = ("segment", good, torn, "--out", tmp_path / "out", "--set", "method=exact")
    told = run(*command, code=1)
    assert "3 segments, ARI" in told
    assert "torn.png" in told
    saved = Segmentation.load(tmp_path / "out" / "good.npz")
    assert saved.record["parameters"]["method"] == "exact"
    assert "--overwrite" in run(*command, code=1)


def test_a_image_that_memory_does_not_hold_is_reported_at_the_end_and_the_rest_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / f"{index}.png" for index in range(3)]
    for file in files:
        stimuli.write(good_gestalt.draw("closure", "test", 1), file)
    whole, calls = segmentation.iter_segment, []

    def too_large_at_times(*given: Any, **asked: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise MemoryError  # as Python raises it: without a word
        return whole(*given, **asked)

    monkeypatch.setattr(segmentation, "iter_segment", too_large_at_times)
    told = run("segment", *files, "--out", tmp_path / "out", "--segmenter", "baseline", code=1)
    assert told.count("segments, ARI") == 2
    assert "Left out: 1: there is too little memory: close other programs" in told


def test_two_files_of_one_name_are_not_segmented_into_one(tmp_path: Path) -> None:
    files = [tmp_path / "left" / "one.png", tmp_path / "right" / "one.png"]
    for file in files:
        stimuli.write(good_gestalt.draw("closure", "test", 1), file)
    told = run("segment", *files, "--out", tmp_path / "out", "--segmenter", "baseline", code=1)
    assert "would both be one.npz: segment them into two folders" in told
    assert not (tmp_path / "out").exists()


def test_progress_is_shown_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    shown = run("iic", "textures", "--repetitions", 1, "--steps", 1)
    assert "Scoring" in shown
    assert "100%" in shown


def test_a_broken_npz_in_the_middle_of_many_is_reported_at_the_end_and_the_rest_done(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for number, drawn in enumerate(good_gestalt.draw("closure", "test", 20)):
        stimuli.write(drawn, data / f"{number:02d}.npz")
    (data / "07.npz").write_bytes((data / "07.npz").read_bytes()[:200])
    told = run("segment", data, "--out", tmp_path / "out", "--segmenter", "baseline", code=1)
    assert told.count("segments, ARI") == 19
    assert told.count("Left out: ") == 1
    assert "07.npz" in told.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--set", "methodd=exact"), "did you mean 'method'"),
        (("--set", "method"), "write name=value"),
        (("--set", "samples=1"), "samples is 1"),
        (
            ("--clusters", "many"),
            "'many' is not a number of segments: give one, such as 3, or auto",
        ),
    ],
)
def test_wrong_use_of_segment_is_reported_with_exit_code_2(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    stimuli.write(stimuli.draw("kanizsa_figure"), tmp_path / "a.png")
    told = run("segment", tmp_path / "a.png", "--out", tmp_path / "out", *words, code=2)
    assert sentence in " ".join(told.replace("│", " ").split())


def test_calibrating_on_images_without_ground_truth_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(10):
        pixels = np.full((16, 16, 3), number, np.uint8)
        Image.fromarray(pixels).save(photos / f"{number}.png")
    run("train", "--data", photos, "--out", tmp_path / "run", "--steps", 1, "--batch", 1)
    monkeypatch.setattr(models, "finish_run", pytest.fail)
    out = tmp_path / "mine.safetensors"
    words = ("models", "finish", tmp_path / "run", "--name", "mine", "--out", out)
    told = run(*words, "--calibrate", 8, code=1)
    assert "there is no ground truth of these images; leave --calibrate out" in " ".join(
        told.split()
    )
