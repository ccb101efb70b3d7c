"""Which way to compute a training step is the fastest on this machine, and how long one takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from pydantic import BaseModel

from napari_lns._records import read_record
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
    """What stands in a run's record and is read again."""

    settings: Settings


class StoppedError(Exception):
    """The run was stopped before its first step."""


def measure_fastest_plan(
    settings: Settings, device: str, stop: Stop = bool, plan: Plan | None = None
) -> tuple[Plan, float]:
    """Measure which way to compute a step is the fastest, and how many seconds one takes.

    Parameters
    ----------
    settings
        How to train, and on what.
    device
        Where to train.
    stop
        Asked before every step: True ends the measurement.
    plan
        The only way to measure, if it is chosen already.
    """
    plans = candidates(device, torch.get_num_threads()) if plan is None else [plan]
    if plan is None and (settings.steps < 1000 or settings.kind == "compact"):
        plans = [each for each in plans if not each.compiled]  # longer than it saves
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
    """Return the settings that stand in the record of a run's folder; None if it has no record."""
    record = run / RECORD
    return read_record(_Record, record).settings if record.exists() else None
