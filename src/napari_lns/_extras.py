"""Import of optional libraries, with an error that says which extra to install."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["extra_module"]


def extra_module(name: str, extra: str) -> Any:
    """Import a library that an extra of the package installs.

    Parameters
    ----------
    name
        Name of the module.
    extra
        Name of the extra that installs it.

    Examples
    --------
    >>> extra_module("json", "umap").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.split(".")[0]:
            raise
        raise ModuleNotFoundError(
            f'{error.name} is not installed: run pip install "napari-lns[{extra}]"',
            name=error.name,
        ) from None
