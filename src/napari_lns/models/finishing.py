"""Finish a training run: return its network, and measure the network's card."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from napari_lns import stimuli
from napari_lns.models.card import Card
from napari_lns.models.networks import AutoEncoder
from napari_lns.models.rescaling import response_second_moment
from napari_lns.models.training.data import stream_images
from napari_lns.models.training.measuring import CHECKPOINT
from napari_lns.models.training.scenes import read_run_scene
from napari_lns.models.training.settings import Settings
from napari_lns.models.training.trainer import Trainer
from napari_lns.stimuli import worlds

__all__ = ["finish_run", "measure_card"]

IMAGES = 2048
MOMENT_IMAGES = 48  # number of images for the second moment of responses
OTHER_SEED = 1_000_000  # added to the seed for held-out images


def finish_run(run: str | os.PathLike[str], name: str) -> tuple[AutoEncoder, Card]:
    """Return the network of a training run and its measured card.

    Parameters
    ----------
    run
        Folder of the run.
    name
        Name of the model.

    Returns
    -------
    tuple of AutoEncoder and Card
        The network in evaluation mode on the CPU, with weights rounded to float16 as in its file,
        and its card.

    Examples
    --------
    >>> network, card = finish_run("runs/closure", "my-closure")  # doctest: +SKIP
    """
    trainer, notes = Trainer.load(Path(run) / CHECKPOINT)
    scene = read_run_scene(run)
    curves = notes.get("curves", {})
    if not curves.get("error"):
        raise ValueError(f"{Path(run) / CHECKPOINT}: it lacks the curves: train on, or train again")
    training = {key: notes.get(key) for key in ("settings", "plan", "step", "versions")}
    curve = curves["error"]
    training["error_curve"] = [curve[0], *curve[:: max(1, len(curve) // 100)], curve[-1]]
    training["score_curve"] = curves.get("scores", [])
    if scene is not None:
        training["scene"] = scene.to_json()
    network = trainer.network.cpu().half().float().eval().requires_grad_(False)
    return network, measure_card(network, name, trainer.settings, training)


def measure_card(
    network: AutoEncoder, name: str, settings: Settings, training: dict[str, object]
) -> Card:
    """Measure a network on held-out images of its training distribution, and return its card."""
    latents, errors = [], []
    held_out = replace(settings, seed=settings.seed + OTHER_SEED, growth=0.0)
    for batch in _batches(held_out, IMAGES):
        codes = network.encode(batch)
        latents.append(codes)
        errors.append((network.decode(codes) - batch).square().mean(dim=(1, 2, 3)))
    error, covariance = torch.cat(errors), torch.cat(latents).double().T.cov()
    return Card(
        name=name,
        kind=network.kind,
        latent_spread=float(covariance.diagonal().mean().sqrt()),
        error_99=float(error.quantile(0.99)),
        votes=_rows(
            response_second_moment(network, torch.cat(list(_batches(held_out, MOMENT_IMAGES))))
        ),
        covariance=_rows(covariance),
        training={**training, "error": float(error.mean())},
        world=_world(settings),
        domain=worlds.domain(_world(settings)) if _world(settings) in worlds.names() else {},
    )


def _world(settings: Settings) -> str:
    """Return the stimulus whose world a network was trained on; empty for other data."""
    has_world = len(settings.data) == 1 and settings.data[0] in stimuli.names()
    return settings.data[0] if has_world else ""


def _batches(settings: Settings, count: int) -> Iterator[Tensor]:
    for batch in itertools.islice(stream_images(settings), -(-count // settings.batch)):
        yield torch.from_numpy(batch)


def _rows(matrix: Tensor) -> list[list[float]]:
    return [[float(f"{value:.7g}") for value in row] for row in matrix.tolist()]
