"""Load and save IIC networks: shipped ones by name, your own by path."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import BaseModel, Field
from torch import Tensor

from napari_lns._files import shorten
from napari_lns._moves import exists
from napari_lns._parameters import unknown_name_error
from napari_lns._records import Name, read_record, validate_json
from napari_lns.models.iic.networks import IICNetwork
from napari_lns.models.iic.run import new_network
from napari_lns.models.iic.settings import IICSettings
from napari_lns.models.training.checkpoint import load_tensors, write_tensors, write_with_card
from napari_lns.models.zoo import SHIPPED, weights_hash

__all__ = ["load", "names", "save"]

IIC_SHIPPED = SHIPPED / "iic"
Side = Annotated[int, Field(ge=1, le=2**16)]


class _Notes(BaseModel):
    """Metadata of a weights file."""

    settings: IICSettings
    size: tuple[Side, Side]


class _Card(BaseModel):
    """The fields of a card that are read."""

    hash: Name = ""


def names() -> list[str]:
    """Return the names of the shipped IIC networks, which are those of their training sets.

    Examples
    --------
    >>> "kanizsa" in names()
    True
    """
    return sorted(path.stem for path in IIC_SHIPPED.glob("*.safetensors"))


def load(network: str | os.PathLike[str]) -> IICNetwork:
    """Load a shipped network by its name, or a network from a file or a run's folder.

    Parameters
    ----------
    network
        A name from `names`, a ``.safetensors`` file, or the folder of a finished run.

    Returns
    -------
    IICNetwork
        The network in evaluation mode, on the CPU, in float32. Its attribute ``card`` describes
        it, and ``card["settings"]`` its training.

    Examples
    --------
    >>> load("kanizsa").main.clusters
    3
    """
    path = _resolve_path(network)
    tensors, notes = load_tensors(path)
    hash_ = _check_hash(path)
    try:
        record = validate_json(_Notes, json.dumps(notes), path)
        _check_shapes(record, tensors)
        built_network = new_network(record.settings, record.size)
        built_network.load_state_dict(tensors)  # copies float16 into float32
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{os.fspath(path)!r} holds no IIC network ({shorten(error)}): restore it, or train "
            "again"
        ) from error
    built_network.card = {**notes, "name": path.stem, "hash": hash_}
    return built_network.eval().requires_grad_(False)


def save(
    network: IICNetwork, path: str | os.PathLike[str], *, scores: Mapping[str, Any] | None = None
) -> None:
    """Save a network's weights in float16, and its card beside them as JSON.

    Parameters
    ----------
    network
        A network that this package trained or loaded.
    path
        The ``.safetensors`` file to write.
    scores
        Scores of the network for its card.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(load("kanizsa"), f"{folder}/mine.safetensors")
    ...     load(f"{folder}/mine.safetensors").card["name"]
    'mine'
    """
    if "settings" not in network.card:
        raise ValueError("the network has no card: save one that iic.train or iic.load returned")
    target = Path(path)
    notes = {**network.card, "scores": dict(scores or {})}
    half = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in network.state_dict().items()
    }
    with write_with_card(target) as beside:
        write_tensors(beside, half, notes)
        card = {**notes, "name": target.stem, "hash": weights_hash(beside)}
        text = json.dumps(card, indent=1) + "\n"
        beside.with_suffix(".json").write_text(text, encoding="utf-8")


def _check_hash(weights: Path) -> str:
    """Return the SHA-256 of weights; raise an error if it differs from that on their card."""
    actual, card = weights_hash(weights), weights.with_suffix(".json")
    if card.exists():
        expected = read_record(_Card, card).hash
        if expected and expected != actual:
            raise ValueError(
                f"{os.fspath(weights)!r} is damaged, or {card.name} is the card of other weights: "
                "the SHA-256 differs; copy both again, or remove the card"
            )
    return actual


def _check_shapes(notes: _Notes, tensors: Mapping[str, Tensor]) -> None:
    """Raise an error for tensors that do not fit the settings, before building a large network."""
    with torch.device("meta"):
        expected = new_network(notes.settings, notes.size).state_dict()
    if {name: each.shape for name, each in expected.items()} != {
        name: each.shape for name, each in tensors.items()
    }:
        raise ValueError("its tensors are not those of the network that its settings describe")


def _resolve_path(network: str | os.PathLike[str]) -> Path:
    path = Path(network)
    if exists(path / "network.safetensors"):
        return path / "network.safetensors"
    if path.suffix == ".safetensors" or os.fspath(network) not in names():
        if not (exists(path) and path.is_file()):
            raise unknown_name_error("IIC network", os.fspath(network), names())
        return path
    return IIC_SHIPPED / f"{network}.safetensors"
