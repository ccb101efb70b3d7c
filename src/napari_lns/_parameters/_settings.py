"""Settings classes as signatures: each parameter is defined once, in the class."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

__all__ = ["accept_settings", "merge_signatures"]


def accept_settings(settings: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that replaces a function's keyword `settings` with a class's fields.

    The decorated function takes the fields as keywords, with their annotations, defaults and
    documentation.

    Parameters
    ----------
    settings
        An annotated dataclass whose docstring describes its fields.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Steps:
    ...     count: int = 3
    >>> @accept_settings(Steps)
    ... def walk(start: int, *, settings: Steps) -> int:
    ...     return start + settings.count
    >>> walk(1), walk(1, count=5), list(inspect.signature(walk).parameters)
    (4, 6, ['start', 'count'])
    """
    fields = inspect.signature(settings).parameters

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: object, **values: object) -> Any:
            values_of_fields = {name: values.pop(name) for name in fields if name in values}
            return function(*args, settings=settings(**values_of_fields), **values)

        return merge_signatures(wrapper, function, settings, "settings")

    return decorate


def merge_signatures(
    wrapper: Callable[..., Any], function: Callable[..., Any], settings: type, name: str
) -> Callable[..., Any]:
    """Give a wrapper the signature and documentation of its function and of a class's fields.

    Parameters
    ----------
    wrapper
        The wrapper; it is modified.
    function
        The wrapped function.
    settings
        The settings class.
    name
        The parameter of the function that the fields replace.
    """
    fields = inspect.signature(settings).parameters.values()
    own = inspect.signature(function)
    others = [each for key, each in own.parameters.items() if key != name]
    keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in fields]
    hints = inspect.get_annotations(function) | get_type_hints(settings, include_extras=True)
    wrapper.__signature__ = own.replace(parameters=[*others, *keywords])  # type: ignore[attr-defined]
    wrapper.__annotations__ = {key: hint for key, hint in hints.items() if key != name}
    wrapper.__doc__ = "\n\n".join(_merge_docs(_doc(function), _doc(settings)))
    return wrapper


def _doc(documented: object) -> str:
    return inspect.getdoc(documented) or ""


def _merge_docs(own: str, shared: str) -> Iterator[str]:
    """Append the class's parameters to the function's own, for `help`."""
    rule = "Parameters\n----------\n"
    common = shared.partition(rule)[2].partition("\n\n")[0]
    head, separator, rest = own.partition(rule)
    mine, _, tail = rest.partition("\n\n")
    if not common:
        yield own
        return
    yield (head if separator else f"{head}\n\n").rstrip("\n")
    yield f"{rule}{mine}\n{common}" if mine else f"{rule}{common}"
    if tail:
        yield tail
