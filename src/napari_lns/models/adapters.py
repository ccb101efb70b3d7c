"""Adapters for other networks: modules with `encoder` and `decoder`, and layers of classifiers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from napari_lns.models.networks import AutoEncoder

__all__ = ["AdaptedModel", "ClassifierAutoEncoder", "adapt"]


class AdaptedModel(nn.Module):
    """A model that consists of an encoder module and a decoder module.

    Parameters
    ----------
    encoder, decoder
        The two modules. If one returns several tensors, as the encoder of a VAE may, the first one
        is used.
    image_size
        Height and width of the input images in pixels.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> network = AutoEncoder().eval()
    >>> AdaptedModel(network.encoder, network.decoder).encode(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 15])
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, image_size: tuple[int, int] = (64, 64)
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.image_size = encoder, decoder, image_size

    def encode(self, images: Tensor) -> Tensor:
        """Return the latents of images (n, 3, H, W)."""
        return _first_tensor(self.encoder(images))

    def decode(self, latents: Tensor) -> Tensor:
        """Return the images (n, 3, H, W) that latents encode."""
        return _first_tensor(self.decoder(latents))


def adapt(module: nn.Module, image_size: tuple[int, int] = (64, 64)) -> AdaptedModel:
    """Wrap a module that has the attributes ``encoder`` and ``decoder``.

    Parameters
    ----------
    module
        The module. The model is returned in evaluation mode.
    image_size
        Height and width of the input images in pixels.

    Returns
    -------
    AdaptedModel
        The model.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder, validate
    >>> model = validate(adapt(AutoEncoder()))
    """
    for name in ("encoder", "decoder"):
        if not isinstance(getattr(module, name, None), nn.Module):
            raise ValueError(
                f"the module has no part {name!r}: give its two parts to models.AdaptedModel"
            )
    return AdaptedModel(module.encoder, module.decoder, image_size).eval()  # type: ignore[arg-type]


class ClassifierAutoEncoder(AutoEncoder):
    """An autoencoder whose encoder is a layer of a classifier.

    The classifier does not change. `models.train(..., network=...)` trains a linear map from its
    layer to the latents, and the paper's decoder.

    Parameters
    ----------
    classifier
        The classifier, a module for images (n, 3, 64, 64).
    layer
        Name of the layer, as in ``classifier.named_modules()``.
    latent_size
        Number of latent units.

    Examples
    --------
    >>> classifier = nn.Sequential(nn.Conv2d(3, 2, 8, 8), nn.Flatten(), nn.Linear(128, 10))
    >>> ClassifierAutoEncoder(classifier, "0").encode(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 15])
    """

    def __init__(self, classifier: nn.Module, layer: str, latent_size: int = 15) -> None:
        super().__init__(latent_size)
        layers = dict(classifier.named_modules())
        if layer not in layers:
            raise ValueError(f"the classifier has no layer {layer!r}; it has {', '.join(layers)}")
        self.encoder = nn.Sequential(_LayerOutput(classifier, layer), nn.LazyLinear(latent_size))
        with torch.no_grad():
            self.encoder(torch.zeros(1, 3, *self.image_size))
        for parameter in self.encoder[0].parameters():
            parameter.requires_grad_(False)


class _LayerOutput(nn.Module):
    def __init__(self, classifier: nn.Module, layer: str) -> None:
        super().__init__()
        self.classifier = classifier.eval()
        self.layer = layer

    def train(self, mode: bool = True) -> _LayerOutput:
        """Stay in evaluation mode: the classifier is not trained."""
        return super().train(False)

    def forward(self, images: Tensor) -> Tensor:
        """Return the flattened output of the layer."""
        outputs: list[Tensor] = []
        layer = self.classifier.get_submodule(self.layer)
        handle = layer.register_forward_hook(lambda *call: outputs.append(_first_tensor(call[2])))
        try:
            self.classifier(images)
        finally:
            handle.remove()
        return outputs[0].flatten(1)


def _first_tensor(output: Any) -> Tensor:
    first: Tensor = output[0] if isinstance(output, tuple | list) else output
    return first
