"""Several threads at once: each result is the one that it would be alone."""

from __future__ import annotations

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
from napari_lns.models.axes import answered
from napari_lns.segmentation.ready import plain_float32

IMAGE = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
CALLS: list[dict[str, Any]] = [
    {"method": "exact", "clusters": 2},
    {"method": "exact", "clusters": 5, "neighbourhood": 3},
    {"method": "sampled", "samples": 6, "seed": 3},
    {"method": "smoothed", "samples": 40, "noise_kind": "gaussian"},
]


def beside(stop: Event, work: Any) -> Thread:
    def again() -> None:
        while not stop.is_set():
            work()

    thread = Thread(target=again)
    thread.start()
    return thread


@pytest.mark.parametrize("other", ["validate", "answered"])
def test_runs_in_eight_threads_equal_serial_ones_beside_other_derivatives(other: str) -> None:
    network, small, stop = models.AutoEncoder().eval(), Small(), Event()
    alone = [segment(IMAGE, small, **call) for call in CALLS]
    work = {
        "validate": partial(models.validate, small, (8, 8)),
        "answered": partial(answered, network, torch.rand(1, 3, 64, 64)),
    }[other]
    noisy = beside(stop, work)
    try:
        with ThreadPoolExecutor(8) as pool:
            runs = [pool.submit(segment, IMAGE, small, **call) for call in CALLS * 12]
            found = [run.result() for run in runs]
    finally:
        stop.set()
        noisy.join()
    for one, expected in zip(found, alone * 12, strict=True):
        assert np.array_equal(one.labels, expected.labels)
        assert np.array_equal(one.features, expected.features)


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


@pytest.mark.parametrize("other", ["validate", "answered"])
def test_no_two_threads_are_in_a_forward_derivative_at_once(other: str) -> None:
    network = Meeting(Barrier(2)).eval()
    work = {
        "validate": partial(models.validate, network),
        "answered": partial(answered, network, torch.rand(1, 3, 64, 64)),
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
        with plain_float32():
            entered.set()
            leave.wait(60)

    other = Thread(target=hold)
    try:
        with plain_float32():
            other.start()
            entered.wait(60)
        assert torch.get_float32_matmul_precision() == "highest"
        leave.set()
        other.join()
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        leave.set()
        torch.set_float32_matmul_precision(before)
