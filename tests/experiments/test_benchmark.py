"""Benchmarks, calibration and the report: whole tables from few runs."""

from __future__ import annotations

import csv
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from napari_lns import segment, stimuli
from napari_lns.experiments import (
    Score,
    benchmark,
    calibration,
    further_sections,
    paper_sections,
    report,
    reproduce,
    scoring,
    tables,
)
from napari_lns.experiments.benchmark import read_sets
from napari_lns.experiments.material import Material
from napari_lns.experiments.paper import compare_with_paper
from napari_lns.models import AutoEncoder, Card, SurfaceAutoEncoder
from napari_lns.stimuli import good_gestalt


@pytest.fixture(scope="module")
def network() -> AutoEncoder:
    torch.manual_seed(0)
    network = AutoEncoder().eval()
    network.card = Card(
        "small",
        "ae",
        latent_spread=1.0,
        votes=torch.eye(15).tolist(),
        covariance=torch.eye(15).tolist(),
        training={"settings": {"data": ["kanizsa"]}},
    )
    return network


def test_a_score_is_a_mean_with_its_standard_error() -> None:
    score = Score.from_values(np.array([0.0, 0.5, 1.0]))
    assert score == Score(0.5, round(0.5 / np.sqrt(3), 6), 3)
    assert str(score) == "0.500 ± 0.289"
    assert str(Score.from_values(np.array([0.5]))) == "0.500"


def test_each_stimulus_is_scored_with_its_true_number_of_groups(network: AutoEncoder) -> None:
    given = good_gestalt.draw("proximity", "test", 3)
    found = scoring.scores(given, network, method="exact")
    assert found.shape == (3,)
    assert np.isfinite(found).all()


def test_stimuli_are_scored_in_order_each_with_the_next_seed(network: AutoEncoder) -> None:
    given = good_gestalt.draw("closure", "test", 2)
    found = scoring.scores(given, network, seed=3, samples=4)
    alone = [
        segment(stimulus, network, clusters=2, seed=seed, samples=4).score(stimulus)
        for seed, stimulus in zip((3, 4), given, strict=True)
    ]
    np.testing.assert_allclose(found, alone)


def test_a_network_of_many_units_is_not_tried_with_too_few_samples_for_them() -> None:
    methods = [choice["method"] for choice in calibration.choices(64)]
    assert methods == ["exact"] + 5 * ["sampled"]


def test_calibration_notes_every_choice_and_takes_the_best(
    network: AutoEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "NOISES", (0.1,))
    card = calibration.calibrate(network, replace(network.card, name="own"), count=2).card
    assert card is not None
    table, axes = card.scores["calibration"], card.scores["axes"]
    best = max(axes, key=lambda row: row["mean"])
    assert card.border_width == best["border_width"]
    at_width = [row for row in axes if row["border_width"] == card.border_width]
    enough = best["mean"] - best["standard_error"]
    good = [row["power"] for row in at_width if row["mean"] >= enough]
    assert min(good) == card.axes_power
    assert axes[0]["power"] == 0
    assert {row["method"] for row in table} == {"exact", "smoothed", "sampled"}
    assert card.scores["own draws"]["mean"] == max(row["mean"] for row in table)
    assert card.noise is not None


def test_a_compact_network_gets_the_most_noise_with_which_samples_equal_the_exact_method() -> None:
    torch.manual_seed(0)
    untrained, shares = SurfaceAutoEncoder().eval(), []
    card = Card(
        "own", "surfaces", latent_spread=1.0, training={"settings": {"data": ["dead_leaves"]}}
    )
    card = calibration.calibrate(untrained, card, count=2, report=shares.append).card
    assert card is not None
    assert shares[-1] == 1
    exact, *sampled = card.scores["calibration"]
    assert card.method == exact["method"] == "exact"
    assert card.relative_noise == sampled[-1]["relative_noise"]
    equal = [row["mean"] >= exact["mean"] - exact["standard_error"] for row in sampled]
    assert not any(equal[:-1])
    assert equal[-1] or len(equal) == len(calibration.FINE_NOISES)


