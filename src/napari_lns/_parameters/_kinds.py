"""Parameters, one class per kind: accepted values, formatting, random draws and sweeps."""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, SupportsFloat

from napari_lns._files import shorten
from napari_lns._parameters._names import UnknownNameError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Choice", "Colours", "Number", "Numbers", "Parameter", "Switch", "Text", "Whole"]

TINY = 1e-6  # smallest limit that is written as a number
_MOST_VALUES = 100_000  # largest number of values of one parameter of a sweep


@dataclass(frozen=True)
class Parameter(ABC):
    """The definition of one parameter for controls, command-line options and checks.

    Parameters
    ----------
    name
        Name in Python.
    default
        Value if none is given; None is accepted only if it is the default.
    minimum, maximum
        Limits of numbers, ends included; None is no limit.
    unit
        Unit of numbers.
    choices
        The accepted values of a choice.
    description
        Description in one or two sentences.
    """

    name: str
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: Collection[Any] = ()
    description: str = ""

    type: ClassVar[Any] = object  # its name in JSON

    @property
    @abstractmethod
    def accepted_values(self) -> str:
        """Accepted values as an option's metavariable."""

    def check(self, value: object) -> None:
        """Raise a ValueError that names the parameter, the value and the accepted values."""
        if value is not None or self.default is not None:
            self._check(value)

    def to_plain(self, value: object) -> object:
        """Return a checked value as a plain Python object, which JSON stores exactly."""
        return None if value is None else self._to_plain(value)

    @property
    def limits(self) -> str:
        """Limits of a number in words."""
        return ""

    def text(self, value: object) -> str:
        """Format a value as an option accepts it."""
        return str(value)

    def text_with_unit(self, value: object) -> str:
        """Format a value with its unit."""
        return self.text(value)

    def parse(self, text: str) -> object:
        """Parse a value from text; return invalid text unchanged, for `check` to reject."""
        return text

    def split(self, text: str) -> list[str]:
        """Split text into the texts of several values; raise ValueError if it is malformed."""
        return text.split(",")

    def as_list(self, value: object) -> list[Any]:
        """Return one value, or an iterable of values, as a list."""
        if isinstance(value, Iterable) and not isinstance(value, str):
            return list(value)
        return [value]

    def random(self, rng: np.random.Generator) -> object:
        """Draw an accepted value; return the default if there is no range."""
        return self.default

    def to_json(self) -> dict[str, Any]:
        """Return the definition of the parameter, JSON-compatible."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**values, "choices": list(self.choices), "type": self.type.__name__}

    @abstractmethod
    def _check(self, value: object) -> None:
        """Raise ValueError if the value is not allowed."""

    def _to_plain(self, value: object) -> object:
        return value

    def _refusal(self, value: object, allowed: str) -> str:
        return f"{self.name} is {value!r}: it must be {allowed}"


@dataclass(frozen=True)
class Switch(Parameter):
    """True or False."""

    type = bool
    accepted_values = "true|false"

    def text(self, value: object) -> str:
        """Format the value in lower case."""
        return str(value).lower()

    def parse(self, text: str) -> object:
        """Parse ``true`` or ``false``."""
        return {"true": True, "false": False}.get(text, text)

    def random(self, rng: np.random.Generator) -> bool:
        """Draw True or False."""
        return bool(rng.integers(2))

    def _check(self, value: object) -> None:
        if not isinstance(value, bool):
            raise ValueError(self._refusal(value, "True or False"))


@dataclass(frozen=True)
class Text(Parameter):
    """Any text."""

    type = str
    accepted_values = "TEXT"

    def _check(self, value: object) -> None:
        if not isinstance(value, str):
            raise ValueError(self._refusal(value, "text"))


@dataclass(frozen=True)
class Choice(Parameter):
    """One of several values: those of a `Literal`, or the names in a registry."""

    @property
    def type(self) -> Any:
        """The type of the values."""
        return type(next(iter(self.choices)))

    @property
    def accepted_values(self) -> str:
        """All values."""
        return "|".join(map(str, self.choices))

    def parse(self, text: str) -> object:
        """Return the choice with this text."""
        return next((choice for choice in self.choices if str(choice) == text), text)

    def random(self, rng: np.random.Generator) -> object:
        """Draw one of the values."""
        return list(self.choices)[rng.integers(len(self.choices))]

    def _check(self, value: object) -> None:
        if value not in self.choices:
            allowed = f"one of {', '.join(map(repr, self.choices))}"
            raise UnknownNameError(self._refusal(value, allowed))

    def _to_plain(self, value: object) -> object:
        return next(choice for choice in self.choices if choice == value)


@dataclass(frozen=True)
class Number(Parameter):
    """A number."""

    type: ClassVar[Any] = float
    noun: ClassVar[str] = "a number"

    @property
    def accepted_values(self) -> str:
        """Type and limits."""
        ends = (f"{end:g}" if end is not None else "" for end in (self.minimum, self.maximum))
        return f"{self.type.__name__.upper()} {'…'.join(ends)}".removesuffix(" …")

    @property
    def limits(self) -> str:
        """Both limits as text, or the lower one."""
        if self.minimum is None:
            return ""
        spec = "," if issubclass(self.type, int) else "g"
        if self.maximum is not None:
            both = f"{self.minimum:{spec}} to {self.maximum:{spec}}"
        else:
            both = "above 0" if 0 < self.minimum < TINY else f"at least {self.minimum:{spec}}"
        return f"{both} {self.unit}".rstrip()

    def text_with_unit(self, value: object) -> str:
        """Format the number with its unit."""
        return f"{self.text(value)} {self.unit}".rstrip()

    def parse(self, text: str) -> object:
        """Parse the number."""
        try:
            return self.type(text)
        except ValueError:
            return text

    def split(self, text: str) -> list[str]:
        """Split at commas, or expand low:high:count, both ends included."""
        if text.count(":") != 2:
            return super().split(text)
        low, high, count = text.split(":")
        try:
            start, number = float(low), int(count)
            step = (float(high) - start) / max(number - 1, 1)
        except (ValueError, OverflowError):
            raise ValueError(
                f"{shorten(repr(text))} is not low:high:count, such as 0:1:5"
            ) from None
        if not 1 <= number <= _MOST_VALUES:
            raise ValueError(f"{text!r} is {number} values: give 1 to {_MOST_VALUES:,}")
        return [f"{start + step * index:.12g}" for index in range(number)]

    def random(self, rng: np.random.Generator) -> object:
        """Draw uniformly from the whole range."""
        if self.minimum is None or self.maximum is None:
            return self.default
        return float(rng.uniform(self.minimum, self.maximum))

    def _check(self, value: object) -> None:
        number = _as_float(value)
        if math.isnan(number) or not self._is_of_kind(value):
            raise ValueError(self._refusal(value, self.noun))
        low, high = self.minimum, self.maximum
        unit = f" {self.unit}" if self.unit else ""
        below, above = low is not None and number < low, high is not None and number > high
        if low is not None and high is not None and (below or above):
            raise ValueError(self._refusal(value, f"between {low:g} and {high:g}{unit}"))
        if below:
            raise ValueError(self._refusal(value, f"at least {low:g}{unit}"))
        if above:
            raise ValueError(self._refusal(value, f"at most {high:g}{unit}"))
        if math.isinf(number):
            raise ValueError(self._refusal(value, "a finite number"))

    def _is_of_kind(self, value: object) -> bool:
        return True

    def _to_plain(self, value: object) -> object:
        return self.type(value)


@dataclass(frozen=True)
class Whole(Number):
    """A whole number."""

    type = int
    noun = "a whole number"

    def random(self, rng: np.random.Generator) -> object:
        """Draw uniformly from the whole range, ends included."""
        if self.minimum is None or self.maximum is None:
            return self.default
        return int(rng.integers(int(self.minimum), int(self.maximum) + 1))

    def _is_of_kind(self, value: object) -> bool:
        return isinstance(value, numbers.Integral)


@dataclass(frozen=True)
class Numbers(Parameter):
    """Several numbers, each within the limits."""

    type = Sequence
    accepted_values = "A,B,…"

    def text(self, value: object) -> str:
        """Format the numbers, separated by commas."""
        numbers = self._as_list(value)
        return ",".join(f"{number:g}" for number in numbers) if numbers else str(value)

    def parse(self, text: str) -> object:
        """Parse numbers separated by commas."""
        number = Number(self.name, 0.0)
        return tuple(number.parse(part) for part in text.split(","))

    def split(self, text: str) -> list[str]:
        """Return the text unsplit: commas separate the numbers of one value."""
        return [text]

    def _check(self, value: object) -> None:
        numbers = self._as_list(value)
        if not numbers:
            raise ValueError(self._refusal(value, "several numbers"))
        number = Number(self.name, 0.0, self.minimum, self.maximum, self.unit)
        for each in numbers:
            number.check(each)

    def _as_list(self, value: object) -> list[Any]:
        return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else []

    def _to_plain(self, value: Any) -> object:
        return [float(number) for number in value]


@dataclass(frozen=True)
class Colours(Numbers):
    """A colour: red, green and blue."""

    type = tuple
    accepted_values = "R,G,B"

    def as_list(self, value: object) -> list[Any]:
        """Return one colour, or an iterable of colours, as a list of colours."""
        colours = super().as_list(value)
        return colours if not colours or isinstance(colours[0], Iterable) else [colours]

    def random(self, rng: np.random.Generator) -> object:
        """Draw any colour."""
        low, high = self.minimum, self.maximum
        return tuple(rng.uniform(low or 0.0, 1.0 if high is None else high, 3).tolist())

    def _check(self, value: object) -> None:
        if len(self._as_list(value)) != 3:
            raise ValueError(self._refusal(value, "three numbers (RGB)"))
        super()._check(value)

    def _to_plain(self, value: Any) -> object:
        return tuple(float(number) for number in value)


def _as_float(value: object) -> float:
    """Return a number as a float; NaN for text, booleans and sequences."""
    if isinstance(value, bool) or not isinstance(value, SupportsFloat):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
