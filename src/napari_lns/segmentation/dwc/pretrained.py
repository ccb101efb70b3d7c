"""Shared code for large pretrained networks: input images and local weights.

Weights are never downloaded here: they are gigabytes, so the user downloads them explicitly.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import JsonValue
from torch import Tensor

from napari_lns._extras import extra_module
from napari_lns._files import explain_os_errors, shorten
from napari_lns._records import read_record

__all__ = ["as_batch", "load_pretrained"]


def as_batch(
    image: NDArray[np.floating[Any]],
    size: tuple[int, int],
    mean: tuple[float, ...] = (0.5,),
    deviation: tuple[float, ...] = (0.5,),
) -> Tensor:
    """Convert an image to a batch of one with a network's size and range.

    Parameters
    ----------
    image
        (H, W, 3) in [0, 1].
    size
        Height and width of the batch in pixels.
    mean, deviation
        Mean and standard deviation of each channel; values become (image - mean) / deviation.

    Examples
    --------
    >>> as_batch(np.ones((4, 4, 3)), (2, 2)).tolist()[0][0]
    [[1.0, 1.0], [1.0, 1.0]]
    """
    tensor = torch.tensor(np.asarray(image), dtype=torch.float32).permute(2, 0, 1)[None]
    resized = torch.nn.functional.interpolate(
        tensor, size, mode="bicubic", align_corners=False, antialias=True
    ).clamp(0, 1)
    return (resized - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(deviation).view(-1, 1, 1)


def load_pretrained(weights: str, library: str, kind: str) -> Any:
    """Load a network from weights on this computer.

    Parameters
    ----------
    weights
        A folder, or a name on the hub whose files were downloaded before.
    library, kind
        Names of the library that reads the weights and of its class.

    Examples
    --------
    >>> load_pretrained("some/model", "transformers", "AutoModel")
    Traceback (most recent call last):
    FileNotFoundError: the weights of 'some/model' are not on this computer: fetch them once with
    `hf download some/model`, or give the folder that holds them
    """
    folder = _folder(weights)
    module = extra_module(library, "diffusion")
    of_transformers = {"trust_remote_code": False, "output_loading_info": True}
    more = of_transformers if library == "transformers" else {}
    if library == "diffusers":
        _check_parts(folder, module.pipelines)
    try:
        loaded = getattr(module, kind).from_pretrained(folder, use_safetensors=True, **more)
    except MemoryError:
        raise
    except Exception as error:  # these libraries raise all kinds of errors
        if not _lacks_library(error):
            raise ValueError(
                f"{str(folder)!r} contains no network that can be loaded: {_reason(error)}"
            ) from error
        raise ModuleNotFoundError(
            f"{str(folder)!r} needs a library that cannot be loaded here: {_reason(error)}; "
            "install it, with the build of torchvision that fits your torch, or use weights in "
            "transformers' own format, such as facebook/dino-vits8"
        ) from error
    if library != "transformers":
        return loaded
    network, information = loaded
    _check_complete(folder, information["missing_keys"])
    return network


def _lacks_library(error: Exception) -> bool:
    """Return whether a library is missing, or timm's torchvision does not match torch."""
    return isinstance(error, ImportError) or "torchvision" in str(error)


def _check_complete(folder: Path, missing: Iterable[str]) -> None:
    """Raise ValueError for incomplete weights, which transformers would initialise randomly."""
    lacking = sorted(name for name in missing if not name.startswith("pooler."))  # never used
    if lacking:
        raise ValueError(
            f"{str(folder)!r} contains no network that can be loaded: {len(lacking)} of its "
            f"weights are missing, first {shorten(lacking[0], 100)}: fetch them again"
        )


def _check_parts(folder: Path, pipelines: object) -> None:
    """Raise ValueError for a pipeline that names code, which diffusers would import."""
    if code := next(folder.rglob("*.py"), None):
        raise ValueError(
            f"{code} is Python code in a folder of weights, and is never run: remove it"
        )
    index = folder / "model_index.json"
    for part, value in read_record(dict[str, JsonValue], index).items() if index.exists() else ():
        library = value[0] if isinstance(value, list) and value else None
        known = library in (None, "diffusers", "transformers") or hasattr(pipelines, str(library))
        if not known:
            raise ValueError(
                f"{index}: {part} comes from {shorten(repr(library), 60)}: only classes of "
                "diffusers and transformers are loaded"
            )


def _reason(error: Exception) -> str:
    """Return the first sentence of an error."""
    lines = str(error).strip().splitlines()
    if isinstance(error, KeyError):
        return f"it lacks {lines[0]}"
    return shorten(lines[0].split(". ")[0]) if lines else type(error).__name__


def _folder(weights: str) -> Path:
    with explain_os_errors(shorten(repr(weights), 200)):
        if Path(weights).is_dir():
            return Path(weights)
    hub = extra_module("huggingface_hub", "diffusion")
    try:
        return Path(hub.snapshot_download(weights, local_files_only=True))
    except (OSError, ValueError):
        raise FileNotFoundError(
            f"the weights of {weights!r} are not on this computer: fetch them once with "
            f"`hf download {weights}`, or give the folder that holds them"
        ) from None
