"""What all parametric stimuli share: any parameters draw, records redraw, controls, the canvas."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_lns import stimuli
from napari_lns._parameters import Parameter

NAMES = [name for name in stimuli.names() if "contrast" in stimuli.parameters(name)]
PLAIN = (0.5, 0.5, 0.5)

each = pytest.mark.parametrize("name", NAMES)


def each_but(*left_out: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [name for name in NAMES if name not in left_out])


def values(parameter: Parameter) -> st.SearchStrategy:
    low, high = parameter.minimum, parameter.maximum
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if parameter.name == "size":
        return st.integers(16, 48)
    if parameter.type is int:
        return st.integers(low, high)
    numbers = st.floats(low, high)
    return st.tuples(numbers, numbers, numbers) if parameter.type is tuple else numbers


@st.composite
def drawings(draw: st.DrawFn) -> tuple[str, dict]:
    name = draw(st.sampled_from(NAMES))
    known = stimuli.parameters(name)
    some = draw(st.sets(st.sampled_from(sorted(known))))
    return name, {key: draw(values(known[key])) for key in sorted(some)} | {"size": 24}


@settings(max_examples=150, deadline=None)
@given(drawings(), st.integers(0, 2**31))
def test_any_parameters_in_range_draw_a_stimulus_that_its_record_redraws(drawing, seed) -> None:
    name, parameters = drawing
    one = stimuli.draw(name, seed=seed, **parameters)
    record = json.loads(json.dumps(one.record))
    assert stimuli.Stimulus.from_record(record) == one
    assert set(one.parameters) == set(stimuli.parameters(name))
    assert one.label_names[0] == "background"


def test_records_redraw_the_same_pixels_in_a_fresh_process(run_python, tmp_path) -> None:
    drawn = [stimuli.draw(name, seed=7, noise=0.1, rotation=33.0) for name in NAMES]
    (tmp_path / "records.json").write_text(json.dumps([one.record for one in drawn]))
    run_python(
        "-c",
        "import json, numpy\n"
        "from napari_lns.stimuli import Stimulus\n"
        "records = json.load(open('records.json', encoding='utf8'))\n"
        "numpy.save('images.npy', [Stimulus.from_record(each).image for each in records])",
    )
    again = np.load(tmp_path / "images.npy", allow_pickle=False)
    assert np.array_equal(again, [one.image for one in drawn])


@each
def test_the_control_differs_and_lacks_what_is_seen(name: str) -> None:
    shown = stimuli.draw(name, size=128)
    control = stimuli.draw(name, size=128, **stimuli.control(name))
    assert stimuli.control(name)
    assert not np.array_equal(shown.image, control.image)
    assert set(shown.label_names.values()) != set(control.label_names.values())


@each_but("relative_area")  # where the areas themselves are the cue
def test_the_control_keeps_the_statistics_of_the_pixels(name: str) -> None:
    shown, control = (
        np.stack([stimuli.draw(name, size=256, seed=seed, **how).image for seed in range(4)])
        for how in ({}, stimuli.control(name))
    )
    mean = shown.mean(axis=(0, 1, 2))
    assert control.mean(axis=(0, 1, 2)) == pytest.approx(mean, abs=0.012)
    assert control.std() == pytest.approx(shown.std(), rel=0.05)


@each
def test_it_scales_with_its_size(name: str) -> None:
    small, large = (stimuli.draw(name, size=size, seed=1) for size in (128, 512))
    assert small.label_names == large.label_names
    for label in small.label_names:
        share = (large.labels == label).mean()
        assert (small.labels == label).mean() == pytest.approx(share, abs=0.01)


@each_but("contour_integration")  # whose distractors stay, and only the path turns
def test_a_quarter_turn_counter_clockwise_turns_the_image(name: str) -> None:
    plain, turned = (stimuli.draw(name, size=64, rotation=angle) for angle in (0.0, 90.0))
    assert np.abs(np.rot90(plain.image) - turned.image).mean() < 0.01
    assert (np.rot90(plain.labels) == turned.labels).mean() > 0.97


@each_but("contour_integration", "abutting_gratings")  # which fill the picture in any case
def test_it_moves_right_and_up(name: str) -> None:
    place = {"x": 4 / 64, "y": 8 / 64}
    plain, moved = stimuli.draw(name), stimuli.draw(name, **place)
    assert np.allclose(plain.image[12:-4, 8:-8], moved.image[4:-12, 12:-4], atol=1e-6)


@each
def test_without_contrast_nothing_is_there(name: str) -> None:
    image = stimuli.draw(name, contrast=0.0, background=(0.2, 0.4, 0.6)).image
    assert np.allclose(image, (0.2, 0.4, 0.6))


@each
def test_half_the_contrast_halves_every_difference_to_the_background(name: str) -> None:
    full, half = (stimuli.draw(name, contrast=contrast).image - 0.5 for contrast in (1.0, 0.5))
    assert np.allclose(full, np.clip(2 * half, -0.5, 0.5), atol=1e-6)


@each
def test_noise_lies_over_the_whole_image_and_leaves_the_figure_as_it_is(name: str) -> None:
    quiet = {"foreground": PLAIN, "contrast": 0.1}
    clean, noisy = (stimuli.draw(name, noise=noise, seed=1, **quiet) for noise in (0.0, 0.1))
    noise = noisy.image - clean.image
    assert noise.std() == pytest.approx(0.1, rel=0.05)
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert np.array_equal(noisy.labels, clean.labels)


@each
def test_the_same_seed_draws_the_same(name: str) -> None:
    assert stimuli.draw(name, seed=3) == stimuli.draw(name, seed=3)


@each_but("abutting_gratings")  # whose outer grating is the ground
def test_all_that_is_painted_is_labelled(name: str) -> None:
    drawn = stimuli.draw(name, size=128)
    background = drawn.image[drawn.labels == 0]
    strange = np.abs(background - 0.5).max(axis=-1) > 0.3
    assert strange.sum() <= 0.01 * strange.size


def test_the_common_parameters_are_those_of_the_canvas() -> None:
    common = {"size", "x", "y", "rotation", "contrast", "foreground", "background", "noise"}
    assert all(common <= set(stimuli.parameters(name)) for name in NAMES)
