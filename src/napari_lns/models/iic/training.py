"""Train IIC networks, with progress reports, checkpoints and the best of several runs."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from numpy.typing import ArrayLike

from napari_lns._files import explain_os_errors
from napari_lns._parameters import unknown_name_error
from napari_lns._progress import Report, ignore_share, split_report
from napari_lns.models.iic.data import Images, as_batch, fingerprint
from napari_lns.models.iic.networks import IICNetwork
from napari_lns.models.iic.run import Run
from napari_lns.models.iic.settings import PRESETS, IICSettings
from napari_lns.models.iic.weights import save
from napari_lns.models.training.loop import TrainingDivergedError
from napari_lns.models.training.measuring import CHECKPOINT

__all__ = ["IICProgress", "iter_train", "train", "train_best_of"]

NETWORK = "network.safetensors"
REPORT_EVERY = 20  # steps


@dataclass(frozen=True)
class IICProgress:
    """The state of a training run.

    Parameters
    ----------
    step, steps
        Number of completed steps, and of all steps.
    loss
        Mean loss since the last report.
    curve
        All reports (step, loss) up to this step.
    network
        The network in training, which continues to change.
    """

    step: int
    steps: int
    loss: float
    curve: tuple[tuple[int, float], ...]
    network: IICNetwork


def iter_train(
    settings: IICSettings,
    own_images: Images | None = None,
    out: str | os.PathLike[str] | None = None,
    *,
    checkpoint_every: int = 200,
    device: str = "auto",
) -> Iterator[IICProgress]:
    """Train a network step by step and report progress; an interrupted run resumes.

    Parameters
    ----------
    settings
        Training data and hyperparameters.
    own_images
        Images (n, channels, H, W) to use instead of those that the settings name.
    out
        Folder for the checkpoint and the final weights. The default saves nothing.
    checkpoint_every
        Number of steps between checkpoints.
    device
        Device for training; ``"auto"`` is a GPU if there is one.

    Yields
    ------
    IICProgress
        The progress every 20 steps, and at the end.

    Examples
    --------
    >>> settings = IICSettings(data="kanizsa", steps=2, batch=2)
    >>> [progress.step for progress in iter_train(settings)]
    [2]
    """
    if own_images is not None:
        settings = replace(settings, data=fingerprint(own_images))
    checkpoint = _checkpoint_path(out)
    run, curve = _begin(settings, own_images, checkpoint, device)
    losses: list[torch.Tensor] = []
    if run.step == settings.steps:  # the run is complete
        yield IICProgress(run.step, run.step, curve[-1][1], tuple(curve), run.network)
    while run.step < settings.steps:
        losses.append(run.advance())
        last = run.step == settings.steps
        if run.step % REPORT_EVERY and not last:
            continue
        loss = float(torch.stack(losses).mean())
        losses.clear()
        _check_divergence(loss, run.step, checkpoint)
        curve.append((run.step, loss))
        if checkpoint is not None and (run.step % checkpoint_every == 0 or last):
            run.save(checkpoint, {"curve": curve})
        yield IICProgress(run.step, settings.steps, loss, tuple(curve), run.network)
    run.network.card["curve"] = curve
    if checkpoint is not None:
        save(run.network.eval(), checkpoint.with_name(NETWORK))


def train(
    data: str | os.PathLike[str] | ArrayLike,
    network: str = "pixels",
    *,
    out: str | os.PathLike[str] | None = None,
    device: str = "auto",
    **settings: Any,
) -> IICNetwork:
    """Train a network, or resume an interrupted run, and return the network.

    Parameters
    ----------
    data
        A Good Gestalt set, a stimulus, ``"digits"``, a folder, an image file; or an image
        (H, W, 3), or images (n, H, W, 3) or grey (n, H, W), with values in [0, 1].
    network
        ``"pixels"`` to cluster pixels; ``"digits"`` or ``"photos"`` to cluster whole images.
    out
        Folder of the run. An existing run in it resumes. The default saves nothing.
    device
        Device for training; ``"auto"`` is a GPU if there is one.
    **settings
        Any other parameter of `IICSettings`: ``clusters``, ``steps``, ``auxiliary``, …

    Returns
    -------
    IICNetwork
        The trained network, ready for use.

    Examples
    --------
    >>> train("kanizsa", clusters=3, steps=2, batch=2).main.clusters
    3
    """
    if network not in PRESETS:
        raise unknown_name_error("IIC network", network, PRESETS)
    is_name = isinstance(data, str | os.PathLike)
    run_settings = replace(PRESETS[network], **settings)
    own_images = None if is_name else as_batch(data)  # type: ignore[arg-type]
    run_settings = replace(run_settings, data=os.fspath(data)) if is_name else run_settings  # type: ignore[arg-type]
    return _train_to_end(run_settings, own_images, out, device)


def train_best_of(
    settings: IICSettings,
    runs: int,
    own_images: Images | None = None,
    device: str = "auto",
    out: str | os.PathLike[str] | None = None,
    report: Report = ignore_share,
) -> IICNetwork:
    """Train several runs with successive seeds, and return the network with the lowest loss.

    Parameters
    ----------
    settings
        Training data and hyperparameters. The seeds are ``seed``, ``seed + 1``, …
    runs
        Number of runs.
    own_images
        Images to use instead of those that the settings name.
    device
        Device for training; ``"auto"`` is a GPU if there is one.
    out
        Folder for the runs, so that a second call resumes. The default saves nothing.
    report
        Function that receives the completed share of the work.

    Examples
    --------
    >>> settings = IICSettings(data="kanizsa", steps=2, batch=2)
    >>> train_best_of(settings, runs=2).training
    False
    """
    seeds = range(settings.seed, settings.seed + runs)
    folders = {seed: None if out is None else Path(out) / f"seed-{seed}" for seed in seeds}
    networks = (
        _train_to_end(replace(settings, seed=seed), own_images, folders[seed], device, part)
        for seed, part in zip(seeds, split_report(report, [1] * runs), strict=True)
    )
    return min(networks, key=lambda network: float(network.main.losses.min()))


def _train_to_end(
    settings: IICSettings,
    own_images: Images | None,
    out: str | os.PathLike[str] | None,
    device: str,
    report: Report = ignore_share,
) -> IICNetwork:
    for progress in iter_train(settings, own_images, out, device=device):
        network = progress.network
        report(progress.step / progress.steps)
    return network.eval()


def _checkpoint_path(out: str | os.PathLike[str] | None) -> Path | None:
    if out is None:
        return None
    with explain_os_errors(out):
        Path(out).mkdir(parents=True, exist_ok=True)
    return Path(out) / CHECKPOINT


def _begin(
    settings: IICSettings, own_images: Images | None, checkpoint: Path | None, device: str
) -> tuple[Run, list[tuple[int, float]]]:
    if checkpoint is None or not checkpoint.exists():
        return Run(settings, own_images, device), []
    run, notes = Run.load(checkpoint, own_images, device)
    if run.settings != settings:
        new, old = settings.to_json(), run.settings.to_json()
        differences = ", ".join(
            f"{key} {old[key]!r}, not {new[key]!r}" for key in new if new[key] != old[key]
        )
        raise ValueError(
            f"{os.fspath(checkpoint.parent)!r} holds a run with other settings ({differences}): "
            "give the same, or another folder"
        )
    return run, [(int(step), float(loss)) for step, loss in notes["curve"]]


def _check_divergence(loss: float, step: int, checkpoint: Path | None) -> None:
    if math.isfinite(loss):
        return
    last = "no weights are saved"
    if checkpoint is not None and checkpoint.exists():
        last = f"the last good weights are in {os.fspath(checkpoint)!r}"
    raise TrainingDivergedError(
        f"training diverged at step {step} (loss {loss:g}): {last}; try a lower rate"
    )
