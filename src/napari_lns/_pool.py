"""Thread pool that closes with the iterator using it."""

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
    """Yield a thread pool; at the end, cancel pending calls and wait for running ones.

    An abandoned iterator is closed by the garbage collector, possibly in one of its own threads.
    Such a thread cannot wait for itself, so the pool is then shut down without waiting.

    Parameters
    ----------
    workers
        Number of threads.
    name
        Prefix of the threads' names; no other threads may use it.
    initializer
        Called once at the start of each thread.

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
