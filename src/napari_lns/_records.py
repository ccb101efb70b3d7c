"""Validation of JSON in files before it is used."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, JsonValue, TypeAdapter, ValidationError

from napari_lns._files import check_regular, explain_os_errors, shorten

__all__ = [
    "MOST_BYTES",
    "Finite",
    "Name",
    "Positive",
    "Values",
    "Whole",
    "read_record",
    "validate_json",
]

T = TypeVar("T")

MOST_BYTES = 64 * 2**20  # a training run's curves take a few MB
_MOST_SHOWN = 60  # characters of a wrong value


def _parameter_name(name: str) -> str:
    if not name.isidentifier() or name in ("image", "model"):
        raise ValueError("it must be the name of a parameter")
    return name


Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(max_length=10_000)]
Values = dict[Annotated[str, AfterValidator(_parameter_name)], JsonValue]
"""Parameters of a method or stimulus by name; the values are checked by their owner."""


def validate_json(kind: type[T], text: str | bytes, where: str | os.PathLike[str]) -> T:
    """Parse JSON and return it as the expected type.

    No values are converted: text is not accepted as a number, nor 1 as true. Objects are
    dataclasses, pydantic models or dictionaries. JSON nested 200 levels deep or longer than 64 MB
    is refused.

    Parameters
    ----------
    kind
        The expected type, with ranges as pydantic annotations.
    text
        The JSON.
    where
        The file that contains it, for the error message.

    Returns
    -------
    object of that type

    Raises
    ------
    ValueError
        If the JSON is invalid; the message names file, field, value and what is expected.

    Examples
    --------
    >>> validate_json(dict[str, int], '{"seed": 3}', "plan.json")
    {'seed': 3}
    >>> validate_json(dict[str, int], '{"seed": "3"}', "plan.json")
    Traceback (most recent call last):
    ValueError: plan.json: seed is '3': it must be a valid integer
    """
    if len(text) > MOST_BYTES:
        megabytes = len(text) / 2**20
        raise ValueError(f"{os.fspath(where)}: it holds {megabytes:.0f} MB of JSON: at most 64")
    try:
        value: T = _adapter(kind).validate_json(text, strict=True)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise ValueError(f"{os.fspath(where)}: {_describe_error(first)}") from error
    return value


def read_record(kind: type[T], path: str | os.PathLike[str]) -> T:
    """Read the JSON of a file and return it as the expected type; see `validate_json`."""
    with explain_os_errors(path):
        check_regular(path, most=MOST_BYTES)
        return validate_json(kind, Path(path).read_bytes(), path)


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _describe_error(error: Mapping[str, Any]) -> str:
    field = shorten(".".join(str(part) for part in error["loc"]), 100) or "it"
    if error["type"] == "json_invalid":
        return f"it is not valid JSON ({error['msg'].removeprefix('Invalid JSON: ')})"
    if error["type"] == "missing":
        return f"it lacks {field}"
    message = error["msg"].removeprefix("Value error, ")
    message = message.replace("Input should be", "it must be").replace("an object", "a JSON object")
    if error["type"] == "value_error" and isinstance(error["input"], dict):
        names_its_field = not message.startswith("it must")
        return shorten(message) if names_its_field else f"{field}: {shorten(message)}"
    value = shorten(repr(error["input"]), _MOST_SHOWN)
    return f"{field} is {value}: {message[:1].lower()}{shorten(message[1:])}"
