"""`Settings`: everything that decides how a training run goes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import cos, pi
from typing import Any

from napari_lns._parameters import unknown_name_error
from napari_lns.models.card import MOST_UNITS

__all__ = ["FITS", "SCENE", "Settings"]

SCENE = "scene.json"  # in the folder of a run on a scene's world
FITS = ("resize", "pad", "crop")
KINDS = ("ae", "vae", "compact")
BETA_RISE = 0.1  # share of the steps over which a fixed β rises from zero


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Parameters
    ----------
    data
        Names of stimuli, drawn on the fly, one folder of images, or the file of one scene.
    kind
        ``"ae"``, ``"vae"`` or ``"compact"``, a smaller variational one.
    steps
        Length of the whole run; the learning rate's cosine runs over it.
    batch
        Images in a step.
    seed
        Seed of weights, stimuli and the VAE's samples.
    rate
        Highest learning rate.
    weight_decay
        Decoupled weight decay: what makes the decoder smooth, and grouping good.
    warm_up
        Share of the steps in which the learning rate rises.
    colour_weight
        Weight of the linear head that reconstructs an 8 × 8 image from the latents. It exists in
        training only, and keeps the networks from ignoring colour.
    colour_until
        Share of the steps after which that head's weight has fallen to zero.
    chroma_weight
        How much more than brightness chroma counts for the head: in most sets it varies far less.
    start
        Weights to begin with: the name or file of a model, or nothing.
    contrast_power
        Power of an image's variance that its error is divided by, so that images of low contrast,
        whose errors are small, count too; 0 weighs all errors alike, as in the paper.
    goal
        Squared error per pixel and channel at which GECO holds a VAE; the paper's is 0.0006.
    geco_speed
        How much faster than in the paper GECO moves the VAE's β: the paper's runs are longer.
    beta
        A fixed β for a VAE; 0 leaves it to GECO. It makes a latent unit cost something wherever it
        is not needed, so that nothing responds where nothing is.
    latent_size
        Number of latent units; the paper's is 15.
    dropout
        Share of the responses of the encoder's convolutions that are silenced at random in each
        step, so that the reconstruction does not depend on a few of them. In training only.
    fit
        How a folder's images are brought to the network's size: ``"resize"`` stretches whole
        images, ``"pad"`` keeps their proportions and repeats their border around them, ``"crop"``
        takes random squares.
    mirror
        Whether half of a folder's images are mirrored at random.

    Examples
    --------
    >>> Settings(("kanizsa",), steps=1000).learning_rate(50)
    0.001
    """

    data: tuple[str, ...]
    kind: str = "ae"
    steps: int = 36_000
    batch: int = 16
    seed: int = 0
    rate: float = 1e-3
    weight_decay: float = 0.3
    warm_up: float = 0.05
    colour_weight: float = 0.3
    colour_until: float = 0.4
    chroma_weight: float = 30.0
    start: str = ""
    goal: float = 0.0006
    geco_speed: float = 10.0
    contrast_power: float = 1.0
    latent_size: int = 15
    dropout: float = 0.0
    beta: float = 0.0
    fit: str = "resize"
    mirror: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown_name_error("kind of network", self.kind, KINDS)
        if self.fit not in FITS:
            raise unknown_name_error("fit", self.fit, FITS)
        if not self.data:
            raise ValueError("data is empty: name a stimulus or a folder of images")
        for name in ("steps", "batch", "latent_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be 1 or more")
        if self.latent_size > MOST_UNITS:
            raise ValueError(f"latent_size is {self.latent_size}: it must be {MOST_UNITS} or less")
        for name in ("rate", "goal", "geco_speed"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be above 0")
        if not self.beta >= 0:
            raise ValueError(f"beta is {self.beta}: it must be 0 or more")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}: it must be 0 or more, and below 1")

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step: a linear rise, then a cosine down to zero."""
        rise = max(1, round(self.warm_up * self.steps))
        if step < rise:
            return self.rate * (step + 1) / rise
        return self.rate * 0.5 * (1 + cos(pi * (step - rise) / max(1, self.steps - rise)))

    def head_weight(self, step: int) -> float:
        """Return the colour head's weight at a step: a straight line down to zero."""
        end = self.colour_until * self.steps
        return self.colour_weight * max(0.0, 1 - step / end) if end > 0 else 0.0

    def beta_at(self, step: int) -> float:
        """Return the fixed β at a step: a linear rise, then constant."""
        return self.beta * min(1.0, (step + 1) / max(1.0, BETA_RISE * self.steps))

    def to_json(self) -> dict[str, Any]:
        """Return the settings, safe for JSON."""
        return {**asdict(self), "data": list(self.data)}
