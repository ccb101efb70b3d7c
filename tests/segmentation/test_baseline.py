"""The baseline on colour and position: it finds what colour tells, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from napari_lns import segment
from napari_lns.stimuli import draw, good_gestalt

QUARTERS = np.kron([[0, 1], [1, 0]], np.ones((8, 8), int))


def pictured(labels: np.ndarray) -> np.ndarray:
    colours = np.array([[0.2, 0.4, 0.6], [0.8, 0.5, 0.3], [0.1, 0.9, 0.2], [0.9, 0.9, 0.9]])
    return colours[labels]


@pytest.mark.parametrize("clusterer", ["ward", "kmeans"])
@pytest.mark.parametrize("superpixels", [0, 16])
def test_colours_are_distinguished_wherever_they_are(clusterer: str, superpixels: int) -> None:
    found = segment(
        pictured(QUARTERS),
        segmenter="baseline",
        clusters=2,
        clusterer=clusterer,
        superpixels=superpixels,
    )
    assert found.score(QUARTERS) == 1


@pytest.mark.parametrize("clusterer", ["ward", "kmeans"])
def test_position_sets_the_quarters_of_one_colour_apart(clusterer: str) -> None:
    four = np.kron([[0, 1], [2, 3]], np.ones((8, 8), int))
    found = segment(
        pictured(QUARTERS), segmenter="baseline", clusters=4, clusterer=clusterer, position=1.0
    )
    assert found.score(four) == 1


def test_the_number_of_segments_is_estimated() -> None:
    three = np.repeat([0, 1, 2], 6)[None].repeat(18, axis=0)
    noisy = np.clip(pictured(three) + np.random.default_rng(0).normal(0, 0.01, (18, 18, 3)), 0, 1)
    assert segment(noisy, segmenter="baseline", clusters="auto").clusters == 3


def test_wards_tree_is_kept_and_k_means_has_none() -> None:
    stimulus = draw("kanizsa_figure")
    assert segment(stimulus, segmenter="baseline", clusters=2).cut(3).max() <= 3
    assert segment(stimulus, segmenter="baseline", clusters=2, clusterer="kmeans").tree is None


def test_an_illusory_square_of_its_backgrounds_colour_is_beyond_it() -> None:
    (stimulus,) = good_gestalt.draw("kanizsa", "test", 1)
    found = segment(stimulus, segmenter="baseline", clusters=3)
    assert found.score(stimulus) < 0.6


def test_a_image_of_one_colour_is_one_group() -> None:
    assert segment(np.full((9, 12, 3), 0.5), segmenter="baseline", clusters=3).clusters == 1


def test_fewer_segments_than_asked_for_are_a_warning() -> None:
    found = segment(pictured(QUARTERS), segmenter="baseline", clusters=5)
    assert found.record["warnings"] == [
        "5 segments were requested, 2 were made: the other pixels have equal features"
    ]
    assert not segment(pictured(QUARTERS), segmenter="baseline", clusters=2).record["warnings"]
    assert not segment(pictured(QUARTERS), segmenter="baseline", clusters="auto").record["warnings"]


def test_a_run_can_be_made_again() -> None:
    stimulus = good_gestalt.draw("continuity", "test", 1)[0]
    one, other = (
        segment(stimulus, segmenter="baseline", clusters=4, clusterer="kmeans", seed=5)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.labels, other.labels)
    assert one.record["parameters"]["clusterer"] == "kmeans"


def test_a_model_that_is_not_needed_is_not_recorded() -> None:
    found = segment(pictured(QUARTERS), "kanizsa-ae", segmenter="baseline", clusters=2)
    assert found.record["model"] is None
