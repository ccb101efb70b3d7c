"""Functions compiled by Numba, and cached where there is a place for the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

__all__ = ["compile_function"]

Function = Callable[..., Any]


def compile_function(**options: Any) -> Callable[[Function], Function]:
    """Return a decorator that compiles a function on its first call.

    The machine code is cached on the disk. Where nothing can be written, neither beside the
    package nor in the user's home, as in some containers, it is compiled anew by each process.

    Parameters
    ----------
    **options
        Those of `numba.njit`.

    Examples
    --------
    >>> @compile_function(nogil=True)
    ... def double(x):
    ...     return 2 * x
    """

    def decorate(function: Function) -> Function:
        try:
            compiled: Function = njit(cache=True, **options)(function)
        except RuntimeError:  # Numba refuses to cache without a place that it can write to
            compiled = njit(**options)(function)
        return compiled

    return decorate
