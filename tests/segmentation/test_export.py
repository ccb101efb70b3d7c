"""Results in other programs' formats, and what they are in one line and in a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_lns import Segmentation, models, stimuli
from napari_lns._html import overview
from napari_lns.models import Card
from napari_lns.segmentation.export import write_labels, write_record

LABELS = np.array([[1, 1, 2], [3, 1, 2]])
RECORD = {"segmenter": "lns", "model": {"name": "mine"}, "fit": {"level": "fits", "sentence": ""}}
FOUND = Segmentation(np.zeros((2, 3, 3)), LABELS, RECORD, variance=np.ones((2, 3)))


def test_a_label_png_holds_the_labels_as_its_grey_values(tmp_path: Path) -> None:
    write_labels(FOUND, tmp_path / "few.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "few.png")), LABELS)
    many = Segmentation(np.zeros((1, 300, 3)), np.arange(1, 301)[None])
    write_labels(many, tmp_path / "many.png")
    assert np.asarray(Image.open(tmp_path / "many.png")).max() == 300


def test_more_segments_than_a_png_holds_are_refused(tmp_path: Path) -> None:
    many = Segmentation(np.zeros((1, 70_000, 3)), np.arange(1, 70_001)[None])
    with pytest.raises(
        ValueError, match="70000 segments, but a PNG can store only 65,535: save an npz"
    ):
        write_labels(many, tmp_path / "many.png")
    assert not list(tmp_path.iterdir())


def test_a_record_file_holds_the_record_and_the_scores(tmp_path: Path) -> None:
    write_record(FOUND, tmp_path / "found.json", {"scores": {"ari": 0.5}})
    told = json.loads((tmp_path / "found.json").read_text("utf8"))
    assert told == {"segments": 3, "scores": {"ari": 0.5}, **RECORD}


def test_a_repr_is_one_short_line() -> None:
    stimulus = stimuli.draw("kanizsa_figure", seed=3)
    card = models.load("kanizsa-figure").card
    assert repr(FOUND) == "Segmentation(2 × 3, 3 segments, lns, mine, fits)"
    assert repr(stimulus) == "Stimulus('kanizsa_figure', 64 × 64, 3 labels, seed 3)"
    assert repr(Card("mine", "ae")) == "Card('mine', ae)"
    assert repr(card).startswith("Card('kanizsa-figure', compact, trained on kanizsa_figure")
    assert all(len(repr(each)) < 100 for each in (FOUND, stimulus, card))


def test_a_notebook_shows_thumbnails_and_runs_no_markup_of_a_record() -> None:
    assert FOUND._repr_html_().count("<img") == 3
    assert stimuli.draw("closure")._repr_html_().count("<img") == 2
    assert models.load("kanizsa-figure").card._repr_html_().count("<img") == 1
    assert "<script>" not in overview("<script>", {"<b>": np.zeros((2, 2))})


def test_a_dataset_has_named_dimensions_and_the_record() -> None:
    pytest.importorskip("xarray")
    dataset = FOUND.to_xarray()
    assert dataset["labels"].dims == ("row", "column")
    assert np.array_equal(dataset["labels"], LABELS)
    assert set(dataset.data_vars) == {"image", "labels", "variance"}
    assert json.loads(dataset.attrs["record"]) == RECORD


def test_the_three_scores_stand_together() -> None:
    scores = FOUND.agreement(np.array([[1, 1, 2], [0, 1, 2]]))
    assert scores.ari == scores.foreground_ari == scores.iou == 1
    assert scores.record == {"ari": 1, "foreground_ari": 1, "iou": 1}
    assert str(FOUND.agreement(np.array([[1, 1, 0], [0, 1, 0]]))).startswith("ARI ")
    with pytest.raises(ValueError, match="labels"):
        FOUND.agreement(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"truth has shape \(3, 2\), labels \(2, 3\)"):
        FOUND.agreement(LABELS.T)
