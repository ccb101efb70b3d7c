"""Painting the sampled pixels alone gives what drawing whole canvases with Pillow gives."""

from __future__ import annotations

import _plain_good_gestalt as plain
import gg_statistics
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_lns.stimuli.good_gestalt import NAMES
from napari_lns.stimuli.good_gestalt._canvas import Canvas
from napari_lns.stimuli.good_gestalt._painting import paint, stimulus
from napari_lns.stimuli.good_gestalt._scene import Split
from napari_lns.stimuli.good_gestalt._sets import scene

SPLITS = st.sampled_from(("train", "test"))
INDICES = st.integers(0, 2**31 - 1)


@pytest.mark.parametrize("size", [64, 256])
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None)
@given(split=SPLITS, index=INDICES)
def test_image_and_masks_equal_those_of_the_whole_canvas(
    name: str, size: int, split: Split, index: int
) -> None:
    one = scene(name, split, 0, index)
    expected = plain.image(name, one, size)
    mask, detail = plain.masks(name, one, size)
    drawn = stimulus(one, size)
    ours = gg_statistics.drawn([drawn])
    assert np.array_equal(ours.images[0], expected)
    assert np.array_equal(drawn.labels, mask)
    assert not drawn.parts or np.array_equal(ours.details[0], detail)
    streamed = np.empty_like(expected)
    paint(one, streamed)
    assert np.array_equal(streamed, expected)


@given(
    row=st.integers(-40, 60),
    column=st.integers(-40, 60),
    height=st.integers(1, 50),
    width=st.integers(1, 50),
    step=st.sampled_from([1, 2, 4]),
)
def test_a_stamp_anywhere_is_cut_at_the_edges(
    row: int, column: int, height: int, width: int, step: int
) -> None:
    template = np.arange(height * width, dtype=np.uint8).reshape(height, width)
    whole = np.zeros((200, 200), np.uint8)
    whole[70 + row : 70 + row + height, 70 + column : 70 + column + width] = template
    canvas = Canvas(56, step)
    canvas.stamp(row, column, template)
    assert np.array_equal(canvas.inks, whole[70:126:step, 70:126:step])
