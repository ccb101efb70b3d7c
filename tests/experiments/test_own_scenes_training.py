"""Training on the world of one's own scene: recipe, estimate, resume, scores, command."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_lns.cli import app
from napari_lns.experiments.own_scenes import evaluate_scene, finish_scene, scene_score
from napari_lns.experiments.psychophysics import comparisons
from napari_lns.models import CompactAutoEncoder, Settings, finish_run, iter_train, load, train
from napari_lns.models.training import scenes
from napari_lns.models.training.data import stream_images
from napari_lns.models.training.measuring import CHECKPOINT
from napari_lns.models.training.scenes import estimate_run, nearest_network, scene_settings
from napari_lns.models.training.speed import Plan
from napari_lns.stimuli import Scene
from napari_lns.stimuli.scene import Ellipse, Surface

FILES = sorted((Path(__file__).parents[2] / "sample_data" / "scenes").glob("*.json"))
KANIZSA = Scene.load(next(file for file in FILES if file.stem == "kanizsa_triangle"))


@pytest.fixture(autouse=True)
def _quickly_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_lns.models.finishing.IMAGES", 16)


def test_a_run_keeps_its_scene_and_draws_its_world(tmp_path: Path) -> None:
    settings = scene_settings(KANIZSA, tmp_path, batch=2)
    assert (settings.kind, settings.beta, settings.contrast_power) == ("compact", 0.3, 0)
    assert Scene.load(tmp_path / "scene.json") == KANIZSA
    np.testing.assert_array_equal(next(stream_images(settings)), next(KANIZSA.world(batch=2)))


def test_steps_fit_the_time_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "measure_fastest_plan", lambda *_: (Plan(), 0.1))
    fitting = estimate_run(KANIZSA, tmp_path, minutes=10)
    assert fitting.minutes == pytest.approx(10, rel=0.01)
    assert str(fitting) == (
        f"{fitting.settings.steps:,} steps of 32 images take about 10 minutes on this machine "
        "(100 ms a step), from the weights of kanizsa-figure"
    )
    assert estimate_run(KANIZSA, tmp_path, minutes=10_000).settings.steps == scenes.MOST_STEPS
    with pytest.raises(ValueError, match="minutes is 0: it must be above 0"):
        estimate_run(KANIZSA, tmp_path, minutes=0)


def test_a_scenes_run_continues_with_its_own_settings_and_refuses_another_scene(
    tmp_path: Path,
) -> None:
    train(KANIZSA, out=tmp_path, steps=2, batch=2)
    network = train(KANIZSA, out=tmp_path, steps=3)
    assert (network.kind, network.training) == ("compact", False)
    record = json.loads((tmp_path / "record.json").read_text())
    assert (record["step"], record["settings"]["batch"]) == (3, 2)
    with pytest.raises(ValueError, match="holds a run on another scene"):
        train(replace(KANIZSA, name="other"), out=tmp_path)


def test_a_scenes_network_has_the_scene_on_its_card_wherever_the_run_lies(tmp_path: Path) -> None:
    train(KANIZSA, out=tmp_path / "run", steps=2, batch=2)
    (tmp_path / "run").rename(tmp_path / "moved")
    file = finish_scene(tmp_path / "moved", count=1)
    card = load(file).card
    assert card is not None
    assert Scene.from_json(card.training["scene"]) == KANIZSA
    assert len(card.scores["axes"]) == 15  # five powers at three widths of the border


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_scene_is_scored_against_its_control(file: Path) -> None:
    scene = Scene.load(file)
    for control in (False, True):
        pairs = comparisons.find_pairs(scene.draw(seed=3, jitter=1.0, control=control))
        assert all(mask.any() for pair in (*pairs.together, *pairs.apart) for mask in pair)
    scores = scene_score(scene, count=1)(CompactAutoEncoder(20).eval())
    assert set(scores) == {"ARI", "control"}


def test_a_scene_without_control_has_no_score_against_it() -> None:
    plain = Scene((KANIZSA.surfaces[0],))
    assert set(evaluate_scene(plain, CompactAutoEncoder(4).eval(), count=1).values) == {
        "ari",
        "error",
    }
    with pytest.raises(ValueError, match="count is 0"):
        evaluate_scene(plain, CompactAutoEncoder(4).eval(), count=0)


def test_a_full_disk_while_training_is_one_sentence_and_the_checkpoint_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(KANIZSA, out=tmp_path, steps=2, batch=2)
    before = (tmp_path / CHECKPOINT).read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("napari_lns.models.training.checkpoint.save_file", full)
    settings = scene_settings(KANIZSA, tmp_path, steps=3)
    with pytest.raises(OSError, match="the disk is full"):
        list(iter_train(settings, tmp_path))
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_the_command_says_how_long_it_takes_and_writes_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "FEWEST_STEPS", 2)
    monkeypatch.setattr(scenes, "MOST_STEPS", 2)
    monkeypatch.setattr("napari_lns.experiments.own_scenes.CALIBRATION_IMAGES", 1)
    monkeypatch.setattr("napari_lns.experiments.own_scenes.EVALUATION_IMAGES", 1)
    file = tmp_path / "mine.json"
    KANIZSA.save(file)
    words = ["train", "--scene", str(file), "--minutes", "1", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    assert "2 steps of 32 images take about" in done.stderr
    assert json.loads(done.stdout)["step"] == 2
    assert load(tmp_path / "run" / "kanizsa_triangle.safetensors").kind == "compact"
    done = CliRunner().invoke(app, [*words, "--data", "kanizsa"])
    assert done.exit_code == 1
    assert "one of them" in done.stderr


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("kanizsa_triangle", "kanizsa-figure"),
        ("broken_star", "fragmented-outline"),
        ("bar_behind_disc", ""),
        ("two_sheets", ""),
    ],
)
def test_a_scene_begins_with_the_network_for_its_ambiguity(
    name: str, network: str, tmp_path: Path
) -> None:
    scene = Scene.load(next(file for file in FILES if file.stem == name))
    assert nearest_network(scene) == scene_settings(scene, tmp_path / "run").start == network
    assert scene_settings(scene, tmp_path / "random", start="").start == ""
    assert scene_settings(scene, tmp_path / "units", latent_size=24).start == ""


def test_a_scene_of_colours_or_of_many_objects_begins_with_random_weights() -> None:
    colours = tuple(
        replace(each, vary=replace(each.vary, colour="any")) for each in KANIZSA.surfaces
    )
    assert nearest_network(replace(KANIZSA, surfaces=colours)) == ""
    dots = tuple(
        Surface(f"dot {k}", Ellipse(0.05, 0.05, x=0.08 * k - 0.3, y=-0.4), (0, 0, 0))
        for k in range(7)
    )
    assert nearest_network(replace(KANIZSA, surfaces=(*dots, *KANIZSA.surfaces))) == ""


def test_a_network_to_begin_with_decides_the_number_of_latent_units(tmp_path: Path) -> None:
    settings = scene_settings(KANIZSA, tmp_path, start="kanizsa-figure")
    assert isinstance(settings, Settings)
    assert settings.latent_size == load("kanizsa-figure").latent_size


def test_a_run_on_something_else_is_no_scenes_run(tmp_path: Path) -> None:
    train("kanizsa", out=tmp_path, steps=1, batch=1)
    with pytest.raises(ValueError, match="contains no training run on a scene"):
        finish_scene(tmp_path)
    assert "scene" not in finish_run(tmp_path, "a")[1].training


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({"settings": {"data": [], "latent_size": "x"}}, "settings.latent_size is 'x'"),
        ({"settings": {"colour": 1, "data": []}}, "data is empty"),
        ({}, "it lacks settings"),
        ([], "a JSON object"),
    ],
)
def test_a_damaged_record_of_a_run_is_reported_by_its_field(
    damage: object, told: str, tmp_path: Path
) -> None:
    train(KANIZSA, out=tmp_path, steps=1, batch=2)
    (tmp_path / "record.json").write_text(json.dumps(damage))
    with pytest.raises(ValueError, match=r"record\.json: ") as refused:
        scene_settings(KANIZSA, tmp_path)
    assert told in str(refused.value)
