"""`Card`: what is known of a trained model, kept as JSON beside its weights."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from napari_lns._files import written_whole

__all__ = ["Card"]


@dataclass(frozen=True)
class Card:
    """What is known of a trained model.

    Parameters
    ----------
    name
        The model's name.
    kind
        ``"ae"`` or ``"vae"``.
    latent_spread
        √(mean over latent units of their variance over training images).
    error_99
        The 99th percentile of the squared redrawing error over training images: an image beyond
        it is of a kind that the model does not know.
    relative_noise
        The noise to segment with, as a share of `latent_spread`.
    method
        The method to segment with: ``"sampled"``, ``"smoothed"`` or ``"exact"``.
    axes_power
        By which power of `votes` the latents' axes are stretched when the weights, which lie in
        their file as they were trained, are loaded (`napari_lns.models.axes`).
    votes, covariance
        Of the network as it was trained, over training images: the mean of u uᵀ for the directions
        u that pixels answer to, and the latents' covariance.
    training
        Settings, steps, versions and curves of the training.
    scores
        Scores by name, each with its mean, standard error and number of images.
    world
        The stimulus whose world the model was trained on; empty if it was trained on something
        else.
    domain
        For each parameter of that stimulus that the world varies, its range (low, high), or the
        values that it may take; all others keep their defaults.
    hash
        SHA-256 of the weights' file.

    Examples
    --------
    >>> Card("mine", "ae", latent_spread=2.0, relative_noise=0.1).noise
    0.2
    """

    name: str
    kind: str
    latent_spread: float = float("nan")
    error_99: float = float("inf")
    relative_noise: float | None = None
    method: str = "sampled"
    axes_power: float = 0.0
    votes: Sequence[Sequence[float]] = ()
    covariance: Sequence[Sequence[float]] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    world: str = ""
    domain: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", {k: _limits(v) for k, v in self.domain.items()})

    @property
    def noise(self) -> float | None:
        """The noise to segment with, as an absolute σ."""
        return None if self.relative_noise is None else self.relative_noise * self.latent_spread

    @property
    def data(self) -> tuple[str, ...]:
        """What the model was trained on."""
        return tuple(self.training.get("settings", {}).get("data", ()))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the card as JSON."""
        with written_whole(path) as beside:
            beside.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Card:
        """Read a card; one that is damaged is refused in one sentence."""
        try:
            values = json.loads(Path(path).read_text(encoding="utf-8"))
            known = {item.name for item in fields(cls)}
            return cls(**{name: value for name, value in values.items() if name in known})
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{os.fspath(path)!r} is no model card ({error}): restore it, or remove it to "
                "use the weights without one"
            ) from error


def _limits(values: Sequence[Any]) -> Sequence[Any]:
    """Return a range as the tuple that it was before JSON made a list of it."""
    is_range = len(values) == 2 and all(isinstance(each, int | float) for each in values)
    return tuple(values) if is_range else list(values)
