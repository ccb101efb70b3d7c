"""The noisy layer: its activity without noise, and the network that follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from napari_lns._parameters import unknown_name_error
from napari_lns.models.derivative import derivatives
from napari_lns.models.running import ReadyModel, disable_reduced_precision
from napari_lns.segmentation.lns.fitting import NetworkInput
from napari_lns.segmentation.lns.layer_names import LATENT, OUTPUT

__all__ = ["Source", "apply_in_parts", "explain_memory_errors", "layers", "prepare_source"]

SMALLER_BATCHES = "memory was low, so images were decoded in smaller batches"
MEMORY_ADVICE = "close other programs, or use fewer samples, a smaller image or another device"
NO_MEMORY = f"there is too little memory for even one image: {MEMORY_ADVICE}"

Follow = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Source:
    """A layer of a network for one image.

    Parameters
    ----------
    layer
        The layer's name.
    activity
        Its activity without noise, (1, units, …).
    reconstruction
        Reconstruction without noise, (3, h, w).
    follow
        The rest of the network, from activities (n, units, …) to images (n, 3, h, w).
    warnings
        Warnings of the run; new ones are appended.
    """

    layer: str
    activity: Tensor
    reconstruction: Tensor
    follow: Follow
    warnings: list[str] = field(default_factory=list)

    @property
    def units(self) -> tuple[int, ...]:
        """Shape of the activity of the layer."""
        return tuple(self.activity.shape[1:])

    @torch.inference_mode()
    def images(self, activities: Tensor) -> Tensor:
        """Return the images (n, 3, h, w) of activities (n, units, …)."""
        return apply_in_parts(self.follow, activities, self.warnings)

    @torch.no_grad()
    def derivatives(self, directions: Tensor) -> Tensor:
        """Return the derivatives (n, 3, h, w) of the image along directions (n, units, …)."""
        activity = self.activity.clone()  # layers may overwrite their input their input
        try:
            return apply_in_parts(
                partial(derivatives, self.follow, activity), directions, self.warnings
            )
        except (NotImplementedError, RuntimeError) as error:
            raise ValueError(
                f"the model's decode has no forward-mode derivative ({error}): use "
                "method='smoothed', which needs none"
            ) from error


@torch.no_grad()
def prepare_source(model: ReadyModel, network_input: NetworkInput, layer: str) -> Source:
    """Run a network up to a layer.

    Parameters
    ----------
    model
        The model.
    network_input
        The image at the network's input size.
    layer
        ``"latent"``, ``"output"`` or the name of a layer of the decoder.

    Returns
    -------
    Source
    """
    warnings: list[str] = []
    images = network_input.images.to(model.device)
    with disable_reduced_precision():
        latents = _encode(model, images)
        head, tail = _split(model, layer)
        decode = _check_images(tail, network_input)
        activity = head(latents)
        # layers may overwrite their input
        reconstruction = apply_in_parts(decode, activity.clone(), warnings)[0]
        if layer not in (LATENT, OUTPUT):
            _check_equal(reconstruction, network_input.crop(model.decode(latents))[0])
    return Source(layer, activity, reconstruction, decode, warnings)


def apply_in_parts(function: Follow, rows: Tensor, warnings: list[str]) -> Tensor:
    """Apply a function to rows; if memory is insufficient, to each half separately."""
    try:
        with disable_reduced_precision():
            return _check_finite(function(rows), "outputs", "check its weights, or use less noise")
    except (MemoryError, RuntimeError) as error:
        if not _is_memory_error(error):
            raise
        if len(rows) == 1:
            raise MemoryError(NO_MEMORY) from error
    if SMALLER_BATCHES not in warnings:
        warnings.append(SMALLER_BATCHES)
    halves = torch.split(rows, (len(rows) + 1) // 2)
    return torch.cat([apply_in_parts(function, half, warnings) for half in halves])


@contextmanager
def explain_memory_errors(purpose: str) -> Iterator[None]:
    """Replace out-of-memory errors with a short message that names the purpose."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_memory_error(error):
            raise
        raise MemoryError(f"there is too little memory for {purpose}: {MEMORY_ADVICE}") from error


def _check_finite(values: Tensor, name: str, advice: str = "check its weights") -> Tensor:
    if not values.isfinite().all():
        raise ValueError(f"the model's {name} hold NaN or infinite values: {advice}")
    return values


def layers(model: object) -> list[str]:
    """Return the names of the layers to which noise can be added.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> layers(AutoEncoder())[:3]
    ['latent', 'linear_1', 'linear_2']
    """
    decoder = getattr(model, "decoder", None)
    chain = decoder if isinstance(decoder, nn.Sequential) else nn.Sequential()
    return [LATENT, *(name for name, _ in chain.named_children()), OUTPUT]


def _split(model: ReadyModel, layer: str) -> tuple[Follow, Follow]:
    names = layers(model.network)
    if layer not in names:
        raise unknown_name_error("layer", layer, names)
    if layer == LATENT:
        return _identity, model.decode
    if layer == OUTPUT:
        return model.decode, _identity
    cut = names.index(layer)
    decoder: nn.Sequential = model.network.decoder
    return decoder[:cut], decoder[cut:]


def _identity(activities: Tensor) -> Tensor:
    return activities


def _encode(model: ReadyModel, images: Tensor) -> Tensor:
    size = f"{images.shape[2]} × {images.shape[3]}"
    try:
        latents = model.encode(images)
    except (MemoryError, RuntimeError, ValueError) as error:
        if _is_memory_error(error):
            raise MemoryError(NO_MEMORY) from error
        raise ValueError(
            f"the model cannot encode a {size} image ({error}): give it an attribute image_size = "
            "(height, width) with the size it accepts"
        ) from error
    if not isinstance(latents, Tensor) or latents.ndim < 2 or len(latents) != 1:
        raise ValueError(
            f"the model's encode returned {_describe_shape(latents)}: it must return one row of "
            "latents per image"
        )
    return _check_finite(latents, "latents")


def _check_images(tail: Follow, network_input: NetworkInput) -> Follow:
    shape = tuple(network_input.images.shape[1:])

    def follow(activities: Tensor) -> Tensor:
        images = tail(activities)
        if not isinstance(images, Tensor) or images.shape != (len(activities), *shape):
            raise ValueError(
                f"the model's decode returned {_describe_shape(images)}: it must return images "
                f"{(len(activities), *shape)}, the size that it encodes"
            )
        return network_input.crop(images)

    return follow


def _check_equal(one: Tensor, other: Tensor) -> None:
    if not torch.allclose(one, other, atol=1e-4):
        raise ValueError(
            "the model's decode does more than apply its decoder's layers: noise can be added only "
            "to the latent layer and the output"
        )


def _describe_shape(value: object) -> str:
    return f"{tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__


def _is_memory_error(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        "can't allocate memory" in str(error) or "out of memory" in str(error)
    )
