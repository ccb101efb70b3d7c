"""Training as a widget runs it: it starts at once, shows where it stands, and stops when asked."""

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

SHOWN_IMAGES = 8  # images whose reconstructions are shown meanwhile
SCORED_IMAGES = 8  # own test images that the network is scored on as it goes
CALIBRATION_IMAGES = (
    24  # held-out images on which the latents' rescaling of a scene's network is chosen
)
SCORE_INTERVAL = 500  # steps
CHECKPOINT_INTERVAL = 50  # steps; a run that is stopped goes on from the last that was kept
PLAIN_PLAN = (
    "Plain float32 steps on {device}: training starts at once, and a seed repeats it exactly"
)
POLL_INTERVAL = 0.1  # seconds between two looks at whether to stop


@dataclass(frozen=True, eq=False)
class TrainingProgress:
    """The state of a training run.

    Parameters
    ----------
    step, steps
        Steps done, and to do in all.
    error
        Mean squared error since the last report; NaN where there is none yet.
    reconstructions
        Images above their reconstructions, (2 H, n W, 3); None where there are none yet.
    scores
        Adjusted Rand indices on held-out images, each with the step that it was made at.
    seconds_left
        The time left, if it goes on as it went; NaN where that is not known yet.
    file
        The weights, once they are written.
    control
        For a scene: how often it is seen more clearly than its control; NaN where that is not
        known.
    plan
        How steps are computed and why; for a scene, also how long training takes here.
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
        The folder of the run; a run that was stopped goes on.
    name
        The model's name.
    kind
        ``"ae"`` or ``"vae"``.
    steps
        Number of training steps; a run that has fewer steps behind it goes on.
    seed
        Seed of weights and images.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    minutes
        How long training on a scene's world may take: its steps are chosen to fit, its kind is
        compact, and its steps are computed in the way that is measured to be the fastest.
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
    """A request with its open questions settled: settings, plan, score."""

    settings: Settings
    plan: Plan
    score: Callable[[Any], dict[str, float]] | None
    about: str


def iter_training(
    request: TrainingRequest, stop: Callable[[], bool] = bool
) -> Iterator[TrainingProgress]:
    """Train step by step; at the end the weights and their card are written.

    Parameters
    ----------
    request
        What to train.
    stop
        Asked before every step: True ends it there, and the next call goes on.

    Yields
    ------
    LearningProgress
        Before the first step, every 50 steps, while the trained network is measured, and at the
        end.
    """
    from napari_lns.models.training.data import images
    from napari_lns.models.training.measuring import CHECKPOINT, StoppedError
    from napari_lns.models.training.trainer import new_network

    try:
        setup = _make_scene_setup(request, stop) if _is_scene(request) else _make_setup(request)
    except StoppedError:
        return
    steps, inputs = setup.settings.steps, next(images(setup.settings))[:SHOWN_IMAGES]
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
    """Train by the plain plan.

    Measuring others would take minutes before the first step, and changing the plan later would
    give other weights for the same seed: a plan decides in which order numbers are summed.
    """
    import torch

    from napari_lns import models
    from napari_lns.experiments.calibration import score_for
    from napari_lns.models.devices import chosen_device
    from napari_lns.models.training.speed import Plan

    settings = models.Settings(
        (request.data,), request.kind, steps=request.steps, seed=request.seed
    )
    if Path(request.data).is_dir():
        settings = replace(settings, fit=request.fit, mirror=request.mirror)
    plan = Plan(chosen_device(request.device).type, threads=torch.get_num_threads())
    return _TrainingSetup(
        settings, plan, score_for(settings, SCORED_IMAGES), PLAIN_PLAN.format(device=plan.device)
    )


def _make_scene_setup(request: TrainingRequest, stop: Callable[[], bool]) -> _TrainingSetup:
    """Choose steps and plan by measuring, so that training ends in time."""
    from napari_lns.experiments.own_scenes import scene_score
    from napari_lns.models.devices import chosen_device
    from napari_lns.models.training.scenes import estimated

    scene = stimuli.Scene.load(request.data)
    fitting = estimated(
        scene,
        request.folder,
        minutes=request.minutes,
        device=chosen_device(request.device).type,
        stop=stop,
        seed=request.seed,
    )
    return _TrainingSetup(
        fitting.settings, fitting.plan, scene_score(scene, SCORED_IMAGES), str(fitting)
    )


def _iter_steps(
    setup: _TrainingSetup, folder: Path, inputs: NDArray[np.float32], stop: Callable[[], bool]
) -> Iterator[TrainingProgress]:
    """Train, and report with images, scores and the time left."""
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
        if progress.scores is not latest:  # it is reported again until there is another
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
    """Return the time left at the pace since the first report."""
    done, spent = step - first[0], seconds - first[1]
    return (steps - step) * spent / done if done else math.nan


def _save_network(folder: Path, name: str, file: Path) -> Any:
    from napari_lns import models

    network, card = models.finished(folder, name)
    if card.training.get("scene"):
        from napari_lns.experiments.calibration import calibrated

        network = calibrated(network, card, count=CALIBRATION_IMAGES)
    models.save(network, file, network.card or card)
    return network


def save_checkpoint_network(folder: Path, name: str) -> Path:
    """Write the network of a run's newest checkpoint, to segment with while training goes on."""
    from napari_lns import models

    network, card = models.finished(folder, name)
    file = folder / f"{name} at step {card.training['step']}.safetensors"
    models.save(network, file, card)
    return file


def _run_in_thread(work: Callable[[], Any], stop: Callable[[], bool]) -> Iterator[Any]:
    """Do work that cannot be broken off; yield None meanwhile, and what it returns at the end.

    The program can end meanwhile: the thread ends with it, and the next call does the work again.
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
    """Return the images in one row, and below each its reconstruction, (2 H, n W, 3)."""
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
