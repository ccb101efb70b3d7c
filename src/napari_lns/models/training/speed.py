"""`Plan`: precision, memory layout and compilation of a training step; and its measurement."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from napari_lns._records import read_record
from napari_lns.models.devices import resolve_device

__all__ = ["Plan", "candidates", "plan_for_option", "time_plans"]


@dataclass(frozen=True)
class Plan:
    """A method to compute a training step; checkpoints store it, since exact resume needs it.

    Parameters
    ----------
    device
        ``"cpu"``, ``"cuda"`` or ``"mps"``.
    bfloat16
        Whether convolutions and products use bfloat16; sums of errors use float32.
    channels_last
        Whether tensors are stored with the channels last.
    compiled
        Whether the step is compiled.
    threads
        Number of threads on the CPU.
    """

    device: str = "cpu"
    bfloat16: bool = False
    channels_last: bool = False
    compiled: bool = False
    threads: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the plan in a JSON-compatible form."""
        return asdict(self)

    @property
    def layout(self) -> torch.memory_format:
        """The memory format of tensors."""
        return torch.channels_last if self.channels_last else torch.contiguous_format


def plan_for_option(name: str, device: str) -> Plan | None:
    """Return the plan for the value of an option; None if the plan is to be measured.

    Parameters
    ----------
    name
        ``"measured"``; ``"plain"`` for float32 without compilation, which every machine supports;
        or the path of another run's ``plan.json``.
    device
        Device of the plain plan.

    Examples
    --------
    >>> plan_for_option("plain", "cpu").bfloat16
    False
    """
    if name == "measured":
        return None
    if name == "plain":
        return Plan(str(resolve_device(device)), threads=torch.get_num_threads())
    return read_record(Plan, name)


def candidates(device: str, threads: int) -> list[Plan]:
    """Return the plans to measure on a device, the plain one first."""
    plain = Plan(device, threads=threads)
    if device == "mps":
        return [plain]
    quick = replace(plain, bfloat16=True, channels_last=True)
    return [plain, replace(plain, channels_last=True), quick, replace(quick, compiled=True)]


def time_plans(
    plans: list[Plan], make_step: Callable[[Plan], Callable[[], None]]
) -> dict[Plan, float]:
    """Measure the duration in seconds of a step by each plan that runs on this machine.

    Parameters
    ----------
    plans
        The plans, of which at least one must run.
    make_step
        Function that returns, for a plan, a function that computes one step.
    """
    times: dict[Plan, float] = {}
    for plan in plans:
        with contextlib.suppress(RuntimeError, NotImplementedError, OSError):
            times[plan] = _time_step(make_step(plan), plan.device)
    if not times:
        raise RuntimeError(f"no training step runs on {plans[0].device!r}: choose another device")
    return times


def _time_step(step: Callable[[], None], device: str, warm_up: int = 3, repeats: int = 7) -> float:
    for _ in range(warm_up):
        step()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        if device == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return best
