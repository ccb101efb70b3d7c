"""The registry: names, parameters, checks, grids and the endless mixture."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import numpy as np
import pytest

from napari_lns import stimuli
from napari_lns._parameters import Colour, Range
from napari_lns.stimuli import Stimulus, _entries, registry


@pytest.fixture
def grey(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stimulus]:
    """A stimulus of one's own, registered for one test."""
    stimuli.names()
    monkeypatch.setattr(_entries, "ENTRIES", dict(_entries.ENTRIES))

    @registry.register(group="Own", control={"level": 0.0})
    def grey(
        *,
        size: Annotated[int, Range(8, 64, "px")] = 8,
        level: Annotated[float, Range(0, 1)] = 0.5,
        colour: Colour = (1.0, 0.0, 0.0),
        seed: int = 0,
    ) -> Stimulus:
        """Grey field: nothing is seen in it."""
        image = np.full((size, size, 3), level)
        return Stimulus(image, np.zeros((size, size)), {0: "background"})

    return grey


def test_a_registered_function_is_listed_last_under_its_group(grey) -> None:
    assert stimuli.names()[-1] == "grey"
    assert stimuli.groups()["Own"] == ["grey"]


def test_title_description_and_control_are_reported(grey) -> None:
    assert stimuli.title("grey") == "Grey field"
    assert stimuli.description("grey") == "nothing is seen in it."
    assert stimuli.control("grey") == {"level": 0.0}


def test_the_seed_is_no_parameter(grey) -> None:
    assert list(stimuli.parameters("grey")) == ["size", "level", "colour"]


def test_a_call_to_the_function_checks_and_records(grey) -> None:
    drawn = grey(level=np.float32(0.25), seed=4)
    assert drawn.record["name"] == "grey"
    assert drawn.record["parameters"]["level"] == 0.25
    assert drawn.seed == 4
    with pytest.raises(ValueError, match="level is 2: it must be between 0 and 1"):
        grey(level=2)


def test_a_name_is_registered_by_one_module_only() -> None:
    def kanizsa_figure(*, seed: int = 0) -> Stimulus:
        raise NotImplementedError

    with pytest.raises(ValueError, match="'kanizsa_figure' is already registered by napari_lns"):
        registry.register(group="Own")(kanizsa_figure)


def test_a_control_out_of_range_is_refused_at_registration() -> None:
    def white(*, level: Annotated[float, Range(0, 1)] = 1.0, seed: int = 0) -> Stimulus:
        raise NotImplementedError

    with pytest.raises(ValueError, match="level is 3"):
        registry.register(group="Own", control={"level": 3.0})(white)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no stimulus 'kanisza_figure'; did you mean 'kanizsa_f"):
        stimuli.draw("kanisza_figure")


def test_groups_hold_every_name_once() -> None:
    listed = list(itertools.chain(*stimuli.groups().values()))
    assert listed == stimuli.names()
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("name", stimuli.names())
def test_every_stimulus_states_what_widgets_need(name: str) -> None:
    assert stimuli.title(name)
    assert stimuli.description(name).endswith(".")
    for parameter in stimuli.parameters(name).values():
        assert parameter.description, parameter.name
        numeric = parameter.type in (int, float) and not parameter.choices
        assert not numeric or (parameter.minimum is not None and parameter.maximum is not None)
        parameter.check(parameter.default)


def test_help_shows_own_and_common_parameters() -> None:
    docstring = inspect.getdoc(stimuli.kanizsa_figure)
    assert (
        docstring.index("support_ratio\n    ")
        < docstring.index("foreground\n    ")
        < docstring.index("Notes")
    )


def test_a_sweep_is_the_grid_with_the_last_value_fastest() -> None:
    grid = stimuli.sweep(
        "kanizsa_figure",
        seed=range(2),
        jitter=1,
        corners=[3, 4],
        support_ratio=np.array([0.25, 0.75]),
    )
    combinations = [(s.seed, s.parameters["corners"], s.parameters["support_ratio"]) for s in grid]
    assert combinations == list(itertools.product([0, 1], [3, 4], [0.25, 0.75]))


def test_a_sweep_drawn_one_by_one_is_the_same_and_refuses_at_once() -> None:
    values = {"seed": [1, 2], "corners": [3, 4], "jitter": 0.5}
    one_by_one = stimuli.iter_sweep("kanizsa_figure", **values)
    assert list(one_by_one) == stimuli.sweep("kanizsa_figure", **values)
    with pytest.raises(ValueError, match="corners is 2"):
        stimuli.iter_sweep("kanizsa_figure", corners=[3, 2])


