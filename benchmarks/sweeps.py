"""Sweeps: runs a second over the number of workers, and the memory that many runs need.

Run `python benchmarks/sweeps.py`, or with `workers` for the first table alone. For the memory every
stimulus is drawn, labelled by its truth rather than segmented, and written, so that 100,000 take
minutes; the path is otherwise that of any sweep. Each count has a process of its own.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from napari_lns.experiments import sweeps
from napari_lns.experiments.sweeps import work
from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import Stimulus

COUNTS = (100, 1_000, 10_000, 100_000)
WORKERS = (1, 2, 4, 8)
RUNS, ROUNDS = 24, 5
MEGABYTE = 1024  # of what the system counts, kilobytes


def main() -> None:
    """Print both tables, one of them, or the memory of one count."""
    (wanted,) = sys.argv[1:] or ("all",)
    if wanted.isdigit():
        print_memory(int(wanted))
        return
    if wanted != "workers":
        print("| runs | peak memory | seconds | runs a second |\n|---|---|---|---|", flush=True)
        for count in COUNTS:
            subprocess.run([sys.executable, __file__, str(count)], check=True)
    print("\n| workers | threads, runs a second | processes, runs a second |\n|---|---|---|")
    for workers in WORKERS:
        if workers <= (os.cpu_count() or 1):
            rates = (best_rate(kind, workers) for kind in ("threads", "processes"))
            print(f"| {workers} | {' | '.join(f'{one:.2f}' for one in rates)} |", flush=True)


def print_memory(count: int) -> None:
    """Sweep so many stimuli and print the largest memory that the process has had."""
    work.segment = labelled  # type: ignore[assignment]
    plan = sweeps.Plan("closure", {"seed": range(count)}, [], [{"segmenter": "baseline"}])
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        done = sum(len(rows) for rows in sweeps.run(plan, folder, workers=2))
    seconds = time.perf_counter() - began
    assert done == count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    print(f"| {count:,} | {peak:.0f} MB | {seconds:.0f} | {count / seconds:.0f} |", flush=True)


def labelled(stimulus: Stimulus, *_: Any, **__: Any) -> Segmentation:
    """Take the truth for the answer."""
    _, labels = np.unique(stimulus.labels, return_inverse=True)
    return Segmentation(stimulus.image, labels.reshape(stimulus.shape) + 1)


def best_rate(kind: str, workers: int) -> float:
    """Give the best of several sweeps, since other programs can only slow one down."""
    return max(rate(kind, workers) for _ in range(ROUNDS))


def rate(kind: str, workers: int) -> float:
    """Give the runs a second of LNS's exact method, from the first block to the last."""
    plan = sweeps.Plan(
        "kanizsa_figure",
        {"jitter": [1.0], "seed": range(RUNS)},
        ["kanizsa-ae"],
        [{"method": "exact"}],
    )
    with TemporaryDirectory() as folder:
        blocks = sweeps.run(plan, folder, scheduler=kind, workers=workers)
        first = sum(len(next(blocks)) for _ in range(2 * workers))  # workers have started
        began = time.perf_counter()
        done = sum(len(rows) for rows in blocks)
        assert first + done == RUNS
        return done / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
