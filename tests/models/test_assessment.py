"""How well an image fits a network: three levels, each with a word, a colour and a sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest

from napari_lns import models, segment, stimuli
from napari_lns._levels import Level, read_level, worst_level
from napari_lns.models import AutoEncoder, Card, Limits, assess
from napari_lns.models.assessment import unexplained_variance

IMAGE = np.linspace(0, 1, 48, dtype=np.float32).reshape(4, 4, 3)
MEAN = np.broadcast_to(IMAGE.mean(axis=(0, 1)), IMAGE.shape)
CARD = Card("mine", "ae", limits=Limits(0.1, 0.4, 0.9, 20))


def blend(share: float) -> np.ndarray:
    """Return a reconstruction that leaves so much of the variance unexplained."""
    return IMAGE + np.sqrt(share) * (MEAN - IMAGE)


@pytest.mark.parametrize("share", [0, 0.25, 1])
def test_the_unexplained_variance_is_the_share_that_is_missing(share: float) -> None:
    assert unexplained_variance(IMAGE, blend(share)) == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize(
    ("share", "level", "words"),
    [
        (0.05, Level.FITS, "leaves 5 % of the image's variance unexplained; up to 10 % most"),
        (0.25, Level.DOUBTFUL, "up to 10 % most segmentations by mine are right: compare"),
        (0.81, Level.OUT, "beyond 40 % hardly any segmentation by mine is right: choose another"),
    ],
)
def test_a_level_has_a_sentence_with_the_value_and_what_to_do(
    share: float, level: Level, words: str
) -> None:
    found = assess(CARD, IMAGE, blend(share))
    assert found.level is level
    assert words in found.sentence
    assert json.loads(json.dumps(found.record))["level"] == level.value
    assert str(found) == f"{level.value}: {found.sentence}"


def test_a_network_that_is_seldom_right_leaves_its_own_stimuli_doubtful() -> None:
    card = Card("weak", "ae", limits=Limits(0.0, 0.4, 0.1, 20))
    found = assess(card, IMAGE, blend(0.05))
    assert found.level is Level.DOUBTFUL
    assert "segments only 10 % of its own stimuli right" in found.sentence


def test_an_image_of_one_colour_has_nothing_to_segment() -> None:
    found = assess(CARD, MEAN, MEAN)
    assert found.level is Level.OUT
    assert "all pixels of the image have one colour" in found.sentence
    assert found.record["unexplained"] is None


def test_without_card_or_limits_nothing_is_claimed() -> None:
    assert assess(None, IMAGE, IMAGE).level is Level.UNKNOWN
    assert "no card" in assess(None, IMAGE, IMAGE).sentence
    unmeasured = assess(Card("own", "ae", error_99=0.1), IMAGE, IMAGE)
    assert unmeasured.level is Level.UNKNOWN
    assert "napari-lns models limits" in unmeasured.sentence
    beyond = assess(Card("own", "ae", error_99=1e-9), IMAGE, blend(0.5))
    assert beyond.level is Level.OUT


def test_every_level_has_its_own_colour_and_the_worst_is_shown() -> None:
    assert len({level.colour for level in Level}) == len(Level)
    assert worst_level([Level.DOUBTFUL, Level.OUT, Level.FITS]) is Level.OUT
    assert worst_level([]) is None


def test_the_record_holds_the_level() -> None:
    stimulus = stimuli.draw("kanizsa_figure")
    assert read_level(segment(stimulus, "kanizsa-figure", method="exact").record) is Level.FITS
    assert read_level(segment(stimulus, "occluded-bar", method="exact").record) is Level.OUT
    assert read_level(segment(stimulus, AutoEncoder(), method="exact").record) is Level.UNKNOWN
    assert read_level(segment(stimulus, segmenter="baseline").record) is None


def test_a_demo_image_fits_and_noise_fits_no_network() -> None:
    suggestion = models.suggest(np.random.default_rng(0).random((64, 64, 3), np.float32))
    assert not suggestion.fits
