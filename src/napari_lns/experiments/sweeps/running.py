"""`run`: compute the missing blocks of a sweep with Dask and write them as they complete."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from napari_lns.experiments.sweeps.plan import Plan
from napari_lns.experiments.sweeps.schedulers import compute_locally, compute_on_cluster
from napari_lns.experiments.sweeps.store import (
    Block,
    Results,
    Row,
    lock_for_writing,
    prepare_folder,
)
from napari_lns.experiments.sweeps.work import run_block
from napari_lns.stimuli.series import check_seeds

__all__ = ["run"]


def run(
    plan: Plan,
    out: str | os.PathLike[str],
    *,
    scheduler: str = "threads",
    workers: int | None = None,
    overwrite: bool = False,
) -> Iterator[list[Row]]:
    """Compute the missing runs of a sweep.

    Each block is written before it is yielded, so that no yielded block is lost if the run is
    interrupted; the same call resumes. Only a few blocks are in memory at a time.

    Parameters
    ----------
    plan
        The plan.
    out
        Folder of the results; see `Results`.
    scheduler
        ``"threads"`` or ``"processes"`` of this machine, or the address of a Dask cluster's
        scheduler, such as ``tcp://10.0.0.5:8786`` (extra ``distributed``), whose workers have
        napari-lns installed.
    workers
        Number of threads or processes; by default, one for each core. Ignored for a cluster.
    overwrite
        Whether to remove another sweep in the folder.

    Yields
    ------
    list of dict
        The rows of one block: values, model, and score or ``fault`` of each run.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> plan = Plan("kanizsa_figure", {"support_ratio": [0.3]}, ["kanizsa-ae"])
    >>> [rows[0]["support_ratio"] for rows in run(plan, mkdtemp(), workers=1)]
    [0.3]
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers}: it must be at least 1")
    check_seeds(plan.stimulus, **plan.vary)
    compute = _choose_scheduler(scheduler, workers)
    results = prepare_folder(plan, out, overwrite=overwrite)
    return _write_blocks(results, compute(run_block, plan, results.missing_blocks()))


Compute = Callable[[Callable[[Plan, int], Block], Plan, Iterator[int]], Iterator[Block]]


def _choose_scheduler(scheduler: str, workers: int | None) -> Compute:
    if "://" in scheduler:
        return lambda *job: compute_on_cluster(*job, address=scheduler)
    if scheduler not in ("threads", "processes"):
        raise ValueError(
            f"scheduler is {scheduler!r}: it must be 'threads', 'processes', or an address such "
            "as tcp://localhost:8786"
        )
    number = workers or os.cpu_count() or 1
    return lambda *job: compute_locally(*job, kind=scheduler, workers=number)


def _write_blocks(results: Results, blocks: Iterator[Block]) -> Iterator[list[Row]]:
    with lock_for_writing(results):
        for block in blocks:
            results.write_block(block)
            yield list(block.rows)
        results.write_table()
