"""A trained network's card: how far its latents spread, and how well it redraws what it knows."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from napari_lns.models.axes import answered, stretched
from napari_lns.models.card import Card
from napari_lns.models.networks import AutoEncoder
from napari_lns.models.training.data import images
from napari_lns.models.training.loop import CHECKPOINT
from napari_lns.models.training.settings import Settings
from napari_lns.models.training.trainer import Trainer

__all__ = ["finished", "measured_card", "with_axes"]

IMAGES = 2048
VOTING = 48  # of them, images whose pixels vote for the latents' axes
STRETCHED = 512  # and those on which stretched latents are measured
OTHER_SEED = 1_000_000  # images that training did not see


def finished(run: str | os.PathLike[str], name: str) -> tuple[AutoEncoder, Card]:
    """Give the network of a training run and its measured card.

    Parameters
    ----------
    run
        The run's folder.
    name
        The model's name from now on.

    Returns
    -------
    tuple of AutoEncoder and Card
        The network, in evaluation mode, on the CPU; and its card.
    """
    trainer, notes = Trainer.load(Path(run) / CHECKPOINT)
    training = {key: notes[key] for key in ("settings", "plan", "step", "versions")}
    curve = notes["curves"]["error"]
    training["error_curve"] = [curve[0], *curve[:: max(1, len(curve) // 100)], curve[-1]]
    training["score_curve"] = notes["curves"]["scores"]
    network = trainer.network.cpu().eval().requires_grad_(False)
    return network, measured_card(network, name, trainer.settings, training)


def measured_card(
    network: AutoEncoder, name: str, settings: Settings, training: dict[str, object]
) -> Card:
    """Measure a network on images of the kind that it was trained on."""
    latents, errors = [], []
    for given in _unseen(settings, IMAGES):
        code = network.encode(given)
        latents.append(code)
        errors.append((network.decode(code) - given).square().mean(dim=(1, 2, 3)))
    error = torch.cat(errors)
    return Card(
        name=name,
        kind=network.kind,
        latent_spread=_spread(torch.cat(latents)),
        error_99=float(error.quantile(0.99)),
        training={**training, "error": float(error.mean())},
    )


@torch.no_grad()
def with_axes(network: AutoEncoder, card: Card, powers: Sequence[float]) -> Iterator[AutoEncoder]:
    """Give the network with its latents' axes stretched by each power, each with its card.

    Parameters
    ----------
    network
        The network.
    card
        Its card.
    powers
        Powers of the pixels' votes, see `napari_lns.models.axes`; 0 changes nothing.

    Yields
    ------
    AutoEncoder
        A network of its own.
    """
    settings = Settings.from_json(card.training["settings"])
    given = torch.cat(list(_unseen(settings, STRETCHED)))
    votes = answered(network, given[:VOTING])
    for power in powers:
        other = stretched(network, votes, power, given)
        other.card = replace(card, axes_power=power, latent_spread=_spread(other.encode(given)))
        yield other


def _unseen(settings: Settings, count: int) -> Iterator[Tensor]:
    stream = images(replace(settings, seed=settings.seed + OTHER_SEED))
    for batch in itertools.islice(stream, -(-count // settings.batch)):
        yield torch.from_numpy(batch)


def _spread(latents: Tensor) -> float:
    return float(latents.var(dim=0).mean().sqrt())
