"""Training on the world of one's own scene: the recipe, how long it takes, where it begins.

The recipe is that of the shipped networks for worlds: a compact network with a fixed β.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_lns._records import read_record
from napari_lns.models.devices import resolve_device
from napari_lns.models.training.measuring import (
    CHECKPOINT,
    PLAN,
    measure_fastest_plan,
    read_run_settings,
)
from napari_lns.models.training.settings import SCENE, Settings
from napari_lns.models.training.speed import Plan
from napari_lns.models.zoo import load
from napari_lns.stimuli.scene import Scene

__all__ = ["SCENE", "Estimate", "estimate_run", "scene_of_card", "scene_of_run", "scene_settings"]

MINUTES = 15.0
FEWEST_STEPS, MOST_STEPS = 200, 12_000
UNITS = (20, 32)  # fewest and most latent units
SLACK = 1.15  # how much longer a run takes than its fastest steps: scores, checkpoints, other work


@dataclass(frozen=True)
class Estimate:
    """How long a training run takes on this machine.

    Parameters
    ----------
    settings
        The run's settings; their steps fit the time asked for.
    plan
        The fastest way to compute a step here.
    seconds
        Time of one step, drawing included.
    """

    settings: Settings
    plan: Plan
    seconds: float

    @property
    def minutes(self) -> float:
        """The time of the whole run."""
        return self.settings.steps * self.seconds * SLACK / 60

    def __str__(self) -> str:
        """Return a sentence for the user."""
        return (
            f"{self.settings.steps:,} steps of {self.settings.batch} images take about "
            f"{self.minutes:.0f} minutes on this machine ({1000 * self.seconds:.0f} ms a step)"
        )


def scene_settings(scene: Scene, out: str | os.PathLike[str], **changes: Any) -> Settings:
    """Return the settings to train on a scene's world, and write the scene into the run's folder.

    A run that lies in the folder goes on with its own settings.

    Parameters
    ----------
    scene
        The scene.
    out
        The run's folder.
    **changes
        Any parameter of `Settings` that is to differ from the recipe.

    Returns
    -------
    Settings
    """
    scene.check_world()
    folder = Path(out)
    file, checkpoint = folder / SCENE, folder / CHECKPOINT
    if checkpoint.exists() and (not file.exists() or Scene.load(file) != scene):
        raise ValueError(
            f"{os.fspath(folder)!r} holds a run on another scene: give another folder, or remove it"
        )
    recorded = read_run_settings(folder) if checkpoint.exists() else None
    if recorded is not None:
        steps = max(recorded.steps, changes.get("steps", 0))
        return replace(recorded, steps=steps, data=(os.fspath(file),))
    folder.mkdir(parents=True, exist_ok=True)
    scene.save(file)
    start = changes.get("start")
    if start:
        changes = {**changes, "latent_size": load(start).latent_size}
    coloured = any(surface.vary.colour == "any" for surface in scene.surfaces)
    recipe: dict[str, Any] = {
        "kind": "compact",
        "batch": 32,
        "beta": 0.3,
        "contrast_power": 0.0,
        "colour_weight": 0.3 if coloured else 0.0,
        "latent_size": min(UNITS[1], max(UNITS[0], 12 + 2 * len(scene.objects))),
        "steps": MOST_STEPS,
    }
    return Settings((os.fspath(file),), **{**recipe, **changes})


def estimate_run(
    scene: Scene,
    out: str | os.PathLike[str],
    *,
    minutes: float = MINUTES,
    device: str = "cpu",
    plan: Plan | None = None,
    stop: Callable[[], bool] = bool,
    **changes: Any,
) -> Estimate:
    """Measure how long a step takes on this machine, and fit the run's steps to the time asked for.

    A run that lies in the folder goes on with its own settings and plan.

    Parameters
    ----------
    scene
        The scene on whose world to train.
    out
        The run's folder; the scene is written into it.
    minutes
        How long the run may take.
    device
        Where to train.
    plan
        How a step is computed; the fastest way if not given.
    stop
        Asked before every measured step: True ends the measurement.
    **changes
        Any parameter of `Settings` that is to differ from the recipe; with `steps`, the time does
        not count.

    Returns
    -------
    Estimate
    """
    if not minutes > 0:
        raise ValueError(f"minutes is {minutes}: it must be above 0")
    settings = scene_settings(scene, out, **changes)
    plan_file = Path(out) / PLAN
    if plan is None and plan_file.exists():
        plan = read_record(Plan, plan_file)
    plan, seconds = measure_fastest_plan(settings, str(resolve_device(device)), stop, plan)
    if "steps" not in changes and not (Path(out) / CHECKPOINT).exists():
        steps = round(60 * minutes / (seconds * SLACK))
        settings = replace(settings, steps=max(FEWEST_STEPS, min(MOST_STEPS, steps)))
    return Estimate(settings, plan, seconds)


def scene_of_run(run: str | os.PathLike[str]) -> Scene | None:
    """Return the scene that a run was trained on; None for a run on something else."""
    file = Path(run) / SCENE
    return Scene.load(file) if file.exists() else None


def scene_of_card(training: Mapping[str, Any]) -> Scene | None:
    """Return the scene that stands on a model's card, if there is one."""
    contents = training.get("scene")
    return Scene.from_json(json.loads(json.dumps(contents)), "the card") if contents else None
