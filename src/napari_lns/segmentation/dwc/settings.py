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

    What is published does not fix the time step, the layers and the rule: the defaults are ours.

    Parameters
    ----------
    source
        Where the random walk comes from: how alike the model's pixels respond (``lns``), the
        self-attention of Stable Diffusion (``diffusion``) or of a vision transformer (``vit``).
    steps
        Steps of the walk; more join pixels over longer paths, and groups become coarser.
    affinity
        What is cut: how often walkers go between two pixels (``flow``), the average of the chances
        there and back (``plain``), or how alike the places are that they go to (``features``).
    power
        Sharpens ``features``.
    rule
        How ``clusters="auto"`` stops cutting: where walkers stay in their groups most often beyond
        chance (``stability``), before the largest rise of the costs (``gap``), between two classes
        of costs (``otsu``), at the largest fall of the eigenvalues (``eigengap``), or at a cost
        given by hand (``constant``).
    threshold
        The largest Normalised Cut cost for the rule ``constant``.
    smallest
        Fewest patches in a group.
    method
        For ``lns``: how the model is asked, see the segmenter LNS.
    noise
        For ``lns``: standard deviation of the noise.
    relative_noise
        For ``lns``: the same as a share of the latents' spread.
    samples
        For ``lns``: how many noisy outputs.
    sharpness
        For ``lns``: the power to which the cosine of two pixels' responses is raised.
    weights
        For ``diffusion`` and ``vit``: the folder of a pipeline or model, or its name in the cache
        of the Hugging Face hub.
    layers
        For ``diffusion`` and ``vit``: which layers' attention is averaged.
    time_step
        For ``diffusion``: how much noise; 0 is hardly any.

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
