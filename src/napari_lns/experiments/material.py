"""`Material`: what the sections of a report are made from, the models and the stimuli."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from napari_lns.experiments.scoring import Score, of_card, scores
from napari_lns.models import AutoEncoder, load
from napari_lns.models.zoo import names_for_world
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["Material"]


@dataclass(frozen=True)
class Material:
    """What a report is made from: models and stimuli.

    Parameters
    ----------
    sets
        Stimuli by the name of their set.
    source
        Where they are from, in words.
    seed
        Seed of all runs.
    """

    sets: Mapping[str, list[Stimulus]]
    source: str = "the stimuli given"
    seed: int = 0

    @cached_property
    def models(self) -> dict[str, AutoEncoder]:
        """The shipped models of these sets, by name."""
        wanted = {model for name in self.sets for model in names_for_world(name)}
        return {name: load(name) for name in sorted(wanted)}

    def of(self, name: str, kind: str = "ae") -> AutoEncoder | None:
        """Return the shipped model of a set, or None."""
        return self.models.get(f"{name.replace('_', '-')}-{kind}")

    def modelled(self) -> Iterator[tuple[str, AutoEncoder]]:
        """Return the sets that a model ships for, each with its autoencoder."""
        for name in self.sets:
            model = self.of(name)
            if model is not None:
                yield name, model

    def score(
        self, name: str, model: ModelLike, *, most: int | None = None, **parameters: object
    ) -> Score:
        """Score a model on a set; what is not given is the choice on its card."""
        given = self.sets[name][:most]
        return Score.of(scores(given, model, seed=self.seed, **{**of_card(model), **parameters}))

    @property
    def count(self) -> int:
        """How many stimuli the largest set has."""
        return max(map(len, self.sets.values()))
