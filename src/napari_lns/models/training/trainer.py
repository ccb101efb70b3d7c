"""`Trainer`: the state of a training run, which advances step by step and resumes exactly."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel
from torch import Tensor

from napari_lns._records import Whole, validate_json
from napari_lns.models.kinds import KINDS
from napari_lns.models.networks import AutoEncoder
from napari_lns.models.training.checkpoint import load_tensors, restore_training, save_training
from napari_lns.models.training.data import prefetch, stream_images
from napari_lns.models.training.loss import Learner
from napari_lns.models.training.muon import Muon
from napari_lns.models.training.settings import SCENE, Settings
from napari_lns.models.training.speed import Plan
from napari_lns.models.zoo import AS_TRAINED, load

__all__ = ["Trainer", "new_network"]

QUIET = -6.0  # log-variance of a VAE that begins with an AE's weights


def new_network(settings: Settings) -> AutoEncoder:
    """Return the initial network of a run, with random weights or those of another network."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = KINDS[settings.kind](settings.latent_size)
    if settings.start:
        as_trained = settings.start.removesuffix(AS_TRAINED) + AS_TRAINED
        other = load(as_trained)
        if other.kind != settings.kind and {other.kind, settings.kind} != {"ae", "vae"}:
            raise ValueError(
                f"{settings.start!r} is of the kind {other.kind!r}, whose layers differ from those "
                f"of {settings.kind!r}: start from a network of the same kind, or from none"
            )
        if other.latent_size != settings.latent_size:
            raise ValueError(
                f"{settings.start!r} has {other.latent_size} latent units, and the new network "
                f"is to have {settings.latent_size}: start from one of the same size, or from none"
            )
        _copy_weights(network, other)
    return network


def _copy_weights(network: AutoEncoder, other: AutoEncoder) -> None:
    """Copy another network's weights.

    An AE copies the means of a VAE. A VAE uses the latents of an AE as means, with a small variance
    and scaled to the prior's standard deviation; otherwise the divergence would at once destroy
    what the AE has learned.
    """
    target, source = network.state_dict(), other.state_dict()
    for name, tensor in source.items():
        rows = min(len(target[name]), len(tensor))
        target[name].zero_()[:rows].copy_(tensor[:rows])
    if (network.kind, other.kind) != ("vae", "ae"):
        return
    target["encoder.linear_2.bias"][other.latent_size :] = QUIET
    spread = other.card.latent_spread if other.card else 1.0
    if spread > 0:
        target["encoder.linear_2.weight"][: other.latent_size] /= spread
        target["encoder.linear_2.bias"][: other.latent_size] /= spread
        target["decoder.linear_1.0.weight"] *= spread


def _relocate_scene(settings: Settings, folder: Path) -> Settings:
    """Return the settings of a run with the present path of its scene, if the folder was moved."""
    scene = folder / SCENE
    if Path(settings.data[0]).name == SCENE and scene.exists():
        return replace(settings, data=(os.fspath(scene),))
    return settings


class _Curves(BaseModel):
    error: list[tuple[int, float]] = []
    scores: list[tuple[int, dict[str, float]]] = []


class _Notes(BaseModel):
    """The contents of a checkpoint besides the tensors."""

    settings: Settings
    plan: Plan
    step: Whole
    curves: _Curves = _Curves()


