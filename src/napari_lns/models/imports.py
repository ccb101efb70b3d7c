"""Import weights from checkpoints of the paper's authors, without running code in the file."""

from __future__ import annotations

import os
import pickle
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from napari_lns._files import shorten
from napari_lns._npz import check_unpacked
from napari_lns._size import MOST_UNITS
from napari_lns.models.networks import AutoEncoder, VariationalAutoEncoder

__all__ = ["import_checkpoint"]

_UNREADABLE = (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
_HOW = "a dictionary with the network's weights under 'model_states' → 'net' is expected"


def import_checkpoint(path: str | os.PathLike[str]) -> AutoEncoder:
    """Read a checkpoint of the paper's authors.

    Only tensors are read; a file with code is refused. Weights are identified by their order and
    shapes. A VAE is recognised by the last layer of its encoder, which is twice as wide as that of
    an AE.

    Parameters
    ----------
    path
        The checkpoint file.

    Returns
    -------
    AutoEncoder
        The network in evaluation mode.

    Examples
    --------
    >>> import_checkpoint("no/such.pt")
    Traceback (most recent call last):
    FileNotFoundError: there is no file 'no/such.pt': check the path
    """
    weights = _extract_weights(_load_checkpoint(Path(path)), path)
    for kind in (AutoEncoder, VariationalAutoEncoder):
        network = kind(_latent_size(weights))
        if _copy_weights(network, weights):
            return network.eval()
    raise ValueError(
        f"{os.fspath(path)!r} holds weights of another architecture "
        f"({len(weights)} tensors, the first {tuple(weights[0].shape)}): only the paper's two "
        "networks can be imported; wrap others with models.adapt"
    )


def _load_checkpoint(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {os.fspath(path)!r}: check the path")
    _check_parts(path)
    try:
        with warnings.catch_warnings():  # no warnings about pickle protocols
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{os.fspath(path)!r} holds code besides weights, which is never run: save its "
            "state_dict alone and import that"
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # torch's unpickler raises various errors for other files
        raise ValueError(f"{os.fspath(path)!r} is damaged or not a checkpoint: {_HOW}") from error


def _check_parts(path: Path) -> None:
    """Raise an error if parts are damaged, which PyTorch does not verify, or unpack to too much."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as file:
            check_unpacked(sum(part.file_size for part in file.infolist()), path.stat().st_size)
            if (damaged := file.testzip()) is not None:
                raise ValueError(f"its part {damaged!r} has another checksum")
    except _UNREADABLE as error:
        raise ValueError(
            f"{os.fspath(path)!r} is damaged or not a checkpoint ({shorten(error)}): {_HOW}"
        ) from error


def _extract_weights(checkpoint: object, path: str | os.PathLike[str]) -> list[Tensor]:
    states = checkpoint
    for key in ("model_states", "net"):
        if isinstance(states, Mapping) and key in states:
            states = states[key]
    tensors = (
        [value for value in states.values() if isinstance(value, Tensor)]
        if isinstance(states, Mapping)
        else []
    )
    if not tensors:
        raise ValueError(f"{os.fspath(path)!r} holds no network's weights: {_HOW}")
    return tensors


def _latent_size(weights: list[Tensor]) -> int:
    """Return the latent size z from the shape (128, z) of the decoder's first layer."""
    tables = [tensor for tensor in weights if tensor.ndim == 2 and tensor.shape[0] == 128]
    sizes = [tensor.shape[1] for tensor in tables if tensor.shape[1] != 256]
    return int(sizes[0]) if sizes and 1 <= sizes[0] <= MOST_UNITS else 15


def _holds_numbers(tensor: Tensor) -> bool:
    """Return whether a tensor is an ordinary one, of real numbers that lie in memory."""
    return tensor.is_floating_point() and tensor.layout == torch.strided and tensor.is_cpu


def _copy_weights(network: nn.Module, weights: list[Tensor]) -> bool:
    state = list(network.state_dict().values())
    if [tensor.shape for tensor in state] != [tensor.shape for tensor in weights]:
        return False
    if not all(map(_holds_numbers, weights)):
        return False
    for tensor, weight in zip(state, weights, strict=True):
        tensor.copy_(weight)
    return True
