from dataclasses import replace
from functools import partial

import pytest
from typer.testing import CliRunner

from napari_lns.cli import app
from napari_lns.experiments import iic as scores
from napari_lns.experiments.iic import sets
from napari_lns.experiments.scoring import Score
from napari_lns.models import iic
from napari_lns.models.iic.settings import DIGITS, IICSettings, Transform

QUICK = replace(iic.DIGITS, steps=5, copies=1, width=0.05)


def test_digits_are_scored_beside_k_means():
    plain, found = scores.score_digits(repetitions=2, runs=1, settings=QUICK)
    assert (plain.method, plain.score.count) == ("k-means", 2)
    assert 0.7 < plain.score.mean < 0.85
    assert 0 < found.score.mean < 1


@pytest.mark.parametrize(
    "score",
    [
        partial(scores.score_digits, repetitions=2, runs=2, settings=QUICK),
        partial(scores.score_labels, (20, 50), repetitions=1, steps=1, settings=QUICK),
        partial(scores.score_textures, repetitions=1, steps=1),
    ],
)
def test_the_share_that_is_done_rises_to_the_whole(score):
    told = []
    list(score(report=told.append))
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_runs_that_were_kept_are_not_trained_again(tmp_path, monkeypatch):
    asked = {"repetitions": 1, "runs": 2, "settings": QUICK, "out": tmp_path}
    first = list(scores.score_digits(**asked))
    assert {path.name for path in tmp_path.iterdir()} == {"seed-0", "seed-1"}
    monkeypatch.delattr(iic.run.Run, "advance")
    assert list(scores.score_digits(**asked)) == first


def test_label_curves_have_a_point_for_each_count_and_method():
    lines = list(scores.score_labels(counts=(20, 1297), repetitions=1, steps=40, settings=QUICK))
    assert {line.data for line in lines} == {"20 labels", "1297 labels"}
    assert len({line.method for line in lines}) == 3
    supervised = {line.data: line.score.mean for line in lines if "alone" in line.method}
    assert supervised["1297 labels"] > supervised["20 labels"]


def test_the_shipped_networks_are_scored_on_both_splits_beside_lns():
    told = []
    lines = list(scores.score_sets(count=2, report=told.append))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert [line.data for line in lines[::3]] == list(scores.SETS)
    assert lines[2].method == "LNS, test split"
    assert {line.score.count for line in lines} == {2}


def test_a_sets_network_is_written_with_its_scores(tmp_path, monkeypatch):
    monkeypatch.setattr(sets, "GESTALT", replace(sets.GESTALT, steps=2, width=0.05))
    card = iic.load(scores.train_set("closure", tmp_path)).card
    assert card["settings"]["data"] == "closure"
    assert card["curve"][-1][0] == 2
    assert set(card["scores"]) == {"IIC, train split", "IIC, test split"}


def test_an_unknown_set_is_refused(tmp_path):
    with pytest.raises(ValueError, match="did you mean 'kanizsa'"):
        scores.train_set("kaniza", tmp_path)


def test_a_table_has_methods_down_and_data_across():
    lines = [
        scores.Line("10 labels", "a", Score(0.5, 0.1, 3)),
        scores.Line("20 labels", "a", Score(0.6, 0.1, 3)),
        scores.Line("20 labels", "b", Score(0.7, 0.1, 3)),
    ]
    assert scores.as_markdown(lines).splitlines() == [
        "| | 10 labels | 20 labels |",
        "|---|---|---|",
        "| a | 0.500 ± 0.100 | 0.600 ± 0.100 |",
        "| b |  | 0.700 ± 0.100 |",
    ]


def test_the_command_line_trains_and_resumes(tmp_path):
    command = ["iic", "train", "--data", "closure", "--clusters", "2", "--steps", "2"]
    command += ["--width", "0.0625", "--out", str(tmp_path)]
    for _ in range(2):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        assert "step 2 of 2" in done.output
    refused = CliRunner().invoke(app, [*command, "--network", "pixel"])
    assert refused.exit_code == 2
    assert "did you mean 'pixels'" in refused.output


def test_the_command_line_sets_all_settings(tmp_path):
    asked = "--width 0.0625 --batch 3 --rate 0.002 --pairs 2 --reach 1 --copies 2 --sobel"
    asked += " --evenness 1.5 --zoom 0.5,0.9 --turn 10 --no-flip --jitter 0.1"
    command = ["iic", "train", "--data", "closure", "--clusters", "2", "--steps", "1"]
    done = CliRunner().invoke(app, [*command, *asked.split(), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    told = IICSettings.from_json(iic.load(tmp_path).card["settings"])
    assert told == IICSettings(
        "closure", clusters=2, copies=2, width=0.0625, sobel=True, steps=1, batch=3, rate=0.002,
        pairs=2, reach=1, evenness=1.5,
        transform=Transform(zoom=(0.5, 0.9), turn=10, flip=False, jitter=0.1),
    )  # fmt: skip


def test_settings_that_are_not_given_are_the_networks_own(tmp_path):
    command = ["iic", "train", "--data", "digits", "--network", "digits", "--steps", "1"]
    command += ["--width", "0.125", "--batch", "10", "--turn", "5"]
    done = CliRunner().invoke(app, [*command, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    told = IICSettings.from_json(iic.load(tmp_path).card["settings"])
    shown = replace(DIGITS.transform, turn=5)
    assert told == replace(DIGITS, steps=1, width=0.125, batch=10, transform=shown)
