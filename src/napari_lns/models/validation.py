"""`validate`: check that a model has the methods and properties that segmentation needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from napari_lns.models.derivative import derivative

__all__ = ["InvalidModelError", "LatentModel", "validate"]


@runtime_checkable
class LatentModel(Protocol):
    """Protocol of a model: an object with `encode` and `decode`.

    Images are float32 (n, 3, H, W) in [0, 1]; latents are (n, …).
    """

    def encode(self, images: Tensor) -> Tensor:
        """Return the latents of images."""

    def decode(self, latents: Tensor) -> Tensor:
        """Return the images that latents encode."""


class InvalidModelError(ValueError):
    """Raised for an invalid model; each of its `problems` says how to fix it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def validate(model: Any, image_size: tuple[int, int] | None = None) -> LatentModel:
    """Check that a model can be used for segmentation, and return it.

    The check covers shapes, range, device, dtype, evaluation mode, determinism, independence of
    the images in a batch, and the decoder's forward-mode derivative, which the exact method needs.

    Parameters
    ----------
    model
        An object with ``encode`` and ``decode``.
    image_size
        Height and width of the test images in pixels. The default is the model's ``image_size``,
        or else 64 × 64.

    Returns
    -------
    LatentModel
        The same model.

    Raises
    ------
    InvalidModelError
        If the model is invalid; the error lists every problem and its fix.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> validate(AutoEncoder().eval()).kind
    'ae'
    """
    problems = list(_find_missing_methods(model)) or list(
        _find_faults(model, _resolve_size(model, image_size))
    )
    if problems:
        raise InvalidModelError(problems)
    valid: LatentModel = model
    return valid


def _resolve_size(model: object, image_size: tuple[int, int] | None) -> tuple[int, int]:
    return image_size or getattr(model, "image_size", None) or (64, 64)


def _find_missing_methods(model: object) -> Iterator[str]:
    for name in ("encode", "decode"):
        if not callable(getattr(model, name, None)):
            yield (
                f"the model has no method {name!r}: give it one, or wrap a module that has "
                "`encoder` and `decoder` with models.adapt"
            )


def _find_faults(model: object, size: tuple[int, int]) -> Iterator[str]:
    if isinstance(model, nn.Module):
        if model.training:
            yield "the model is in training mode: call model.eval()"
        dtypes = {parameter.dtype for parameter in model.parameters()}
        if dtypes - {torch.float32}:
            yield f"the model's weights are {_join_names(dtypes)}: call model.float()"
        devices = {parameter.device for parameter in model.parameters()}
        if len(devices) > 1:
            yield f"the model's weights are on {_join_names(devices)}: call model.to(one device)"
            return
    with torch.no_grad():
        yield from _find_faults_in_use(model, _test_images(model, size))


def _test_images(model: object, size: tuple[int, int]) -> Tensor:
    weights = next(model.parameters(), None) if isinstance(model, nn.Module) else None
    generator = torch.Generator().manual_seed(0)
    images = torch.rand((2, 3, *size), generator=generator)
    return images if weights is None else images.to(weights.device)


def _find_faults_in_use(model: Any, images: Tensor) -> Iterator[str]:
    shape = tuple(images.shape)
    latents, problem = _call("encode", model.encode, images)
    if latents is None:
        yield problem
        return
    if latents.ndim < 2 or len(latents) != 2:
        yield f"encode returned {tuple(latents.shape)} for images {shape}: it must be (n, …)"
        return
    reconstructions, problem = _call("decode", model.decode, latents)
    if reconstructions is None:
        yield problem
        return
    if reconstructions.shape != images.shape:
        yield (
            f"decode returned {tuple(reconstructions.shape)}: it must be the images' shape, {shape}"
        )
        return
    if not (latents.isfinite().all() and reconstructions.isfinite().all()):
        yield "the model returns NaN or infinite values: check its weights"
        return
    if reconstructions.min() < 0 or reconstructions.max() > 1:
        yield (
            f"decode returned values from {reconstructions.min():g} to {reconstructions.max():g}: "
            "end it with a sigmoid, or scale to [0, 1]"
        )
    if not torch.equal(model.decode(latents), reconstructions) or not torch.equal(
        model.encode(images), latents
    ):
        yield (
            "two calls with the same images return different results: call model.eval(), or seed it"
        )
    elif not torch.allclose(model.encode(images[:1]), latents[:1], rtol=1e-3, atol=1e-4):
        yield "an image's latents depend on the others in its batch: use BatchNorm in eval mode"
    yield from _find_derivative_faults(model, latents)


def _find_derivative_faults(model: Any, latents: Tensor) -> Iterator[str]:
    try:
        change = derivative(model.decode, latents, torch.ones_like(latents))
    except (RuntimeError, NotImplementedError) as error:
        yield (
            f"decode has no forward-mode derivative ({_first_line(error)}): the exact method "
            "needs one; use layers that torch.func knows"
        )
        return
    if not change.isfinite().all():
        yield "decode's derivative is NaN or infinite: check its weights"


def _call(
    name: str, method: Callable[[Tensor], Any], argument: Tensor
) -> tuple[Tensor | None, str]:
    try:
        output = method(argument)
    except Exception as error:  # report any error of the model as one sentence
        return None, f"{name} failed on {tuple(argument.shape)}: {_first_line(error)}"
    if not isinstance(output, Tensor):
        return None, f"{name} returned {type(output).__name__}: it must return one tensor"
    return output, ""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _join_names(values: set[Any]) -> str:
    return " and ".join(sorted(str(value).removeprefix("torch.") for value in values))
