"""`Settings`: the training data and hyperparameters of a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import cos, pi
from typing import Annotated, Any

from napari_lns._parameters import Range, check, inspect_parameters
from napari_lns._size import MOST_UNITS

__all__ = ["FITS", "SCENE", "Settings"]

SCENE = "scene.json"  # in the folder of a run on a scene's world
FITS = ("resize", "pad", "crop")
KINDS = ("ae", "vae", "compact", "waves", "surfaces")
BETA_RISE = 0.1  # share of the steps over which a fixed β rises from zero


@dataclass(frozen=True)
class Settings:
    """Training data and hyperparameters of a network.

    Parameters
    ----------
    data
        Names of stimuli, which are drawn on the fly; a folder of images; or the file of a scene.
    kind
        ``"ae"``, ``"vae"``, ``"compact"`` for a smaller variational autoencoder, ``"waves"`` for a
        compact one that learns fine patterns, or ``"surfaces"`` for one that learns scenes of many
        objects, with nine latent units for each.
    steps
        Number of steps of the whole run, over which the learning rate falls.
    batch
        Number of images in a step.
    seed
        Random seed of weights, stimuli and the VAE's samples.
    rate
        Highest learning rate.
    weight_decay
        Decoupled weight decay. It makes the decoder smooth, which improves segmentation.
    warm_up
        Share of the steps in which the learning rate rises.
    colour_weight
        Weight of a linear head that reconstructs an 8 × 8 image from the latents. The head exists
        only in training, and keeps networks from ignoring colour.
    colour_until
        Share of the steps after which that weight is zero.
    chroma_weight
        Weight of chroma relative to brightness in the head's error. In most sets chroma varies
        much less.
    start
        Initial weights: the name or file of a model; empty for random ones.
    contrast_power
        Power of an image's variance by which its error is divided, so that images of low contrast,
        whose errors are small, contribute. 0 weighs all errors equally, as in the paper.
    goal
        Squared error per pixel and channel that GECO maintains for a VAE; 0.0006 in the paper.
    geco_speed
        Factor on the speed at which GECO changes β in the paper, where runs are longer.
    beta
        A fixed β for a VAE; 0 uses GECO. A fixed β penalises latent units that are not needed, so
        that they do not respond.
    latent_size
        Number of latent units; 15 in the paper.
    growth
        Share of the steps in which a world grows from its narrowest scenes to its whole domain; 0
        draws from the whole domain at once. For the world of ``contour_integration``.
    dropout
        Share of the responses of the encoder's convolutions that are set to zero at random in each
        training step, so that the reconstruction does not depend on few of them.
    fit
        How a folder's images are resized for the network: ``"resize"`` resizes whole images,
        ``"pad"`` keeps their proportions and repeats their border around them, ``"crop"`` takes
        random squares.
    mirror
        Whether half of a folder's images are mirrored at random.

    Examples
    --------
    >>> Settings(("kanizsa",), steps=1000).learning_rate(50)
    0.001
    """

    data: tuple[str, ...]
    kind: Annotated[str, KINDS] = "ae"
    steps: Annotated[int, Range(1, None)] = 36_000
    batch: Annotated[int, Range(1, None)] = 16
    seed: Annotated[int, Range(0, None)] = 0
    rate: Annotated[float, Range(0, None)] = 1e-3
    weight_decay: Annotated[float, Range(0, None)] = 0.3
    warm_up: Annotated[float, Range(0, 1)] = 0.05
    colour_weight: Annotated[float, Range(0, None)] = 0.3
    colour_until: float = 0.4
    chroma_weight: Annotated[float, Range(0, None)] = 30.0
    start: str = ""
    goal: Annotated[float, Range(0, None)] = 0.0006
    geco_speed: Annotated[float, Range(0, None)] = 10.0
    contrast_power: Annotated[float, Range(0, None)] = 1.0
    latent_size: Annotated[int, Range(1, MOST_UNITS)] = 15
    growth: Annotated[float, Range(0, 1)] = 0.0
    dropout: Annotated[float, Range(0, 1)] = 0.0
    beta: Annotated[float, Range(0, None)] = 0.0
    fit: Annotated[str, FITS] = "resize"
    mirror: bool = False

    def __post_init__(self) -> None:
        if not self.data:
            raise ValueError("data is empty: name a stimulus or a folder of images")
        known = inspect_parameters(type(self))
        check(known, {name: getattr(self, name) for name in known})
        for name in ("rate", "goal", "geco_speed"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be above 0")
        if self.dropout == 1:
            raise ValueError("dropout is 1: it must be below 1")

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step: it rises linearly, then falls to zero as a cosine."""
        rise = max(1, round(self.warm_up * self.steps))
        if step < rise:
            return self.rate * (step + 1) / rise
        return self.rate * 0.5 * (1 + cos(pi * (step - rise) / max(1, self.steps - rise)))

    def head_weight(self, step: int) -> float:
        """Return the colour head's weight at a step, which falls linearly to zero."""
        end = self.colour_until * self.steps
        return self.colour_weight * max(0.0, 1 - step / end) if end > 0 else 0.0

    def beta_at(self, step: int) -> float:
        """Return the fixed β at a step: it rises linearly, then stays constant."""
        return self.beta * min(1.0, (step + 1) / max(1.0, BETA_RISE * self.steps))

    def to_json(self) -> dict[str, Any]:
        """Return the settings in a JSON-compatible form."""
        return {**asdict(self), "data": list(self.data)}
