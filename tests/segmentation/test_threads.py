"""Several threads at once: each result is the one that it would be alone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError, Event, Thread
from typing import Any

import numpy as np
import pytest
import torch
from small_models import Small

from napari_lns import models, segment
from napari_lns.models import Settings
from napari_lns.models.rescaling import response_second_moment
from napari_lns.models.running import disable_reduced_precision
from napari_lns.models.training.speed import Plan
from napari_lns.models.training.trainer import Trainer

IMAGE = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
CALLS: list[dict[str, Any]] = [  # one for each thread
    {"method": "exact", "clusters": 2},
    {"method": "exact", "clusters": 5, "neighbourhood": 3},
    {"method": "sampled", "samples": 6, "seed": 3},
    {"method": "sampled", "samples": 9, "noise_kind": "poisson", "clusterer": "kmeans"},
    {"method": "sampled", "samples": 8, "repeats": 2},
    {"method": "smoothed", "samples": 40, "noise_kind": "gaussian"},
    {"method": "smoothed", "samples": 20, "clusters": "auto"},
    {"segmenter": "baseline", "position": 0.5},
]
ROUNDS = int(os.environ.get("NAPARI_LNS_ROUNDS", "2"))
TRAINED = Settings(("kanizsa",), steps=10**6, batch=2, latent_size=2, dropout=0.1)


def beside(stop: Event, work: Any) -> Thread:
    def again() -> None:
        while not stop.is_set():
            work()

    thread = Thread(target=again)
    thread.start()
    return thread


@pytest.mark.parametrize("other", ["validate", "second moment", "training"])
def test_runs_in_eight_threads_equal_serial_ones_beside_other_work(other: str) -> None:
    network, small, stop = models.AutoEncoder().eval(), Small(), Event()
    alone = [segment(IMAGE, small, **call) for call in CALLS]
    work = {
        "validate": partial(models.validate, small, (8, 8)),
        "second moment": partial(response_second_moment, network, torch.rand(1, 3, 64, 64)),
        "training": Trainer(TRAINED, Plan()).advance,
    }[other]
    noisy = beside(stop, work)
    try:
        with ThreadPoolExecutor(len(CALLS)) as pool:
            for _ in range(ROUNDS):
                runs = [pool.submit(segment, IMAGE, small, **call) for call in CALLS]
                for run, expected in zip(runs, alone, strict=True):
                    found = run.result()
                    assert np.array_equal(found.labels, expected.labels)
                    assert np.array_equal(found.features, expected.features)
    finally:
        stop.set()
        noisy.join()


class Meeting(models.AutoEncoder):
    """A network that notes whether two threads meet while they take its derivative."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__(2)
        self.barrier, self.met = barrier, False

    def __deepcopy__(self, memo: object) -> Meeting:
        return self

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        if torch._C._functorch.is_functorch_wrapped_tensor(latents):
            with suppress(BrokenBarrierError):
                self.barrier.wait(0.2)
                self.met = True
            self.barrier.reset()
        return super().decode(latents)


@pytest.mark.parametrize("other", ["validate", "second moment"])
def test_no_two_threads_are_in_a_forward_derivative_at_once(other: str) -> None:
    network = Meeting(Barrier(2)).eval()
    work = {
        "validate": partial(models.validate, network),
        "second moment": partial(response_second_moment, network, torch.rand(1, 3, 64, 64)),
    }[other]
    with ThreadPoolExecutor(2) as pool:
        exact = partial(segment, np.zeros((64, 64)), network, method="exact", device="cpu")
        for run in [pool.submit(exact), pool.submit(work)]:
            run.result()
    assert not network.met


def test_the_users_precision_comes_back_whichever_thread_leaves_last() -> None:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    entered, leave = Event(), Event()

    def hold() -> None:
        with disable_reduced_precision():
            entered.set()
            leave.wait(60)

    other = Thread(target=hold)
    try:
        with disable_reduced_precision():
            other.start()
            entered.wait(60)
        assert torch.get_float32_matmul_precision() == "highest"
        leave.set()
        other.join()
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        leave.set()
        torch.set_float32_matmul_precision(before)
