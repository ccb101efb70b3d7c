"""Train a network in the background, with progress reports, and stop on request.

This code must not use Qt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli

if TYPE_CHECKING:
    from napari_lns.models import Settings
    from napari_lns.models.training.speed import Plan

__all__ = ["TrainingProgress", "TrainingRequest", "iter_training", "save_checkpoint_network"]

SHOWN_IMAGES = 8  # images whose reconstructions are shown during training
SCORED_IMAGES = 8  # held-out images on which the network is scored during training
CALIBRATION_IMAGES = 24  # held-out images for choosing the latent rescaling of a scene's network
SCORE_INTERVAL = 500  # steps
CHECKPOINT_INTERVAL = 50  # steps; a stopped run resumes from the last checkpoint
PLAIN_PLAN = (
    "Plain float32 steps on {device}: training starts at once, and its seed reproduces it exactly"
)
POLL_INTERVAL = 0.1  # seconds between two checks for a request to stop


@dataclass(frozen=True, eq=False)
class TrainingProgress:
    """The state of a training run.

    Parameters
    ----------
    step, steps
        Steps done, and total steps.
    error
        Mean squared error since the last report; NaN if there is none yet.
    reconstructions
        Images above their reconstructions, (2 H, n W, 3); None if there are none yet.
    scores
        Adjusted Rand indices on held-out images, each with its step.
    seconds_left
        The remaining time at the current pace; NaN if not known yet.
    file
        The weights file, once it is written.
    control
        For a scene: the share of pairs in which its measure exceeds that of its control; NaN if
        not known.
    plan
        A sentence on how steps are computed, and for a scene on how long training takes.
    """

    step: int
    steps: int
    error: float
    reconstructions: NDArray[np.float32] | None
    scores: tuple[tuple[int, float], ...] = ()
    seconds_left: float = math.nan
    file: Path | None = None
    control: float = math.nan
    plan: str = ""


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, for how long, and where the run is stored.

    Parameters
    ----------
    data
        A stimulus's name, a folder of images, or a scene's file.
    folder
        The folder of the run. A stopped run in it is resumed.
    name
        The model's name.
    kind
        ``"ae"`` or ``"vae"``.
    steps
        Number of training steps. A finished run with fewer steps is continued.
    seed
        Seed of weights and images.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    minutes
        Maximum duration of training on a scene. Steps and plan are chosen by measurements, and the
        architecture is compact.
    fit, mirror
        How a folder's images are fitted to the network, as in `models.Settings`.
    """

    data: str
    folder: Path
    name: str = "mine"
    kind: str = "ae"
    steps: int = 36_000
    seed: int = 0
    device: str = "auto"
    minutes: int = 15
    fit: str = "resize"
    mirror: bool = False


@dataclass(frozen=True, eq=False)
class _TrainingSetup:
    """The settings, the plan and the score of a training request."""

    settings: Settings
    plan: Plan
    score: Callable[[Any], dict[str, float]] | None
    about: str


def iter_training(
    request: TrainingRequest, stop: Callable[[], bool] = bool
) -> Iterator[TrainingProgress]:
    """Train step by step, and write the weights and their card at the end.

    Parameters
    ----------
    request
        What to train.
    stop
        Function that is called before every step. If it returns True, training stops there, and
        the next call resumes it.

    Yields
    ------
    TrainingProgress
        Progress before the first step, every 50 steps, while the trained network is measured, and
        at the end.
    """
    from napari_lns.models.training.data import stream_images
    from napari_lns.models.training.measuring import CHECKPOINT, StoppedError
    from napari_lns.models.training.trainer import new_network

    try:
        setup = _make_scene_setup(request, stop) if _is_scene(request) else _make_setup(request)
    except StoppedError:
        return
    steps, inputs = setup.settings.steps, next(stream_images(setup.settings))[:SHOWN_IMAGES]
    latest = TrainingProgress(0, steps, math.nan, None, plan=setup.about)
    if not (request.folder / CHECKPOINT).exists():
        yield replace(
            latest, reconstructions=_draw_reconstructions(new_network(setup.settings), inputs)
        )
    for latest in _iter_steps(setup, request.folder, inputs, stop):
        yield latest
    if stop():
        return
    file = request.folder / f"{request.name}.safetensors"
    latest = replace(latest, step=steps, error=math.nan, seconds_left=math.nan)
    for network in _run_in_thread(lambda: _save_network(request.folder, request.name, file), stop):
        if network is not None:
            reconstructions = _draw_reconstructions(network, inputs)
            latest = replace(latest, reconstructions=reconstructions, file=file)
        yield latest


def _is_scene(request: TrainingRequest) -> bool:
    return request.data.endswith(".json")


