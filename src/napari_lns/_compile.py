"""Functions compiled by Numba, cached on disk if possible."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache

__all__ = ["compile_function"]

Function = Callable[..., Any]


class _OptionalCache(FunctionCache):
    """Cache whose failures, such as a full disk or a damaged file, leave a function uncached."""

    def load_overload(self, sig: object, target_context: object) -> object:
        try:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # a damaged pickle can raise anything
            with suppress(OSError):
                self.flush()  # type: ignore[no-untyped-call]
            return None

    def save_overload(self, sig: object, data: object) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]


def compile_function(**options: Any) -> Callable[[Function], Function]:
    """Return a decorator that compiles a function on its first call.

    The machine code is cached on disk. If neither the package's folder nor the user's home is
    writable, as in some containers or on a full disk, each process compiles it again.

    Parameters
    ----------
    **options
        Options of `numba.njit`.

    Examples
    --------
    >>> @compile_function(nogil=True)
    ... def double(x):
    ...     return 2 * x
    """

    def decorate(function: Function) -> Function:
        compiled: Any = njit(**options)(function)
        with suppress(RuntimeError):  # Numba cannot cache without a writable folder
            compiled._cache = _OptionalCache(function)  # type: ignore[no-untyped-call]
        return compiled  # type: ignore[no-any-return]

    return decorate
