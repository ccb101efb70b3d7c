"""`resolve_device`: the PyTorch device of a name, checked for availability."""

from __future__ import annotations

import torch

__all__ = ["resolve_device"]

_AUTO = ("cuda", "mps", "cpu")


def resolve_device(device: str) -> torch.device:
    """Return the device of a name; ``"auto"`` is a GPU if there is one, else the CPU.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        return torch.device(next(name for name in _AUTO if name in _devices()))
    try:
        resolved = torch.device(device)
    except (RuntimeError, TypeError):
        raise ValueError(_no_device(device)) from None
    last = torch.cuda.device_count() if resolved.type == "cuda" else 1
    if resolved.type not in _devices() or (resolved.index or 0) >= last:
        raise ValueError(_no_device(device))
    return resolved


def _devices() -> list[str]:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, is_there in there.items() if is_there] + ["cpu"]


def _no_device(device: str) -> str:
    return f"device is {device!r}: there is none here; there are {', '.join(_devices())} and auto"
