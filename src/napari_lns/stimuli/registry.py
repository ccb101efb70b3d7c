"""Every stimulus by its name: its parameters, its control, and its image.

A drawing function is registered by `register`; widgets, the command line and records refer to it by
its name. The modules that hold the functions are imported when a name is first asked for.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from napari_lns._parameters import Parameter, check, completed, parameters_of, unknown
from napari_lns.stimuli.stimulus import Stimulus

__all__ = [
    "Entry",
    "control",
    "description",
    "draw",
    "entries",
    "entry_of",
    "groups",
    "is_random",
    "names",
    "parameters",
    "register",
    "title",
]

Drawing = Callable[..., Stimulus]
Random = bool | Callable[[Mapping[str, Any]], bool]

_COMMON_RANDOM = ("jitter", "noise")  # random in every stimulus when above 0

_MODULES = (  # in the order of the menus
    "napari_lns.stimuli.good_gestalt",
    "napari_lns.stimuli.illusory_contours",
    "napari_lns.stimuli.outlines",
    "napari_lns.stimuli.proximity",
    "napari_lns.stimuli.similarity",
    "napari_lns.stimuli.textures",
    "napari_lns.stimuli.connection",
    "napari_lns.stimuli.symmetry",
    "napari_lns.stimuli.contours",
    "napari_lns.stimuli.occlusion",
    "napari_lns.stimuli.transparency",
    "napari_lns.stimuli.figure_ground",
    "napari_lns.stimuli.scenes",
)


@dataclass(frozen=True)
class Entry:
    """One stimulus's entry in the registry.

    Parameters
    ----------
    name, group
        Its name, and the menu that it is listed in.
    draw
        The function that checks its parameters, draws it and records how.
    parameters
        What it can be given, without the seed.
    summary
        The first sentence of its docstring, ``Title: what is seen.``
    module
        Where it is defined.
    control
        The parameters' values with which what is seen is gone.
    random
        Whether the seed changes the image without jitter and noise: always, never, or depending
        on the parameters' values.
    """

    name: str
    group: str
    draw: Drawing
    parameters: Mapping[str, Parameter]
    summary: str
    module: str
    control: Mapping[str, Any]
    random: Random = True

    def is_random(self, values: Mapping[str, Any]) -> bool:
        """Return whether the seed changes the image at these values; all others are defaults."""
        whole = completed(self.parameters, values)
        if any(whole.get(key) for key in _COMMON_RANDOM):
            return True
        return self.random(whole) if callable(self.random) else self.random


_entries: dict[str, Entry] = {}


def register(
    *,
    group: str,
    name: str | None = None,
    control: Mapping[str, Any] | None = None,
    random: Random = True,
) -> Callable[[Drawing], Drawing]:
    """Make a drawing function a stimulus of the registry.

    The function takes keywords with annotated defaults, `seed` among them, and gives a `Stimulus`.
    Its docstring starts with one line ``Title: what is seen.`` Calls to it are then checked, and
    the stimulus carries the name, all parameters and the seed.

    Parameters
    ----------
    group
        The law or set that it belongs to: its menu.
    name
        Its name, if it is not the function's own.
    control
        The parameters' values with which what is seen in it is gone.
    random
        Whether the seed changes the image without `jitter` and `noise` (which always make it
        random): True, False, or a function of the parameters' values. Several seeds of a
        stimulus that is not random are refused.

    Returns
    -------
    Callable
        The decorator.

    Examples
    --------
    >>> @register(group="examples")  # doctest: +SKIP
    ... def grey(*, size: Annotated[int, Range(8, 1024, "px")] = 64, seed: int = 0) -> Stimulus:
    ...     '''Grey field: nothing is seen in it.'''
    """

    def decorate(function: Drawing) -> Drawing:
        known = name or function.__name__
        own = parameters_of(function)
        own.pop("seed", None)

        @functools.wraps(function)
        def drawn(*, seed: int = 0, **values: Any) -> Stimulus:
            whole = completed(own, values)
            stimulus = function(seed=seed, **whole)
            return replace(stimulus, name=known, parameters=whole, seed=seed)

        doc = inspect.getdoc(function) or known
        summary = " ".join(doc.split("\n\n")[0].split())
        gone = dict(control or {})
        check(own, gone)
        _add(Entry(known, group, drawn, own, summary, function.__module__, gone, random))
        return drawn

    return decorate


def names() -> list[str]:
    """List the names of all stimuli, law by law.

    Examples
    --------
    >>> "kanizsa_figure" in names()
    True
    """
    return [entry.name for entry in entries()]


def groups() -> dict[str, list[str]]:
    """List the names of all stimuli by the law or set that they belong to.

    Examples
    --------
    >>> "kanizsa_figure" in groups()["Illusory contours"]
    True
    """
    found: dict[str, list[str]] = {}
    for entry in entries():
        found.setdefault(entry.group, []).append(entry.name)
    return found


def title(name: str) -> str:
    """Say in a word or two what the stimulus is called.

    Examples
    --------
    >>> title("kanizsa_figure")
    'Kanizsa figure'
    """
    return entry_of(name).summary.partition(":")[0].rstrip(".")


def description(name: str) -> str:
    """Return one sentence on what people see in the stimulus.

    Examples
    --------
    >>> print(description("kanizsa_figure"))
    discs with a sector cut out are seen as whole, behind a shape without edges.
    """
    summary = entry_of(name).summary
    return summary.partition(":")[2].strip() or summary


def control(name: str) -> dict[str, Any]:
    """Return the parameters of the control condition, if the stimulus has one.

    Examples
    --------
    >>> control("kanizsa_figure")
    {'inducers': 'turned'}
    """
    return dict(entry_of(name).control)


def is_random(name: str, **parameters: Any) -> bool:
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
        False if all seeds draw the same image.

    Examples
    --------
    >>> is_random("kanizsa_figure"), is_random("kanizsa_figure", jitter=0.5)
    (False, True)
    """
    return entry_of(name).is_random(parameters)


def parameters(name: str) -> dict[str, Parameter]:
    """Return the parameters of a stimulus: type, range, unit, default, choices, description.

    Examples
    --------
    >>> parameters("kanizsa_figure")["support_ratio"].maximum
    1
    """
    return dict(entry_of(name).parameters)


def draw(name: str, *, seed: int = 0, **parameters: Any) -> Stimulus:
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
        The image with its labels, part masks and record.

    Examples
    --------
    >>> draw("kanizsa_figure", corners=3).shape
    (64, 64)
    """
    return entry_of(name).draw(seed=seed, **parameters)


def entry_of(name: str) -> Entry:
    """Return what is known of one stimulus, or say which names come near.

    Examples
    --------
    >>> entry_of("kanizsa_figure").group
    'Illusory contours'
    """
    _load()
    if name not in _entries:
        raise unknown("stimulus", name, _entries)
    return _entries[name]


def entries() -> list[Entry]:
    """List what is registered in the order of our modules, whichever was imported first.

    Examples
    --------
    >>> entries()[0].name
    'kanizsa'
    """
    _load()
    order = {module: index for index, module in enumerate(_MODULES)}
    return sorted(_entries.values(), key=lambda entry: order.get(entry.module, len(order)))


def _add(entry: Entry) -> None:
    other = _entries.get(entry.name)
    if other is not None and other.module != entry.module:
        raise ValueError(
            f"the stimulus {entry.name!r} is already registered by {other.module}: "
            "give this one another name"
        )
    _entries[entry.name] = entry


@functools.cache
def _load() -> None:
    for module in _MODULES:
        importlib.import_module(module)
