"""The training loop, with progress reports, checkpoints and held-out scores."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from napari_lns import __version__
from napari_lns._files import write_atomically
from napari_lns._lock import hold_lock
from napari_lns._records import read_record
from napari_lns.models.devices import resolve_device
from napari_lns.models.networks import AutoEncoder
from napari_lns.models.training.measuring import (
    CHECKPOINT,
    PLAN,
    RECORD,
    Stop,
    StoppedError,
    measure_fastest_plan,
)
from napari_lns.models.training.scenes import estimate_run, scene_settings
from napari_lns.models.training.settings import Settings
from napari_lns.models.training.speed import Plan, candidates
from napari_lns.models.training.trainer import Trainer
from napari_lns.stimuli.scene import Scene

__all__ = [
    "TrainingDivergedError",
    "TrainingProgress",
    "iter_train",
    "train",
]

REPORT_EVERY = 50  # steps
LOCK = "training.lock"
GREY = 0.25  # squared error above which a reconstruction is worse than a grey image

Evaluate = Callable[[AutoEncoder], Mapping[str, float]]


class TrainingDivergedError(RuntimeError):
    """Raised when training diverges: the error is not finite, or worse than a grey image's."""


@dataclass(frozen=True)
class TrainingProgress:
    """The state of a training run.

    Parameters
    ----------
    step, steps
        Number of completed steps, and of all steps.
    error
        Mean squared error per pixel and channel since the last report.
    seconds
        Duration of this call in seconds.
    scores
        The latest held-out scores by name.
    network
        The network in training, which continues to change.
    """

    step: int
    steps: int
    error: float
    seconds: float
    scores: Mapping[str, float]
    network: AutoEncoder


