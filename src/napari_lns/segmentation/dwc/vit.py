"""Random walks from the self-attention of a vision transformer of transformers or timm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns.segmentation.dwc.attention import Attention, Layers
from napari_lns.segmentation.dwc.pretrained import as_batch, load_pretrained
from napari_lns.segmentation.dwc.walks import Walk

__all__ = ["load_vit", "vit_walk"]

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # mean and SD of ImageNet's images


def load_vit(weights: str) -> Any:
    """Load a vision transformer from this computer.

    Parameters
    ----------
    weights
        A folder that transformers can load, or the name of a model in the hub's cache.

    Examples
    --------
    >>> load_vit("no/model")
    Traceback (most recent call last):
    FileNotFoundError: the weights of 'no/model' are not on this computer: fetch them once with
    `hf download no/model`, or give the folder that holds them
    """
    return load_pretrained(weights, "transformers", "AutoModel").eval()


def vit_walk(
    image: NDArray[np.floating[Any]],
    model: Any,
    *,
    layers: Layers = "all",
    device: str | torch.device = "cpu",
) -> Walk:
    """Apply a vision transformer to an image and return its attention as a walk.

    Tokens that represent no patch (class token, registers) are left out.

    Parameters
    ----------
    image
        (H, W, 3) in [0, 1]; it is resized to the input size of the model.
    model
        A vision transformer of transformers or timm.
    layers
        Layers to average, see `Attention`.
    device
        Device to run on.

    Examples
    --------
    >>> from transformers import ViTConfig, ViTModel
    >>> small = ViTConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
    ...                   intermediate_size=8, image_size=32, patch_size=8)
    >>> vit_walk(np.zeros((64, 64, 3)), ViTModel(small).eval()).grid
    (4, 4)
    """
    size, grid = _sizes(model)
    batch = as_batch(image, size, _MEAN, _DEVIATION).to(device)
    attention_maps = _timm_maps if hasattr(model, "patch_embed") else _transformers_maps
    attention = Attention(layers)
    with torch.inference_mode():
        for weights in attention_maps(model.to(device), batch):
            tokens = weights[0].float().mean(dim=0).cpu().numpy()
            first = len(tokens) - grid[0] * grid[1]
            attention.add(tokens[first:, first:], grid)
    return attention.walk()


def _sizes(model: object) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return height and width of the image, and rows and columns of patches."""
    settings = getattr(model, "patch_embed", None) or getattr(model, "config", None)
    image = getattr(settings, "img_size", None) or getattr(settings, "image_size", None)
    patch = getattr(settings, "patch_size", None)
    if image is None or patch is None:
        raise ValueError(
            f"{type(model).__name__} does not define its image and patch size: use a vision "
            "transformer of transformers or timm"
        )
    (height, width), (rows, columns) = _pair(image), _pair(patch)
    return (height, width), (height // rows, width // columns)


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))


def _transformers_maps(model: Any, batch: Tensor) -> Iterable[Tensor]:
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")  # other implementations return no attention
    try:
        maps: Iterable[Tensor] = model(batch, output_attentions=True).attentions
    finally:
        model.set_attn_implementation(before)
    return maps


def _timm_maps(model: Any, batch: Tensor) -> Iterable[Tensor]:
    maps: list[Tensor] = []
    blocks = [block.attn for block in model.blocks]
    before = [block.fused_attn for block in blocks]
    hooks = [
        block.attn_drop.register_forward_hook(lambda module, inputs, output: maps.append(output))
        for block in blocks
    ]
    try:
        for block in blocks:
            block.fused_attn = False  # a fused kernel returns no attention
        model(batch)
    finally:
        for block, fused, hook in zip(blocks, before, hooks, strict=True):
            block.fused_attn = fused
            hook.remove()
    return maps
