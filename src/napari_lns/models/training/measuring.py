"""Measure the fastest plan for training steps on this machine, and the duration of a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from pydantic import BaseModel

from napari_lns._records import read_record
from napari_lns.models.kinds import COMPACT
from napari_lns.models.training.settings import Settings
from napari_lns.models.training.speed import Plan, candidates, time_plans
from napari_lns.models.training.trainer import Trainer

__all__ = [
    "CHECKPOINT",
    "PLAN",
    "RECORD",
    "Stop",
    "StoppedError",
    "measure_fastest_plan",
    "read_run_settings",
]

CHECKPOINT = "checkpoint.safetensors"  # the files of a run's folder
RECORD = "record.json"
PLAN = "plan.json"

Stop = Callable[[], bool]


class _Record(BaseModel):
    """The fields of a run's record that are read again."""

    settings: Settings


class StoppedError(Exception):
    """Raised when a run is stopped before its first step."""


def measure_fastest_plan(
    settings: Settings, device: str, stop: Stop = bool, plan: Plan | None = None
) -> tuple[Plan, float]:
    """Measure the fastest plan for a training step, and return it with its seconds per step.

    Parameters
    ----------
    settings
        Training data and hyperparameters.
    device
        Device for training.
    stop
        Function that is called before every step. If it returns True, `StoppedError` is raised.
    plan
        The only plan to measure. The default measures all candidates.
    """
    plans = candidates(device, torch.get_num_threads()) if plan is None else [plan]
    if plan is None and (settings.steps < 1000 or settings.kind in COMPACT):
        plans = [each for each in plans if not each.compiled]  # compiling takes too long
    short = replace(settings, steps=1000)

    def make_step(plan: Plan) -> Callable[[], None]:
        trainer = Trainer(short, plan)

        def step() -> None:
            if stop():
                raise StoppedError
            trainer.advance()

        return step

    times = time_plans(plans, make_step)
    best = min(times, key=lambda each: times[each])
    return best, times[best]


def read_run_settings(run: Path) -> Settings | None:
    """Read the settings in the record of a run's folder; None if there is no record."""
    record = run / RECORD
    return read_record(_Record, record).settings if record.exists() else None
