"""How a step is computed: precision, memory layout and compilation, chosen by measuring."""

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
    """How a training step is computed; kept in checkpoints, since exact resume needs it.

    Parameters
    ----------
    device
        ``"cpu"``, ``"cuda"`` or ``"mps"``.
    bfloat16
        Whether convolutions and products run in bfloat16; sums of errors stay float32.
    channels_last
        Whether tensors lie in memory with the channels last.
    compiled
        Whether the step is compiled.
    threads
        Threads of a CPU step.
    """

    device: str = "cpu"
    bfloat16: bool = False
    channels_last: bool = False
    compiled: bool = False
    threads: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the plan, safe for JSON."""
        return asdict(self)

    @property
    def layout(self) -> torch.memory_format:
        """The memory format that goes with the plan."""
        return torch.channels_last if self.channels_last else torch.contiguous_format


def plan_for_option(name: str, device: str) -> Plan | None:
    """Return the plan that an option names; None for one that is to be measured.

    Parameters
    ----------
    name
        ``"measured"``; ``"plain"`` for float32 without compilation, which every machine has; or
        the path of another run's ``plan.json``.
    device
        Where to train by the plain plan.

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
    """List the plans worth measuring on a device, the plain one first."""
    plain = Plan(device, threads=threads)
    if device == "mps":
        return [plain]
    quick = replace(plain, bfloat16=True, channels_last=True)
    return [plain, replace(plain, channels_last=True), quick, replace(quick, compiled=True)]


def time_plans(
    plans: list[Plan], make_step: Callable[[Plan], Callable[[], None]]
) -> dict[Plan, float]:
    """Return the seconds that a step takes by every plan that can run.

    Parameters
    ----------
    plans
        The plans; one at least must run.
    make_step
        Gives a function that does one whole step by a plan.
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
