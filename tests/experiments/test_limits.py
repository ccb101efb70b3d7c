"""Limits on cards: measured on held-out images, they say which segmentations can be trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from napari_lns import Segmentation, models, segment, stimuli
from napari_lns.cli import app
from napari_lns.experiments.limits import Case, cases, derive_limits, measure_limits, own_stimuli
from napari_lns.models import AutoEncoder, Card, Limits, zoo
from napari_lns.stimuli import Stimulus

HALVES = np.repeat([[1, 2]], 2, axis=0)
STIMULUS = Stimulus(np.zeros((2, 2, 3)), HALVES, {1: "left", 2: "right"})


def case(unexplained: float, right: bool, own: bool = True, control: bool = False) -> Case:
    labels = HALVES if right else HALVES.T
    record = {"fit": {"level": "unknown", "unexplained": unexplained, "sentence": ""}}
    return Case(STIMULUS, own, control, Segmentation(STIMULUS.image, labels, record))


def test_the_limits_lie_between_right_and_wrong() -> None:
    found = [case(share, True) for share in (0.01, 0.02, 0.04)]
    found += [case(share, False, own=False) for share in (0.32, 0.5, 1.2)]
    limits = derive_limits(found)
    assert 0.04 < limits.fits < limits.out < 0.32
    assert (limits.right, limits.images) == (1.0, 6)


def test_a_network_that_is_never_right_has_no_fitting_image_but_own_stimuli_stay_inside() -> None:
    found = [case(share, False) for share in (0.1, 0.2)] + [case(0.9, False, own=False)]
    limits = derive_limits(found)
    assert (limits.fits, limits.right) == (0.0, 0.0)
    assert 0.19 < limits.out < 0.9


def test_own_stimuli_fit_where_most_of_them_are_right() -> None:
    """Even where others with a smaller share are wrong."""
    found = [case(share, True) for share in (0.1, 0.2)]
    found += [case(0.01, False, own=False) for _ in range(5)]
    assert derive_limits(found).fits >= 0.19


@given(
    st.lists(st.tuples(st.floats(1e-4, 10), st.booleans(), st.booleans()), min_size=1, max_size=30)
)
@settings(max_examples=40, deadline=None)
def test_the_upper_limit_is_never_below_the_lower(rows: list[tuple[float, bool, bool]]) -> None:
    found = [case(0.1, True), *(case(share, right, own) for share, right, own in rows)]
    limits = derive_limits(found)
    assert 0 <= limits.fits <= limits.out
    assert 0 <= limits.right <= 1


def test_own_stimuli_come_with_controls_and_other_worlds_without() -> None:
    found = list(cases("kanizsa-figure", count=1, others=0))
    assert [(each.own, each.control) for each in found] == [(True, False), (True, True)]
    assert found[0].unexplained_share < found[1].unexplained_share
    assert own_stimuli(models.load("kanizsa-figure").card) == ["kanizsa_figure"]


def test_what_has_no_ground_truth_has_no_limits() -> None:
    network = AutoEncoder().eval()
    card = Card("mine", "ae", training={"settings": {"data": ["photos"]}})
    with pytest.raises(ValueError, match="mine was trained on photos: limits need stimuli"):
        measure_limits(network, card)


def test_every_shipped_network_of_a_stimulus_has_limits() -> None:
    cards = [Card.load(zoo.SHIPPED / f"{name}.json") for name in models.names()]
    assert [card.name for card in cards if own_stimuli(card) and card.limits is None] == []


def test_limits_survive_their_file_and_go_with_the_latents_they_were_measured_with(
    tmp_path: Path,
) -> None:
    card = Card("mine", "ae", limits=Limits(0.1, 0.4, 0.9, 20))
    card.save(tmp_path / "mine.json")
    assert Card.load(tmp_path / "mine.json").limits == card.limits
    assert models.load("closure-ae:as-trained").card.limits is None


def test_the_command_rewrites_the_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in ("safetensors", "json"):
        name = f"kanizsa-figure.{suffix}"
        (tmp_path / name).write_bytes((zoo.SHIPPED / name).read_bytes())
    card = Card.load(tmp_path / "kanizsa-figure.json")
    replace(card, limits=None).save(tmp_path / "kanizsa-figure.json")
    monkeypatch.setattr(zoo, "SHIPPED", tmp_path)
    monkeypatch.setattr(stimuli, "names", lambda: ["kanizsa_figure", "occluded_bar"])
    done = CliRunner().invoke(app, ["models", "limits", "--count", "2"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("kanizsa-figure: fits up to ")
    limits = Card.load(tmp_path / "kanizsa-figure.json").limits
    assert limits is not None
    assert limits.images == 5
    assert (
        segment(stimuli.draw("kanizsa_figure"), "kanizsa-figure").record["fit"]["level"] == "fits"
    )


def test_images_that_averaging_alone_segments_right_are_left_out() -> None:
    kinds = [case.control for case in cases("proximity-row", count=2, others=0)]
    assert kinds == [False, False]  # a control's dots are one group, whatever a network does
