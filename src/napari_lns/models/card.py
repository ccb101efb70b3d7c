"""`Card`: the description of a trained model, saved as JSON beside its weights."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, Field, JsonValue

from napari_lns._files import shorten, write_atomically
from napari_lns._html import overview
from napari_lns._records import Finite, Name, Positive, read_record, validate_json
from napari_lns._size import MOST_UNITS, WIDEST_BORDER, WIDEST_MIN_WIDTH, WIDEST_NEIGHBOURHOOD

__all__ = ["Card", "Limits"]


def _check_spread(value: float) -> float:
    if value < 0 or math.isinf(value):
        raise ValueError("it must be 0 or more, or NaN if it is unknown")
    return value


def _check_odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("it must be odd")
    return value


def _check_matrix(rows: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    if any(len(row) != len(rows) for row in rows):
        raise ValueError("it must have as many columns as rows")
    if rows:
        matrix = np.array(rows)
        values = np.linalg.eigvalsh(matrix)
        if not np.allclose(matrix, matrix.T, atol=1e-4 * values[-1]) or values[-1] <= 0:
            raise ValueError("it must be symmetric, and not zero")
        if values[0] < -1e-3 * values[-1]:
            raise ValueError("its eigenvalues must be 0 or more")
    return rows


class _SettingsRecord(BaseModel):
    """The fields of the training settings that are read from cards."""

    data: list[Name] = []
    batch: Annotated[int, Field(ge=0)] = 0
    start: Name = ""
    fit: Name = "resize"


class _TrainingRecord(BaseModel):
    """The fields of `training` that are read from cards."""

    settings: _SettingsRecord = _SettingsRecord()
    step: Annotated[int, Field(ge=0)] | None = None
    error: Annotated[Finite, Field(ge=0)] | None = None
    scene: dict[str, JsonValue] | None = None


class _ScoreRecord(BaseModel):
    """A score on held-out images."""

    mean: Finite
    standard_error: Finite
    count: Annotated[int, Field(ge=1)]


class _ScoresRecord(BaseModel):
    """The fields of `scores` that are read from cards."""

    held_out: _ScoreRecord | None = Field(None, alias="own draws")


def _validate_as(kind: type[BaseModel], name: str) -> AfterValidator:
    """Return a validator for the known fields of a mapping that may have others."""

    def check(value: Mapping[str, Any]) -> Mapping[str, Any]:
        validate_json(kind, json.dumps(value), name)
        return value

    return AfterValidator(check)


Matrix = Annotated[
    Sequence[Annotated[Sequence[Finite], Field(max_length=MOST_UNITS)]],
    Field(max_length=MOST_UNITS),
    AfterValidator(_check_matrix),
]


Share = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True)
class Limits:
    """Limits on the unexplained variance of images, measured by `napari_lns.experiments.limits`.

    Parameters
    ----------
    fits
        Share of an image's variance that the reconstruction may leave unexplained while two thirds
        of the segmentations are right; 0 if they never are.
    out
        Unexplained share beyond which an image is out of distribution.
    right
        Share of the network's held-out stimuli whose segmentation is right.
    images
        Number of images that were segmented for the measurement.

    Examples
    --------
    >>> Limits(fits=0.05, out=0.4, right=0.95, images=60).out
    0.4
    """

    fits: Share
    out: Share
    right: Share
    images: Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class Card:
    """The description of a trained model.

    The annotations of the fields validate cards in files.

    Parameters
    ----------
    name
        Name of the model.
    kind
        ``"ae"``, ``"vae"``, ``"compact"``, ``"waves"`` or ``"surfaces"``.
    latent_spread
        Root mean square over latent units of their standard deviation over training images.
    error_99
        99th percentile of the squared reconstruction error over training images.
    relative_noise
        Noise level for segmentation, as a multiple of `latent_spread`.
    method
        Noise estimate for segmentation: ``"sampled"``, ``"smoothed"`` or ``"exact"``.
    averaging
        What outputs are averaged over before clustering: ``"neighbourhood"`` or ``"elements"``.
    neighbourhood
        Side in pixels (odd) of the square over which outputs are averaged before clustering.
    border_width
        Width in pixels of the margin along borders of segments in which pixels are reassigned to
        the segment that they resemble.
    min_width
        Least width of a segment at its widest place, in pixels; narrower segments are dissolved.
    axes_power
        Power of `votes` by which the latents are rescaled when the weights are loaded. The file
        holds the weights as trained (see `napari_lns.models.rescaling`).
    votes, covariance
        Second moment of responses, and covariance of the latents, of the network as trained over
        training images. The second moment is the mean of u uᵀ over the directions u in latent
        space that pixels respond to.
    training
        Settings, steps, versions and curves of the training.
    scores
        Scores by name, each with its mean, standard error and number of images.
    world
        Name of the stimulus whose world the model was trained on; empty for other training data.
    domain
        Range (low, high), or possible values, of each parameter of that stimulus that the world
        varies. Other parameters keep their defaults.
    limits
        Limits up to which an image fits the network; None if they were not measured.
    hash
        SHA-256 of the weights' file.

    Examples
    --------
    >>> Card("mine", "ae", latent_spread=2.0, relative_noise=0.1).noise
    0.2
    """

    name: Name
    kind: Name
    latent_spread: Annotated[float, AfterValidator(_check_spread)] = float("nan")
    error_99: Annotated[float, Field(ge=0)] = float("inf")
    relative_noise: Positive | None = None
    method: Literal["sampled", "smoothed", "exact"] = "sampled"
    averaging: Literal["neighbourhood", "elements"] = "neighbourhood"
    neighbourhood: Annotated[
        int, Field(ge=1, le=WIDEST_NEIGHBOURHOOD), AfterValidator(_check_odd)
    ] = 1
    border_width: Annotated[int, Field(ge=0, le=WIDEST_BORDER)] = 0
    min_width: Annotated[int, Field(ge=0, le=WIDEST_MIN_WIDTH)] = 0
    axes_power: Annotated[Finite, Field(ge=-2, le=2)] = 0.0
    votes: Matrix = ()
    covariance: Matrix = ()
    training: Annotated[Mapping[str, Any], _validate_as(_TrainingRecord, "training")] = field(
        default_factory=dict
    )
    scores: Annotated[Mapping[str, Any], _validate_as(_ScoresRecord, "scores")] = field(
        default_factory=dict
    )
    world: Name = ""
    domain: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    limits: Limits | None = None
    hash: Name = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", {k: _as_range(v) for k, v in self.domain.items()})

    @property
    def noise(self) -> float | None:
        """The noise level for segmentation, as an absolute σ."""
        return None if self.relative_noise is None else self.relative_noise * self.latent_spread

    @property
    def data(self) -> tuple[str, ...]:
        """Names of the training data."""
        return tuple(self.training.get("settings", {}).get("data", ()))

    def __repr__(self) -> str:
        """Return a summary of one line."""
        data = f"trained on {', '.join(self.data)}" if self.data else ""
        score = self.scores.get("own draws", {}).get("mean")
        details = (data, "" if score is None else f"held-out ARI {score:.2f}")
        return f"Card({', '.join([repr(self.name), self.kind, *filter(None, details)])})"

    def _repr_html_(self) -> str:
        """Return an overview for notebooks, with a stimulus of the model's world."""
        from napari_lns import stimuli

        has_world = self.world in stimuli.names()
        return overview(
            repr(self), {self.world: stimuli.draw(self.world).image} if has_world else {}
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the card as JSON."""
        with write_atomically(path) as beside:
            beside.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Card:
        """Read a card from its JSON file."""
        try:
            return read_record(cls, path)
        except ValueError as error:
            raise ValueError(
                f"{os.fspath(path)!r} is not a model card ({shorten(error)}): restore it, or "
                "remove it to use the weights without one"
            ) from error


def _as_range(values: Sequence[Any]) -> Sequence[Any]:
    """Return a range as a tuple, and other values as a list, as before JSON."""
    is_range = len(values) == 2 and all(isinstance(each, int | float) for each in values)
    return tuple(values) if is_range else list(values)
