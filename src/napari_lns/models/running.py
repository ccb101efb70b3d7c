"""Prepare models for segmentation: on the device, in evaluation mode, in float32.

A prepared model is a copy. The original is never moved, and its mode does not change, so that it
can be trained or used elsewhere at the same time. The copy shares frozen weights that need no
conversion, such as those of a loaded model.
"""

from __future__ import annotations

import copy
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from napari_lns.models.devices import resolve_device
from napari_lns.models.rescaling import rescale_latents
from napari_lns.models.validation import LatentModel

if TYPE_CHECKING:
    from napari_lns.models.card import Card

__all__ = ["ModelLike", "ReadyModel", "disable_reduced_precision", "prepare_model"]


@dataclass(frozen=True, eq=False)
class ReadyModel:
    """A model that is prepared for segmentation.

    Parameters
    ----------
    network
        An object with `encode` and `decode`.
    device
        Device of the network.
    record
        Name, kind, hash of the weights, and power of the latent rescaling.
    warnings
        Descriptions of the changes that were necessary.
    """

    network: Any
    device: torch.device
    record: dict[str, Any]
    warnings: tuple[str, ...] = ()

    @property
    def card(self) -> Card | None:
        """The model's card, or None."""
        return getattr(self.network, "card", None)

    @property
    def image_size(self) -> tuple[int, int] | None:
        """Height and width that the network takes; None for any."""
        size = getattr(self.network, "image_size", None)
        if size is None:
            return None
        height, width = (size, size) if isinstance(size, int) else size
        return int(height), int(width)

    def without_rescaling(self) -> ReadyModel:
        """Return the model without latent rescaling."""
        return self._without_rescaling if getattr(self.card, "axes_power", 0) else self

    @cached_property
    def _without_rescaling(self) -> ReadyModel:
        network = rescale_latents(self.network, 0)
        assert network.card is not None
        # the reconstructions are the same, and so is what fits the network
        card = self.card
        limits = None if card is None else card.limits
        network.card = replace(network.card, limits=limits)
        return replace(self, network=network, record={**self.record, "axes_power": 0.0})

    def to(self, device: str) -> ReadyModel:
        """Return the model on a device; ``"auto"`` keeps its device."""
        place = self.device if device == "auto" else resolve_device(device)
        same = place.type == self.device.type and place.index in (None, self.device.index)
        if same or not isinstance(self.network, nn.Module):
            return self
        return replace(self, network=_copy_to_device(self.network, place), device=place)

    def encode(self, images: Tensor) -> Tensor:
        """Return the latents of images (n, 3, H, W)."""
        latents: Tensor = self.network.encode(images)
        return latents

    def decode(self, latents: Tensor) -> Tensor:
        """Return the images (n, 3, H, W) of latents."""
        images: Tensor = self.network.decode(latents)
        return images


ModelLike = LatentModel | ReadyModel | str | os.PathLike[str]
"""A model, the name of a model, or the path of its weights."""


def prepare_model(model: ModelLike, device: str = "auto") -> ReadyModel:
    """Prepare a model for segmentation.

    Parameters
    ----------
    model
        A model with `encode` and `decode`, a name, or the path of weights.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"``, or one of several, as ``"cuda:1"``.

    Returns
    -------
    ReadyModel

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> prepare_model(AutoEncoder(), "cpu").record["kind"]
    'ae'
    """
    if isinstance(model, ReadyModel):
        return model.to(device)
    place = resolve_device(device)
    name = ""
    if isinstance(model, str | os.PathLike):
        from napari_lns.models import load

        name, model = os.fspath(model), load(model)
    if not (callable(getattr(model, "encode", None)) and callable(getattr(model, "decode", None))):
        raise ValueError(
            f"model is a {type(model).__name__}: it must have encode(images) and "
            "decode(latents), or be the name of a model (see napari_lns.models.names())"
        )
    if not isinstance(model, nn.Module):
        return ReadyModel(model, place, {"name": name or type(model).__name__})
    return ReadyModel(
        _copy_to_device(model, place), place, _record(model, name), _describe_changes(model, place)
    )


@contextmanager
def disable_reduced_precision() -> Iterator[None]:
    """Disable TensorFloat-32 and bfloat16 in float32 operations, and use deterministic algorithms.

    At reduced precision small noise would vanish, and equal seeds would not produce equal results.
    The settings apply to the whole process: the first thread that enters changes them, and the
    last one that leaves restores them.
    """
    _PRECISION_FLAGS.enter()
    try:
        yield
    finally:
        _PRECISION_FLAGS.leave()


class _PrecisionFlags:
    def __init__(self) -> None:
        self._lock, self._inside, self._before = Lock(), 0, ExitStack()

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                before = torch.get_float32_matmul_precision()
                self._before.callback(torch.set_float32_matmul_precision, before)
                torch.set_float32_matmul_precision("highest")
                flags = torch.backends.cudnn.flags(
                    enabled=True, deterministic=True, allow_tf32=False
                )
                self._before.enter_context(flags)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._before.close()


_PRECISION_FLAGS = _PrecisionFlags()
_LAYERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d)


def _copy_to_device(model: nn.Module, device: torch.device) -> nn.Module:
    card = getattr(model, "card", None)
    memo: dict[int, Any] = {id(card): card}  # long and never changed: not worth a copy
    for weight in model.parameters():
        converted = _convert_weight(weight, device)
        memo[id(weight)] = nn.Parameter(converted, requires_grad=False)
    copy_ = copy.deepcopy(model, memo).requires_grad_(False).eval().to(device, torch.float32)
    _use_inplace_relus(copy_)
    return copy_


def _convert_weight(weight: Tensor, device: torch.device) -> Tensor:
    """Return a weight on a device in float32; the weight itself if it is frozen and fits."""
    # channels last halves the time of the paper's decoder on a CPU
    order = torch.channels_last if weight.ndim == 4 else torch.preserve_format
    return weight.detach().to(device, torch.float32, copy=weight.requires_grad, memory_format=order)


def _use_inplace_relus(model: nn.Module) -> None:
    """Make each ReLU after a layer overwrite that layer's output, since allocation takes time."""
    for chain in model.modules():
        if isinstance(chain, nn.Sequential):
            for before, after in pairwise(chain):
                if isinstance(after, nn.ReLU) and isinstance(before, _LAYERS):
                    after.inplace = True


def _describe_changes(model: nn.Module, device: torch.device) -> tuple[str, ...]:
    changes = []
    if model.training:
        changes.append("the model was in training mode: a copy in evaluation mode was used")
    places = {tensor.device for tensor in model.parameters()}
    if any(place.type != device.type for place in places):
        names = ", ".join(sorted(map(str, places)))
        changes.append(f"the model was on {names}: a copy on {device} was used")
    return tuple(changes)


def _record(model: nn.Module, name: str) -> dict[str, Any]:
    card = getattr(model, "card", None)
    return {
        "name": name or getattr(card, "name", "") or type(model).__name__,
        "kind": getattr(model, "kind", type(model).__name__),
        "hash": getattr(card, "hash", "") or _weights_hash(model),
        "axes_power": getattr(card, "axes_power", 0.0),
    }


def _weights_hash(model: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
