"""Parameters read from a function's own signature: the one truth for widgets, command line and checks.

A parameter is annotated as ``Annotated[float, Range(0, 1, unit="px")]``, ``Literal["a", "b"]``,
``bool``, or ``Colour``; its description stands in the function's numpydoc docstring.
"""

from __future__ import annotations

import difflib
import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

__all__ = ["Colour", "Parameter", "Range", "check", "nearest", "parameters_of"]


@dataclass(frozen=True)
class Range:
    """The values that a number may take, ends included, and its unit."""

    minimum: float
    maximum: float
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
        if self.choices:
            if value not in self.choices:
                allowed = ", ".join(map(repr, self.choices))
                raise ValueError(f"{self.name} is {value!r}: it must be one of {allowed}")
            return
        if self.type is bool:
            if not isinstance(value, bool):
                raise ValueError(f"{self.name} is {value!r}: it must be True or False")
            return
        if self.type is tuple:
            if len(value) != 3:
                raise ValueError(f"{self.name} is {value!r}: it must be three numbers (RGB)")
            for number in value:
                self._check_number(number)
        elif self.type in (int, float):
            self._check_number(value)

    def _check_number(self, value: Any) -> None:
        kind = "a whole number" if self.type is int else "a number"
        whole = isinstance(value, int) or getattr(value, "dtype", None) is not None
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"{self.name} is {value!r}: it must be {kind}") from None
        if isinstance(value, bool) or (self.type is int and not (whole and number.is_integer())):
            raise ValueError(f"{self.name} is {value!r}: it must be {kind}")
        low, high = self.minimum, self.maximum
        if (
            not math.isfinite(number)
            or (low is not None and number < low)
            or (high is not None and number > high)
        ):
            unit = f" {self.unit}" if self.unit else ""
            raise ValueError(
                f"{self.name} is {value!r}: it must be between {low:g} and {high:g}{unit}"
                if low is not None and high is not None
                else f"{self.name} is {value!r}: it must be a finite number"
            )


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
    """Refuse unknown names and values out of range, in one sentence that says how to mend it."""
    for name, value in values.items():
        if name not in parameters:
            raise ValueError(nearest("parameter", name, parameters))
        parameters[name].check(value)


def nearest(kind: str, name: str, known: Iterable[str]) -> str:
    """Say that there is no such name, and which known ones come nearest.

    Examples
    --------
    >>> nearest("stimulus", "kaniza", ["kanizsa", "closure"])
    "there is no stimulus 'kaniza'; did you mean 'kanizsa'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(map(repr, close))}?"
        if close
        else f"there are {', '.join(names) or 'none'}"
    )
    return f"there is no {kind} {name!r}; {hint}"


def _parameter(name: str, hint: Any, default: Any, description: str) -> Parameter:
    low, high, unit = None, None, ""
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        for extra in extras:
            if isinstance(extra, Range):
                low, high, unit = extra.minimum, extra.maximum, extra.unit
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    kind = type(choices[0]) if choices else (get_origin(hint) or hint)
    kind = kind if isinstance(kind, type) else type(default)
    return Parameter(name, kind, default, low, high, unit, choices, description)


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
