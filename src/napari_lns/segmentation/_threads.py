"""How many threads a computation may use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits

from napari_lns._pool import thread_pool

__all__ = ["run_parallel", "use_one_thread"]

MOST_WORKERS = 8  # each holds an image's outputs and features
T = TypeVar("T")


def run_parallel(calls: Iterable[Callable[[], T]], name: str) -> Iterator[T]:
    """Yield the results of calls in their order, one call to a core; a few wait at a time.

    Parameters
    ----------
    calls
        The calls. An iterator is read only as far as there are free threads.
    name
        The beginning of the threads' names.

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
    """Limit everything that this thread computes from now on to one thread.

    Other threads keep theirs. Where many images are to be done, one thread each is far faster
    than all threads for one after another: none waits for the others.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1, initializer=use_one_thread) as pool:
    ...     pool.submit(torch.get_num_threads).result()
    1
    """
    torch.get_num_threads()  # which sets this thread up, and would else undo the limit later
    threadpool_limits(limits=1, user_api="openmp")  # OpenMP's limits are those of a thread
