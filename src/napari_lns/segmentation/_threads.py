"""How many threads a computation may use."""

from __future__ import annotations

import torch
from threadpoolctl import threadpool_limits

__all__ = ["hold_to_one"]


def hold_to_one() -> None:
    """Let all that this thread computes from now on run in it alone.

    Other threads keep theirs. Where many images are to be done, one thread each is far faster
    than all threads for one after another: none waits for the others.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1, initializer=hold_to_one) as pool:
    ...     pool.submit(torch.get_num_threads).result()
    1
    """
    torch.get_num_threads()  # which sets this thread up, and would else undo the limit later
    threadpool_limits(limits=1, user_api="openmp")  # OpenMP's limits are those of a thread
