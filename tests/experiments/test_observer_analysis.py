"""The analysis recovers what simulated observers were given, and reports hold what they promise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from napari_lns.experiments import observers
from napari_lns.experiments.observers import Answers, Pairs, Plan, Source
from napari_lns.experiments.observers.agreement import agreement
from napari_lns.experiments.observers.analysis import join_answers, proportion_same, sensitivity
from napari_lns.experiments.observers.export import export
from napari_lns.experiments.observers.psychometric import fit_psychometric
from napari_lns.experiments.observers.report import report

KANIZSA = Source("kanizsa_figure", {"size": 32, "jitter": 1.0}, {"support_ratio": (0.3, 0.6)})
PAIRS = Pairs("balanced", 400, (0.05, 0.2, 0.4))
DOTS = Plan("same_or_different", (KANIZSA,), repeats=2, pairs=PAIRS)
TWO = Plan("which_of_two", (KANIZSA,), repeats=800)
RATING = Plan("rating", (KANIZSA,), repeats=400)
PLANS: dict[str, Plan] = {plan.paradigm: plan for plan in (DOTS, TWO, RATING)}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def simulated(
    plan: Plan, name: str, sensitivity: float, seed: int, criterion: float = 0
) -> Answers:
    rows = observers.simulate(plan, sensitivity, criterion, seed=seed)
    return Answers(plan, name, tuple(rows))


@pytest.mark.parametrize("paradigm", PLANS)
@pytest.mark.parametrize(("d_prime", "criterion"), [(0, 0), (1, 0.3), (2, -0.3), (3, 0)])
def test_the_sensitivity_and_criterion_of_simulated_observers_are_recovered(
    paradigm: str, d_prime: float, criterion: float
) -> None:
    plan = PLANS[paradigm]
    given = [simulated(plan, f"s{seed}", d_prime, seed, criterion) for seed in range(4)]
    found = sensitivity(join_answers(given), plan.paradigm)
    for column, true in (("d_prime", d_prime), ("criterion", criterion)):
        off = (found[column] - true) / found[f"{column}_error"]
        assert off.abs().max() < 3.5
        assert abs(off.mean()) < 3 / 2  # three standard errors of the mean of four
    assert found["d_prime_error"].between(0.02, 0.25).all()


def test_standard_errors_are_those_of_repeated_experiments() -> None:
    plan = replace(TWO, repeats=100)
    given = [simulated(plan, f"s{seed}", 1.5, seed) for seed in range(100)]
    found = sensitivity(join_answers(given), plan.paradigm)
    for column in ("d_prime", "criterion"):
        assert found[column].std() == pytest.approx(found[f"{column}_error"].mean(), rel=0.25)


def test_a_perfect_observer_has_a_finite_sensitivity() -> None:
    found = sensitivity(join_answers([simulated(TWO, "ab", 50, 0)]), TWO.paradigm)
    assert np.isfinite(found["d_prime"]).all()
    assert found["proportion_correct"].tolist() == [1.0]


def test_a_missed_deadline_is_left_out() -> None:
    rows = [replace(row, answer="missed") for row in observers.simulate(TWO, 1.0)[:100]]
    rows += observers.simulate(TWO, 1.0)[100:]
    found = sensitivity(join_answers([Answers(TWO, "ab", tuple(rows))]), TWO.paradigm)
    assert found["count"].tolist() == [TWO.count - 100]


def test_the_proportion_same_is_by_distance_and_ground_truth() -> None:
    found = proportion_same(join_answers([simulated(DOTS, "ab", 2, 0)]), PAIRS.distances)
    assert found["count"].tolist() == [400, 400, 400, 400]
    same = found.set_index("truth")["proportion"]
    assert same["same"].to_numpy() == pytest.approx(0.84, abs=0.06)  # Φ(1)
    assert same["different"].to_numpy() == pytest.approx(0.16, abs=0.06)


@pytest.mark.parametrize(("guess", "sign"), [(None, 1), (None, -1), (0.5, 1)])
def test_a_psychometric_function_and_its_band_are_recovered(guess: float | None, sign: int) -> None:
    rng = np.random.default_rng(4)
    x = np.repeat(np.linspace(10, 20, 9), 200)
    seen = sign * (x - 14) + 2 * rng.standard_normal(x.size) > 0
    yes = seen | (rng.random(x.size) < (guess or 0))
    fit = fit_psychometric(x, yes, guess=guess)
    low, high = fit.threshold_band
    assert low < 14 < high
    assert high - low < 2.5
    assert fit.width == pytest.approx(2 * sign, rel=0.35)
    assert (fit.low <= fit.high).all()
    assert ((fit.probability >= 0) & (fit.probability <= 1)).all()


@settings(max_examples=12)
@given(
    share=st.lists(st.integers(0, 20), min_size=2, max_size=6),
    guess=st.sampled_from([None, 0.5]),
)
def test_any_answers_have_a_psychometric_function(share: list[int], guess: float | None) -> None:
    x = np.repeat(np.arange(len(share)), 20)
    yes = np.concatenate([np.arange(20) < count for count in share])
    fit = fit_psychometric(x, yes, guess=guess)
    assert np.isfinite([fit.probability, fit.low, fit.high]).all()


def test_a_psychometric_function_of_one_value_is_refused() -> None:
    with pytest.raises(ValueError, match="needs two values"):
        fit_psychometric([1, 1], [True, False])


def test_agreement_has_a_ceiling_that_noise_lowers_and_a_perfect_network_may_exceed() -> None:
    people = [simulated(TWO, f"p{seed}", 1.5, seed) for seed in range(3)]
    networks = [simulated(TWO, "model:good", 50, 9), simulated(TWO, "model:blind", 0, 8)]
    found = agreement(join_answers([*people, *networks]), TWO.paradigm).set_index("observer")
    assert found.loc["people", "agreement"] == pytest.approx(
        found.loc[["p0", "p1", "p2"], "agreement"].mean()
    )
    assert found.loc["model:blind", "agreement"] == pytest.approx(0.5, abs=0.04)
    assert found.loc["model:good", "of_ceiling"] > 1
    assert set(found["others"]) == {2}


def test_agreement_of_ratings_is_a_correlation() -> None:
    people = [simulated(RATING, f"p{seed}", 3, seed) for seed in range(3)]
    found = agreement(join_answers([*people, simulated(RATING, "model:a", 0, 7)]), RATING.paradigm)
    values = found.set_index("observer")["agreement"]
    assert values["people"] > 0.5
    assert abs(values["model:a"]) < 0.1


def test_one_observer_has_no_ceiling() -> None:
    assert agreement(join_answers([simulated(TWO, "ab", 1, 0)]), TWO.paradigm).empty


def test_answers_of_two_observers_under_one_name_or_to_two_plans_are_refused() -> None:
    with pytest.raises(ValueError, match="two tables have the observer 'ab'"):
        join_answers([simulated(TWO, "ab", 1, 0), simulated(TWO, "ab", 1, 1)])
    with pytest.raises(ValueError, match="belong to different plans"):
        join_answers([simulated(TWO, "ab", 1, 0), simulated(RATING, "cd", 1, 1)])


@pytest.mark.parametrize(
    "name",
    ["same_or_different", "across_an_edge", "around_an_anchor", "which_of_two", "rating"],
)
def test_every_sample_plan_is_answered_and_reported(name: str, repository: Path) -> None:
    plan = observers.read_plan(repository / "sample_data" / "observers" / f"{name}.json")
    given = [simulated(plan, each, 1.5, seed) for seed, each in enumerate(["a", "b", "model:c"])]
    report(given, "out")
    parts = {path.stem for path in Path("out").glob("*.csv")} - {"trials"}
    expected = {
        "same_or_different": {"proportion_same"},
        "around_an_anchor": {"proportion_same", "maps"},
        "across_an_edge": {"psychometric_distance"},
        "which_of_two": {"conditions", "psychometric_support_ratio"},
        "rating": {"conditions", "psychometric_support_ratio", "ratings"},
    }
    assert parts == {"sensitivity", "agreement"} | expected[name]
    for part in parts:
        assert {path.suffix for path in Path("out").glob(f"{part}.*")} == {".csv", ".png", ".pdf"}
    page = Path("out/report.html").read_text("utf8")
    assert page.count("<img") == len(parts)
    assert len(pd.read_csv("out/trials.csv")) == 3 * plan.count


def test_unfinished_answers_are_reported_with_their_number() -> None:
    whole = simulated(TWO, "ab", 1, 0)
    report([replace(whole, rows=whole.rows[:50])], "out")
    assert "answered: ab 50." in Path("out/report.html").read_text("utf8")


def test_the_export_for_psychopy_draws_the_plans_images_and_places_its_dots() -> None:
    plan = replace(DOTS, pairs=Pairs("balanced", 4, (0.05, 0.2, 0.4)))
    assert export(plan, "psychopy") == 4
    rows = pd.read_csv("psychopy/conditions.csv").to_dict("records")
    asked = observers.trials(plan)
    assert [row["correct"] for row in rows] == [trial.correct for trial in asked]
    for row, trial in zip(rows, asked, strict=True):
        image = np.asarray(Image.open(Path("psychopy", row["image"])))
        drawn = trial.images[0].draw().image
        assert np.abs(image / 255 - drawn).max() <= 0.5 / 255 + 1e-6
        assert trial.points is not None
        for dot, (down, right) in zip((1, 2), trial.points, strict=True):
            assert float(row[f"x{dot}"]) * 32 + 16 == pytest.approx(right + 0.5, abs=1e-3)
            assert 16 - float(row[f"y{dot}"]) * 32 == pytest.approx(down + 0.5, abs=1e-3)
    assert json.loads(Path("psychopy/plan.json").read_text()) == plan.record


def test_the_export_of_two_images_names_both() -> None:
    plan = replace(TWO, repeats=1)
    assert export(plan, "psychopy") == 4
    rows = pd.read_csv("psychopy/conditions.csv").to_dict("records")
    assert all(row["first_image"] != row["second_image"] for row in rows)


def test_the_example_holds_three_simulated_observers_a_session_and_a_network(
    repository: Path,
) -> None:
    folder = repository / "sample_data" / "observers" / "ten_minutes"
    plan = observers.read_plan(folder / "plan.json")
    tables = {each.observer: each for each in map(observers.read_answers, folder.glob("*.csv"))}
    assert set(tables) == {"first", "second", "third", "session", "model:occluded-bar"}
    assert {each.plan.hash for each in tables.values()} == {plan.hash}
    assert all(len(each.rows) == plan.count for each in tables.values())
    given = {"first": (1.5, 1), "second": (2.0, 2), "third": (2.5, 3), "session": (2.0, 7)}
    for name, (d_prime, seed) in given.items():
        expected = [row.answer for row in observers.simulate(plan, d_prime, seed=seed)]
        assert [row.answer for row in tables[name].rows] == expected
    assert (folder / "proportion_same.png").exists()
