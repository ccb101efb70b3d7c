"""Parameters as a function's signature tells them, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import pytest

from napari_lns._parameters import (
    Colour,
    Range,
    check,
    complete_parameters,
    inspect_parameters,
    unknown_name_error,
)


def example(
    data: object,
    *,
    count: Annotated[int, Range(1, 9, "px")] = 3,
    share: Annotated[float, Range(0, 1)] = 0.5,
    open_ended: Annotated[float, Range(0, None)] = 1.0,
    limited: Annotated[float, Range(0, 1)] | None = None,
    kind: Literal["round", "square"] = "round",
    level: Literal[64, 256] = 64,
    shown: bool = True,
    text: str = "",
    colour: Colour = (0.0, 0.5, 1.0),
    weights: Sequence[float] | None = None,
) -> None:
    """Do nothing.

    Parameters
    ----------
    data
        Has no default, and is no parameter.
    count, level
        How many
        of them.
    share : float
        A share.

    Notes
    -----
    Notes end the parameters.
    """


PARAMETERS = inspect_parameters(example)


def test_arguments_without_default_are_no_parameters() -> None:
    assert "data" not in PARAMETERS


@pytest.mark.parametrize(
    ("name", "kind", "low", "high", "unit"),
    [
        ("count", int, 1, 9, "px"),
        ("share", float, 0, 1, ""),
        ("open_ended", float, 0, None, ""),
        ("limited", float, 0, 1, ""),
        ("kind", str, None, None, ""),
        ("level", int, None, None, ""),
        ("shown", bool, None, None, ""),
        ("text", str, None, None, ""),
        ("colour", tuple, 0, 1, "RGB"),
        ("weights", Sequence, None, None, ""),
    ],
)
def test_type_range_and_unit_are_read(name, kind, low, high, unit) -> None:
    found = PARAMETERS[name]
    assert (found.type, found.minimum, found.maximum, found.unit) == (kind, low, high, unit)


def test_descriptions_are_read_from_the_docstring() -> None:
    assert PARAMETERS["count"].description == PARAMETERS["level"].description == "How many of them."
    assert PARAMETERS["share"].description == "A share."
    assert PARAMETERS["kind"].description == ""


def test_choices_are_read_from_a_literal() -> None:
    assert PARAMETERS["kind"].choices == ("round", "square")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("count", 0, "count is 0: it must be between 1 and 9 px"),
        ("count", 2.5, "count is 2.5: it must be a whole number"),
        ("count", True, "count is True: it must be a whole number"),
        ("share", float("nan"), "share is nan: it must be a number"),
        ("share", "much", "share is 'much': it must be a number"),
        ("share", None, "share is None: it must be a number"),
        ("open_ended", -1.0, "open_ended is -1.0: it must be at least 0"),
        ("open_ended", float("inf"), "open_ended is inf: it must be a finite number"),
        ("limited", 2.0, "limited is 2.0: it must be between 0 and 1"),
        ("kind", "oval", "kind is 'oval': it must be one of 'round', 'square'"),
        ("level", 65, "level is 65: it must be one of 64, 256"),
        ("shown", 1, "shown is 1: it must be True or False"),
        ("text", 1, "text is 1: it must be text"),
        ("colour", (0, 1), "colour is (0, 1): it must be three numbers (RGB)"),
        ("colour", 0.5, "colour is 0.5: it must be three numbers (RGB)"),
        ("colour", "red", "colour is 'red': it must be three numbers (RGB)"),
        ("colour", (0, 1, 2), "colour is 2: it must be between 0 and 1 RGB"),
        ("weights", 0.5, "weights is 0.5: it must be several numbers"),
        ("weights", "12", "weights is '12': it must be several numbers"),
        ("weights", [1, "x"], "weights is 'x': it must be a number"),
        ("shre", 1.0, "there is no parameter 'shre'; did you mean 'share'?"),
    ],
)
def test_a_bad_value_is_refused_in_words(name, value, told) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        check(PARAMETERS, {name: value})


def test_values_are_completed_in_plain_python() -> None:
    given = {"share": np.float32(0.1), "count": np.int64(2), "colour": np.ones(3), "kind": "square"}
    values = complete_parameters(PARAMETERS, given)
    assert values == {
        "count": 2,
        "share": float(np.float32(0.1)),
        "open_ended": 1.0,
        "limited": None,
        "kind": "square",
        "level": 64,
        "shown": True,
        "text": "",
        "colour": (1.0, 1.0, 1.0),
        "weights": None,
    }
    assert type(values["share"]) is float
    assert type(values["count"]) is int


def test_several_numbers_are_kept_as_json_gives_them_back() -> None:
    values = complete_parameters(PARAMETERS, {"weights": np.ones(2)})
    assert json.loads(json.dumps(values))["weights"] == values["weights"] == [1.0, 1.0]


def test_nothing_near_lists_what_there_is() -> None:
    assert (
        str(unknown_name_error("colour", "xyz", ["red"]))
        == "there is no colour 'xyz'; there are red"
    )
