"""Random walks from the self-attention of Stable Diffusion's UNet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_lns._extras import extra_module
from napari_lns.segmentation.dwc.attention import Attention, Layers
from napari_lns.segmentation.dwc.pretrained import as_batch, load_pretrained
from napari_lns.segmentation.dwc.walks import Walk

__all__ = ["diffusion_walk", "load_pipeline"]


def load_pipeline(weights: str) -> Any:
    """Load a text-to-image pipeline from this computer.

    Parameters
    ----------
    weights
        A folder that diffusers can load, or the name of a pipeline in the hub's cache.

    Examples
    --------
    >>> load_pipeline("no/pipeline")
    Traceback (most recent call last):
    FileNotFoundError: the weights of 'no/pipeline' are not on this computer: fetch them once with
    `hf download no/pipeline`, or give the folder that holds them
    """
    return load_pretrained(weights, "diffusers", "AutoPipelineForText2Image")


def diffusion_walk(
    image: NDArray[np.floating[Any]],
    pipeline: Any,
    *,
    time_step: int = 300,
    layers: Layers = "all",
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Walk:
    """Compute the walk from the UNet's self-attention for the noisy latent of an image.

    The UNet is applied once, at one time step, with an empty prompt. Stable Diffusion 1, 2 and XL
    pipelines of diffusers are supported.

    Parameters
    ----------
    image
        (H, W, 3) in [0, 1]; it is resized to the square input of the UNet.
    pipeline
        A pipeline with `vae`, `unet`, `scheduler` and `encode_prompt`.
    time_step
        Amount of noise: 0 is hardly any, 999 almost only noise. DiffSeg uses 300.
    layers
        Layers to average, see `Attention`.
    seed
        Random seed of the noise.
    device
        Device to run on.
    """
    pipeline.to(device)
    unet = pipeline.unet
    attention = Attention(layers)
    with torch.inference_mode(), _record_attention(unet, attention):
        noisy = _add_noise(_latent(image, pipeline), pipeline, time_step, seed)
        unet(noisy, time_step, **_empty_prompt(pipeline))
    return attention.walk()


def _latent(image: NDArray[np.floating[Any]], pipeline: Any) -> Tensor:
    side = _side(pipeline)
    batch = as_batch(image, (side, side)).to(pipeline.vae.device, pipeline.vae.dtype)
    latent: Tensor = pipeline.vae.encode(batch).latent_dist.mode()
    return latent * float(pipeline.vae.config.scaling_factor)


def _side(pipeline: Any) -> int:
    return int(pipeline.unet.config.sample_size * pipeline.vae_scale_factor)


def _add_noise(latent: Tensor, pipeline: Any, time_step: int, seed: int) -> Tensor:
    schedule = extra_module("diffusers", "diffusion").DDPMScheduler.from_config(
        pipeline.scheduler.config
    )
    if not 0 <= time_step < schedule.config.num_train_timesteps:
        raise ValueError(
            f"time_step is {time_step}: it must be between 0 and "
            f"{schedule.config.num_train_timesteps - 1}"
        )
    generator = torch.Generator().manual_seed(seed)  # on the CPU, so that devices agree
    noise = torch.randn(latent.shape, generator=generator).to(latent)
    noisy: Tensor = schedule.add_noise(latent, noise, torch.tensor([time_step]))
    return noisy


def _empty_prompt(pipeline: Any) -> dict[str, Any]:
    embeddings = pipeline.encode_prompt(
        prompt="",
        device=pipeline.unet.device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=False,
    )
    conditions = {"encoder_hidden_states": embeddings[0]}
    if pipeline.unet.config.addition_embed_type != "text_time":
        return conditions
    side = _side(pipeline)
    sizes = torch.tensor([[side, side, 0, 0, side, side]]).to(embeddings[0])
    return conditions | {"added_cond_kwargs": {"text_embeds": embeddings[2], "time_ids": sizes}}


@contextmanager
def _record_attention(unet: Any, attention: Attention) -> Iterator[None]:
    """Record the probabilities of every self-attention processor during the block."""
    before = unet.attn_processors
    unet.set_attn_processor(
        {
            name: _RecordingProcessor(processor, attention) if ".attn1." in name else processor
            for name, processor in before.items()
        }
    )
    try:
        yield
    finally:
        unet.set_attn_processor(before)


class _RecordingProcessor:
    """An attention processor that wraps another one and records its probabilities."""

    def __init__(self, processor: Callable[..., Tensor], attention: Attention) -> None:
        self.processor = processor
        self.attention = attention

    def __call__(
        self, module: Any, hidden_states: Tensor, *arguments: Any, **options: Any
    ) -> Tensor:
        patches = hidden_states.shape[1]
        query = module.head_to_batch_dim(module.to_q(hidden_states))
        key = module.head_to_batch_dim(module.to_k(hidden_states))
        total = torch.zeros(patches, patches, device=query.device)
        for head in range(
            len(query)
        ):  # one by one, because all at once would need eight times the memory
            part = slice(head, head + 1)
            total += module.get_attention_scores(query[part], key[part])[0]
        side = math.isqrt(patches)
        self.attention.add((total / len(query)).cpu().numpy(), (side, side))
        output: Tensor = self.processor(module, hidden_states, *arguments, **options)
        return output