class Trainer:
    """A training run that advances step by step, and resumes exactly from a checkpoint.

    Parameters
    ----------
    settings
        Training data and hyperparameters.
    plan
        Method to compute a step.
    network
        Network to train. The default is a new one of the settings' kind.

    Examples
    --------
    >>> trainer = Trainer(Settings(("kanizsa",), steps=4, batch=2), Plan())
    >>> error = trainer.advance()
    >>> trainer.step
    1
    """

    def __init__(self, settings: Settings, plan: Plan, network: AutoEncoder | None = None) -> None:
        self.settings = settings
        self.plan = plan
        self.step = 0
        self.learner = Learner(
            network or new_network(settings),
            goal=settings.goal,
            geco_speed=settings.geco_speed,
            contrast_power=settings.contrast_power,
            chroma_weight=settings.chroma_weight,
            dropout=settings.dropout,
        )
        self.learner.to(plan.device).to(memory_format=plan.layout)  # type: ignore[call-overload]
        self.optimizer = Muon(
            [weights for weights in self.learner.parameters() if weights.requires_grad],
            lr=settings.rate,
            weight_decay=settings.weight_decay,
            dtype=torch.bfloat16 if plan.bfloat16 else torch.float32,
        )
        self._loss = self._make_loss()
        self._batches = self._make_batches()

    @property
    def network(self) -> AutoEncoder:
        """The network in training."""
        return self.learner.network

    def advance(self) -> Tensor:
        """Do one step, and return the squared error per pixel and channel as a device tensor."""
        batch = next(self._batches)
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate(self.step)
        images = self._to_device(batch)
        weight = self.settings.head_weight(self.step)
        head_weight = torch.tensor(weight, device=self.plan.device)
        if self.settings.beta:
            self.learner.beta.fill_(self.settings.beta_at(self.step))
        with self._seed_dropout():
            loss, error = self._loss(images, self._noise(len(batch)), head_weight)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        elements = batch[0].size
        if self.settings.kind != "ae" and not self.settings.beta:
            self.learner.move_beta(error.detach(), elements)
        self.step += 1
        mean: Tensor = error.detach() / elements
        return mean

    def save(self, path: str | os.PathLike[str], notes: Mapping[str, Any] | None = None) -> None:
        """Write the state of the run to a file, completely or not at all."""
        save_training(
            path,
            self.learner,
            self.optimizer,
            {
                **(notes or {}),
                "step": self.step,
                "settings": self.settings.to_json(),
                "plan": self.plan.to_json(),
            },
        )

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], network: AutoEncoder | None = None
    ) -> tuple[Trainer, dict[str, Any]]:
        """Return the run of a checkpoint, and the notes in it."""
        tensors, notes = load_tensors(path)
        state = validate_json(_Notes, json.dumps(notes), path)
        settings = _relocate_scene(state.settings, Path(path).parent)
        try:
            # the initial weights are not needed any more, and may no longer exist
            empty = network or new_network(replace(settings, start=""))
            trainer = cls(settings, state.plan, empty)
            trainer._restore(tensors, state.step)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ValueError(
                f"{os.fspath(path)!r} is not a checkpoint of such a run ({error}): "
                "remove it to start again"
            ) from error
        return trainer, notes

    def _restore(self, tensors: Mapping[str, Tensor], step: int) -> None:
        restore_training(self.learner, self.optimizer, tensors)
        self.step = step
        self._batches = self._make_batches(start=step)

    def _make_batches(self, start: int = 0) -> Iterator[NDArray[np.float32]]:
        batches = stream_images(self.settings, start)
        return batches if self.plan.device == "cpu" else prefetch(batches)

    def _noise(self, count: int) -> Tensor:
        shape = (count, self.network.latent_size)
        if self.settings.kind == "ae":
            return torch.zeros(shape, device=self.plan.device)
        generator = torch.Generator().manual_seed(self._seed)
        return torch.randn(shape, generator=generator).to(self.plan.device)

    @contextmanager
    def _seed_dropout(self) -> Iterator[None]:
        """Seed dropout for this step, and restore the state of torch's random generator."""
        if not self.settings.dropout:
            yield
            return
        with torch.random.fork_rng():
            torch.manual_seed(self._seed)
            yield

    @property
    def _seed(self) -> int:
        """Seed of this step, so that a resumed run equals an uninterrupted one."""
        return self.settings.seed * 1_000_003 + self.step

    def _to_device(self, batch: NDArray[np.float32]) -> Tensor:
        images = torch.from_numpy(batch)
        return images.to(self.plan.device, non_blocking=True).to(memory_format=self.plan.layout)

    def _make_loss(self) -> Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]:
        learner, plan = self.learner, self.plan

        def loss(images: Tensor, noise: Tensor, head_weight: Tensor) -> tuple[Tensor, Tensor]:
            with torch.autocast(plan.device, torch.bfloat16, enabled=plan.bfloat16):
                error, weighted, divergence, head_error = learner(images, noise)
            return weighted + learner.beta * divergence + head_weight * head_error, error

        # launches limit the speed on a GPU; CUDA graphs launch a whole step at once
        mode = "reduce-overhead" if plan.device == "cuda" else None
        return torch.compile(loss, mode=mode) if plan.compiled else loss
