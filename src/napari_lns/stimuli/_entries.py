"""The entries of the stimulus registry: find them by name, and list them in menu order.

Stimuli are discovered by module: every public module of this package is imported when the registry
is first used, and registers its stimuli. Other packages register theirs through an entry point in
the group ``napari_lns.stimuli``.
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

__all__ = ["ENTRIES", "Entry", "add", "entries", "find_entry"]

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
    """The entry of one stimulus in the registry.

    Parameters
    ----------
    name, group
        Name of the stimulus, and of the menu that lists it.
    draw
        Function that checks the parameters, draws the stimulus and records them.
    parameters
        The parameters, without the seed.
    summary
        First sentence of the function's docstring, ``Title: what is seen.``
    module
        Module that defines the stimulus.
    control
        Parameter values of the control condition.
    random
        Whether the seed changes the image when jitter and noise are 0: True, False, or a function
        of the parameter values.
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
        """Return whether the seed changes the image; parameters not given keep their defaults."""
        all_values = complete_parameters(self.parameters, values)
        if any(all_values.get(key) for key in _COMMON_RANDOM):
            return True
        return self.random(all_values) if callable(self.random) else self.random


ENTRIES: dict[str, Entry] = {}


def find_entry(name: str) -> Entry:
    """Return the entry of a stimulus; the error for an unknown name suggests similar ones.

    Examples
    --------
    >>> find_entry("kanizsa_figure").group
    'Illusory contours'
    """
    _load()
    if name not in ENTRIES:
        raise unknown_name_error("stimulus", name, ENTRIES)
    return ENTRIES[name]


def entries() -> list[Entry]:
    """Return all entries in menu order, whatever the order of imports.

    Examples
    --------
    >>> entries()[0].name
    'kanizsa'
    """
    _load()
    return sorted(ENTRIES.values(), key=_menu_position)


def add(entry: Entry) -> None:
    """Add an entry; raise an error if another module has registered its name."""
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
    """Load another package's stimuli; if it fails, warn and leave them out."""
    old_names = set(ENTRIES)
    try:
        point.load()
        fault = "" if set(ENTRIES) != old_names else "it registers none that is new"
    except Exception as error:
        fault = str(error)
    if fault:
        warnings.warn(f"{point.value} registers no stimuli and is ignored: {fault}", stacklevel=3)
