"""Psychophysics: the measure in known cases, the pixels of each law, curves and their pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from napari_lns import models
from napari_lns.cli import app
from napari_lns.experiments import psychophysics, psychophysics_section
from napari_lns.experiments.material import Material
from napari_lns.experiments.psychophysics.comparisons import find_pairs
from napari_lns.experiments.psychophysics.curves import bootstrap
from napari_lns.experiments.psychophysics.measures import Pairs
from napari_lns.models import AutoEncoder, Card, zoo
from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import draw, worlds

each_law = pytest.mark.parametrize("name", psychophysics.names())


def perfect(labels: np.ndarray) -> Segmentation:
    """A segmentation in which pixels of one label respond alike, and others not at all alike."""
    features = np.eye(int(labels.max()) + 1)[labels.ravel()]
    return Segmentation(np.zeros((*labels.shape, 3)), labels + 1, features=features)


@pytest.fixture(scope="module")
def model() -> AutoEncoder:
    torch.manual_seed(0)
    return AutoEncoder()


@pytest.fixture(scope="module")
def curve(model: AutoEncoder) -> psychophysics.Curve:
    return psychophysics.curve("closure", model, count=2, seed=3, values=[0.3, 0.6], method="exact")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models that holds one, for fragmented outlines."""
    folder = tmp_path / "weights"
    folder.mkdir()
    card = Card("small-outline", "ae", world="fragmented_outline")
    models.save(AutoEncoder(), folder / "small-outline.safetensors", card)
    monkeypatch.setattr(zoo, "SHIPPED", folder)
    return folder


@each_law
def test_a_law_asks_about_nothing_outside_the_domain_of_its_world(name: str) -> None:
    law = psychophysics.law(name)
    domain = worlds.domain(law.stimulus)
    low, high = domain[law.parameter]
    assert low <= min(law.values) < max(law.values) <= high
    stimulus, plain = law.draw_stimulus(law.values[1], seed=3), draw(law.stimulus)
    changed = {key for key, value in stimulus.parameters.items() if value != plain.parameters[key]}
    assert changed <= set(domain) | {"seed"}


@each_law
def test_every_value_of_a_law_leaves_pixels_to_compare_in_stimulus_and_control(name: str) -> None:
    law = psychophysics.law(name)
    for value in law.values:
        for controlled in (False, True):
            pairs = find_pairs(law.draw_stimulus(value, seed=1, controlled=controlled))
            assert any(one.any() and other.any() for one, other in pairs.together)
            assert any(one.any() and other.any() for one, other in pairs.apart)


@pytest.mark.parametrize("name", ["illusory_contour", "closure"])
def test_groups_that_follow_the_missing_edge_score_one(name: str) -> None:
    law = psychophysics.law(name)
    stimulus = law.draw_stimulus(0.5, seed=2)
    inside = stimulus.parts["illusory_figure" if name == "illusory_contour" else "inside"]
    whole = perfect(inside.astype(int))
    assert psychophysics.grouping(whole, find_pairs(stimulus)) == pytest.approx(1)


def test_groups_that_follow_the_rows_of_a_lattice_score_one() -> None:
    law = psychophysics.law("proximity")
    stimulus = law.draw_stimulus(1.6, seed=5)
    assert psychophysics.grouping(perfect(stimulus.labels), find_pairs(stimulus)) == 1


@pytest.mark.parametrize("name", ["contour_integration", "occlusion_offset"])
def test_groups_that_follow_the_true_labels_score_one(name: str) -> None:
    law = psychophysics.law(name)
    stimulus = law.draw_stimulus(law.values[0], seed=5)
    found = psychophysics.grouping(perfect(stimulus.labels), find_pairs(stimulus))
    assert found == pytest.approx(1)


@each_law
def test_one_group_for_all_scores_zero(name: str) -> None:
    law = psychophysics.law(name)
    stimulus = law.draw_stimulus(law.values[2], seed=0)
    alike = perfect(np.zeros(stimulus.shape, int))
    assert psychophysics.grouping(alike, find_pairs(stimulus)) == pytest.approx(0)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**16))
def test_the_measure_is_the_mean_of_the_affinities_that_the_viewer_shows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = Segmentation(
        np.zeros((4, 4, 3)), np.ones((4, 4)), features=rng.normal(size=(16, 5)).astype("f4")
    )
    one, other, third = rng.random((3, 4, 4)) < 0.5
    one[0, 0] = other[1, 1] = third[2, 2] = True

    def mean(first: np.ndarray, second: np.ndarray) -> float:
        maps = [found.affinity(*pixel)[second] for pixel in np.argwhere(first)]
        return float(np.mean(maps))

    told = psychophysics.grouping(found, Pairs([(one, other)], [(one, third)]))
    assert told == pytest.approx(mean(one, other) - mean(one, third), abs=1e-5)


