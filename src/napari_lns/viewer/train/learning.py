"""Training as a widget runs it: it starts at once, shows where it stands, and stops when asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli

__all__ = ["Learnt", "learning", "newest"]

SHOWN = 8  # images whose reconstructions are shown meanwhile
HELD_OUT = 8  # own test images that the network is scored on as it goes
CALIBRATED_ON = 24  # held-out images on which the latents' rescaling of a scene's network is chosen
SCORED_EVERY = 500  # steps
KEPT_EVERY = 50  # steps; a run that is stopped goes on from the last that was kept
LOOK = 0.1  # seconds between two looks at whether to stop


@dataclass(frozen=True, eq=False)
class Learnt:
    """The state of a training run.

    Parameters
    ----------
    step, steps
        Steps done, and to do in all.
    error
        Mean squared error since the last report; NaN where there is none yet.
    redrawn
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
        For a scene: how long training takes on this machine.
    """

    step: int
    steps: int
    error: float
    redrawn: NDArray[np.float32] | None
    scores: tuple[tuple[int, float], ...] = ()
    seconds_left: float = math.nan
    file: Path | None = None
    control: float = math.nan
    plan: str = ""


def learning(
    data: str,
    kind: str,
    steps: int,
    seed: int,
    folder: Path,
    name: str,
    device: str = "auto",
    stop: Callable[[], bool] = bool,
    minutes: int = 15,
) -> Iterator[Learnt]:
    """Train step by step; at the end the weights and their card are written.

    Steps are computed in the plain way: measuring others would take minutes before the first one,
    and the same settings would give other weights from time to time.

    Parameters
    ----------
    data
        A stimulus's name, a folder of images, or a scene's file.
    kind
        ``"ae"`` or ``"vae"``.
    steps
        How long; a run that has fewer steps behind it goes on.
    seed
        Seed of weights and images.
    folder
        Where the run is kept; one that was stopped goes on.
    name
        The model's name.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    stop
        Asked before every step: True ends it there, and the next call goes on.
    minutes
        How long training on a scene's world may take: its steps are chosen to fit, its kind is
        compact, and its steps are computed in the way that is measured to be the fastest.

    Yields
    ------
    Learnt
        Before the first step, every 50 steps, while the trained network is measured, and at the
        end.
    """
    import torch

    from napari_lns import models
    from napari_lns.experiments.calibration import score_for
    from napari_lns.experiments.own_scenes import scene_score
    from napari_lns.models.devices import chosen_device
    from napari_lns.models.training.data import images
    from napari_lns.models.training.measuring import CHECKPOINT, StoppedError
    from napari_lns.models.training.scenes import estimated
    from napari_lns.models.training.speed import Plan
    from napari_lns.models.training.trainer import new_network

    place, about = chosen_device(device).type, ""
    score: Callable[[Any], dict[str, float]] | None
    if data.endswith(".json"):
        scene = stimuli.Scene.load(data)
        try:
            fitting = estimated(scene, folder, minutes=minutes, device=place, stop=stop, seed=seed)
        except StoppedError:
            return
        settings, plan, about = fitting.settings, fitting.plan, str(fitting)
        steps, score = settings.steps, scene_score(scene, HELD_OUT)
    else:
        settings = models.Settings((data,), kind, steps=steps, seed=seed)
        plan = Plan(place, threads=torch.get_num_threads())
        score = score_for(settings, HELD_OUT)
    given = next(images(settings))[:SHOWN]
    if not (folder / CHECKPOINT).exists():
        yield Learnt(0, steps, math.nan, _redrawn(new_network(settings), given), plan=about)
    every: Any = {"evaluate_every": SCORED_EVERY, "checkpoint_every": KEPT_EVERY}
    scores: list[tuple[int, float]] = []
    latest: Any = {}
    control = math.nan
    redrawn: NDArray[np.float32] | None = None
    first: tuple[int, float] | None = None
    for progress in models.iter_train(
        settings, folder, evaluate=score, plan=plan, stop=stop, **every
    ):
        if progress.scores is not latest:  # it is reported again until there is another
            latest = progress.scores
            scores += [(progress.step, value) for name, value in latest.items() if name == "ARI"]
        redrawn = _redrawn(progress.network, given)
        first = first or (progress.step, progress.seconds)
        left = _seconds_left(first, progress.step, progress.seconds, steps)
        control = latest.get("control", control)
        yield Learnt(
            progress.step, steps, progress.error, redrawn, (*scores,), left, control=control
        )
    if stop():
        return
    file = folder / f"{name}.safetensors"
    for network in _beside(lambda: _written(folder, name, file), stop):
        if network is not None:
            redrawn = _redrawn(network, given)
        done = None if network is None else file
        yield Learnt(steps, steps, math.nan, redrawn, (*scores,), file=done, control=control)


def _seconds_left(first: tuple[int, float], step: int, seconds: float, steps: int) -> float:
    """Return the time left at the pace since the first report."""
    done, spent = step - first[0], seconds - first[1]
    return (steps - step) * spent / done if done else math.nan


def _written(folder: Path, name: str, file: Path) -> Any:
    from napari_lns import models

    network, card = models.finished(folder, name)
    if card.training.get("scene"):
        from napari_lns.experiments.calibration import calibrated

        network = calibrated(network, card, count=CALIBRATED_ON)
    models.save(network, file, network.card or card)
    return network


def newest(folder: Path, name: str) -> Path:
    """Write the network of a run's newest checkpoint, to segment with while training goes on."""
    from napari_lns import models

    network, card = models.finished(folder, name)
    file = folder / f"{name} at step {card.training['step']}.safetensors"
    models.save(network, file, card)
    return file


def _beside(work: Callable[[], Any], stop: Callable[[], bool]) -> Iterator[Any]:
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
        thread.join(LOOK)
    (answer,) = answers
    if isinstance(answer, Exception):
        raise answer
    yield answer


def _redrawn(network: Any, given: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the images in one row, and below each its reconstruction, (2 H, n W, 3)."""
    import torch

    training = network.training
    network.eval()
    with torch.inference_mode():
        tensor = torch.from_numpy(given).to(next(network.parameters()).device)
        made = network.decode(network.encode(tensor)).clamp(0, 1).cpu().numpy()
    network.train(training)
    rows = [np.concatenate(list(batch.transpose(0, 2, 3, 1)), axis=1) for batch in (given, made)]
    sheet: NDArray[np.float32] = np.concatenate(rows, axis=0).astype(np.float32)
    return sheet
