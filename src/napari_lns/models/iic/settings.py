"""`IICSettings`: the training data and hyperparameters of an IIC network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from math import cos, pi
from typing import Annotated, Any

from napari_lns._parameters import Range, check, inspect_parameters

__all__ = ["DIGITS", "PHOTOS", "PIXELS", "PRESETS", "IICSettings", "Transform"]

NETWORKS = ("pixels", "digits", "photos")
MOST = 10_000  # images, heads or clusters: more would fill the memory


@dataclass(frozen=True)
class Transform:
    """Ranges of the random differences between an image and its versions.

    All differences are uniform and independent.

    Parameters
    ----------
    zoom
        Smallest and largest side of the visible window, as a share of the image's side. Above 1,
        the image has a black border.
    turn
        Largest rotation in either direction, in degrees.
    flip
        Whether half of the versions are mirrored left to right.
    jitter
        Largest relative change of brightness, contrast and saturation. The hue changes by up to
        0.3 × jitter of the colour circle.

    Examples
    --------
    >>> Transform(zoom=(0.5, 1.0), flip=False).jitter
    0.4
    """

    zoom: Annotated[tuple[float, float], Range(0, 2)] = (0.7, 1.0)
    turn: Annotated[float, Range(0, 180, "deg")] = 0.0
    flip: bool = True
    jitter: Annotated[float, Range(0, 1)] = 0.4

    def __post_init__(self) -> None:
        low, high = self.zoom
        if not 0 < low <= high <= 2:
            raise ValueError(f"zoom is {self.zoom}: it must be two numbers, 0 < low <= high <= 2")
        if not 0 <= self.jitter < 1:
            raise ValueError(f"jitter is {self.jitter}: it must be at least 0 and less than 1")


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
    network: Annotated[str, NETWORKS] = "pixels"
    clusters: Annotated[int, Range(1, MOST)] = 3
    auxiliary: Annotated[int, Range(0, MOST)] = 0
    copies: Annotated[int, Range(1, MOST)] = 5
    width: Annotated[float, Range(0, None)] = 0.125
    sobel: bool = False
    steps: Annotated[int, Range(1, None)] = 400
    batch: Annotated[int, Range(1, MOST)] = 16
    seed: Annotated[int, Range(0, None)] = 0
    rate: Annotated[float, Range(0, None)] = 1e-3
    pairs: Annotated[int, Range(1, MOST)] = 1
    reach: Annotated[int, Range(0, None)] = 5
    evenness: Annotated[float, Range(0, None)] = 1.0
    transform: Transform = field(default_factory=Transform)

    def __post_init__(self) -> None:
        known = inspect_parameters(type(self), omit=("transform",))
        check(known, {name: getattr(self, name) for name in known})
        for name in ("rate", "width"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be above 0")
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
        from napari_lns._records import validate_json  # slow to import

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