def test_a_stimulus_without_pixels_to_compare_is_refused() -> None:
    law = psychophysics.law("closure")
    stimulus = law.draw_stimulus(0.0, seed=0)
    with pytest.raises(ValueError, match="no pixels to compare"):
        psychophysics.grouping(perfect(stimulus.labels), find_pairs(stimulus))


def test_a_segmentation_without_features_is_refused() -> None:
    law = psychophysics.law("closure")
    stimulus = law.draw_stimulus(0.4, seed=0)
    bare = Segmentation(stimulus.image, stimulus.labels + 1)
    with pytest.raises(ValueError, match="segmenter='lns'"):
        psychophysics.grouping(bare, find_pairs(stimulus))


def test_a_control_keeps_all_but_what_the_law_rests_on() -> None:
    law = psychophysics.law("illusory_contour")
    stimulus, control = (
        law.draw_stimulus(0.5, seed=7),
        law.draw_stimulus(0.5, seed=7, controlled=True),
    )
    differing = {
        key for key in stimulus.parameters if stimulus.parameters[key] != control.parameters[key]
    }
    assert differing == {"inducers"}


def test_an_unknown_law_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'closure'"):
        psychophysics.law("closur")


def test_a_count_of_nothing_is_refused(model: AutoEncoder) -> None:
    with pytest.raises(ValueError, match="count is 0"):
        psychophysics.curve("closure", model, count=0)


def test_a_curve_can_be_made_again(model: AutoEncoder, curve: psychophysics.Curve) -> None:
    again = psychophysics.curve("closure", model, count=2, seed=3, values=[0.6], method="exact")
    np.testing.assert_allclose(again.values[0], curve.values[1], atol=1e-6)
    np.testing.assert_allclose(again.errors[0], curve.errors[1])


def test_a_curve_tells_its_model_and_its_bands_in_json(curve: psychophysics.Curve) -> None:
    record = json.loads(json.dumps(curve.record, allow_nan=False))
    assert record["model"]["kind"] == "ae"
    assert record["count"] == 2
    assert [row["x"] for row in record["rows"]] == [0.3, 0.6]
    for row in record["rows"]:
        assert row["stimulus"]["low"] <= row["stimulus"]["mean"] <= row["stimulus"]["high"]


def test_a_curve_holds_the_measure_of_each_of_its_stimuli(model: AutoEncoder) -> None:
    found = psychophysics.curve("closure", model, count=2, seed=3, values=[0.6])
    shown = [
        psychophysics.law("closure").draw_stimulus(0.6, seed=seed, controlled=controlled)
        for seed in (3, 4)
        for controlled in (False, True)
    ]
    own, other = np.reshape([psychophysics.measure(each, model).value for each in shown], (2, 2)).T
    np.testing.assert_allclose(found.values[0], own, atol=1e-6)
    np.testing.assert_allclose(found.controls[0], other, atol=1e-6)


def test_a_tie_with_the_control_counts_half(model: AutoEncoder) -> None:
    tied = psychophysics.curve("proximity", model, count=1, values=[1.0], method="exact")
    assert tied.advantages.tolist() == [[0.5]]


def test_the_band_narrows_with_the_number_of_stimuli() -> None:
    rng = np.random.default_rng(0)
    few, many = bootstrap(rng.normal(size=(1, 10)))[0], bootstrap(rng.normal(size=(1, 1000)))[0]
    assert np.ptp(many) < np.ptp(few) / 3


def test_the_image_names_the_model_and_says_what_the_human_curve_is_worth(
    curve: psychophysics.Curve,
) -> None:
    figure = psychophysics.figure(curve)
    figure.canvas.draw()
    texts = [each.get_text() for each in figure.findobj() if hasattr(each, "get_text")]
    assert any("AutoEncoder" in text for text in texts)
    assert any("Elder & Zucker" in text for text in texts)
    assert {"control", "stimulus"} <= set(texts)


@each_law
def test_every_law_has_a_human_reference_with_source_and_limits(name: str) -> None:
    known = psychophysics.reference(name)
    assert known.finding
    assert known.source
    assert "verified" in known.limits or "Qualitative" in known.limits
    assert bool(known.points) != known.limits.startswith("Qualitative")


