"""The paper's results on the shipped models, and what its reviewers asked for, as a report."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from napari_lns import __version__
from napari_lns._parameters import nearest
from napari_lns.experiments import further_sections, paper_sections
from napari_lns.experiments.report import Section, write_report
from napari_lns.experiments.scoring import Score, scores
from napari_lns.models import AutoEncoder, load, names
from napari_lns.stimuli import Stimulus, good_gestalt

__all__ = ["PARTS", "Material", "reproduce"]

OWN_SEED = 7_000  # of the draws that are scored where no given images are
SECONDS_A_RUN = 0.6  # on two cores: what the announced time is reckoned with


@dataclass(frozen=True)
class Material:
    """What a report is made from: models and stimuli.

    Parameters
    ----------
    sets
        Stimuli by the name of their set.
    seed
        Seed of all runs.
    """

    sets: Mapping[str, list[Stimulus]]
    seed: int = 0

    @cached_property
    def models(self) -> dict[str, AutoEncoder]:
        """The shipped models of these sets, by name."""
        wanted = {name.replace("_", "-") for name in self.sets}
        return {name: load(name) for name in names() if name.rsplit("-", 1)[0] in wanted}

    def of(self, name: str, kind: str = "ae") -> AutoEncoder | None:
        """Give the shipped model of a set, or None."""
        return self.models.get(f"{name.replace('_', '-')}-{kind}")

    def score(self, name: str, model: Any, *, most: int | None = None, **parameters: Any) -> Score:
        """Score a model on a set; what is not given is the choice on its card."""
        card = model.card
        chosen = {"method": card.method} if card is not None else {}
        given = self.sets[name][:most]
        return Score.of(scores(given, model, seed=self.seed, **{**chosen, **parameters}))


Part = Callable[[Material], Section]

PARTS: Mapping[str, tuple[Part, ...]] = {
    "table1": (paper_sections.main_table,),
    "figures": (
        paper_sections.over_noise,
        paper_sections.over_samples,
        paper_sections.examples,
    ),
    "further": (
        further_sections.clusterers,
        further_sections.number_unknown,
        further_sections.uncertainty,
        further_sections.layers,
        further_sections.harder,
        further_sections.conflicting_cues,
    ),
}


def expected_minutes(what: str, count: int) -> float:
    """Reckon how long a report takes on two cores.

    Examples
    --------
    >>> expected_minutes("table1", 20) < expected_minutes("all", 20)
    True
    """
    runs = {"table1": 6 * count + 16, "figures": 19 * 8 + 1, "further": 24 * 8}
    wanted = sum(runs.values()) if what == "all" else runs.get(what, 0)
    return wanted * len(good_gestalt.NAMES) * SECONDS_A_RUN / 60


def reproduce(
    what: str = "all",
    *,
    out: str | os.PathLike[str],
    sets: Mapping[str, list[Stimulus]] | None = None,
    count: int = 20,
    seed: int = 0,
) -> Iterator[str]:
    """Write the report, telling which part is being made.

    Parameters
    ----------
    what
        ``"table1"``, ``"figures"``, ``"further"`` or ``"all"``.
    out
        The HTML file to write.
    sets
        Stimuli by the name of their set; own draws of the six sets if not given.
    count
        How many own draws of each set.
    seed
        Seed of all runs.

    Yields
    ------
    str
        The title of each part, when it is done.
    """
    if what not in (*PARTS, "all"):
        raise ValueError(nearest("part of the report", what, [*PARTS, "all"]))
    given = sets or {
        name: good_gestalt.draw(name, "test", count, seed=OWN_SEED) for name in good_gestalt.NAMES
    }
    material = Material(given, seed)
    if not material.models:
        raise ValueError(f"no model ships for the sets {', '.join(given)}")
    began = time.monotonic()
    sections = []
    for part in [part for name, parts in PARTS.items() if what in (name, "all") for part in parts]:
        sections.append(part(material))
        yield sections[-1].title
    source = "the stimuli given" if sets else f"own draws, seed {OWN_SEED}, {count} of each set"
    note = (
        f"napari-lns {__version__}, torch {torch.__version__}, Python {platform.python_version()}; "
        f"{source}; seed of the runs {seed}; {time.monotonic() - began:.0f} s. "
        "Scores are adjusted Rand indices, background included, mean ± standard error over "
        "images; the number of groups is given unless said otherwise."
    )
    write_report("Latent Noise Segmentation: the paper's results", sections, out, note)
