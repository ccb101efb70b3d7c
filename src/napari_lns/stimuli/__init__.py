"""What is shown: `Stimulus`, the Good Gestalt sets, parametric illusions, files."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli.registry import (
    control,
    description,
    draw,
    groups,
    names,
    parameters,
    register,
    stream,
    sweep,
    title,
)
from napari_lns.stimuli.stimulus import Stimulus

if TYPE_CHECKING:
    from napari_lns.stimuli import files, good_gestalt
    from napari_lns.stimuli.files import read, write

__all__ = [
    "Colour",
    "Range",
    "Stimulus",
    "control",
    "description",
    "draw",
    "files",
    "good_gestalt",
    "groups",
    "names",
    "parameters",
    "read",
    "register",
    "stream",
    "sweep",
    "title",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in ("files", "good_gestalt"):
        return importlib.import_module(f"{__name__}.{name}")
    if name in ("read", "write"):
        return getattr(importlib.import_module(f"{__name__}.files"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