def test_the_human_panel_has_words_and_no_line_where_nothing_was_measured(
    curve: psychophysics.Curve,
) -> None:
    human = psychophysics.figure(curve).axes[1]
    assert not human.lines
    assert not human.axison
    words = " ".join(text.get_text() for text in human.texts).split()
    assert " ".join(words) == (
        "Search is faster the more the outline is closed (Elder & Zucker 1993)"
    )


def test_the_human_panel_shows_measured_points_without_a_line_through_them(
    model: AutoEncoder,
) -> None:
    bent = psychophysics.curve(
        "contour_integration", model, count=1, values=[15, 45], method="exact"
    )
    (line,) = psychophysics.figure(bent).axes[1].lines
    points = psychophysics.reference("contour_integration").points
    np.testing.assert_array_equal(line.get_xydata(), points)
    assert line.get_linestyle() == "None"


@pytest.mark.slow
def test_the_command_writes_a_figure_and_numbers_for_each_law(tmp_path: Path) -> None:
    models.save(AutoEncoder(), tmp_path / "own.safetensors")
    words = ["psychophysics", "contour_integration", "--count", "2", "--json"]
    words += ["--model", str(tmp_path / "own.safetensors"), "--out", str(tmp_path / "curves")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "curves" / "contour_integration.json").read_text())
    assert [row["x"] for row in told["rows"]] == [0, 15, 30, 45]
    picture = (tmp_path / "curves" / "contour_integration.png").read_bytes()
    assert picture.startswith(b"\x89PNG")


def test_a_named_law_whose_stimulus_has_no_network_is_refused_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo, "SHIPPED", tmp_path / "none")
    done = CliRunner().invoke(app, ["psychophysics", "closure", "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "trained on the world of 'fragmented_outline'" in done.stderr
    assert "--model" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_law_without_a_network_is_left_out_where_all_are_asked_for(
    shipped: Path, tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["psychophysics", "--count", "2", "--out", str(tmp_path / "o")])
    assert done.exit_code == 1
    assert "Left out: proximity: no shipped model was trained on the world of" in done.stderr
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == [
        "closure.csv",
        "closure.json",
        "closure.pdf",
        "closure.png",
    ]


def made_up(values: list[list[float]], law: str = "closure") -> psychophysics.Curve:
    """A curve over gap fractions whose controls measure nothing."""
    given = np.array(values)
    nothing = np.zeros_like(given)
    x = tuple(0.1 * k for k in range(len(given)))
    levels = ("fits",) * len(given)
    return psychophysics.Curve(
        law, {"name": "m"}, x, given, nothing, nothing, nothing, levels, {}, seed=5
    )


@pytest.mark.parametrize(
    ("values", "agreement"),
    [
        ([[0.9, 0.8], [0.5, 0.4], [0.1, 0.2]], "agrees"),
        ([[0.1, 0.2], [0.5, 0.4], [0.9, 0.8]], "disagrees"),
        ([[0.1, 0.9], [0.5, 0.5], [0.9, 0.1]], "open"),
        ([[0.5, 0.5]], "open"),
    ],
)
def test_a_curve_agrees_with_people_if_it_falls_where_they_do(
    values: list[list[float]], agreement: str
) -> None:
    curve = made_up(values)
    assert curve.agreement == agreement
    assert json.loads(json.dumps(curve.record))["direction"] == agreement


def test_a_curve_is_written_in_four_forms_with_a_line_for_every_pair(tmp_path: Path) -> None:
    psychophysics.write_curve(made_up([[0.9, 0.8], [0.5, 0.4]]), tmp_path)
    lines = (tmp_path / "closure.csv").read_text().splitlines()
    assert lines[0] == "law,model,x,seed,stimulus,control,error,control_error"
    assert lines[1:3] == ["closure,m,0.0,5,0.9,0.0,0.0,0.0", "closure,m,0.0,6,0.8,0.0,0.0,0.0"]
    assert json.loads((tmp_path / "closure.json").read_text())["rows"][0]["fit"] == "fits"
    assert (tmp_path / "closure.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "closure.pdf").read_bytes().startswith(b"%PDF")


def test_a_law_takes_the_network_of_its_stimulus(shipped: Path) -> None:
    found = psychophysics.curve("closure", count=1, values=[0.4], method="exact")
    assert found.model["name"] == "small-outline"


def test_the_report_says_in_one_sentence_that_there_can_be_no_curve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(zoo, "SHIPPED", tmp_path)
    section = psychophysics_section.psychophysics("closure", Material({}))
    assert "There is no curve here: no shipped model was trained on the world of" in section.text
    assert section.figure is None
    assert psychophysics_section.cost("closure", Material({})) < 1
