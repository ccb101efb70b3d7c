"""`Plan`: an experiment with observers, checked before anything is shown, as one JSON file."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import ConfigDict, JsonValue

from napari_lns import stimuli
from napari_lns._files import shorten, write_atomically
from napari_lns._parameters import check
from napari_lns._records import read_record
from napari_lns.experiments.psychophysics import comparisons

__all__ = ["VERSION", "Pairs", "Paradigm", "Plan", "Source", "read_plan"]

VERSION = 1
MOST_TRIALS = 100_000
Paradigm: TypeAlias = Literal["same_or_different", "which_of_two", "rating"]
Values: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True)
class Source:
    """A stimulus of a plan with its fixed and varied parameters.

    Parameters
    ----------
    name
        Name of the stimulus in `napari_lns.stimuli.names()`.
    fixed
        Parameters with one value each, including `jitter`; others keep their defaults.
    vary
        Parameters with several values; every combination is a condition.

    Examples
    --------
    >>> source = Source("kanizsa_figure", {"jitter": 1.0}, {"support_ratio": (0.3, 0.6)})
    >>> source.conditions
    ({'support_ratio': 0.3}, {'support_ratio': 0.6})
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    fixed: Values = field(default_factory=dict)
    vary: Mapping[str, tuple[JsonValue, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = stimuli.parameters(self.name)
        check(known, self.fixed)
        for name, values in self.vary.items():
            if name in self.fixed:
                raise ValueError(f"{name} is both fixed and varied: keep one of the two")
            if not values:
                raise ValueError(f"{name} has no values to vary: give at least one")
            for value in values:
                check(known, {name: value})

    @property
    def conditions(self) -> tuple[Values, ...]:
        """Every combination of the varied values."""
        points = itertools.product(*self.vary.values())
        return tuple(dict(zip(self.vary, point, strict=True)) for point in points)


@dataclass(frozen=True)
class Pairs:
    """Positions of the two dots of a trial.

    Parameters
    ----------
    kind
        ``"random"``: two pixels drawn uniformly. ``"balanced"``: as many pairs within a segment as
        across two segments, at each distance. ``"edge"``: one dot is fixed on one side of an edge
        between two segments; the other moves along a line across it. ``"around"``: one dot is fixed
        at the anchor, the other moves over a square grid on the image; answers form a map.
    count
        Number of pairs in each image: for ``"balanced"``, a multiple of twice the number of
        distance ranges; for ``"around"``, a square number of at least 4.
    distances
        For ``"balanced"``: ascending boundaries of the distance ranges, as shares of the image's
        longer side.
    span
        For ``"edge"``: length of the line, as a share of the image's longer side.
    anchor
        For ``"around"``: vertical and horizontal position of the anchor from the top left, as
        shares of the image's height and width.

    Examples
    --------
    >>> Pairs("balanced", 8, (0.05, 0.2, 0.4)).ranges
    ((0.05, 0.2), (0.2, 0.4))
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Literal["random", "balanced", "edge", "around"]
    count: int
    distances: tuple[float, ...] = ()
    span: float = 0.3
    anchor: tuple[float, float] = (0.5, 0.5)

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_TRIALS:
            raise ValueError(f"count is {self.count}: give 1 to {MOST_TRIALS} pairs in each image")
        if not 0 < self.span < 1:
            raise ValueError(f"span is {self.span}: give a share of the image between 0 and 1")
        if not all(0 <= share < 1 for share in self.anchor):
            raise ValueError(
                f"anchor is {list(self.anchor)}: give two shares of the image from 0 to below 1, "
                "down and to the right"
            )
        if self.kind == "around" and (self.count < 4 or math.isqrt(self.count) ** 2 != self.count):
            raise ValueError(
                f"count is {self.count}: pairs around an anchor lie on a square grid: give a "
                "square number, such as 49"
            )
        if self.kind != "balanced":
            if self.distances:
                raise ValueError(
                    f"distances are for balanced pairs, not for {self.kind} pairs: leave them out"
                )
            return
        ascending = all(low < high for low, high in self.ranges)
        if not self.ranges or not ascending or not 0 <= self.distances[0] < math.inf:
            raise ValueError(
                f"distances are {list(self.distances)}: give two or more ascending shares of the "
                "image's side, such as [0.05, 0.2, 0.4]"
            )
        if self.count % (2 * len(self.ranges)):
            raise ValueError(
                f"count is {self.count}: balanced pairs need a multiple of {2 * len(self.ranges)}, "
                "two for each range of distances"
            )

    @property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """Ranges of distances that are balanced; the lower end is included."""
        return tuple(itertools.pairwise(self.distances))


@dataclass(frozen=True)
class Plan:
    """An experiment: stimuli, question and number of repeats.

    The observer's code name is not part of the plan: it is given when the trials are run.

    Parameters
    ----------
    paradigm
        ``"same_or_different"``: do two dots lie on one object? ``"which_of_two"``: which of two
        images, a stimulus and its control, contains the figure? ``"rating"``: how clear is the
        figure, from 1 to 7? The last two show stimuli that have a control.
    stimuli
        The stimuli.
    repeats
        Number of draws of each condition, each with another seed.
    seed
        Seed of the first draw, of the pairs and of the order.
    pairs
        Positions of the dots, only for ``"same_or_different"``.
    deadline
        Time to answer in seconds; None for no limit.
    version
        Version of the plan's file format.

    Examples
    --------
    >>> plan = Plan("rating", (Source("kanizsa_figure", vary={"support_ratio": (0.3, 0.6)}),))
    >>> plan.images
    4
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    paradigm: Paradigm
    stimuli: tuple[Source, ...]
    repeats: int = 1
    seed: int = 0
    pairs: Pairs | None = None
    deadline: float | None = None
    version: int = VERSION

    def __post_init__(self) -> None:
        if self.version != VERSION:
            raise ValueError(
                f"version is {self.version}: this napari-lns reads plans of version {VERSION}; use "
                "the napari-lns version that wrote it, or write a new plan"
            )
        if not self.stimuli:
            raise ValueError("stimuli are empty: give at least one")
        if self.repeats < 1 or self.seed < 0:
            raise ValueError(
                f"repeats is {self.repeats} and seed {self.seed}: give repeats of 1 or more and a "
                "seed of 0 or more"
            )
        if self.deadline is not None and not 0 < self.deadline < math.inf:
            raise ValueError(f"deadline is {self.deadline}: give seconds above 0, or null for none")
        self._check_paradigm()
        if self.count > MOST_TRIALS:
            raise ValueError(f"the plan has more than {MOST_TRIALS} trials: use fewer repeats")

    def _check_paradigm(self) -> None:
        if self.paradigm == "same_or_different":
            if self.pairs is None:
                raise ValueError("pairs are missing: same_or_different needs two dots to ask about")
            return
        if self.pairs is not None:
            raise ValueError(f"pairs are for same_or_different: {self.paradigm} shows no dots")
        for source in self.stimuli:
            gone = stimuli.control(source.name)
            if not gone or source.name not in comparisons.names():
                raise ValueError(
                    f"{source.name} has no control: {self.paradigm} compares a stimulus with its "
                    f"control; there are {', '.join(comparisons.names())}"
                )
            if clash := sorted(gone.keys() & {*source.fixed, *source.vary}):
                raise ValueError(
                    f"{', '.join(clash)} of {source.name} defines its control: leave it out"
                )

    @property
    def images(self) -> int:
        """Number of images, controls included."""
        conditions = sum(len(source.conditions) for source in self.stimuli)
        return conditions * self.repeats * (1 if self.paradigm == "same_or_different" else 2)

    @property
    def count(self) -> int:
        """Number of trials."""
        if self.pairs is not None:
            return self.images * self.pairs.count
        return self.images // 2 if self.paradigm == "which_of_two" else self.images

    @property
    def record(self) -> dict[str, Any]:
        """The plan as a JSON-compatible record."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
        return plain

    @cached_property
    def hash(self) -> str:
        """Hash of the record, which ties answers to this plan."""
        text = json.dumps(_numbers_as_floats(self.record), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the plan as JSON, atomically."""
        with write_atomically(path) as beside:
            beside.write_text(self.text, encoding="utf-8")

    @property
    def text(self) -> str:
        """The plan as JSON text, as `write` writes it."""
        return json.dumps(self.record, indent=1) + "\n"


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan.

    Parameters
    ----------
    path
        A JSON file written by `Plan.write`.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        If it is not a plan, has another version, or has a stimulus that cannot be drawn.

    Examples
    --------
    >>> Plan("rating", (Source("kanizsa_figure"),)).write("plan.json")
    >>> read_plan("plan.json").paradigm
    'rating'
    """
    file = Path(path)
    version = read_record(dict[str, JsonValue], file).get("version", VERSION)
    if version != VERSION:  # before fields that exist only in the other version
        raise ValueError(
            f"{file}: version is {shorten(repr(version), 60)}: this napari-lns reads plans "
            f"of version {VERSION}; use the napari-lns version that wrote it, or write a new plan"
        )
    return read_record(Plan, file)


def _numbers_as_floats(value: object) -> Any:
    """Convert integers to floats, because JSON written by hand does not distinguish 1 and 1.0."""
    if isinstance(value, Mapping):
        return {key: _numbers_as_floats(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_numbers_as_floats(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
