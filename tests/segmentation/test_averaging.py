"""Averages of outputs over elements, and how elements are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from small_models import Small

from napari_lns import stimuli
from napari_lns.experiments.elements import segment_elements_apart
from napari_lns.models import load
from napari_lns.segmentation import LNSSettings, segment
from napari_lns.segmentation.lns.averaging import average_elements, find_elements
from napari_lns.segmentation.measures import adjusted_rand_index

STACKS = arrays(np.float32, (2, 3, 4, 5), elements=st.floats(-1, 1, width=32))
NUMBERS = arrays(np.intp, (4, 5), elements=st.integers(0, 3))
ELEMENTS = {
    "proximity_row": "elements",
    "dot_lattice": "dots",
    "similarity_rows": "elements",
    "symmetry_pairs": None,
    "connectedness": None,
}


@given(STACKS, NUMBERS)
def test_every_pixel_receives_the_mean_of_its_element(
    stack: np.ndarray, elements: np.ndarray
) -> None:
    averages = average_elements(torch.from_numpy(stack), elements).numpy()
    for number in np.unique(elements):
        inside = elements == number
        mean = stack[..., inside].mean(-1, keepdims=True)
        assert np.allclose(averages[..., inside], mean, atol=1e-6)


@given(STACKS, NUMBERS)
def test_averaging_twice_is_averaging_once(stack: np.ndarray, elements: np.ndarray) -> None:
    once = average_elements(torch.from_numpy(stack), elements)
    assert torch.allclose(average_elements(once, elements), once, atol=1e-6)


@pytest.mark.parametrize("name", ELEMENTS)
@pytest.mark.parametrize("seed", range(4))
def test_each_dot_or_line_is_one_element(name: str, seed: int) -> None:
    stimulus = stimuli.draw(name, seed=seed, jitter=1)
    part = ELEMENTS[name]
    mask = stimulus.labels > 0 if part is None else stimulus.parts[part]
    drawn, count = ndimage.label(mask, np.ones((3, 3)))
    elements = find_elements(stimulus.image)
    shares = [
        np.bincount(elements[drawn == number]).max() / (drawn == number).sum()
        for number in range(1, count + 1)
    ]
    owners = {
        int(np.bincount(elements[drawn == number]).argmax()) for number in range(1, count + 1)
    }
    assert min(shares) > 0.7  # a thin line's outermost pixels may belong to the background
    assert len(owners) == count
    assert np.bincount(elements[~mask]).argmax() not in owners


@pytest.mark.parametrize("lightness", [0.0, 0.3, 1.0])
def test_an_image_of_one_colour_has_one_element(lightness: float) -> None:
    assert not find_elements(np.full((6, 7, 3), lightness, np.float32)).any()


@given(arrays(np.float32, (6, 6, 3), elements=st.floats(0, 1, width=32)))
def test_elements_are_numbered_from_zero_without_gaps(image: np.ndarray) -> None:
    numbers = np.unique(find_elements(image))
    assert numbers.tolist() == list(range(len(numbers)))


@pytest.mark.parametrize("method", ["exact", "smoothed", "sampled"])
def test_pixels_of_one_element_share_their_features(method: str) -> None:
    image = np.full((8, 8, 3), 0.5, np.float32)
    image[1:4, 1:4], image[5:7, 4:7] = 0.0, 0.1
    run = segment(image, Small(), method=method, averaging="elements", noise=0.1)
    elements = find_elements(image).ravel()
    assert run.record["used"]["averaging"] == "elements"
    for number in np.unique(elements):
        features = run.features[elements == number]
        assert np.allclose(features, features[0], atol=1e-5)


def test_a_given_neighbourhood_takes_precedence_over_the_elements_of_the_card() -> None:
    network = load("proximity-row")
    network.card = replace(network.card, averaging="elements")
    stimulus = stimuli.draw("proximity_row")
    assert segment(stimulus, network).record["used"]["averaging"] == "elements"
    used = segment(stimulus, network, neighbourhood=1).record["used"]
    assert used["averaging"] == "neighbourhood"


def test_a_neighbourhood_has_no_effect_on_elements_and_is_refused() -> None:
    with pytest.raises(ValueError, match=r"neighbourhood is 3: it has no effect on averages over"):
        LNSSettings(averaging="elements", neighbourhood=3)


def test_elements_that_respond_at_random_are_grouped_by_chance() -> None:
    drawn = [stimuli.draw("similarity_rows", seed=seed, jitter=1) for seed in range(6)]
    scores = []
    for stimulus in drawn:
        labels = segment_elements_apart(stimulus, 7, averaging="elements")
        inside = stimulus.labels > 0
        scores.append(adjusted_rand_index(stimulus.labels[inside], labels[inside]))
    assert np.mean(scores) < 0.3