def test_a_colour_in_a_sweep_is_one_value_and_a_list_of_colours_several() -> None:
    assert len(stimuli.sweep("dot_lattice", foreground=(0, 0, 1))) == 1
    assert len(stimuli.sweep("dot_lattice", foreground=[(0, 0, 1), (1, 0, 0)])) == 2


def test_a_sweep_refuses_before_it_draws(grey, monkeypatch) -> None:
    def drawn(**values) -> Stimulus:
        raise AssertionError("it was drawn")

    entry = replace(_entries.ENTRIES["grey"], draw=drawn)
    monkeypatch.setitem(_entries.ENTRIES, "grey", entry)
    with pytest.raises(ValueError, match="level is 7"):
        stimuli.sweep("grey", level=[0.1, 7])
    with pytest.raises(ValueError, match="no parameter 'levle'; did you mean 'level'"):
        stimuli.sweep("grey", levle=[0.1])


def test_a_stream_gives_batches_for_training() -> None:
    batch = next(stimuli.stream(batch=5, size=32))
    assert batch.shape == (5, 3, 32, 32)
    assert batch.dtype == np.float32
    assert 0 <= batch.min() < batch.max() <= 1


def test_a_stream_starts_anywhere_without_drawing_what_came_before() -> None:
    whole = list(itertools.islice(stimuli.stream(batch=3, seed=1), 3))
    later = next(stimuli.stream(batch=3, seed=1, start=2))
    assert np.array_equal(whole[2], later)
    assert not np.array_equal(whole[0], whole[1])


def test_streams_of_other_seeds_differ() -> None:
    first, second = (next(stimuli.stream(batch=2, seed=seed)) for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_a_stream_varies_every_parameter_but_those_held(grey, monkeypatch) -> None:
    seen = []
    entry = _entries.ENTRIES["grey"]

    def noted(**values):
        seen.append(values)
        return entry.draw(**values)

    monkeypatch.setitem(_entries.ENTRIES, "grey", replace(entry, draw=noted))
    next(stimuli.stream("grey", batch=20, size=8))
    levels = [values["level"] for values in seen]
    assert min(levels) < 0.2
    assert max(levels) > 0.8
    seen.clear()
    next(stimuli.stream(["grey"], batch=4, size=8, level=0.3))
    assert {values["level"] for values in seen} == {0.3}


def test_a_stream_of_good_gestalt_keeps_to_training_images(monkeypatch) -> None:
    splits = []
    entry = _entries.ENTRIES["kanizsa"]

    def noted(**values) -> Stimulus:
        splits.append(values["split"])
        return entry.draw(**values)

    monkeypatch.setitem(_entries.ENTRIES, "kanizsa", replace(entry, draw=noted))
    next(stimuli.stream("kanizsa", batch=3, seed=3))
    assert splits == ["train"] * 3


@pytest.mark.parametrize(
    ("names", "fixed", "message"),
    [
        ([], {}, "names is empty"),
        ("kaniza_figure", {}, "no stimulus 'kaniza_figure'"),
        ("kanizsa_figure", {"cornes": 3}, "no parameter 'cornes'; did you mean 'corners'"),
        ("kanizsa_figure", {"corners": 99}, "corners is 99"),
        ("kanizsa_figure", {"size": 8}, "size is 8: it must be between 16 and 1024 px"),
        ("kanizsa", {"size": 65}, "size is 65: it must be one of 64, 256"),
        (None, {"batch": 0}, "batch is 0: it must be at least 1"),
        (None, {"start": -1}, "start is -1: it must be at least 0"),
        (None, {"seed": 1.5}, "seed is 1.5: it must be a whole number"),
    ],
)
def test_a_stream_refuses_at_once(names, fixed, message) -> None:
    with pytest.raises(ValueError, match=message):
        stimuli.stream(names, **fixed)


def test_importing_the_stimuli_loads_nothing_else(run_python) -> None:
    output = run_python(
        "-c",
        "import sys, napari_lns.stimuli\n"
        "print([m for m in sys.modules if m.startswith('napari_lns.stimuli.')])\n"
        "print(any(m in sys.modules for m in ('torch', 'numba', 'scipy', 'PIL', 'numpy')))",
    )
    assert output.splitlines() == ["[]", "False"]