def iter_train(
    settings: Settings,
    out: str | os.PathLike[str],
    *,
    evaluate: Evaluate | None = None,
    evaluate_every: int = 2000,
    checkpoint_every: int = 500,
    minutes: float | None = None,
    plan: Plan | None = None,
    device: str = "auto",
    network: AutoEncoder | None = None,
    stop: Stop = bool,
) -> Iterator[TrainingProgress]:
    """Train a network step by step and report progress; an interrupted run resumes.

    Parameters
    ----------
    settings
        Training data and hyperparameters.
    out
        Folder of the run, for its checkpoint and record.
    evaluate
        Function that scores the network on held-out stimuli, called every `evaluate_every` steps.
    evaluate_every, checkpoint_every
        Number of steps between scores, and between checkpoints.
    minutes
        Time limit in minutes. The run stops with a checkpoint from which the next call resumes.
    plan
        Method to compute a step. The default is the fastest one, which is measured at the start
        and written to the run's folder. Equal settings and plans produce equal weights.
    device
        Device for training if no plan is given; ``"auto"`` is a GPU if there is one.
    network
        Network to train (see `ClassifierAutoEncoder`). The default is a new one.
    stop
        Function that is called before every step. If it returns True, the run stops with a
        checkpoint from which the next call resumes.

    Yields
    ------
    TrainingProgress
        The progress every 50 steps, and at the end.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for progress in iter_train(Settings(("kanizsa",), steps=2, batch=2), folder):
    ...         print(progress.step, progress.steps)
    2 2
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder / LOCK):  # two processes would replace each other's checkpoints
        try:
            trainer, curves = _begin(settings, folder, plan, device, network, stop)
        except StoppedError:
            return
        start, errors = time.monotonic(), []
        scores: Mapping[str, float] = {}
        while trainer.step < settings.steps:
            if stop():
                if trainer.step:
                    _save_state(trainer, curves, folder)
                return
            errors.append(trainer.advance())
            step, last = trainer.step, trainer.step == settings.steps
            if step % REPORT_EVERY and not last:
                continue
            error = float(torch.stack(errors).mean())
            errors.clear()
            _check_divergence(error, step, folder)
            curves["error"].append((step, error))
            if evaluate is not None and (step % evaluate_every == 0 or last):
                scores = _score(evaluate, trainer.network)
                curves["scores"].append((step, dict(scores)))
            seconds = time.monotonic() - start
            out_of_time = minutes is not None and seconds > 60 * minutes
            if step % checkpoint_every == 0 or last or out_of_time:
                _save_state(trainer, curves, folder)
            yield TrainingProgress(step, settings.steps, error, seconds, scores, trainer.network)
            if out_of_time:
                return


def train(
    data: str | tuple[str, ...] | list[str] | Scene,
    kind: str = "",
    *,
    out: str | os.PathLike[str],
    evaluate: Evaluate | None = None,
    device: str = "auto",
    network: AutoEncoder | None = None,
    minutes: float = 15.0,
    **settings: Any,
) -> AutoEncoder:
    """Train a network, or resume an interrupted run, and return the network.

    Parameters
    ----------
    data
        Names of stimuli, a folder of images, or a scene whose world is the training data.
    kind
        ``"ae"``, ``"vae"``, ``"compact"``, ``"waves"`` or ``"surfaces"``. The default for a scene
        is ``"compact"``, trained by the recipe of the shipped networks; for other data it is
        ``"ae"``.
    out
        Folder of the run. An existing run in it resumes.
    evaluate
        Function that scores the network on held-out stimuli during training.
    device
        Device for training; ``"auto"`` is a GPU if there is one.
    network
        Network to train (see `ClassifierAutoEncoder`). The default is a new one.
    minutes
        Time limit in minutes for a scene, which determines the number of steps unless ``steps`` is
        given.
    **settings
        Any other parameter of `Settings`: ``steps``, ``batch``, ``seed``, ``rate``, …

    Returns
    -------
    AutoEncoder
        The trained network, ready for use.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     network = train("kanizsa", steps=2, batch=2, out=folder)
    >>> network.kind
    'ae'
    """
    plan = None
    if isinstance(data, Scene):
        options = {"kind": kind, **settings} if kind else settings
        if "steps" in options:
            run_settings = scene_settings(data, out, **options)
        else:
            estimate = estimate_run(data, out, minutes=minutes, device=device, **options)
            run_settings, plan = estimate.settings, estimate.plan
    else:
        names = (data,) if isinstance(data, str) else tuple(data)
        run_settings = Settings(names, kind or "ae", **settings)
    for _ in iter_train(
        run_settings, out, evaluate=evaluate, plan=plan, device=device, network=network
    ):
        pass
    trainer, _ = Trainer.load(Path(out) / CHECKPOINT, network)
    return trainer.network.eval()


def _begin(
    settings: Settings,
    folder: Path,
    plan: Plan | None,
    device: str,
    network: AutoEncoder | None,
    stop: Stop,
) -> tuple[Trainer, dict[str, list[Any]]]:
    checkpoint = folder / CHECKPOINT
    if checkpoint.exists():
        trainer, notes = Trainer.load(checkpoint, network)
        extended = replace(trainer.settings, steps=max(settings.steps, trainer.settings.steps))
        if extended == settings:  # from this step on, the learning rate follows the longer schedule
            trainer.settings = settings
        if trainer.settings != settings:
            raise ValueError(
                f"{os.fspath(folder)!r} holds a run with other settings "
                f"({_difference(trainer.settings, settings)}): give the same, or another folder"
            )
        return trainer, {"error": [], "scores": [], **notes.get("curves", {})}
    plan_file = folder / PLAN
    if plan is None:  # a run without a checkpoint starts again with the plan that it wrote
        has_plan = plan_file.exists()
        device_name = str(resolve_device(device))
        plan = (
            read_record(Plan, plan_file) if has_plan else _choose_plan(settings, device_name, stop)
        )
    trainer = Trainer(settings, plan, network)
    with write_atomically(plan_file) as beside:
        beside.write_text(json.dumps(plan.to_json(), indent=1) + "\n", encoding="utf-8")
    return trainer, {"error": [], "scores": []}


def _choose_plan(settings: Settings, device: str, stop: Stop) -> Plan:
    if settings.steps < 100:  # measuring would take longer than it saves
        return candidates(device, torch.get_num_threads())[0]
    return measure_fastest_plan(settings, device, stop)[0]


def _score(evaluate: Evaluate, network: AutoEncoder) -> Mapping[str, float]:
    network.eval()
    try:
        return {name: float(score) for name, score in evaluate(network).items()}
    finally:
        network.train()


def _save_state(trainer: Trainer, curves: Mapping[str, Any], folder: Path) -> None:
    trainer.save(folder / CHECKPOINT, {"curves": curves, "versions": _versions()})
    record = {
        "settings": trainer.settings.to_json(),
        "plan": trainer.plan.to_json(),
        "step": trainer.step,
        "versions": _versions(),
        "curves": curves,
    }
    with write_atomically(folder / RECORD) as beside:
        beside.write_text(json.dumps(record, indent=1), encoding="utf-8")


def _check_divergence(error: float, step: int, folder: Path) -> None:
    if np.isfinite(error) and error < GREY:
        return
    checkpoint = folder / CHECKPOINT
    if not checkpoint.exists():  # no run to resume
        (folder / PLAN).unlink(missing_ok=True)
    last = (
        f"the last good weights are in {os.fspath(checkpoint)!r}"
        if checkpoint.exists()
        else "no checkpoint exists"
    )
    raise TrainingDivergedError(
        f"training diverged at step {step} (error {error:g}): {last}; try a lower rate"
    )


def _versions() -> dict[str, str]:
    return {
        "napari-lns": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _difference(one: Settings, other: Settings) -> str:
    a, b = one.to_json(), other.to_json()
    return ", ".join(f"{name} {a[name]!r}, not {b[name]!r}" for name in a if a[name] != b[name])
