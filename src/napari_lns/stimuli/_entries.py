"""The entries of the registry: discovered, found by name, listed in the order of the menus.

A stimulus is discovered by its module: every public module beside this one is imported when a
name is first asked for, and registers what it holds. Another package names its module by an entry
point in the group ``napari_lns.stimuli``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from napari_lns._parameters import Parameter, complete_parameters, unknown_name_error
from napari_lns._registry import find_entry_points

__all__ = ["ENTRIES", "Entry", "add", "entries", "entry_of"]

Random = bool | Callable[[Mapping[str, Any]], bool]

GROUP = "napari_lns.stimuli"
_COMMON_RANDOM = ("jitter", "noise")  # random in every stimulus when above 0
_GROUPS = (  # in the order of the menus; others follow
    "Good Gestalt",
    "Illusory contours",
    "Closure",
    "Proximity",
    "Similarity",
    "Region and connection",
    "Symmetry",
    "Good continuation",
    "Occlusion",
    "Figure and ground",
    "Scenes",
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
    draw: Callable[..., Any]
    parameters: Mapping[str, Parameter]
    summary: str
    module: str
    control: Mapping[str, Any]
    random: Random = True

    def is_random(self, values: Mapping[str, Any]) -> bool:
        """Return whether the seed changes the image at these values; all others are defaults."""
        all_values = complete_parameters(self.parameters, values)
        if any(all_values.get(key) for key in _COMMON_RANDOM):
            return True
        return self.random(all_values) if callable(self.random) else self.random


ENTRIES: dict[str, Entry] = {}


def entry_of(name: str) -> Entry:
    """Return what is known of one stimulus, or say which names come near.

    Examples
    --------
    >>> entry_of("kanizsa_figure").group
    'Illusory contours'
    """
    _load()
    if name not in ENTRIES:
        raise unknown_name_error("stimulus", name, ENTRIES)
    return ENTRIES[name]


def entries() -> list[Entry]:
    """List what is registered in the order of the menus, whichever was imported first.

    Examples
    --------
    >>> entries()[0].name
    'kanizsa'
    """
    _load()
    return sorted(ENTRIES.values(), key=_menu_position)


def add(entry: Entry) -> None:
    """Register an entry; a name that another module has registered is refused."""
    other = ENTRIES.get(entry.name)
    if other is not None and other.module != entry.module:
        raise ValueError(
            f"the stimulus {entry.name!r} is already registered by {other.module}: "
            "give this one another name"
        )
    ENTRIES[entry.name] = entry


def _menu_position(entry: Entry) -> tuple[int, str]:
    in_menu = entry.group in _GROUPS
    return _GROUPS.index(entry.group) if in_menu else len(_GROUPS), entry.module


@functools.cache
def _load() -> None:
    package = __name__.rpartition(".")[0]
    importlib.import_module(f"{package}.good_gestalt")
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if not (module.ispkg or module.name.startswith("_")):
            importlib.import_module(f"{package}.{module.name}")
    for point in find_entry_points(GROUP):
        _load_from(point)


def _load_from(point: EntryPoint) -> None:
    """Load another package's stimuli; its fault takes nothing away from all others."""
    old_names = set(ENTRIES)
    try:
        point.load()
        fault = "" if set(ENTRIES) != old_names else "it registers none that is new"
    except Exception as error:
        fault = str(error)
    if fault:
        warnings.warn(f"{point.value} has no stimuli and is left out: {fault}", stacklevel=3)
