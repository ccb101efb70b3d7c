"""Maps of p(same) around an anchor: a dot for each cell, and the observers' own proportions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_lns.experiments import observers
from napari_lns.experiments.observers import Answer, Answers, Pairs, Plan, Source
from napari_lns.experiments.observers.maps import map_table, same_maps
from napari_lns.experiments.observers.points import choose_pairs

AROUND = Pairs("around", 64)
FIGURE = Source("kanizsa_figure", {"size": 64})
PLAN = Plan("same_or_different", (FIGURE,), repeats=40, pairs=AROUND)


@given(
    side=st.integers(2, 12),
    height=st.integers(48, 90),
    width=st.integers(48, 90),
    down=st.floats(0, 0.99),
    right=st.floats(0, 0.99),
)
def test_the_second_dot_visits_every_cell_of_the_grid_once(
    side: int, height: int, width: int, down: float, right: float
) -> None:
    labels = np.zeros((height, width), np.int32)
    wanted = Pairs("around", side**2, anchor=(down, right))
    pairs = choose_pairs(labels, wanted, np.random.default_rng(0))
    assert {one for one, _ in pairs} == {(int(down * height), int(right * width))}
    assert all(one != other for one, other in pairs)
    cells = [(row * side // height, column * side // width) for _, (row, column) in pairs]
    assert cells == [(row, column) for row in range(side) for column in range(side)]


def test_a_map_recovers_a_simulated_observers_proportions() -> None:
    answers = Answers(PLAN, "ab", tuple(observers.simulate(PLAN, 2.0)))
    [found] = same_maps([answers])
    assert (found.counts["ab"] == 40).all()
    same = found.on_image("ab")[4::8, 4::8]
    truth = found.stimulus.labels[4::8, 4::8] == found.stimulus.labels[found.anchor]
    assert same[truth].mean() == pytest.approx(0.84, abs=0.04)  # Φ(1)
    assert same[~truth].mean() == pytest.approx(0.16, abs=0.04)


def test_people_have_a_mean_of_which_networks_are_no_part() -> None:
    once = replace(PLAN, repeats=1)
    wholly = [Answer(number, "same") for number in range(once.count)]
    given = [
        Answers(once, "ab", tuple(wholly)),
        Answers(once, "cd", tuple(replace(each, answer="different") for each in wholly)),
        Answers(once, "model:x", tuple(wholly)),
    ]
    [found] = same_maps(given)
    assert (found.proportions["people"] == 0.5).all()
    assert (found.proportions["model:x"] == 1).all()
    assert len(map_table([found])) == 4 * 64


def test_dots_without_an_answer_have_no_proportion() -> None:
    rows = (Answer(0, "same"), Answer(1, "missed"))
    [found] = same_maps([Answers(replace(PLAN, repeats=1), "ab", rows)])
    assert np.isfinite(found.proportions["ab"]).sum() == 1


def test_images_that_jitter_have_maps_of_their_own() -> None:
    moved = replace(PLAN, stimuli=(Source("kanizsa_figure", {"size": 64, "jitter": 1.0}),))
    moved = replace(moved, repeats=3)
    assert len(same_maps([Answers(moved, "ab", tuple(observers.simulate(moved, 1)))])) == 3


def test_a_plan_without_pairs_around_an_anchor_has_no_map() -> None:
    plan = Plan("same_or_different", (FIGURE,), pairs=Pairs("random", 3))
    with pytest.raises(ValueError, match="has no pairs around an anchor"):
        same_maps([Answers(plan, "ab", tuple(observers.simulate(plan, 1)))])
