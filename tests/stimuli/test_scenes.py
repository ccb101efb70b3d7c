"""Dead leaves cover the picture, hide each other, and have the statistics of photographs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from napari_lns import stimuli
from napari_lns.stimuli import dead_leaves
from napari_lns.stimuli.stimulus import Stimulus


@settings(max_examples=25, deadline=None)
@given(
    smallest=st.floats(0.05, 0.3),
    largest=st.floats(0.3, 1),
    grain=st.floats(0, 0.1),
    seed=st.integers(0, 2**31),
)
def test_leaves_of_any_sizes_cover_the_image_and_their_record_redraws_it(
    smallest: float, largest: float, grain: float, seed: int
) -> None:
    drawn = dead_leaves(size=32, smallest=smallest, largest=largest, grain=grain, seed=seed)
    seen = np.unique(drawn.labels)
    assert np.array_equal(seen, np.arange(1, len(seen) + 1))
    assert all(drawn.label_names[label] == f"leaf {label}" for label in seen)
    assert Stimulus.from_record(drawn.record) == drawn


def test_the_foremost_leaf_is_whole_where_it_lies_inside() -> None:
    for seed in range(200):
        first = dead_leaves(seed=seed, smallest=0.3, largest=0.3, size=128).labels == 1
        if not (first[0].any() or first[-1].any() or first[:, 0].any() or first[:, -1].any()):
            assert first.mean() == pytest.approx(np.pi * 0.3**2, rel=0.01)
            return
    raise AssertionError("no leaf lay inside")


def test_a_larger_image_shows_the_same_leaves() -> None:
    small, large = (dead_leaves(size=size, grain=0.0, seed=5) for size in (64, 256))
    below = large.image.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(small.image - below).mean() < 0.01
    assert (small.labels == large.labels[2::4, 2::4]).mean() > 0.97


def test_power_falls_about_as_the_square_of_frequency() -> None:
    """As in photographs (Field 1987)."""
    scenes = [dead_leaves(size=128, smallest=0.05, largest=1.0, seed=k) for k in range(40)]
    brightness = np.stack([scene.image.mean(axis=2) for scene in scenes])
    window = np.hanning(128)[:, None] * np.hanning(128)
    brightness -= brightness.mean(axis=(1, 2), keepdims=True)
    power = (np.abs(np.fft.fft2(brightness * window)) ** 2).mean(axis=0)
    frequency = np.hypot(*np.meshgrid(*2 * [np.fft.fftfreq(128, 1 / 128)]))
    octaves = np.array([1, 2, 4, 8, 16])
    means = [power[(frequency >= low) & (frequency < 2 * low)].mean() for low in octaves[:-1]]
    slope = np.polyfit(np.log(octaves[:-1]), np.log(means), 1)[0]
    assert -2.8 < slope < -1.8


def test_without_chroma_leaves_are_grey() -> None:
    image = dead_leaves(chroma=0.0).image
    assert np.allclose(image, image[..., :1])


def test_without_shading_and_grain_a_leaf_has_one_colour() -> None:
    drawn = dead_leaves(shading=0.0, grain=0.0, size=128)
    inside = drawn.labels == np.bincount(drawn.labels.ravel()).argmax()
    inside = ndimage.binary_erosion(inside, iterations=2)
    assert np.ptp(drawn.image[inside], axis=0).max() < 1e-3


def test_they_stand_for_no_law_and_are_mixed_in_only_by_name() -> None:
    assert stimuli.control("dead_leaves") == {}
    assert next(stimuli.stream("dead_leaves", batch=2)).shape == (2, 3, 64, 64)
    sets = stimuli.groups()["Good Gestalt"]
    laws = [name for name in stimuli.names() if stimuli.control(name) and name not in sets]
    mixed, of_laws = (next(stimuli.stream(names, batch=8)) for names in (None, laws))
    assert np.array_equal(mixed, of_laws)
