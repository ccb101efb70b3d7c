"""`DWCSettings`: the parameters of Diffusing, Walking and Cutting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from napari_lns._parameters import Range
from napari_lns.segmentation.dwc.affinity import AffinityKind
from napari_lns.segmentation.dwc.attention import Layers
from napari_lns.segmentation.dwc.thresholds import Rule
from napari_lns.segmentation.lns.method import METHODS

__all__ = ["DWCSettings"]


@dataclass(frozen=True)
class DWCSettings:
    """Diffusing, Walking and Cutting (Ivanova, Aversa, Henderson & Williamson, WACV 2026).

    The publication does not specify time step, layers and rule: these defaults are ours.

    Parameters
    ----------
    source
        Source of the random walk: similarity of the pixels' responses to latent noise (``lns``), or
        self-attention of Stable Diffusion (``diffusion``) or of a vision transformer (``vit``).
    steps
        Number of steps of the walk; more steps connect pixels over longer paths and give coarser
        segments.
    affinity
        Affinities that are cut: frequency of walks between two pixels (``flow``), mean of the two
        transition probabilities (``plain``), or similarity of the distributions of destinations
        (``features``).
    power
        Exponent for ``features``; larger values emphasise high similarities.
    rule
        Where ``clusters="auto"`` stops cutting: at the number of segments in which walkers stay
        most often relative to chance (``stability``), before the largest increase in cost
        (``gap``), between two classes of costs (``otsu``), at the largest gap between eigenvalues
        (``eigengap``), or at a fixed cost (``constant``).
    threshold
        Largest Normalised Cut cost for the rule ``constant``.
    smallest
        Smallest number of patches in a segment.
    method
        For ``lns``: estimation method, as for the segmenter LNS.
    noise
        For ``lns``: standard deviation σ of the noise.
    relative_noise
        For ``lns``: σ as a multiple of the latent SD.
    samples
        For ``lns``: number of noisy outputs.
    sharpness
        For ``lns``: exponent of the cosine of two pixels' responses.
    weights
        For ``diffusion`` and ``vit``: folder of a pipeline or model, or its name in the cache of
        the Hugging Face hub.
    layers
        For ``diffusion`` and ``vit``: layers whose attention is averaged.
    time_step
        For ``diffusion``: amount of noise, from 0 (hardly any) to 999.

    Examples
    --------
    >>> DWCSettings().source
    'lns'
    """

    source: Literal["lns", "diffusion", "vit"] = "lns"
    steps: Annotated[int, Range(1, 64)] = 2
    affinity: AffinityKind = "flow"
    power: Annotated[float, Range(0.1, 100)] = 10.0
    rule: Rule = "stability"
    threshold: Annotated[float, Range(0, 2)] = 0.5
    smallest: Annotated[int, Range(1, 1000, "patches")] = 8
    method: Annotated[str, METHODS] = "exact"
    noise: Annotated[float, Range(1e-9, None)] | None = None
    relative_noise: Annotated[float, Range(1e-9, None)] | None = None
    samples: Annotated[int, Range(2, 100_000)] = 80
    sharpness: Annotated[float, Range(0.1, 100)] = 2.0
    weights: str = ""
    layers: Layers = "all"
    time_step: Annotated[int, Range(0, 999)] = 300
