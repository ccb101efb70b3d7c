"""Parameters read from a signature: a single source for widgets, commands and checks.

A parameter is annotated as ``Annotated[float, Range(0, 1, unit="px")]``, ``Literal["a", "b"]``,
``Annotated[str, REGISTRY]``, ``bool``, ``Sequence[float]``, or ``Colour``; its description is in
the numpydoc docstring of the function or class.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from napari_lns._parameters._kinds import (
    Choice,
    Colours,
    Number,
    Numbers,
    Parameter,
    Switch,
    Text,
    Whole,
)
from napari_lns._parameters._names import UnknownNameError, name_file_in_errors, unknown_name_error
from napari_lns._parameters._settings import accept_settings, merge_signatures

__all__ = [
    "Choice",
    "Colour",
    "Colours",
    "Number",
    "Numbers",
    "Parameter",
    "Range",
    "Switch",
    "Text",
    "UnknownNameError",
    "Whole",
    "accept_settings",
    "check",
    "complete_parameters",
    "inspect_parameters",
    "merge_signatures",
    "name_file_in_errors",
    "unknown_name_error",
]

_KINDS: dict[Any, type[Parameter]] = {
    bool: Switch,
    int: Whole,
    float: Number,
    str: Text,
    tuple: Colours,
    Sequence: Numbers,
}


@dataclass(frozen=True)
class Range:
    """Range of a number, ends included, and its unit; None is no limit."""

    minimum: float | None
    maximum: float | None
    unit: str = ""


Colour = Annotated[tuple[float, float, float], Range(0, 1, "RGB")]


def inspect_parameters(
    function: Callable[..., Any], *, omit: Collection[str] = ()
) -> dict[str, Parameter]:
    """Read the parameters with defaults from a function's signature, annotations and docstring."""
    descriptions = _descriptions(inspect.getdoc(function) or "")
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty and name not in omit
    }
    hints = _hints(function, defaults)
    return {
        name: _parameter(name, hints[name], default, descriptions.get(name, ""))
        for name, default in defaults.items()
    }


def check(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> None:
    """Raise an error for unknown names and for values out of range."""
    for name, value in values.items():
        if name not in parameters:
            raise unknown_name_error("parameter", name, parameters)
        parameters[name].check(value)


def complete_parameters(
    parameters: Mapping[str, Parameter], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Check the values, convert them to plain Python, and add missing defaults."""
    check(parameters, values)
    return {
        name: parameter.to_plain(values.get(name, parameter.default))
        for name, parameter in parameters.items()
    }


def _hints(function: Callable[..., Any], names: Iterable[str]) -> dict[str, Any]:
    """Resolve some annotations; others may use names imported only for type checking."""
    if isinstance(function, type):
        return get_type_hints(function, include_extras=True)
    written = inspect.get_annotations(function)
    some = types.SimpleNamespace(__annotations__={name: written[name] for name in names})
    known = inspect.unwrap(function).__globals__
    return get_type_hints(some, globalns=known, include_extras=True)


def _parameter(name: str, hint: object, default: object, description: str) -> Parameter:
    limits, choices = Range(None, None), None
    if get_origin(hint) in (Union, types.UnionType) and default is None:
        hint = next(each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        limits = next((extra for extra in extras if isinstance(extra, Range)), limits)
        choices = next((extra for extra in extras if isinstance(extra, Collection)), None)
    if get_origin(hint) is Literal:
        choices = get_args(hint)
    if choices is not None:
        return Choice(name, default, choices=choices, description=description)
    kind = _KINDS.get(get_origin(hint) or hint, _KINDS.get(type(default)))
    if kind is Colours and len(get_args(hint)) != 3:
        kind = Numbers
    if kind is None:
        raise TypeError(f"{name} is annotated as {hint}: use one of {', '.join(map(str, _KINDS))}")
    return kind(name, default, limits.minimum, limits.maximum, limits.unit, description=description)


def _descriptions(doc: str) -> dict[str, str]:
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", doc, re.S | re.M)
    if section is None:
        return {}
    descriptions: dict[str, str] = {}
    for entry in re.finditer(r"^(\S[^\n]*)\n((?:[ \t]+[^\n]*\n?|\n)+)", section[1], re.M):
        text = " ".join(entry[2].split())
        for name in entry[1].split(":")[0].split(","):
            descriptions[name.strip()] = text
    return descriptions
