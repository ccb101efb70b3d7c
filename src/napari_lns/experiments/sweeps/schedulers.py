"""Computation of blocks in threads or processes of this machine, or on a Dask cluster.

All functions yield blocks as they are completed and keep only a few in memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from napari_lns._extras import extra_module
from napari_lns.experiments.sweeps.plan import Plan
from napari_lns.experiments.sweeps.store import Block

__all__ = ["compute_locally", "compute_on_cluster"]

Work = Callable[[Plan, int], Block]
AHEAD = 2  # blocks submitted for each worker, so that no worker waits
PATIENCE = "10s"  # time for a scheduler to answer
RESUME = "completed runs are kept, and the same call resumes"


def compute_locally(
    work: Work, plan: Plan, blocks: Iterator[int], *, kind: str, workers: int
) -> Iterator[Block]:
    """Compute blocks with Dask in threads or processes, a few at a time.

    Parameters
    ----------
    work, plan, blocks
        Function, plan and block numbers, for the calls ``work(plan, block)``.
    kind
        ``"threads"`` or ``"processes"``.
    workers
        Number of workers.

    Yields
    ------
    Block
    """
    from dask.base import compute
    from dask.delayed import delayed

    with _pool(kind, workers) as pool:
        while window := list(itertools.islice(blocks, AHEAD * workers)):
            tasks = [delayed(work)(plan, number) for number in window]
            try:
                yield from compute(*tasks, scheduler=kind, pool=pool)  # type: ignore[no-untyped-call]
            except BrokenProcessPool:
                raise ChildProcessError(
                    f"a process was killed, perhaps for lack of memory: {RESUME}; use fewer workers"
                ) from None


def compute_on_cluster(
    work: Work, plan: Plan, blocks: Iterator[int], *, address: str
) -> Iterator[Block]:
    """Compute blocks on a cluster; blocks of a worker that dies are reassigned.

    Parameters
    ----------
    work, plan, blocks
        Function, plan and block numbers, for the calls ``work(plan, block)``.
    address
        Address of the cluster's scheduler.

    Yields
    ------
    Block
    """
    distributed = extra_module("distributed", "distributed")
    with _connect(distributed, address) as client:
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        futures = distributed.as_completed(
            [_submit(client, work, plan, number) for number in itertools.islice(blocks, ahead)],
            loop=client.loop,
        )
        try:
            for future in futures:
                yield future.result()
                for number in itertools.islice(blocks, 1):
                    futures.add(_submit(client, work, plan, number))
        except distributed.scheduler.KilledWorker:
            raise ChildProcessError(
                f"workers died repeatedly, perhaps for lack of memory: {RESUME}"
            ) from None


def _submit(client: Any, work: Work, plan: Plan, number: int) -> Any:
    return client.submit(work, plan, number, pure=False)


@contextmanager
def _connect(distributed: Any, address: str) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"no scheduler answers at {address}: start one with `dask scheduler`, or check the "
            "address"
        ) from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        yield client
    except TimeoutError as error:
        raise ConnectionError(
            f"the scheduler at {address} has no workers: start some with `dask worker {address}`"
        ) from error
    finally:
        client.close()


@contextmanager
def _pool(kind: str, workers: int) -> Iterator[Executor]:
    """Return a pool whose workers use one core each and stop at once when the pool is closed."""
    import torch

    threads = torch.get_num_threads()
    pool: Executor
    if kind == "threads":
        pool = ThreadPoolExecutor(workers, "sweep", torch.set_num_threads, (1,))
    else:
        context = get_context("spawn")  # torch's threads do not survive a fork
        pool = ProcessPoolExecutor(workers, context, torch.set_num_threads, (1,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)
