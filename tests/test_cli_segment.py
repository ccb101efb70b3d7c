"""`napari-lns segment`: files of each result, the fit on standard error, the control beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from napari_lns import Segmentation, stimuli
from napari_lns.cli import app

EXACT = ["--set", "method=exact"]


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, ["segment", *words])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def figure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "figure.png"
    stimuli.write(stimuli.draw("kanizsa_figure"), path)
    return path


def test_a_stimulus_and_its_control_are_written_with_measures_and_the_fit(
    figure: Path, tmp_path: Path
) -> None:
    words = [str(figure), "--out", str(tmp_path), "--with-control", *EXACT]
    done = run(*words)
    assert "ARI 0.9" in done.stdout
    assert "measure of the control" in done.stdout
    assert "figure.npz: fits: the reconstruction leaves" in done.stderr
    ends = (".json", ".npz", "-labels.png", "-overview.png", "-control.npz", "-control.png")
    assert {path.name for path in tmp_path.iterdir()} == {f"figure{end}" for end in ends}
    found = Segmentation.load(tmp_path / "figure.npz")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "figure-labels.png")), found.labels)
    told = json.loads((tmp_path / "figure.json").read_text("utf8"))
    assert told["measures"]["stimulus"] > told["measures"]["control"]
    assert told["control"]["parameters"]["inducers"] == "turned"
    assert told["fit"]["level"] == "fits"
    assert set(told["scores"]) == {"ari", "foreground_ari", "iou"}
    assert "overwrite" in run(*words, code=1).stderr


def test_a_file_of_the_users_is_not_replaced(figure: Path, tmp_path: Path) -> None:
    mine = tmp_path / "figure.json"
    mine.write_text("mine")
    words = [str(figure), "--out", str(tmp_path), "--segmenter", "baseline"]
    assert "figure.json exists" in run(*words, code=1).stderr
    assert mine.read_text() == "mine"


def test_a_stimulus_outside_a_networks_domain_is_segmented_with_a_warning(
    figure: Path, tmp_path: Path
) -> None:
    done = run(str(figure), "--out", str(tmp_path), "--model", "occluded-bar", *EXACT, "--json")
    (told,) = json.loads(done.stdout)
    assert told["fit"]["level"] == "out of distribution"
    assert "choose another network, or train one" in done.stderr


def test_an_image_without_structure_is_segmented_and_the_sentence_says_that_it_has_none(
    tmp_path: Path,
) -> None:
    Image.new("RGB", (64, 64), (128, 128, 128)).save(tmp_path / "grey.png")
    out = tmp_path / "out"
    done = run(str(tmp_path / "grey.png"), "--out", str(out), *EXACT)
    assert "all pixels of the image have one colour: there is nothing to segment" in done.stderr
    assert (out / "grey.npz").exists()


def test_an_image_that_has_no_control_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (128, 128, 128)).save(tmp_path / "grey.png")
    out = tmp_path / "out"
    done = run(str(tmp_path / "grey.png"), "--out", str(out), "--with-control", code=1)
    assert "grey.png" in done.stderr or "grey" in done.stderr
    assert "cannot be drawn again from a record" in done.stderr
    assert not list(out.iterdir())
