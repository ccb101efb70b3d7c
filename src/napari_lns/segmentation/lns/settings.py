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
        ``sampled`` is the paper's: differences of noisy outputs. ``smoothed`` regresses the
        outputs on the noise: less random for as many decodes. ``exact`` uses no noise: the
        decoder's derivative, the limit of both for small noise.
    noise
        Standard deviation σ of the noise. If neither it nor relative_noise is given, σ is that
        of the model's card, and without a card 0.001, as in the paper.
    relative_noise
        σ relative to the standard deviation of the model's latents over training images.
    samples
        Number of noisy outputs (N); the exact method needs none.
    noise_kind
        ``poisson`` has a variance that grows with a unit's activity, as in neurons that count
        spikes.
    noise_layer
        Where the noise goes in: ``latent``, the name of one of the decoder's layers, or
        ``output``, the paper's control: noise on the pixels themselves.
    unit_scale
        A factor on σ for each unit, or channel, of the noisy layer.
    neighbourhood
        Side of the square of pixels over which outputs are averaged before they are compared; if
        not given, the model's card tells it, and without a card it is 1, as in the paper. Larger
        ones group small elements, and blur their outlines.
    border_width
        How far from a segment's border pixels are reassigned to the segment whose core responds
        most like them; if not given, the model's card tells it, and without a card it is 0, as in
        the paper. It sharpens edges, whose pixels respond above all to the edge's place.
    min_width
        Width that a segment must have somewhere, on the network's pixels: narrower ones, slivers
        along edges, are dissolved, and the tree is cut deeper for as many wide ones. If not given,
        the model's card sets it, and without a card it is 0, as in the paper: any width.
    clusterer
        How pixels are clustered by their features; the paper uses ``ward``. ``approximate_ward``
        takes seconds where Ward takes minutes, and reports its error in the record.
    criterion
        How ``clusters="auto"`` estimates the number of segments.
    fit
        What to do with an image of another size than the network's: ``resize`` stretches it,
        ``pad`` keeps its proportions and repeats its border around it.
    repeats
        Number of repeated runs with other noise, for the map of uncertainty.
    repeat_over
        What is drawn anew in a repeat: all noise (``seeds``), or which of the run's own
        differences are taken (``samples``, the bootstrap: quicker, for ``sampled`` only).
    keep_outputs
        Save the noisy outputs with the result.
    batch
        Images decoded at once; chosen by device and image size if not given.

    Examples
    --------
    >>> LNSSettings(method="exact", repeats=10)
    Traceback (most recent call last):
    ValueError: repeats is 10: the exact limit has no chance in it to repeat over; take repeats=0
    """

    method: Annotated[str, METHODS] = "sampled"
    noise: Annotated[float, Range(1e-9, None)] | None = None
    relative_noise: Annotated[float, Range(1e-9, None)] | None = None
    samples: Annotated[int, Range(2, 100_000)] = 80
    noise_kind: Annotated[str, NOISE_KINDS] = "gaussian"
    noise_layer: str = LATENT
    unit_scale: Sequence[float] | None = None
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
        if self.noise_layer != LATENT and not method.takes_any_layer:
            raise ValueError(
                f"noise_layer is {self.noise_layer!r}: the {self.method} method takes noise in "
                "the latent layer only; take method='sampled'"
            )
        method.check(self.samples, self.noise_kind)
        if self.repeats and not method.has_draws:
            raise ValueError(
                f"repeats is {self.repeats}: the {self.method} limit has no chance in it to repeat "
                "over; take repeats=0"
            )
        can_resample = method.has_differences and self.noise_layer != OUTPUT
        if self.repeats and self.repeat_over == "samples" and not can_resample:
            raise ValueError(
                "repeat_over is 'samples': only the sampled method's differences can be drawn "
                "again; take repeat_over='seeds'"
            )
