"""Compute what the noise lens shows: noisy outputs around a pixel, and moves along a latent axis.

This code must not use Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.segmentation import resize_map
from napari_lns.viewer.inspect.replay import BATCH, rebuild_source

if TYPE_CHECKING:
    from torch import Tensor

    from napari_lns.segmentation.lns.source import Source

__all__ = ["Lens", "make_lens"]

FRAMES = 24
VISIBLE_CHANGE = 0.25  # in grey level or colour, to which the strongest responses are scaled
RADIUS = 0.16  # of the disc, as a share of the image's shorter side
MAX_DERIVATIVES = 200_000_000  # number of values
STEP = 0.05  # change of the pixel per wheel step, in linear approximation

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lens:
    """The data that the noise lens needs for one result.

    Parameters
    ----------
    source
        The latent activity, and the network that decodes it.
    shape
        Height and width of the image.
    reconstruction
        The reconstruction, (h, w, 3).
    frames
        Noisy outputs, (n, h, w, 3), with amplified differences from the reconstruction.
    gain
        The factor of the amplification.
    jacobian
        The derivative of the image along each latent unit, (units, 3, h, w).
    """

    source: Source
    shape: tuple[int, int]
    reconstruction: Array
    frames: Array
    gain: float
    jacobian: Tensor

    def noisy_disc(self, number: int, row: int, column: int) -> Array:
        """Return a noisy output in a disc around a pixel, transparent elsewhere, (H, W, 4)."""
        height, width = self.shape
        rows, columns = np.ogrid[:height, :width]
        radius = max(2.0, RADIUS * min(self.shape))
        inside = (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
        frame = resize_map(self.frames[number % len(self.frames)], self.shape)
        return np.dstack([frame, inside]).astype(np.float32)

    def latent_axis(self, row: int, column: int) -> Tensor:
        """Return the latent direction to which a pixel responds most, (units,).

        Its length changes the pixel by 1, if the network is linear.
        """
        import torch

        height, width = self.reconstruction.shape[:2]
        place = row * height // self.shape[0], column * width // self.shape[1]
        pixel = self.jacobian[:, :, place[0], place[1]]
        direction, strength, _ = torch.linalg.svd(pixel, full_matrices=False)
        largest = float(strength[0])
        return direction[:, 0] / largest if largest > 0 else torch.zeros_like(direction[:, 0])

    def image_along_axis(self, row: int, column: int, steps: int) -> Array:
        """Return the image after a number of steps along the latent axis of a pixel, (H, W, 4)."""
        import torch

        change = (STEP * steps * self.latent_axis(row, column)).reshape(self.source.activity.shape)
        with torch.inference_mode():
            image = self.source.images(self.source.activity + change)[0].clamp(0, 1)
        pixels = resize_map(image.permute(1, 2, 0).cpu().numpy(), self.shape)
        return np.dstack([pixels, np.ones(self.shape)]).astype(np.float32)


def make_lens(segmentation: Segmentation) -> Lens:
    """Compute noisy outputs and derivatives from the record of a result.

    Parameters
    ----------
    segmentation
        A result of Latent Noise Segmentation.

    Returns
    -------
    Lens

    Raises
    ------
    ValueError
        If the network cannot be run again, or has too many latent units.

    Examples
    --------
    >>> from napari_lns import segment, stimuli
    >>> segmentation = segment(stimuli.draw("kanizsa_figure"), "kanizsa-figure", method="exact")
    >>> lens = make_lens(segmentation)
    >>> lens.noisy_disc(0, 20, 20).shape, lens.image_along_axis(20, 20, 1).shape
    ((64, 64, 4), (64, 64, 4))
    """
    import torch

    source = rebuild_source(segmentation)
    count = source.activity.numel()
    if count * source.reconstruction.numel() > MAX_DERIVATIVES:
        raise ValueError(f"the latent layer has {count} units, too many for the lens")
    rows = torch.eye(count, device=source.activity.device).reshape(count, *source.units)
    parts = [source.derivatives(part) for part in torch.split(rows, BATCH)]
    jacobian = torch.cat(parts)
    reconstruction = source.reconstruction.permute(1, 2, 0).cpu().numpy()
    sigma = float(segmentation.record.get("used", {}).get("sigma", 1e-3))
    draws = torch.randn((FRAMES, *source.units), generator=torch.Generator().manual_seed(0)).to(
        source.activity.device
    )
    noisy = source.images(source.activity + sigma * draws).permute(0, 2, 3, 1).cpu().numpy()
    differences = noisy - reconstruction
    gain = VISIBLE_CHANGE / max(float(np.quantile(np.abs(differences), 0.999)), 1e-12)
    frames = np.clip(reconstruction + gain * differences, 0, 1).astype(np.float32)
    height, width = segmentation.labels.shape
    return Lens(source, (height, width), reconstruction, frames, gain, jacobian)
