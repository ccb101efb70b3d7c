"""Parameters read from a function's own signature: one truth for widgets, commands and checks.

A parameter is annotated as ``Annotated[float, Range(0, 1, unit="px")]``, ``Literal["a", "b"]``,
``bool``, ``Sequence[float]``, or ``Colour``; its description stands in the function's numpydoc
docstring.
"""

from __future__ import annotations

import difflib
import inspect
import math
import numbers
import os
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

__all__ = [
    "Colour",
    "Parameter",
    "Range",
    "UnknownNameError",
    "check",
    "completed",
    "named_in",
    "parameters_of",
    "unknown",
]


class UnknownNameError(ValueError):
    """A name that nothing bears: the command line takes it for wrong use, not for a failure."""


@dataclass(frozen=True)
class Range:
    """The values that a number may take, ends included, and its unit; None is no limit."""

    minimum: float | None
    maximum: float | None
    unit: str = ""


Colour = Annotated[tuple[float, float, float], Range(0, 1, "RGB")]


@dataclass(frozen=True)
class Parameter:
    """One parameter: what a control, a command-line option or a check needs to know."""

    name: str
    type: type
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[Any, ...] = ()
    description: str = ""

    def check(self, value: Any) -> None:
        """Raise a ValueError that names the parameter, the value and what is allowed."""
        if value is None and self.default is None:
            return
        if self.choices:
            if not any(choice == value for choice in self.choices):
                allowed = f"one of {', '.join(map(repr, self.choices))}"
                raise UnknownNameError(self._refusal(value, allowed))
        elif self.type is bool:
            if not isinstance(value, bool):
                self._refuse(value, "True or False")
        elif self.type is str:
            if not isinstance(value, str):
                self._refuse(value, "text")
        elif self.type in (tuple, Sequence):
            self._check_numbers(value)
        elif self.type in (int, float):
            self._check_number(value)

    def plain(self, value: Any) -> Any:
        """Return a checked value in plain Python, so that what JSON keeps draws the same pixels."""
        if value is None:
            return None
        if self.choices:
            return next(choice for choice in self.choices if choice == value)
        if self.type is tuple:
            return tuple(float(number) for number in value)
        if self.type is Sequence:
            return [float(number) for number in value]
        return self.type(value) if self.type in (int, float) else value

    def _refuse(self, value: Any, allowed: str) -> NoReturn:
        raise ValueError(self._refusal(value, allowed))

    def _refusal(self, value: Any, allowed: str) -> str:
        return f"{self.name} is {value!r}: it must be {allowed}"

    def _check_numbers(self, value: Any) -> None:
        several = isinstance(value, Iterable) and not isinstance(value, str)
        given = [*value] if several else []
        if self.type is tuple and len(given) != 3:
            self._refuse(value, "three numbers (RGB)")
        if not given:
            self._refuse(value, "several numbers")
        for number in given:
            self._check_number(number)

    def _check_number(self, value: Any) -> None:
        kind = "a whole number" if self.type is int else "a number"
        try:
            number = math.nan if isinstance(value, bool | str) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        whole = isinstance(value, numbers.Integral)
        if math.isnan(number) or (self.type is int and not whole):
            self._refuse(value, kind)
        low, high = self.minimum, self.maximum
        unit = f" {self.unit}" if self.unit else ""
        below, above = low is not None and number < low, high is not None and number > high
        if low is not None and high is not None and (below or above):
            self._refuse(value, f"between {low:g} and {high:g}{unit}")
        if below:
            self._refuse(value, f"at least {low:g}{unit}")
        if above:
            self._refuse(value, f"at most {high:g}{unit}")
        if math.isinf(number):
            self._refuse(value, "a finite number")


def parameters_of(function: Callable[..., Any]) -> dict[str, Parameter]:
    """Read the parameters with defaults from a function's signature, annotations and docstring."""
    hints = get_type_hints(function, include_extras=True)
    told = _descriptions(inspect.getdoc(function) or "")
    return {
        name: _parameter(name, hints[name], parameter.default, told.get(name, ""))
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


def check(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> None:
    """Refuse unknown names and values out of range; the message says how to fix them."""
    for name, value in values.items():
        if name not in parameters:
            raise unknown("parameter", name, parameters)
        parameters[name].check(value)


def completed(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values, make them plain Python, and add the defaults of those not given."""
    check(parameters, values)
    return {
        name: parameter.plain(values.get(name, parameter.default))
        for name, parameter in parameters.items()
    }


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error that there is no such name, with the known ones that come nearest.

    Examples
    --------
    >>> print(unknown("stimulus", "kaniza", ["kanizsa", "closure"]))
    there is no stimulus 'kaniza'; did you mean 'kanizsa'?
    """
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(map(repr, close))}?"
        if close
        else f"there are {', '.join(names) or 'none'}"
    )
    return UnknownNameError(f"there is no {kind} {name!r}; {hint}")


@contextmanager
def named_in(file: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file that an unknown name stands in: it is that file that is wrong.

    Examples
    --------
    >>> with named_in("run.json"):
    ...     raise UnknownNameError("there is no kind of network 'a'; did you mean 'ae'?")
    Traceback (most recent call last):
    ValueError: run.json: there is no kind of network 'a'; did you mean 'ae'?
    """
    try:
        yield
    except UnknownNameError as error:
        raise ValueError(f"{os.fspath(file)}: {error}") from error


def _parameter(name: str, hint: Any, default: Any, description: str) -> Parameter:
    limits = Range(None, None)
    if get_origin(hint) in (Union, types.UnionType) and default is None:
        hint = next(each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        limits = next((extra for extra in extras if isinstance(extra, Range)), limits)
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    kind = type(choices[0]) if choices else (get_origin(hint) or hint)
    kind = kind if isinstance(kind, type) else type(default)
    return Parameter(
        name, kind, default, limits.minimum, limits.maximum, limits.unit, choices, description
    )


def _descriptions(doc: str) -> dict[str, str]:
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", doc, re.S | re.M)
    if section is None:
        return {}
    found: dict[str, str] = {}
    for entry in re.finditer(r"^(\S[^\n]*)\n((?:[ \t]+[^\n]*\n?|\n)+)", section[1], re.M):
        text = " ".join(entry[2].split())
        for name in entry[1].split(":")[0].split(","):
            found[name.strip()] = text
    return found
