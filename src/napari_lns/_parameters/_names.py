"""Errors for unknown names, with suggestions."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

__all__ = ["UnknownNameError", "name_file_in_errors", "unknown_name_error"]


class UnknownNameError(ValueError):
    """An unknown name; the command line reports it as a usage error."""


def unknown_name_error(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return an error for an unknown name that suggests similar known names.

    Examples
    --------
    >>> print(unknown_name_error("stimulus", "kaniza", ["kanizsa", "closure"]))
    there is no stimulus 'kaniza'; did you mean 'kanizsa'?
    """
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(map(repr, close))}?"
        if close
        else f"there are {', '.join(names) or 'none'}"
    )
    return UnknownNameError(f"there is no {kind} {name!r}; {hint}")


@contextmanager
def name_file_in_errors(file: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an unknown name into a ValueError that names the file containing it.

    Examples
    --------
    >>> with name_file_in_errors("run.json"):
    ...     raise UnknownNameError("there is no kind of network 'a'; did you mean 'ae'?")
    Traceback (most recent call last):
    ValueError: run.json: there is no kind of network 'a'; did you mean 'ae'?
    """
    try:
        yield
    except UnknownNameError as error:
        raise ValueError(f"{os.fspath(file)}: {error}") from error
