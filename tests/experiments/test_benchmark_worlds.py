"""How networks are judged on the stimuli of their worlds: measures, tables and pictures."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from napari_lns import models, stimuli
from napari_lns.cli import app
from napari_lns.experiments import worlds, worlds_table
from napari_lns.models import CompactAutoEncoder
from napari_lns.segmentation.agreement import Agreement
from napari_lns.stimuli import good_gestalt


@pytest.fixture(scope="module")
def network() -> CompactAutoEncoder:
    torch.manual_seed(0)
    return CompactAutoEncoder(4).eval()


@pytest.fixture(scope="module")
def found(network: CompactAutoEncoder) -> worlds.Evaluation:
    return worlds.evaluate("proximity_row", network, count=3)


def test_each_draw_is_evaluated_beside_baselines_and_its_control(found: worlds.Evaluation) -> None:
    assert set(worlds_table.COLUMNS) <= set(found.scores)
    assert all(values.shape == (3,) for values in found.values.values())
    greater = found.values["measure"] > found.values["control_measure"]
    np.testing.assert_array_equal(found.values["advantage"], greater)
    assert (found.values["strength"] > 0).all()
    assert found.parameters == {"method": "exact"}


def test_the_control_is_segmented_into_as_many_segments_as_the_stimulus(
    found: worlds.Evaluation,
) -> None:
    stimulus, control = found.shown
    assert stimulus.segmentation.clusters == control.segmentation.clusters == 4
    assert control.stimulus.parameters["gap_ratio"] == 1


def test_the_same_draws_are_evaluated_the_same_again(
    network: CompactAutoEncoder, found: worlds.Evaluation
) -> None:
    again = worlds.evaluate("proximity_row", network, count=1, seed=found.seeds[1])
    for name, values in again.values.items():
        np.testing.assert_allclose(values[0], found.values[name][1], rtol=1e-4, err_msg=name)


def test_draws_have_jitter_and_the_control_has_the_same() -> None:
    drawn = list(worlds.draws("kanizsa_figure", 2))
    assert not np.array_equal(drawn[0][0].image, drawn[1][0].image)
    for stimulus, control in drawn:
        assert stimulus.parameters["jitter"] == control.parameters["jitter"] == 1
        assert stimulus.seed == control.seed >= worlds.FIRST_SEED


def test_draws_that_are_their_own_control_are_left_out() -> None:
    drawn = list(worlds.draws("proximity", 4))
    assert all(len(np.unique(stimulus.labels)) == 4 for stimulus, _ in drawn)
    assert not any(np.array_equal(one.image, other.image) for one, other in drawn)


def test_a_stimulus_without_control_has_scores_alone(network: CompactAutoEncoder) -> None:
    found = worlds.evaluate("dead_leaves", network, count=1)
    assert "ari" in found.scores
    assert not {"measure", "advantage"} & set(found.scores)


def test_no_draws_are_refused(network: CompactAutoEncoder) -> None:
    with pytest.raises(ValueError, match="count is 0"):
        worlds.evaluate("kanizsa_figure", network, count=0)


def test_figures_alone_are_scored_where_there_are_two_of_them() -> None:
    row, path = stimuli.draw("proximity_row"), stimuli.draw("contour_integration")
    assert Agreement.from_labels(row.labels, row.labels).foreground_ari == 1
    assert Agreement.from_labels(row.labels, row.labels > 0).foreground_ari == 0
    assert np.isnan(Agreement.from_labels(path.labels, path.labels == 1).foreground_ari) == (
        len(np.unique(path.labels)) < 3
    )
    (closure,) = good_gestalt.draw("closure", count=1)
    assert np.isnan(Agreement.from_labels(closure.labels, closure.labels).foreground_ari)


def test_the_table_is_written_in_three_forms_with_a_image_of_each(
    found: worlds.Evaluation, network: CompactAutoEncoder, tmp_path: Path
) -> None:
    leaves = worlds.evaluate("dead_leaves", network, count=1)
    worlds_table.write_table([found, leaves], tmp_path)
    for each in (found, leaves):
        worlds_table.write_figure(each, tmp_path)
    lines = list(csv.DictReader((tmp_path / "worlds.csv").read_text().splitlines()))
    assert [line["stimulus"] for line in lines] == ["proximity_row", "dead_leaves"]
    assert float(lines[0]["ari"]) == found.scores["ari"].mean
    assert lines[1]["advantage"] == ""
    told = json.loads((tmp_path / "worlds.json").read_text())
    assert told[0]["values"]["ari"] == found.values["ari"].tolist()
    table = (tmp_path / "worlds.md").read_text()
    assert f"{found.scores['ari'].mean:.2f} ±" in table
    for name in ("proximity_row", "dead_leaves"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_the_image_shows_the_stimulus_above_its_control_with_one_scale_of_variance(
    found: worlds.Evaluation,
) -> None:
    figure = worlds_table.figure(found)
    assert len(figure.axes) == 8
    above, below = (figure.axes[place].images[0].get_clim() for place in (2, 6))
    assert above == below
    assert figure.axes[4].get_ylabel().startswith("control\nmeasure")


def run(*words: Any) -> Any:
    return CliRunner().invoke(app, ["benchmark", "worlds", *map(str, words)])


def test_one_network_is_evaluated_on_one_stimulus_by_the_command(
    network: CompactAutoEncoder, tmp_path: Path
) -> None:
    models.save(network, tmp_path / "own.safetensors")
    words = ("--stimulus", "connectedness", "--model", tmp_path / "own.safetensors")
    done = run(*words, "--count", 1, "--out", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "out" / "worlds.json").read_text())[0]
    assert told["stimulus"] == "connectedness"
    again = run(*words, "--count", 1, "--out", tmp_path / "out")
    assert again.exit_code == 1
    assert "give another folder, or --overwrite" in again.stderr


def test_stimuli_that_no_network_ships_for_are_reported_and_the_others_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds_of = {"proximity": ["proximity-ae"]}
    monkeypatch.setattr(models.zoo, "names_for_world", lambda name: worlds_of.get(name, []))
    words = ("--stimulus", "proximity", "--stimulus", "closure", "--count", 1)
    done = run(*words, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "| proximity | proximity-ae | 1 |" in done.stdout
    assert "Left out: no shipped model was trained on the world of 'closure'" in done.stderr
    nothing = run("--stimulus", "closure", "--out", tmp_path / "other")
    assert nothing.exit_code == 1
    assert not (tmp_path / "other").exists()


def test_unknown_names_are_refused_before_any_work(tmp_path: Path) -> None:
    done = run("--stimulus", "kanisza", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "kanizsa" in done.stderr
    assert not (tmp_path / "out").exists()
