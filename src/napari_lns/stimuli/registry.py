"""The registry of stimuli: draw a stimulus by its name, and list its parameters and control.

`register` adds a drawing function. Widgets, the command line and records refer to it by its name.
The modules that define the functions are imported when the registry is first used.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_lns._parameters import (
    Colour,
    Parameter,
    Range,
    check,
    complete_parameters,
    inspect_parameters,
)
from napari_lns.stimuli._entries import Entry, Random, add, entries, find_entry

if TYPE_CHECKING:
    from napari_lns.stimuli.stimulus import Stimulus

    Drawing = Callable[..., Stimulus]

__all__ = [
    "Colour",
    "Range",
    "control",
    "description",
    "draw",
    "groups",
    "is_random",
    "names",
    "parameters",
    "register",
    "title",
]


def register(
    *,
    group: str,
    name: str | None = None,
    control: Mapping[str, Any] | None = None,
    random: Random = True,
) -> Callable[[Drawing], Drawing]:
    """Register a drawing function as a stimulus.

    The function takes keyword arguments with annotated defaults, including `seed`, and returns a
    `Stimulus`. Its docstring starts with one line, ``Title: what is seen.`` The registered function
    checks its arguments and stores the name, all parameters and the seed in the stimulus.

    Parameters
    ----------
    group
        The Gestalt law or the set that the stimulus belongs to. Menus are sorted by it.
    name
        Name of the stimulus. The default is the function's name.
    control
        Parameter values of the control condition.
    random
        Whether the seed changes the image when `jitter` and `noise` are 0: True, False, or a
        function of the parameter values. Several seeds are refused for a stimulus that is not
        random.

    Returns
    -------
    Callable
        A decorator for the drawing function.

    Examples
    --------
    >>> @register(group="examples")  # doctest: +SKIP
    ... def grey(*, size: Annotated[int, Range(8, 1024, "px")] = 64, seed: int = 0) -> Stimulus:
    ...     '''Grey field: nothing is seen in it.'''
    """

    def decorate(function: Drawing) -> Drawing:
        stimulus_name = name or function.__name__
        definitions = inspect_parameters(function)
        definitions.pop("seed", None)

        @functools.wraps(function)
        def draw_checked(*, seed: int = 0, **values: object) -> Stimulus:
            all_values = complete_parameters(definitions, values)
            stimulus = function(seed=seed, **all_values)
            return replace(stimulus, name=stimulus_name, parameters=all_values, seed=seed)

        doc = inspect.getdoc(function) or stimulus_name
        summary = " ".join(doc.split("\n\n")[0].split())
        control_values = dict(control or {})
        check(definitions, control_values)
        add(
            Entry(
                stimulus_name,
                group,
                draw_checked,
                definitions,
                summary,
                function.__module__,
                control_values,
                random,
            )
        )
        return draw_checked

    return decorate


def names() -> list[str]:
    """Return the names of all stimuli, sorted by law.

    Examples
    --------
    >>> "kanizsa_figure" in names()
    True
    """
    return [entry.name for entry in entries()]


def groups() -> dict[str, list[str]]:
    """Return the names of all stimuli, grouped by their law or set.

    Examples
    --------
    >>> "kanizsa_figure" in groups()["Illusory contours"]
    True
    """
    by_group: dict[str, list[str]] = {}
    for entry in entries():
        by_group.setdefault(entry.group, []).append(entry.name)
    return by_group


def title(name: str) -> str:
    """Return the title of a stimulus.

    Examples
    --------
    >>> title("kanizsa_figure")
    'Kanizsa figure'
    """
    return find_entry(name).summary.partition(":")[0].rstrip(".")


def description(name: str) -> str:
    """Return one sentence that describes what people see in a stimulus.

    Examples
    --------
    >>> print(description("kanizsa_figure"))
    discs with a sector cut out are seen as whole, behind a shape without edges.
    """
    summary = find_entry(name).summary
    return summary.partition(":")[2].strip() or summary


def control(name: str) -> dict[str, Any]:
    """Return the parameters of the control condition.

    The result is empty if the stimulus has no control.

    Examples
    --------
    >>> control("kanizsa_figure")
    {'inducers': 'turned'}
    """
    return dict(find_entry(name).control)


def is_random(name: str, **parameters: object) -> bool:
    """Return whether the seed changes the image of a stimulus.

    Parameters
    ----------
    name
        One of `names()`.
    **parameters
        Any of `parameters(name)`; the others keep their defaults.

    Returns
    -------
    bool
        False if every seed draws the same image.

    Examples
    --------
    >>> is_random("kanizsa_figure"), is_random("kanizsa_figure", jitter=0.5)
    (False, True)
    """
    return find_entry(name).is_random(parameters)


def parameters(name: str) -> dict[str, Parameter]:
    """Return the parameters of a stimulus: type, range, unit, default, choices, description.

    Examples
    --------
    >>> parameters("kanizsa_figure")["support_ratio"].maximum
    1
    """
    return dict(find_entry(name).parameters)


def draw(name: str, *, seed: int = 0, **parameters: object) -> Stimulus:
    """Draw one stimulus.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        Random seed.
    **parameters
        Any of `parameters(name)`; the others keep their defaults.

    Returns
    -------
    Stimulus
        The image with its ground-truth labels, part masks and record.

    Examples
    --------
    >>> draw("kanizsa_figure", corners=3).shape
    (64, 64)
    """
    stimulus: Stimulus = find_entry(name).draw(seed=seed, **parameters)
    return stimulus