def _make_setup(request: TrainingRequest) -> _TrainingSetup:
    """Return the setup for a stimulus or a folder, with the plain plan.

    Measuring other plans would take minutes before the first step. Changing the plan later would
    change the weights for a seed, because a plan determines the order of summation.
    """
    import torch

    from napari_lns import models
    from napari_lns.experiments.held_out import evaluation_for
    from napari_lns.models.devices import resolve_device
    from napari_lns.models.training.speed import Plan

    settings = models.Settings(
        (request.data,), request.kind, steps=request.steps, seed=request.seed
    )
    if Path(request.data).is_dir():
        settings = replace(settings, fit=request.fit, mirror=request.mirror)
    plan = Plan(resolve_device(request.device).type, threads=torch.get_num_threads())
    return _TrainingSetup(
        settings,
        plan,
        evaluation_for(settings, SCORED_IMAGES),
        PLAIN_PLAN.format(device=plan.device),
    )


def _make_scene_setup(request: TrainingRequest, stop: Callable[[], bool]) -> _TrainingSetup:
    """Return the setup for a scene; steps and plan are measured, so that training ends in time."""
    from napari_lns.experiments.own_scenes import scene_score
    from napari_lns.models.devices import resolve_device
    from napari_lns.models.training.scenes import estimate_run

    scene = stimuli.Scene.load(request.data)
    fitting = estimate_run(
        scene,
        request.folder,
        minutes=request.minutes,
        device=resolve_device(request.device).type,
        stop=stop,
        seed=request.seed,
    )
    return _TrainingSetup(
        fitting.settings, fitting.plan, scene_score(scene, SCORED_IMAGES), str(fitting)
    )


def _iter_steps(
    setup: _TrainingSetup, folder: Path, inputs: NDArray[np.float32], stop: Callable[[], bool]
) -> Iterator[TrainingProgress]:
    """Train, and yield progress with reconstructions, scores and remaining time."""
    from napari_lns import models

    steps = setup.settings.steps
    scores: tuple[tuple[int, float], ...] = ()
    latest: Any = {}
    first: tuple[int, float] | None = None
    for progress in models.iter_train(
        setup.settings,
        folder,
        evaluate=setup.score,
        plan=setup.plan,
        stop=stop,
        evaluate_every=SCORE_INTERVAL,
        checkpoint_every=CHECKPOINT_INTERVAL,
    ):
        if progress.scores is not latest:  # the same scores are reported until there are new ones
            latest = progress.scores
            scores += ((progress.step, latest["ARI"]),) if "ARI" in latest else ()
        first = first or (progress.step, progress.seconds)
        yield TrainingProgress(
            progress.step,
            steps,
            progress.error,
            _draw_reconstructions(progress.network, inputs),
            scores,
            _seconds_left(first, progress.step, progress.seconds, steps),
            control=latest.get("control", math.nan),
            plan=setup.about,
        )


def _seconds_left(first: tuple[int, float], step: int, seconds: float, steps: int) -> float:
    """Return the remaining time at the pace since the first report."""
    done, spent = step - first[0], seconds - first[1]
    return (steps - step) * spent / done if done else math.nan


def _save_network(folder: Path, name: str, file: Path) -> Any:
    from napari_lns import models

    network, card = models.finish_run(folder, name)
    if card.training.get("scene"):
        from napari_lns.experiments.calibration import calibrate

        network = calibrate(network, card, count=CALIBRATION_IMAGES)
    models.save(network, file, network.card or card)
    return network


def save_checkpoint_network(folder: Path, name: str) -> Path:
    """Save the network of a run's newest checkpoint, for use while training continues."""
    from napari_lns import models

    network, card = models.finish_run(folder, name)
    file = folder / f"{name} at step {card.training['step']}.safetensors"
    models.save(network, file, card)
    return file


def _run_in_thread(work: Callable[[], Any], stop: Callable[[], bool]) -> Iterator[Any]:
    """Call an uninterruptible function in a thread; yield None until it returns a result.

    If the program exits first, the thread ends with it, and the next call starts again.
    """
    answers: list[Any] = []

    def call() -> None:
        try:
            answers.append(work())
        except Exception as error:
            answers.append(error)

    thread = Thread(target=call, daemon=True)
    thread.start()
    while thread.is_alive():
        if stop():
            return
        yield None
        thread.join(POLL_INTERVAL)
    (answer,) = answers
    if isinstance(answer, Exception):
        raise answer
    yield answer


def _draw_reconstructions(network: Any, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return images in one row and their reconstructions below, (2 H, n W, 3)."""
    import torch

    training = network.training
    network.eval()
    with torch.inference_mode():
        tensor = torch.from_numpy(inputs).to(next(network.parameters()).device)
        outputs = network.decode(network.encode(tensor)).clamp(0, 1).cpu().numpy()
    network.train(training)
    rows = [
        np.concatenate(list(batch.transpose(0, 2, 3, 1)), axis=1) for batch in (inputs, outputs)
    ]
    sheet: NDArray[np.float32] = np.concatenate(rows, axis=0).astype(np.float32)
    return sheet
