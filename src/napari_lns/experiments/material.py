"""`Material`: the models and stimuli of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from napari_lns.experiments.scoring import Score, card_method, scores
from napari_lns.models import AutoEncoder, load
from napari_lns.models.zoo import names_for_world
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["Material"]


@dataclass(frozen=True)
class Material:
    """Models and stimuli of a report.

    Parameters
    ----------
    sets
        Stimuli by name of set.
    source
        Description of their source.
    seed
        Random seed of all runs.
    """

    sets: Mapping[str, list[Stimulus]]
    source: str = "the given stimuli"
    seed: int = 0

    @cached_property
    def models(self) -> dict[str, AutoEncoder]:
        """Shipped models of these sets by name."""
        names = {model for name in self.sets for model in names_for_world(name)}
        return {name: load(name) for name in sorted(names)}

    def find_model(self, name: str, kind: str = "ae") -> AutoEncoder | None:
        """Return the shipped model of a set, or None."""
        return self.models.get(f"{name.replace('_', '-')}-{kind}")

    def iter_models(self) -> Iterator[tuple[str, AutoEncoder]]:
        """Yield the sets for which an autoencoder ships, with the autoencoder."""
        for name in self.sets:
            model = self.find_model(name)
            if model is not None:
                yield name, model

    def score(
        self, name: str, model: ModelLike, *, most: int | None = None, **parameters: object
    ) -> Score:
        """Score a model on a set; parameters default to the choices on its card."""
        stimuli = self.sets[name][:most]
        return Score.from_values(
            scores(stimuli, model, seed=self.seed, **{**card_method(model), **parameters})
        )

    @property
    def count(self) -> int:
        """Number of stimuli in the largest set."""
        return max(map(len, self.sets.values()))