def test_a_network_of_own_images_cannot_be_calibrated(network: AutoEncoder) -> None:
    card = Card("mine", "ae", training={"settings": {"data": ["photos"]}})
    with pytest.raises(ValueError, match=r"mine learned photos: .* leave --calibrate out"):
        calibration.calibrate(network, card)


def test_images_without_ground_truth_are_not_scored_and_the_sentence_names_the_file(
    tmp_path: Path,
) -> None:
    stimuli.write(good_gestalt.draw("kanizsa", "test", 1)[0], tmp_path / "good.png")
    Image.fromarray(np.full((64, 64, 3), 99, np.uint8)).save(tmp_path / "photo.png")
    sets = benchmark.read_sets(tmp_path)
    assert {name: len(found) for name, found in sets.stimuli.items()} == {tmp_path.name: 1}
    (sentence,) = sets.broken
    assert "photo.png has no ground truth" in sentence
    assert "NAME.labels.png" in sentence
    (tmp_path / "good.png").unlink()
    with pytest.raises(ValueError, match=r"photo\.png has no ground truth"):
        benchmark.read_sets(tmp_path)


def test_a_set_without_ground_truth_is_refused_before_anything_runs() -> None:
    drawn = good_gestalt.draw("kanizsa", "test", 1)[0]
    bare = replace(drawn, labels=np.zeros_like(drawn.labels), name="photo.png")
    with pytest.raises(ValueError, match=r"photo\.png of the set 'mine' has no ground truth"):
        benchmark.plan_runs({"mine": [bare]}, methods=benchmark.BASELINES[:1])


def test_a_score_against_labels_of_one_value_is_refused() -> None:
    drawn = good_gestalt.draw("kanizsa", "test", 1)[0]
    found = segment(drawn, segmenter="baseline", clusters=2)
    with pytest.raises(ValueError, match="all of its pixels have the label 0"):
        found.score(np.zeros(drawn.shape, int))
    bare = replace(drawn, labels=np.zeros_like(drawn.labels), name="photo.png")
    with pytest.raises(ValueError, match=r"photo\.png has no ground truth"):
        scoring.scores([bare], segmenter="baseline", clusters=2)


def test_sets_are_read_from_npz_files_and_broken_ones_are_reported(tmp_path: Path) -> None:
    stimuli.write(good_gestalt.draw("kanizsa", "test", 3), tmp_path / "kanizsa.npz")
    (tmp_path / "torn.npz").write_bytes(b"torn")
    sets = benchmark.read_sets(tmp_path, 2)
    assert {name: len(found) for name, found in sets.stimuli.items()} == {"kanizsa": 2}
    assert len(sets.broken) == 1
    assert "torn.npz" in sets.broken[0]
    assert benchmark.read_sets(tmp_path / "kanizsa.npz", 2).stimuli == sets.stimuli


def test_a_folder_of_images_is_one_set_and_broken_ones_are_reported(tmp_path: Path) -> None:
    for number, drawn in enumerate(good_gestalt.draw("kanizsa", "test", 3)):
        stimuli.write(drawn, tmp_path / f"{number}.png")
    (tmp_path / "1.png").write_bytes(b"torn")
    sets = benchmark.read_sets(tmp_path)
    assert {name: len(found) for name, found in sets.stimuli.items()} == {tmp_path.name: 2}
    assert "1.png" in sets.broken[0]


def test_missing_and_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        benchmark.read_sets(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=tmp_path.name):
        benchmark.read_sets(tmp_path)


