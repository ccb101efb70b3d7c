"""`LNSSettings`: the parameters of Latent Noise Segmentation.

The class defines the signature of the segmenter, its form, its command-line options and its
documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from napari_lns._parameters import Range
from napari_lns._size import WIDEST_BORDER, WIDEST_MIN_WIDTH, WIDEST_NEIGHBOURHOOD
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.segmentation.lns.layer_names import LATENT, OUTPUT
from napari_lns.segmentation.lns.method import METHODS
from napari_lns.segmentation.lns.noise_kind import NOISE_KINDS

__all__ = ["LNSSettings"]


@dataclass(frozen=True)
class LNSSettings:
    """Latent Noise Segmentation (Lonnqvist, Wu & Herzog, ICML 2024).

    Parameters
    ----------
    method
        ``sampled`` is the paper's: differences of noisy outputs. ``smoothed`` regresses the outputs
        on the noise, with less variance for the same number of decodes. ``exact`` uses no noise: it
        is the decoder's derivative, the limit of both for small noise.
    noise
        Standard deviation σ of the noise. If neither it nor relative_noise is given, σ is that
        of the model's card, and without a card 0.001, as in the paper.
    relative_noise
        σ relative to the standard deviation of the model's latents over training images.
    samples
        Number of noisy outputs (N); the exact method needs none.
    noise_kind
        ``poisson`` has a variance proportional to a unit's activity, like the spike counts of
        neurons.
    noise_layer
        Layer to which noise is added: ``latent``, the name of one of the decoder's layers, or
        ``output``, the paper's control with noise on the pixels themselves.
    unit_scale
        A factor on σ for each unit, or channel, of the noisy layer.
    averaging
        What outputs are averaged over before they are compared: a square ``neighbourhood``, or
        whole ``elements``, connected regions that differ from a plain background. Elements suit
        images of dots or lines. The paper compares single pixels. ``automatic`` follows the
        model's card.
    neighbourhood
        Side of the square of pixels over which outputs are averaged before they are compared; by
        default that on the model's card, or 1 without a card, as in the paper. Larger
        neighbourhoods group small elements and blur their outlines.
    border_width
        Distance from a segment's border in pixels within which pixels are reassigned to the segment
        whose core has the most similar responses; by default that on the model's card, or 0 without
        a card, as in the paper. This sharpens borders, because pixels on an edge respond mainly to
        its position.
    min_width
        Width in the network's pixels that a segment must have at its widest place. Narrower
        segments, slivers along edges, are dissolved, and the tree is cut deeper to keep the number
        of segments. By default that on the model's card, or 0 (any width) without a card, as in the
        paper.
    clusterer
        How pixels are clustered by their features; the paper uses ``ward``. ``approximate_ward``
        takes seconds if Ward takes minutes, and stores its error in the record.
    criterion
        How ``clusters="auto"`` estimates the number of segments.
    fit
        How to fit an image whose size differs from the network's: ``resize`` stretches it,
        ``pad`` keeps its proportions and repeats its border around it.
    repeats
        Number of repeated runs with other noise, for the map of uncertainty.
    repeat_over
        What is resampled in a repeat: all noise (``seeds``), or the differences of the run
        (``samples``, a bootstrap, which is faster and for ``sampled`` only).
    keep_outputs
        Save the noisy outputs with the result.
    batch
        Images decoded at once; chosen by device and image size if not given.

    Examples
    --------
    >>> LNSSettings(method="exact", repeats=10)
    Traceback (most recent call last):
    ValueError: repeats is 10: the exact limit has no randomness to repeat; use repeats=0
    """

    method: Annotated[str, METHODS] = "sampled"
    noise: Annotated[float, Range(1e-9, None)] | None = None
    relative_noise: Annotated[float, Range(1e-9, None)] | None = None
    samples: Annotated[int, Range(2, 100_000)] = 80
    noise_kind: Annotated[str, NOISE_KINDS] = "gaussian"
    noise_layer: str = LATENT
    unit_scale: Sequence[float] | None = None
    averaging: Literal["automatic", "neighbourhood", "elements"] = "automatic"
    neighbourhood: Annotated[int, Range(1, WIDEST_NEIGHBOURHOOD, "px")] | None = None
    border_width: Annotated[int, Range(0, WIDEST_BORDER, "px")] | None = None
    min_width: Annotated[int, Range(0, WIDEST_MIN_WIDTH, "px")] | None = None
    clusterer: Annotated[str, CLUSTERERS] = "ward"
    criterion: Annotated[str, CRITERIA] = "gap"
    fit: Literal["resize", "pad"] = "resize"
    repeats: Annotated[int, Range(0, 1000)] = 0
    repeat_over: Literal["seeds", "samples"] = "seeds"
    keep_outputs: bool = False
    batch: Annotated[int, Range(2, None)] | None = None

    def __post_init__(self) -> None:
        method = METHODS[self.method]
        if self.neighbourhood is not None and self.neighbourhood % 2 == 0:
            raise ValueError(f"neighbourhood is {self.neighbourhood}: it must be odd")
        if (self.neighbourhood or 1) > 1 and self.averaging == "elements":
            raise ValueError(
                f"neighbourhood is {self.neighbourhood}: it has no effect on averages over "
                "elements; leave it out, or use averaging='neighbourhood'"
            )
        if self.noise_layer != LATENT and not method.takes_any_layer:
            raise ValueError(
                f"noise_layer is {self.noise_layer!r}: the {self.method} method supports noise "
                "only in the latent layer; use method='sampled'"
            )
        method.check(self.samples, self.noise_kind)
        if self.repeats and not method.has_draws:
            raise ValueError(
                f"repeats is {self.repeats}: the {self.method} limit has no randomness to repeat; "
                "use repeats=0"
            )
        can_resample = method.has_differences and self.noise_layer != OUTPUT
        if self.repeats and self.repeat_over == "samples" and not can_resample:
            raise ValueError(
                "repeat_over is 'samples': only the sampled method has differences to resample; "
                "use repeat_over='seeds'"
            )
