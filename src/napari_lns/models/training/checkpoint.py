"""Checkpoints: named tensors and JSON in one safetensors file, written completely or not at all."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from napari_lns._files import (
    check_regular,
    explain_os_errors,
    parse_system_error,
    shorten,
    write_atomically,
    write_together,
)
from napari_lns._moves import exists
from napari_lns._records import Whole, validate_json

__all__ = [
    "load_tensors",
    "restore_training",
    "save_tensors",
    "save_training",
    "write_tensors",
    "write_with_card",
]

_OPTIMIZER = "optimizer/"
_LENGTH = 8  # bytes at the start of a file that hold the length of its header


class _Place(BaseModel):
    data_offsets: tuple[Whole, Whole]


class _Header(BaseModel):
    """A file's header: where each tensor lies, by its name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, _Place]
    metadata: dict[str, str] = Field({}, alias="__metadata__")


def save_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Tensor], notes: Mapping[str, Any]
) -> None:
    """Write named tensors and JSON-compatible notes to a file, completely or not at all."""
    with write_atomically(path) as beside:
        write_tensors(beside, tensors, notes)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
    """Write named tensors and JSON-compatible notes to a temporary file."""
    arrays = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(notes)
    metadata = {"notes": text, "checksum": str(_checksum(arrays, text))}
    try:
        save_file(arrays, path, metadata=metadata)
    except SafetensorError as error:  # an error of the disk, whose errno is only in the message
        raise parse_system_error(error) from error


@contextmanager
def write_with_card(path: Path) -> Iterator[Path]:
    """Yield where to write weights; they and a card beside them replace old ones together."""
    with explain_os_errors(path):
        next(path.parent.iterdir(), None)  # a folder that is not there is refused, not made
    with (
        write_together(path.parent, last=path.name, overwrite=True) as beside,
        explain_os_errors(path),
    ):
        yield beside / path.name


def load_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read the tensors and notes that `save_tensors` wrote; raise an error for a damaged file."""
    if not (exists(Path(path)) and Path(path).is_file()):
        raise FileNotFoundError(f"there is no file {os.fspath(path)!r}: check the path")
    try:
        metadata, data = _read(Path(path))
        tensors = load(data)
        text = metadata.get("notes", "{}")
        if "checksum" in metadata and metadata["checksum"] != str(_checksum(tensors, text)):
            raise ValueError("its contents are not those that were saved")
        return tensors, validate_json(dict[str, Any], text, "its notes")
    except (SafetensorError, ValueError, OSError) as error:
        raise ValueError(
            f"{os.fspath(path)!r} is damaged or not a safetensors file ({shorten(error)}): "
            "restore a backup, or train again"
        ) from error


def _read(path: Path) -> tuple[Mapping[str, str], bytes]:
    """Return the metadata and the bytes of a file, whose size must be the one in its header.

    Not mapped into memory: what another process cuts off meanwhile would end this one.
    """
    check_regular(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        if length > size - _LENGTH:
            raise ValueError("its header is cut off")
        header = validate_json(_Header, file.read(length), "its header")
    ends = [each.data_offsets[1] for each in (header.model_extra or {}).values()]
    if _LENGTH + length + max(ends, default=0) != size:
        raise ValueError("it is cut off, or longer than its header says")
    return header.metadata, path.read_bytes()


def _checksum(tensors: Mapping[str, Tensor], notes: str) -> int:
    """Return the CRC-32 of names, types, shapes, values and notes."""
    checksum = zlib.crc32(notes.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        checksum = zlib.crc32(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode(), checksum)
        checksum = zlib.crc32(tensor.reshape(-1).view(torch.uint8).numpy().data, checksum)
    return checksum


def save_training(
    path: str | os.PathLike[str],
    network: nn.Module,
    optimizer: Optimizer,
    notes: Mapping[str, Any],
) -> None:
    """Write a network, the state of its optimiser and JSON-compatible notes to a file."""
    state = _optimizer_state(network, optimizer)
    tensors = {**network.state_dict(), **{_OPTIMIZER + name: each for name, each in state.items()}}
    save_tensors(path, tensors, notes)


def restore_training(
    network: nn.Module, optimizer: Optimizer, tensors: Mapping[str, Tensor]
) -> None:
    """Load the tensors that `save_training` wrote into a network and its optimiser."""
    weights = {name: each for name, each in tensors.items() if not name.startswith(_OPTIMIZER)}
    network.load_state_dict(weights)
    optimizer_tensors = {
        name.removeprefix(_OPTIMIZER): tensors[name] for name in tensors.keys() - weights.keys()
    }
    _restore_optimizer(network, optimizer, optimizer_tensors)


def _optimizer_state(network: nn.Module, optimizer: Optimizer) -> dict[str, Tensor]:
    """Return the tensors of an optimiser, named by the network's parameters."""
    return {
        f"{name}/{key}": torch.as_tensor(value)
        for name, parameter in network.named_parameters()
        for key, value in optimizer.state[parameter].items()
    }


def _restore_optimizer(
    network: nn.Module, optimizer: Optimizer, tensors: Mapping[str, Tensor]
) -> None:
    """Load the tensors that `_optimizer_state` returned into an optimiser."""
    parameters = dict(network.named_parameters())
    for name, tensor in tensors.items():
        parameter, key = name.rsplit("/", 1)
        owner = parameters[parameter]
        optimizer.state[owner][key] = (
            tensor.clone()
            if tensor.ndim == 0
            else tensor.to(owner.device, copy=True).to(memory_format=_find_format(owner))
        )


def _find_format(tensor: Tensor) -> torch.memory_format:
    channels_last = tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if channels_last else torch.contiguous_format
