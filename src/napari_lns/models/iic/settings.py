"""`IICSettings`: the training data and hyperparameters of an IIC network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from math import cos, inf, pi
from typing import Any

from napari_lns._parameters import unknown_name_error
from napari_lns._records import validate_json
from napari_lns.models.iic.transforms import Transform

__all__ = ["DIGITS", "PHOTOS", "PIXELS", "PRESETS", "IICSettings"]

MOST = 10_000  # images, heads or clusters: more would fill the memory


@dataclass(frozen=True)
class IICSettings:
    """Training data and hyperparameters of an IIC network.

    `PIXELS`, `DIGITS` and `PHOTOS` are presets.

    Parameters
    ----------
    data
        A Good Gestalt set, a stimulus, ``"digits"``, a folder of images, or an image file.
    network
        ``"pixels"`` (net10a) to cluster pixels; ``"digits"`` or ``"photos"`` for whole images.
    clusters
        Number of clusters C of the main head.
    auxiliary
        Number of clusters of the auxiliary head, trained in every second step; 0 for none.
    copies
        Sub-heads of each head.
    width
        Factor on the paper's numbers of channels.
    sobel
        Whether the input of a pixel network is grey values and Sobel responses instead of colour.
    steps
        Number of steps of the whole run, over which the learning rate falls.
    batch
        Number of images in a step.
    seed
        Random seed of weights, images and transforms.
    rate
        Initial learning rate.
    pairs
        Number of transformed versions of each image in a step.
    reach
        T: largest distance in pixels to the neighbours of a pixel (pixel networks).
    evenness
        λ, the weight of the marginals' entropy.
    transform
        Random variation between versions of an image.

    Examples
    --------
    >>> from dataclasses import replace
    >>> replace(DIGITS, steps=100).learning_rate(50) / DIGITS.rate
    0.5
    """

    data: str = ""
    network: str = "pixels"
    clusters: int = 3
    auxiliary: int = 0
    copies: int = 5
    width: float = 0.125
    sobel: bool = False
    steps: int = 400
    batch: int = 16
    seed: int = 0
    rate: float = 1e-3
    pairs: int = 1
    reach: int = 5
    evenness: float = 1.0
    transform: Transform = field(default_factory=Transform)

    def __post_init__(self) -> None:
        if self.network not in ("pixels", "digits", "photos"):
            raise unknown_name_error("IIC network", self.network, ("pixels", "digits", "photos"))
        for name in ("steps", "batch", "copies", "pairs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be 1 or more")
        for name in ("batch", "copies", "pairs", "clusters", "auxiliary"):
            if getattr(self, name) > MOST:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be {MOST} or less")
        for name in ("rate", "width"):
            if not 0 < getattr(self, name) < inf:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be a number above 0")
        most = max(self.clusters, self.auxiliary)
        if self.network != "pixels" and self.batch < most:
            raise ValueError(
                f"batch is {self.batch}, fewer images than the {most} clusters: choose a "
                "larger batch or fewer clusters"
            )

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step, which falls to zero as a cosine."""
        return self.rate * 0.5 * (1 + cos(pi * step / self.steps))

    def to_json(self) -> dict[str, Any]:
        """Return the settings in a JSON-compatible form."""
        values = asdict(self)
        values["transform"]["zoom"] = list(self.transform.zoom)
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> IICSettings:
        """Return the settings that `to_json` returned."""
        return validate_json(cls, json.dumps(values), "settings")


PIXELS = IICSettings()
DIGITS = IICSettings(
    data="digits",
    network="digits",
    clusters=10,
    batch=256,
    pairs=2,
    evenness=2.0,
    transform=Transform(zoom=(0.8, 1.2), turn=20.0, flip=False, jitter=0.2),
)
PHOTOS = IICSettings(network="photos", clusters=10, batch=64, pairs=2, evenness=2.0)
PRESETS = {"pixels": PIXELS, "digits": DIGITS, "photos": PHOTOS}