def test_a_table_is_written_in_four_forms(tmp_path: Path) -> None:
    row = tables.Row("s", "m", "lns", {"method": "exact"}, "given", Score(0.5, 0.1, 4), 0.2)
    tables.write_table([row, replace(row, clusters="found")], tmp_path / "out")
    lines = list(csv.DictReader((tmp_path / "out" / "benchmark.csv").read_text().splitlines()))
    assert [line["clusters"] for line in lines] == ["given", "found"]
    assert json.loads((tmp_path / "out" / "benchmark.json").read_text())[0]["set"] == "s"
    assert (
        "lns (method exact) | found | 0.500 ± 0.100"
        in (tmp_path / "out" / "benchmark.md").read_text()
    )
    assert (tmp_path / "out" / "benchmark.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("method", benchmark.BASELINES, ids=lambda each: str(each.parameters))
def test_a_baseline_is_scored_with_the_number_of_groups_given_and_found(
    method: benchmark.Method,
) -> None:
    sets = {"kanizsa": good_gestalt.draw("kanizsa", "train", 2)}
    (run,) = benchmark.plan_runs(sets, methods=[method])
    given, found = run.rows()
    assert (given.clusters, found.clusters) == ("given", "found")
    by_hand = scoring.scores(sets["kanizsa"], segmenter="baseline", **method.parameters)
    assert given.score == Score.from_values(by_hand)
    assert given.seconds > 0


def test_iic_answers_with_its_own_number_of_groups() -> None:
    sets = {"closure": good_gestalt.draw("closure", "test", 2)}
    (run,) = benchmark.plan_runs(sets, methods=[benchmark.Method("iic")])
    (row,) = run.rows()
    assert (row.clusters, row.model, row.score.count) == ("fixed", "", 2)


def test_every_method_meets_every_model_of_a_set() -> None:
    sets = {"closure": good_gestalt.draw("closure", "test", 1)}
    models = ["closure-ae", "kanizsa-ae"]
    told = [
        (run.method.segmenter, run.model)
        for run in benchmark.plan_runs(sets, models, benchmark.METHODS[:4])
    ]
    assert told == [
        *(("lns", model) for model in models),
        *(("dwc", model) for model in models),
        ("iic", ""),
        ("baseline", ""),
    ]


def test_a_method_that_needs_no_model_runs_once() -> None:
    sets = {"closure": good_gestalt.draw("closure", "test", 1)}
    looking = benchmark.Method("dwc", {"source": "vit", "weights": "dino"})
    (run,) = benchmark.plan_runs(sets, methods=[looking])
    assert run.model == ""


def test_a_value_that_no_method_takes_is_refused_before_anything_runs() -> None:
    sets = {"closure": good_gestalt.draw("closure", "test", 1)}
    methods = [benchmark.Method("lns"), benchmark.Method("lns", {"method": "exakt"})]
    with pytest.raises(ValueError, match="method is 'exakt'"):
        benchmark.plan_runs(sets, methods=methods)


def test_a_row_tells_how_its_images_were_segmented(tmp_path: Path) -> None:
    sets = {"closure": good_gestalt.draw("closure", "test", 1)}
    chosen = benchmark.Method("lns", {"samples": 4, "method": "sampled"})
    (run,) = benchmark.plan_runs(sets, ["closure-ae"], [chosen])
    rows = list(run.rows())
    assert {(row.used["method"], row.used["samples"]) for row in rows} == {("sampled", 4)}
    assert all(row.used["sigma"] > 0 for row in rows)
    tables.write_table(rows, tmp_path)
    (line, _) = csv.DictReader((tmp_path / "benchmark.csv").read_text().splitlines())
    assert json.loads(line["used"]) == rows[0].used


@pytest.mark.parametrize(
    ("segmenter", "sentence"),
    [("lns", "no model ships for the set 'rings'"), ("iic", "leave iic out")],
)
def test_a_method_without_a_network_for_a_set_is_refused_before_anything_runs(
    segmenter: str, sentence: str
) -> None:
    rings = {"rings": good_gestalt.draw("continuity", "test", 1)}
    with pytest.raises(ValueError, match=sentence):
        benchmark.plan_runs(rings, methods=[benchmark.Method(segmenter)])


def test_a_report_is_one_file_with_its_text_escaped(tmp_path: Path) -> None:
    section = report.Section("A < B", "One.\n\nTwo.", ("x",), [["1 & 2"]])
    report.write_report("T", [section], tmp_path / "r.html", "note")
    page = (tmp_path / "r.html").read_text()
    assert "<h2>A &lt; B</h2><p>One.</p><p>Two.</p>" in page
    assert "1 &amp; 2" in page


def test_a_score_is_compared_with_the_papers_by_facts_on_the_card() -> None:
    training = {"settings": {"batch": 64}, "step": 11_000, "error": 0.001}
    card = Card("k", "ae", training=training)
    told = compare_with_paper("kanizsa", Score(0.7, 0.01, 20), card, 0.002)
    assert told == (
        "below the paper by 0.17; was trained on 0.7 million images, 1.0% of the paper's; "
        "reconstructs these images with 2 times its error on training images"
    )
    assert (
        compare_with_paper("kanizsa", Score(0.88, 0.01, 20), card, 0) == "within 2 standard errors"
    )
    assert compare_with_paper("kanizsa", Score(0.7, 0.0, 1), card, 0) == "too few images to compare"
    assert compare_with_paper("rings", Score(0.7, 0.01, 20), card, 0) == ""


def test_every_run_of_the_report_takes_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []

    def recording(*given: Any, repeats: int = 0, **asked: Any) -> Any:
        seeds.append(asked.get("seed"))
        return segment(*given, repeats=min(repeats, 1), **asked)

    sets = {"closure": good_gestalt.draw("closure", "test", 2)}
    for part, name in ((further_sections, "uncertainty"), (paper_sections, "examples")):
        monkeypatch.setattr(part, "segment", recording)
        getattr(part, name)(Material(sets, seed=5))
    assert seeds == [5, 6, 5]


def test_sets_that_no_model_ships_for_are_refused_before_any_work(tmp_path: Path) -> None:
    material = Material({"rings": good_gestalt.draw("closure", "test", 1)})
    with pytest.raises(ValueError, match=r"no model ships for the sets rings: .* kanizsa, closure"):
        next(reproduce.reproduce("all", material, out=tmp_path / "r.html"))


def test_an_unknown_part_of_the_report_is_refused(tmp_path: Path) -> None:
    material = reproduce.gather_material(count=1)
    with pytest.raises(ValueError, match="did you mean 'table1'"):
        next(reproduce.reproduce("table", material, out=tmp_path / "r.html"))


@pytest.mark.slow
def test_the_papers_table_and_its_examples_are_reproduced(tmp_path: Path) -> None:
    material = Material({"kanizsa": good_gestalt.draw("kanizsa", "test", 1, seed=3)})
    told = list(reproduce.reproduce("table1", material, out=tmp_path / "r.html"))
    assert told == [("The main table", 1.0)]
    page = (tmp_path / "r.html").read_text()
    assert "kanizsa" in page
    assert "0.87" in page


def test_copies_of_one_image_are_no_set() -> None:
    draws = [stimuli.draw("kanizsa_figure", seed=seed) for seed in (3, 4)]
    told = "kanizsa_figure looks the same for the seeds 3 and 4 of the set 'own': draw it with jit"
    with pytest.raises(ValueError, match=told):
        benchmark.plan_runs({"own": draws}, methods=benchmark.BASELINES)
    varied = [stimuli.draw("kanizsa_figure", seed=seed, jitter=1.0) for seed in (3, 4)]
    shapes = [stimuli.draw("kanizsa_figure", corners=corners) for corners in (3, 4)]
    for good in (varied, shapes):
        assert benchmark.plan_runs({"own": good}, methods=benchmark.BASELINES)


def test_names_are_shown_as_they_are_in_markdown() -> None:
    from napari_lns.experiments.tables import _cell

    assert _cell("a|b <img src=x>\n") == "a&#124;b &lt;img src=x&gt;"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_a_pipe_is_no_data_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="pipe: it is a device or pipe"):
        read_sets(tmp_path / "pipe")
