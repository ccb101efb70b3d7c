"""Threads of an iterator, which end with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import current_thread

__all__ = ["thread_pool"]


@contextmanager
def thread_pool(
    workers: int, name: str, initializer: Callable[[], object] | None = None
) -> Iterator[ThreadPoolExecutor]:
    """Yield threads that are waited for at the end, and do not begin what waits its turn.

    An iterator that nobody holds any more ends where memory is cleared. That may be one of its own
    threads, which cannot wait for itself.

    Parameters
    ----------
    workers
        How many.
    name
        What their names begin with; no other threads' do.
    initializer
        What each does first.

    Examples
    --------
    >>> with thread_pool(2, "example") as pool:
    ...     pool.submit(sum, [1, 2]).result()
    3
    """
    pool = ThreadPoolExecutor(workers, name, initializer)
    try:
        yield pool
    finally:
        pool.shutdown(wait=not current_thread().name.startswith(name), cancel_futures=True)
