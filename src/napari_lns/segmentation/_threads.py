"""Parallel computation with one thread per image."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits

from napari_lns._pool import thread_pool

__all__ = ["run_parallel", "use_one_thread"]

MOST_WORKERS = 8  # each worker holds an image's outputs and features
T = TypeVar("T")


def run_parallel(calls: Iterable[Callable[[], T]], name: str) -> Iterator[T]:
    """Run calls in parallel, one per core, and yield their results in order.

    Parameters
    ----------
    calls
        Functions without arguments. An iterator is read only as threads become free.
    name
        Prefix of the threads' names.

    Examples
    --------
    >>> list(run_parallel([lambda: 1, lambda: 2], "example"))
    [1, 2]
    """
    workers = min(torch.get_num_threads(), MOST_WORKERS)
    pending: deque[Future[T]] = deque()
    with thread_pool(workers, name, use_one_thread) as pool:
        for call in calls:
            pending.append(pool.submit(call))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def use_one_thread() -> None:
    """Limit all further computation of the current thread to one core.

    Other threads keep their limits. For many images, one core per image is much faster than all
    cores for one image after another, because no core waits for the others.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1, initializer=use_one_thread) as pool:
    ...     pool.submit(torch.get_num_threads).result()
    1
    """
    torch.get_num_threads()  # initialises this thread, which would otherwise undo the limit later
    threadpool_limits(limits=1, user_api="openmp")  # OpenMP's limits are per thread
