"""Controls of the Good Gestalt sets: matched to their stimuli, with the cue taken away."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.good_gestalt import NAMES
from napari_lns.stimuli.good_gestalt._sets import control, scene

INDICES = st.integers(0, 2**31 - 1)
SIZES = st.sampled_from((64, 256))
GONE = {
    "kanizsa": "square",
    "closure": "square",
    "continuity": "ring",
    "proximity": "first group",
    "gradient_occlusion": "lying bar",
    "illusory_occlusion": "square",
}
EXACT = ("closure", "proximity", "gradient_occlusion", "illusory_occlusion")

each = pytest.mark.parametrize("name", NAMES)


def pair(name: str, index: int, size: int = 64) -> tuple[Stimulus, Stimulus]:
    options = {"index": index, "size": size}
    return (
        stimuli.draw(name, **options),
        stimuli.draw(name, **options, **stimuli.control(name)),
    )


def areas(stimulus: Stimulus) -> dict[bytes, int]:
    """Count the pixels of every colour."""
    colours, counts = np.unique(stimulus.image.reshape(-1, 3), axis=0, return_counts=True)
    return {colour.tobytes(): int(count) for colour, count in zip(colours, counts, strict=True)}


def masked(stimulus: Stimulus, label: str) -> NDArray[np.bool_]:
    number = next(key for key, name in stimulus.label_names.items() if name == label)
    return np.asarray(stimulus.labels == number)


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=60, deadline=None)
@given(index=INDICES, size=SIZES)
def test_a_matched_pair_has_the_same_area_of_every_colour(name: str, index: int, size: int) -> None:
    shown, controlled = pair(name, index, size)
    assert areas(shown) == areas(controlled)


@settings(max_examples=60, deadline=None)
@given(index=INDICES)
def test_turned_discs_have_the_same_area_and_colours(index: int) -> None:
    for size, tolerance in ((256, 0), (64, 24)):  # small images are sampled
        shown, controlled = (areas(one) for one in pair("kanizsa", index, size))
        assert shown.keys() == controlled.keys()
        assert all(abs(shown[key] - controlled[key]) <= tolerance for key in shown)


@settings(max_examples=60, deadline=None)
@given(index=INDICES)
def test_turned_arcs_have_the_same_area_and_colours(index: int) -> None:
    one, other = scene("continuity", "test", 0, index), control("continuity", 0, index)
    assert np.array_equal(one.palette, other.palette)
    assert one.distractors == other.distractors
    shown, controlled = pair("continuity", index, 256)
    arcs = masked(controlled, "arcs").sum()
    assert arcs == pytest.approx(shown.parts["arcs"].sum(), rel=0.03)
    assert areas(controlled).keys() <= areas(shown).keys() | {
        np.float32(colour).tobytes() for colour in other.palette
    }


@each
@settings(max_examples=30, deadline=None)
@given(index=INDICES, size=SIZES)
def test_labels_are_complete_and_what_is_gone_has_none(name: str, index: int, size: int) -> None:
    _, controlled = pair(name, index, size)
    assert set(np.unique(controlled.labels).tolist()) == set(controlled.label_names)
    assert controlled.label_names[0] == "background"
    assert GONE[name] not in controlled.label_names.values()
    assert Stimulus.from_record(json.loads(json.dumps(controlled.record))) == controlled


@each
def test_the_control_is_a_large_image_sampled_too(name: str) -> None:
    small, large = (pair(name, 3, size)[1] for size in (64, 256))
    assert np.array_equal(small.image, large.image[::4, ::4])
    assert np.array_equal(small.labels, large.labels[::4, ::4])


@each
def test_the_control_differs_and_its_seed_counts(name: str) -> None:
    index = 1  # of proximity, three pairs
    shown, controlled = pair(name, index)
    assert not np.array_equal(shown.image, controlled.image)
    again = stimuli.draw(name, index=index, seed=1, variant="control")
    assert not np.array_equal(again.image, controlled.image)


@each
def test_a_training_image_has_no_control(name: str) -> None:
    with pytest.raises(ValueError, match="variant is 'control' and split is 'train', where"):
        stimuli.draw(name, split="train", variant="control")
    with pytest.raises(ValueError, match="variant is 'other'"):
        stimuli.draw(name, variant="other")


@settings(max_examples=40, deadline=None)
@given(index=INDICES)
def test_notches_point_outwards(index: int) -> None:
    shown, controlled = pair("kanizsa", index, 256)
    row, column = scene("kanizsa", "test", 0, index).square
    inside = np.zeros(shown.shape, bool)
    inside[row : row + 100, column : column + 100] = True
    disc = controlled.labels == 1
    quarter = (shown.labels == 1).sum() / 3
    assert not ((shown.labels == 1) & inside).any()
    assert (disc & inside).sum() == pytest.approx(quarter, rel=0.01)
    assert ndimage.label(disc)[1] == 4


@settings(max_examples=40, deadline=None)
@given(index=INDICES)
def test_fragments_are_short_and_touch_nothing(index: int) -> None:
    _, controlled = pair("closure", index)
    drawn = controlled.labels == 1
    _, count = ndimage.label(drawn, np.ones((3, 3)))
    boxes = control("closure", 0, index).boxes
    assert count == len(boxes)
    assert all(min(height, width) == 2 and max(height, width) <= 10 for *_, height, width in boxes)


@settings(max_examples=40, deadline=None)
@given(index=INDICES)
def test_arcs_are_turned_about_their_middles(index: int) -> None:
    shown, controlled = pair("continuity", index, 256)
    before, after = shown.parts["arcs"], controlled.labels == 1
    numbered, count = ndimage.label(before)
    assert count == 6
    middles = np.array(ndimage.center_of_mass(before, numbered, range(1, 7)))
    for row, column in middles:
        top, left = (int(np.clip(place - 24, 0, 208)) for place in (row, column))
        window = np.zeros(after.shape, bool)
        window[top : top + 48, left : left + 48] = True
        assert (after & window).sum() == pytest.approx(before.sum() / 6, rel=0.1)
    ring_alone = (shown.labels == 1) & after
    assert ring_alone.sum() < 0.6 * before.sum()


@settings(max_examples=40, deadline=None)
@given(index=INDICES)
def test_a_row_is_even(index: int) -> None:
    shown, controlled = pair("proximity", index)
    columns = np.flatnonzero((controlled.labels == 1).any(axis=0))
    gaps = np.diff(columns)[np.diff(columns) > 1] - 1
    assert len(gaps) == 5
    assert len(set(gaps.tolist())) == 1
    if len(shown.label_names) == 2:  # it was even before
        assert np.array_equal(shown.image, controlled.image)


@settings(max_examples=100, deadline=None)
@given(index=INDICES, size=SIZES)
def test_pieces_of_the_lying_bar_lie_apart(index: int, size: int) -> None:
    shown, controlled = pair("gradient_occlusion", index, size)
    upright = masked(controlled, "upright bar")
    pieces = controlled.labels > 1
    assert not (ndimage.binary_dilation(upright, np.ones((3, 3)), 2) & pieces).any()
    visible = shown.parts["lying bar alone"]
    for mask, was in ((upright, masked(shown, "upright bar")), (pieces, visible)):
        assert mask.sum() == was.sum()
    assert ndimage.label(pieces)[1] == len(controlled.label_names) - 2


@settings(max_examples=60, deadline=None)
@given(index=INDICES)
def test_stripes_lie_between_the_pieces_of_the_square(index: int) -> None:
    _, controlled = pair("illusory_occlusion", index, 256)
    corners, cross = controlled.parts["square beside its cross"], controlled.parts["cross"]
    assert ndimage.label(corners)[1] == 4
    assert corners.sum() == 4 * 24**2
    assert cross.sum() == 80**2 - 4 * 24**2
    assert not (ndimage.binary_dilation(corners, np.ones((3, 3)), 19) & cross).any()
    (seen,) = set(controlled.label_names.values()) - {"background"}
    part = {"corners": corners, "cross": cross}[seen]
    assert np.array_equal(masked(controlled, seen), part)


@each
def test_a_stream_mixes_no_controls_in_unasked(name: str) -> None:
    plain, asked = (
        next(stimuli.stream(name, batch=6, **how)) for how in ({}, {"variant": "stimulus"})
    )
    assert np.array_equal(plain, asked)
    controls = next(stimuli.stream(name, batch=6, split="test", variant="control"))
    assert controls.shape == plain.shape
