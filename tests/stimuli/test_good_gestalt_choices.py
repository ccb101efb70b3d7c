"""What is chosen by chance in each Good Gestalt set: ranges, shares, and what belongs together."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import stats

from napari_lns.stimuli.good_gestalt._scene import Split
from napari_lns.stimuli.good_gestalt._sets import scene

COUNT = 3000
LEVELS: dict[tuple[str, Split], dict[int, tuple[int, int]]] = {  # of every ink, out of 255
    ("kanizsa", "train"): {0: (183, 218), 1: (73, 109), 2: (183, 255)},
    ("kanizsa", "test"): {0: (183, 218), 1: (73, 109), 2: (183, 218)},
    ("closure", "train"): {0: (0, 145), 2: (110, 255)},
    ("closure", "test"): {0: (110, 145), 2: (110, 145)},
    ("continuity", "train"): {0: (219, 255), 2: (0, 182)},
    ("continuity", "test"): {0: (219, 255), 2: (0, 182), 3: (0, 255), 4: (0, 255)},
    ("proximity", "train"): {0: (219, 255), 1: (110, 182)},
    ("proximity", "test"): {0: (219, 255), 1: (110, 182)},
    ("gradient_occlusion", "train"): {0: (219, 255), 1: (110, 182), 122: (110, 182)},
    ("gradient_occlusion", "test"): {0: (219, 255), 1: (110, 182), 122: (110, 182)},
    ("illusory_occlusion", "train"): {0: (0, 182), 2: (73, 255)},
}


def scenes(name: str, split: Split) -> list[Any]:
    return [scene(name, split, 0, index) for index in range(COUNT)]


def assert_uniform(sample: ArrayLike, low: int, high: int) -> None:
    """Hold a sample of whole numbers against the uniform law, both ends included."""
    values = np.asarray(sample).ravel()
    assert (values.min(), values.max()) == (low, high)
    counts = np.bincount(values - low, minlength=high - low + 1)
    assert low == high or stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize(("name", "split"), LEVELS)
def test_every_channel_is_chosen_evenly_in_its_range(name: str, split: Split) -> None:
    some = scenes(name, split)
    for ink, (low, high) in LEVELS[name, split].items():
        levels = np.array([one.palette[ink] for one in some]) * 255
        assert_uniform(np.rint(levels).astype(int), low, high)
        assert np.abs(levels - np.rint(levels)).max() < 1e-9


@pytest.mark.parametrize(
    ("name", "split", "field", "low", "high"),
    [
        ("kanizsa", "train", "square", 44, 112),
        ("kanizsa", "test", "square", 24, 132),
        ("closure", "train", "square", 0, 24),
        ("closure", "test", "square", 0, 24),
        ("continuity", "train", "ring", 0, 96),
        ("continuity", "test", "ring", 0, 96),
        ("illusory_occlusion", "train", "square", 0, 176),
        ("illusory_occlusion", "test", "square", 0, 176),
    ],
)
def test_the_figure_lies_anywhere_in_its_range(
    name: str, split: Split, field: str, low: int, high: int
) -> None:
    assert_uniform([getattr(one, field) for one in scenes(name, split)], low, high)


@pytest.mark.parametrize(("split", "shift"), [("train", 20), ("test", 0)])
def test_kanizsa_discs_are_moved_in_training_only(split: Split, shift: int) -> None:
    corners = np.array([(0, 0), (0, 100), (100, 0), (100, 100)]) - 24
    moved = [np.subtract(one.discs, one.square) - corners for one in scenes("kanizsa", split)]
    assert_uniform(np.array(moved), -shift, shift)


def test_half_of_the_closure_outlines_are_broken_by_twenty_patches() -> None:
    some = scenes("closure", "test")
    broken = [one for one in some if one.patches]
    assert abs(len(broken) / COUNT - 0.5) < 0.04
    assert {len(one.patches) for one in broken} == {20}
    rows, columns, sides = np.array([one.patches for one in broken]).reshape(-1, 3).T
    assert_uniform(sides, 5, 10)
    for side in range(5, 11):
        assert_uniform(rows[sides == side], 0, 63 - side)
        assert_uniform(columns[sides == side], 0, 63 - side)
    assert not any(one.patches for one in scenes("closure", "train"))


def test_five_to_nineteen_distractors_lie_about_anywhere() -> None:
    some = scenes("continuity", "test")
    assert_uniform([len(one.distractors) for one in some], 5, 19)
    rows, columns, starts, inks = np.concatenate([one.distractors for one in some]).T
    assert_uniform(rows, -160, 256)
    assert_uniform(columns, -160, 256)
    assert_uniform(starts, 0, 360)
    assert_uniform(inks, 3, 4)
    assert all(one.whole and not one.distractors for one in scenes("continuity", "train"))


def test_proximity_pairs_are_spread_over_their_box_in_56_ways_alike() -> None:
    some = scenes("proximity", "train")
    even = [one for one in some if max(one.inks) == 1]
    assert abs(len(even) / COUNT - 0.3) < 0.04
    pairs = np.array([one.squares for one in some if max(one.inks) == 3])
    rows, columns = pairs[:, ::2].transpose(2, 0, 1)
    assert np.array_equal(pairs[:, 1::2] - pairs[:, ::2], np.full((len(pairs), 3, 2), (0, 8)))
    assert np.ptp(rows, axis=1).max() == 1
    gaps = np.diff(columns) - 15
    assert gaps.min() == 3
    # With s of the 5 spare columns between the pairs, 6 - s ways are left for the outer ones.
    ways = Counter(map(tuple, (gaps - 3).tolist()))
    expected = {(a, b): 6 - a - b for a in range(6) for b in range(6 - a)}
    assert ways.keys() == expected.keys()
    counts = [[ways[key], expected[key] * len(pairs) / 56] for key in expected]
    assert stats.chisquare(*np.transpose(counts)).pvalue > 1e-4


@pytest.mark.parametrize(("pairs", "high"), [(False, 17), (True, 13)])
def test_proximity_rows_of_the_test_lie_anywhere(pairs: bool, high: int) -> None:
    some = [one for one in scenes("proximity", "test") if (max(one.inks) == 3) == pairs]
    assert abs(len(some) / COUNT - 0.5) < 0.04
    assert_uniform([one.squares[0][0] for one in some], 0, 57)
    assert_uniform([one.squares[0][1] for one in some], 0, high)
    assert {len({tuple(colour) for colour in one.palette[1:]}) for one in some} == {1}


def test_gradient_bars_of_the_test_overlap_and_of_training_lie_anywhere() -> None:
    free, overlapping = (scenes("gradient_occlusion", split) for split in ("train", "test"))
    for some in (free, overlapping):
        assert_uniform([one.lying[0] for one in some], 0, 196)
        assert_uniform([one.lying[1] for one in some], 0, 136)
    assert_uniform([one.upright[0] for one in free], 0, 136)
    assert_uniform([one.upright[1] for one in free], 0, 196)
    apart = np.array([np.subtract(one.upright, one.lying) for one in overlapping])
    assert (apart.min(0) == (-119, -59)).all()
    assert (apart.max(0) == (59, 119)).all()


def test_illusory_squares_of_the_test_hide_themselves_or_their_cross() -> None:
    square, cross = [], []
    for one in scenes("illusory_occlusion", "test"):
        background = np.array(one.palette[0])
        if np.array_equal(one.palette[2], background):
            square.append(background)
        else:
            assert np.allclose(one.palette[3], background, rtol=0, atol=1e-12)
            cross.append(background)
    assert abs(len(square) / COUNT - 0.5) < 0.04
    assert_uniform(np.rint(np.array(square) * 255).astype(int), 73, 182)
    channels = np.rint(np.array(cross) * 255).astype(int).T
    for channel, limits in zip(channels, ((59, 182), (51, 178), (22, 76)), strict=True):
        assert_uniform(channel, *limits)
