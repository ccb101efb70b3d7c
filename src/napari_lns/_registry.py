"""Registries of named objects of one kind, from this package and from other packages.

Each public module of a subpackage contains one object that has the module's name. Other packages
add objects by entry points. Listing the names imports nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, Generic, TypeVar

from napari_lns._parameters import unknown_name_error

__all__ = ["Registry", "find_entry_points"]

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Objects of one kind by name: `first`, then the package's own, then those of other packages.

    Parameters
    ----------
    kind
        The kind of object, for error messages.
    of
        The class of the objects.
    package
        The subpackage whose public modules contain the package's own objects; None if there are
        none.
    group
        The entry-point group in which other packages register theirs.
    first
        The name to list first.

    Examples
    --------
    >>> from napari_lns.segmentation.clustering import CLUSTERERS
    >>> "ward" in CLUSTERERS, list(CLUSTERERS)[0]
    (True, 'ward')
    """

    def __init__(
        self, kind: str, of: type[T], *, package: str | None = None, group: str, first: str = ""
    ) -> None:
        self.kind, self.of, self.package, self.group = kind, of, package, group
        self._first = first

    def __iter__(self) -> Iterator[str]:
        yield from self._entry_points()

    def __len__(self) -> int:
        return len(self._entry_points())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            name in self._own_entry_points or name in self._entry_points()
        )

    def __getitem__(self, name: str) -> T:
        if name not in self:  # the name may come from a file
            raise unknown_name_error(self.kind, name, self)
        point = self._own_entry_points.get(name) or self._entry_points()[name]
        try:
            return self._load(point)
        except _UnusableError as error:
            raise ValueError(str(error)) from error

    def load_all(self) -> dict[str, T]:
        """Load all objects; skip unusable ones of other packages with a warning."""
        objects = {}
        for name, point in self._entry_points().items():
            try:
                objects[name] = self._load(point)
            except _UnusableError as error:
                warnings.warn(f"{error}; it is left out", stacklevel=3)
        return objects

    def _load(self, point: EntryPoint) -> T:
        try:
            loaded = point.load()
        except Exception as error:  # an error in one package must not affect the others
            raise _UnusableError(f"{point.value} is not a {self.kind}: {error}") from error
        if not isinstance(loaded, self.of):
            raise _UnusableError(
                f"{point.value} is not a {self.kind}: it is a {type(loaded).__name__}, but must be "
                "a "
                f"{self.of.__module__}.{self.of.__name__}"
            )
        return loaded

    def _entry_points(self) -> dict[str, EntryPoint]:
        others = {
            point.name: point
            for point in find_entry_points(self.group)
            if point.name not in self._own_entry_points
        }
        return self._own_entry_points | others

    @cached_property
    def _own_entry_points(self) -> dict[str, EntryPoint]:
        if self.package is None:
            return {}
        path = importlib.import_module(self.package).__path__
        names = sorted(module.name for module in pkgutil.iter_modules(path))
        public = [name for name in names if not name.startswith("_")]
        public.sort(key=lambda name: name != self._first)
        return {
            name: EntryPoint(name, f"{self.package}.{name}:{name}", self.group) for name in public
        }


class _UnusableError(Exception):
    """A registered object cannot be loaded, or has the wrong type."""


def find_entry_points(group: str) -> EntryPoints:
    """Return the entry points in a group of all packages on the path."""
    points: EntryPoints = _read_entry_points(tuple(sys.path)).select(group=group)
    return points


@cache
def _read_entry_points(path: tuple[str, ...]) -> Any:
    """Read the entry points of all packages on the path; cached, because it is slow."""
    return entry_points()
