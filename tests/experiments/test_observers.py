"""Plans, trials and tables of answers: deterministic, balanced, resumable, and strict."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_lns.experiments import observers
from napari_lns.experiments.observers import Pairs, Plan, Source, table_format
from napari_lns.experiments.observers.model import fit_decision
from napari_lns.experiments.observers.points import choose_pairs, distance
from napari_lns.models import AutoEncoder

KANIZSA = Source("kanizsa_figure", {"size": 64, "jitter": 1.0}, {"support_ratio": (0.3, 0.6)})
BALANCED = Pairs("balanced", 4, (0.05, 0.2, 0.4))
DOTS = Plan("same_or_different", (KANIZSA,), repeats=2, pairs=BALANCED)
TWO = Plan("which_of_two", (KANIZSA,), repeats=4)
RATING = Plan("rating", (KANIZSA,), repeats=2)
each_plan = pytest.mark.parametrize("plan", [DOTS, TWO, RATING], ids=lambda plan: plan.paradigm)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@each_plan
def test_a_plan_is_read_as_it_was_written(plan: Plan) -> None:
    plan.write("plan.json")
    assert observers.read_plan("plan.json").hash == plan.hash
    assert observers.trials(observers.read_plan("plan.json")) == observers.trials(plan)


@each_plan
def test_a_plan_counts_its_trials(plan: Plan) -> None:
    asked = observers.trials(plan)
    assert [trial.number for trial in asked] == list(range(plan.count))
    assert len({shown.record["seed"] for trial in asked for shown in trial.images}) == plan.repeats


def test_another_seed_gives_another_order_and_other_pairs() -> None:
    other = observers.trials(replace(DOTS, seed=1))
    assert [trial.points for trial in other] != [trial.points for trial in observers.trials(DOTS)]


def test_two_images_of_a_trial_differ_in_what_makes_the_control_alone() -> None:
    for trial in observers.trials(TWO):
        first, second = trial.images
        assert [first.control, second.control] == [
            trial.correct == "second",
            trial.correct == "first",
        ]
        differ = {
            key
            for key, value in first.record["parameters"].items()
            if value != second.record["parameters"][key]
        }
        assert differ == {"inducers"}
        assert first.record["seed"] == second.record["seed"]


def test_a_rating_is_asked_for_stimulus_and_control() -> None:
    controls = [trial.images[0].control for trial in observers.trials(RATING)]
    assert controls.count(True) == controls.count(False) == 4


def test_dots_are_balanced_by_distance_and_ground_truth() -> None:
    asked = observers.trials(DOTS)
    for low, high in BALANCED.ranges:
        answers = [trial.correct for trial in asked if low <= (trial.distance or 0) < high]
        assert answers.count("same") == answers.count("different") == 4


@given(
    seed=st.integers(0, 1000),
    height=st.integers(16, 48),
    width=st.integers(16, 48),
    cut=st.floats(0.3, 0.7),
    each=st.integers(1, 3),
)
def test_balanced_pairs_hold_what_they_requirement(
    seed: int, height: int, width: int, cut: float, each: int
) -> None:
    labels = np.zeros((height, width), np.int32)
    labels[:, int(cut * width) :] = 1
    wanted = Pairs("balanced", 4 * each, (0.02, 0.15, 0.3))
    pairs = choose_pairs(labels, wanted, np.random.default_rng(seed))
    places = [np.searchsorted((0.15, 0.3), distance(pair, labels.shape), "right") for pair in pairs]
    same = [bool(labels[one] == labels[other]) for one, other in pairs]
    counts = Counter(zip(places, same, strict=True))
    assert counts == {(place, truth): each for place in (0, 1) for truth in (True, False)}
    assert all(one != other for one, other in pairs)


@given(seed=st.integers(0, 1000), count=st.integers(2, 9))
def test_pairs_along_a_line_start_at_one_point_and_cross_one_edge(seed: int, count: int) -> None:
    labels = np.repeat([[0, 1]], 32, axis=1).repeat(64, axis=0)
    pairs = choose_pairs(labels, Pairs("edge", count, span=0.3), np.random.default_rng(seed))
    assert len({one for one, _ in pairs}) == 1
    same = [bool(labels[one] == labels[other]) for one, other in pairs]
    assert same == sorted(same, reverse=True)
    assert not same[-1]
    apart = [distance(pair, labels.shape) for pair in pairs]
    assert apart == sorted(apart)
    assert apart[-1] == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("kind", ["edge", "balanced"])
def test_pairs_that_an_image_does_not_have_are_refused(kind: str) -> None:
    pairs = Pairs(kind, 4, (0.1, 0.2, 0.4) if kind == "balanced" else ())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"across two segments|one segment only"):
        choose_pairs(np.zeros((32, 32), np.int32), pairs, np.random.default_rng(0))


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "version": ({"version": 2}, "reads plans of version 1"),
    "future": ({"version": 2, "voice": "high"}, "reads plans of version 1"),
    "unknown": ({"voice": "high"}, "voice"),
    "paradigm": ({"paradigm": "yes_no"}, "paradigm is 'yes_no'"),
    "stimulus": ({"stimuli": [{"name": "kaniza_figure"}]}, "did you mean 'kanizsa_figure'"),
    "parameter": (
        {"stimuli": [{"name": "kanizsa_figure", "fixed": {"support_ratio": 3}}]},
        "support_ratio is 3: it must be between",
    ),
    "twice": (
        {
            "stimuli": [
                {"name": "kanizsa_figure", "fixed": {"corners": 3}, "vary": {"corners": [3, 4]}}
            ]
        },
        "corners is both fixed and varied",
    ),
    "control": (
        {"stimuli": [{"name": "kanizsa_figure", "fixed": {"inducers": "turned"}}]},
        "inducers of kanizsa_figure defines its control",
    ),
    "repeats": ({"repeats": 0}, "repeats is 0"),
    "deadline": ({"deadline": -1.0}, "deadline is -1.0"),
    "pairs": ({"pairs": {"kind": "random", "count": 2}}, "pairs are for same_or_different"),
    "dots": ({"paradigm": "same_or_different"}, "pairs are missing"),
    "unbalanced": (
        {"pairs": {"kind": "balanced", "count": 3, "distances": [0.1, 0.2]}},
        "a multiple of 2",
    ),
    "descending": (
        {"pairs": {"kind": "balanced", "count": 4, "distances": [0.2, 0.1]}},
        "ascending",
    ),
    "grid": ({"pairs": {"kind": "around", "count": 50}}, "give a square number"),
    "anchor": (
        {"pairs": {"kind": "around", "count": 49, "anchor": [0.5, 1.0]}},
        "give two shares of the image",
    ),
    "size": ({"repeats": 10**6}, "more than 100000 trials"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_plan_is_refused_with_a_message(case: str) -> None:
    changed, sentence = WRONG[case]
    Path("plan.json").write_text(json.dumps({**RATING.record, **changed}))
    with pytest.raises(ValueError, match=rf"^plan\.json: .*{sentence}") as refused:
        observers.read_plan("plan.json")
    assert "\n" not in str(refused.value)


def test_answers_are_on_the_disk_at_once_and_a_crash_loses_none() -> None:
    answers = observers.simulate(TWO, 1.0, seed=3)
    for number in range(TWO.count):  # a crash after every answer
        with observers.open_table("ab.csv", TWO, "ab") as table:
            assert table.next is not None
            assert table.next.number == number
            table.append(answers[number].answer, answers[number].seconds)
            assert len(observers.read_answers("ab.csv").rows) == number + 1
    with observers.open_table("ab.csv", TWO, "ab") as table:
        assert table.next is None
        with pytest.raises(ValueError, match="all trials are answered"):
            table.append("first", 1)
    assert list(observers.read_answers("ab.csv").rows) == answers
    observers.write_answers("whole.csv", TWO, "ab", answers)
    assert Path("whole.csv").read_bytes() == Path("ab.csv").read_bytes()


@given(cut=st.integers(1, 60))
def test_a_last_line_that_was_cut_off_is_asked_again(cut: int) -> None:
    answers = observers.simulate(TWO, 1.0)
    observers.write_answers("cut.csv", TWO, "ab", answers[:3], overwrite=True)
    whole = Path("cut.csv").read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])
    Path("cut.csv").write_bytes(whole[: -min(cut, last)])
    assert len(observers.read_answers("cut.csv").rows) == 2
    with observers.open_table("cut.csv", TWO, "ab") as table:
        assert table.next is not None
        assert table.next.number == 2
        table.append(answers[2].answer, answers[2].seconds)
    assert Path("cut.csv").read_bytes() == whole


def test_a_full_disk_leaves_whole_rows_and_the_answer_can_be_given_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with observers.open_table("ab.csv", TWO, "ab") as table:
        table.append("first", 1)
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="the disk is full"):
                table.append("second", 1)
        assert len(observers.read_answers("ab.csv").rows) == 1
        table.append("second", 1)
    assert [row.answer for row in observers.read_answers("ab.csv").rows] == ["first", "second"]


def test_two_windows_cannot_write_one_table() -> None:
    with (
        observers.open_table("ab.csv", TWO, "ab"),
        pytest.raises(BlockingIOError, match="is being written to"),
        observers.open_table("ab.csv", TWO, "ab"),
    ):
        pass


def without(number: int, lines: list[str]) -> list[str]:
    return [line for place, line in enumerate(lines) if place != number]


EDITS: dict[str, Callable[[list[str]], list[str]]] = {
    "an answer": lambda lines: [
        line.replace("first", "second") if place == 2 else line for place, line in enumerate(lines)
    ],
    "a time": lambda lines: [*lines[:-1], lines[-1].replace(",0.", ",1.")],
    "a missing row": lambda lines: without(2, lines),
    "the first row missing": lambda lines: without(1, lines),
    "a row moved": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "a row twice": lambda lines: [*lines, lines[-1]],
    "a column": lambda lines: [*lines[:-1], lines[-1].replace("\n", ",more\n")],
    "ends of lines": lambda lines: [lines[0], *(line.replace("\n", "\r\n") for line in lines[1:])],
    "binary": lambda lines: [*lines[:-1], "\0\0\0\n"],
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_table_is_refused(edit: str) -> None:
    answers = [observers.Answer(number, "first", 0.5) for number in range(TWO.count)]
    observers.write_answers("ab.csv", TWO, "ab", answers)
    lines = Path("ab.csv").read_text().splitlines(keepends=True)
    with Path("ab.csv").open("w", newline="") as file:
        file.writelines(EDITS[edit](lines))
    with pytest.raises(ValueError, match=r"^ab\.csv: line \d"):
        observers.read_answers("ab.csv")
    with (
        pytest.raises(ValueError, match=r"^ab\.csv: line \d"),
        observers.open_table("ab.csv", TWO, "ab"),
    ):
        pass


@pytest.mark.parametrize(
    ("trial", "seconds", "told"),
    [
        ("²", 0.5, "line 2 is not an answer: invalid literal for int"),
        ("9" * 5000, 0.5, "line 2 is not an answer: Exceeds the limit"),
        (0, -1.0, r"line 2 has a response time of -1\.0 s: it must be 0 or more"),
        (0, float("nan"), "line 2 has a response time of nan s"),
        (0, float("inf"), "line 2 has a response time of inf s"),
    ],
)
def test_numbers_that_are_none_are_refused_even_with_a_right_check(
    trial: Any, seconds: float, told: str
) -> None:
    TWO.write("ab.json")
    row = observers.Answer(trial, "first", seconds)
    line, _ = table_format.format_row(TWO, "ab", row, table_format.initial_check(TWO, "ab"))
    Path("ab.csv").write_text(table_format.HEADER + line, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^ab\.csv: {told}"):
        observers.read_answers("ab.csv")


def test_a_table_of_another_observer_or_plan_is_refused() -> None:
    observers.write_answers("ab.csv", TWO, "ab", observers.simulate(TWO, 1.0))
    before = Path("ab.csv").read_bytes()
    with (
        pytest.raises(ValueError, match="of the observer 'ab', not 'cd'"),
        observers.open_table("ab.csv", TWO, "cd"),
    ):
        pass
    other = replace(TWO, seed=5)
    with (
        pytest.raises(ValueError, match="and this plan is"),
        observers.open_table("ab.csv", other, "ab"),
    ):
        pass
    with pytest.raises(FileExistsError, match="contains another plan"):
        observers.write_answers("ab.csv", other, "ab", [])
    other.write("ab.json")
    with pytest.raises(ValueError, match="the plan was changed"):
        observers.read_answers("ab.csv")
    assert Path("ab.csv").read_bytes() == before


def test_rows_of_two_observers_in_one_table_are_refused() -> None:
    for name in ("ab", "cd"):
        observers.write_answers(f"{name}.csv", TWO, name, observers.simulate(TWO, 1.0))
    lines = [Path(f"{name}.csv").read_text().splitlines(keepends=True) for name in ("ab", "cd")]
    Path("ab.csv").write_text("".join([*lines[0][:4], *lines[1][4:]]))
    with pytest.raises(ValueError, match="line 5 is of the observer 'cd', not 'ab'"):
        observers.read_answers("ab.csv")


def test_a_table_without_its_plan_or_without_answers_is_refused() -> None:
    with observers.open_table("ab.csv", TWO, "ab"):
        pass
    with pytest.raises(ValueError, match="no answers yet"):
        observers.read_answers("ab.csv")
    shutil.copy("ab.csv", "alone.csv")
    with pytest.raises(ValueError, match=r"its plan alone\.json is not in the same folder"):
        observers.read_answers("alone.csv")
    Path("other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="it is not a table of answers"):
        observers.read_answers("other.csv")


@pytest.mark.parametrize("name", ["", "a b", "Jane Doe", "a,b", "ä" * 61, "x\n"])
def test_an_observer_has_a_code_name(name: str) -> None:
    with (
        pytest.raises(ValueError, match="give a code name"),
        observers.open_table("ab.csv", TWO, name),
    ):
        pass
    assert not Path("ab.csv").exists()


def test_a_decision_is_recovered_and_separable_answers_have_one_too() -> None:
    shown = np.random.default_rng(1).uniform(-1, 1, 4000)
    said = shown + 0.4 * np.random.default_rng(2).standard_normal(4000) > 0.3
    found = fit_decision(shown, said)
    assert found.criterion == pytest.approx(0.3, abs=0.04)
    assert found.noise == pytest.approx(0.4, abs=0.05)
    clear = fit_decision(shown, shown > 0.3)
    assert clear.criterion == pytest.approx(0.3, abs=0.02)
    assert fit_decision(shown, np.ones(4000, bool)).probability(shown).min() > 0.99


@each_plan
def test_a_network_answers_every_trial_and_the_same_again(plan: Plan) -> None:
    model = AutoEncoder()
    once, again = (observers.ask_model(plan, model, seed=1) for _ in range(2))
    assert once.rows == again.rows
    observers.write_answers("m.csv", plan, "model:own", once.rows)
    read = observers.read_answers("m.csv")
    assert read.is_model
    assert len(read.rows) == plan.count


def test_a_network_is_fitted_to_an_observer_and_to_that_plan_alone() -> None:
    never = [observers.Answer(number, "different") for number in range(DOTS.count)]
    like = observers.Answers(DOTS, "ab", tuple(never))
    found = observers.ask_model(DOTS, AutoEncoder(), like=like)
    assert {row.answer for row in found.rows} == {"different"}
    with pytest.raises(ValueError, match="belong to another plan"):
        observers.ask_model(TWO, AutoEncoder(), like=like)


def test_repeated_segmentations_give_the_share_in_which_dots_share_a_segment() -> None:
    plan = Plan("same_or_different", (Source("kanizsa_figure"),), pairs=Pairs("random", 3))
    found = observers.ask_model(plan, AutoEncoder(), rule="repeated")
    assert ((found.evidence >= 0) & (found.evidence <= 1)).all()
    assert np.allclose(found.evidence * 21, np.rint(found.evidence * 21))
