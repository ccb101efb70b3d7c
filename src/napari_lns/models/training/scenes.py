"""Train on the world of a scene: settings, and an estimate of the training time.

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
from napari_lns.models.zoo import for_stimulus, load
from napari_lns.stimuli.scene import Scene

__all__ = [
    "SCENE",
    "Estimate",
    "estimate_run",
    "nearest_network",
    "read_card_scene",
    "read_run_scene",
    "scene_settings",
]

MINUTES = 15.0
FEWEST_STEPS, MOST_STEPS = 200, 12_000
UNITS = (20, 32)  # fewest and most latent units
SHARED_UNITS = 12  # latent units for what the objects of a scene share
NEAREST = {  # the stimulus with an ambiguity of this kind, if its network is a good beginning:
    "illusory": "kanizsa_figure",  # those for occlusion and transparency respond to controls, too
    "outline": "fragmented_outline",
}
SLACK = 1.15  # duration of a run relative to its fastest steps, with scores and checkpoints


@dataclass(frozen=True)
class Estimate:
    """The estimated duration of a training run on this machine.

    Parameters
    ----------
    settings
        Settings of the run, with a number of steps that fits the time limit.
    plan
        The fastest plan for a step on this machine.
    seconds
        Duration of one step in seconds, including the drawing of images.
    """

    settings: Settings
    plan: Plan
    seconds: float

    @property
    def minutes(self) -> float:
        """Duration of the whole run in minutes."""
        return self.settings.steps * self.seconds * SLACK / 60

    def __str__(self) -> str:
        """Return the estimate as a sentence."""
        start = f", from the weights of {self.settings.start}" if self.settings.start else ""
        return (
            f"{self.settings.steps:,} steps of {self.settings.batch} images take about "
            f"{self.minutes:.0f} minutes on this machine ({1000 * self.seconds:.0f} ms a step)"
            f"{start}"
        )


def nearest_network(scene: Scene) -> str:
    """Return the shipped network whose world is nearest to a scene's.

    That is the network for the stimulus with the scene's first ambiguity, an illusory surface or
    a broken outline: a run that begins with its weights needs about a quarter of the steps.

    Parameters
    ----------
    scene
        The scene.

    Returns
    -------
    str
        The network's name. Empty if the scene has another ambiguity or none, if its colours vary
        freely, or if the network has too few latent units for its objects.
    """
    kind = scene.ambiguities[0].kind if scene.ambiguities else ""
    if kind not in NEAREST or _has_colours(scene):
        return ""
    name = for_stimulus(NEAREST[kind])
    return name if load(name).latent_size >= SHARED_UNITS + len(scene.objects) else ""


def _has_colours(scene: Scene) -> bool:
    return any(surface.vary.colour == "any" for surface in scene.surfaces)


def scene_settings(scene: Scene, out: str | os.PathLike[str], **changes: Any) -> Settings:
    """Return the settings for a scene's world, and write the scene into the run's folder.

    An existing run in the folder keeps its settings.

    Parameters
    ----------
    scene
        The scene.
    out
        Folder of the run.
    **changes
        Parameters of `Settings` that differ from the recipe. Without `start`, `kind` and
        `latent_size` training begins with the weights of `nearest_network`; with ``start=""`` it
        begins with random ones.

    Returns
    -------
    Settings
        The settings of the run.
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
    if start is None and not {"kind", "latent_size"} & changes.keys():
        start = nearest_network(scene)
    if start:
        changes = {**changes, "start": start, "latent_size": load(start).latent_size}
    recipe: dict[str, Any] = {
        "kind": "compact",
        "batch": 32,
        "beta": 0.3,
        "contrast_power": 0.0,
        "colour_weight": 0.3 if _has_colours(scene) else 0.0,
        "latent_size": min(UNITS[1], max(UNITS[0], SHARED_UNITS + 2 * len(scene.objects))),
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
    **changes: object,
) -> Estimate:
    """Measure the duration of a step, and choose the number of steps for a time limit.

    An existing run in the folder keeps its settings and plan.

    Parameters
    ----------
    scene
        The scene whose world is the training data.
    out
        Folder of the run. The scene is written into it.
    minutes
        Time limit in minutes.
    device
        Device for training.
    plan
        Method to compute a step. The default is the fastest one.
    stop
        Function that is called before every measured step. If it returns True, the measurement
        ends with `StoppedError`.
    **changes
        Parameters of `Settings` that differ from the recipe. If `steps` is given, the time limit
        is ignored.

    Returns
    -------
    Estimate
        Settings, plan and duration.
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


def read_run_scene(run: str | os.PathLike[str]) -> Scene | None:
    """Return the scene that a run is trained on; None for other training data."""
    file = Path(run) / SCENE
    return Scene.load(file) if file.exists() else None


def read_card_scene(training: Mapping[str, Any]) -> Scene | None:
    """Return the scene on a model's card; None if there is none."""
    contents = training.get("scene")
    return Scene.from_json(json.loads(json.dumps(contents)), "the card") if contents else None
