"""The paper's results on the shipped models, and what its reviewers asked for, as a report."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import torch

from napari_lns import __version__
from napari_lns._parameters import unknown_name_error
from napari_lns.experiments import (
    further_sections,
    paper_sections,
    psychophysics,
    psychophysics_section,
)
from napari_lns.experiments.material import Material
from napari_lns.experiments.report import Section, write_report
from napari_lns.models import AutoEncoder
from napari_lns.segmentation import segment
from napari_lns.stimuli import Stimulus, good_gestalt

__all__ = ["PARTS", "expected_minutes", "material_of", "reproduce"]

OWN_SEED = 7_000  # of the draws that are scored where no given images are


@dataclass(frozen=True)
class Part:
    """One part of the report.

    Parameters
    ----------
    make
        Makes its section.
    cost
        How long it takes, in sampled runs of 80 samples; good for an announcement alone.
    """

    make: Callable[[Material], Section]
    cost: Callable[[Material], float]


def _few(runs: float) -> Callable[[Material], float]:
    """Cost so many runs for each of a few images of each set."""
    return lambda material: runs * min(material.count, further_sections.FEW) * len(material.sets)


PARTS: Mapping[str, tuple[Part, ...]] = {
    "table1": (Part(paper_sections.main_table, lambda given: 4.5 * given.count * len(given.sets)),),
    "figures": (
        Part(paper_sections.over_noise, _few(12.5)),
        Part(paper_sections.over_samples, _few(5)),
        Part(paper_sections.examples, lambda given: len(given.sets)),
    ),
    "further": (
        Part(further_sections.methods, _few(9)),
        Part(further_sections.clusterers, _few(9)),
        Part(further_sections.number_unknown, _few(4)),
        Part(further_sections.uncertainty, _few(6)),
        Part(further_sections.layers, _few(5)),
        Part(further_sections.harder, _few(4)),
        Part(further_sections.conflicting_cues, lambda given: 24),
    ),
    "psychophysics": tuple(
        Part(
            partial(psychophysics_section.psychophysics, law),
            partial(psychophysics_section.cost, law),
        )
        for law in psychophysics.names()
    ),
}


def material_of(
    sets: Mapping[str, list[Stimulus]] | None = None, *, count: int = 20, seed: int = 0
) -> Material:
    """Gather what a report is made from.

    Parameters
    ----------
    sets
        Stimuli by the name of their set; held-out images of the six sets if not given.
    count
        How many held-out images of each set.
    seed
        Seed of all runs.

    Returns
    -------
    Material

    Examples
    --------
    >>> material_of(count=1).source
    'held-out images, seed 7000, 1 of each set'
    """
    if sets:
        return Material(sets, seed=seed)
    own = {
        name: good_gestalt.draw(name, "test", count, seed=OWN_SEED) for name in good_gestalt.NAMES
    }
    return Material(own, f"held-out images, seed {OWN_SEED}, {count} of each set", seed)


def expected_minutes(what: str, material: Material) -> float:
    """Estimate how long a report takes, from one timed run.

    Parameters
    ----------
    what
        The part, or ``"all"``.
    material
        What it is made from.
    """
    parts = _wanted(what)
    name, model = _first_modelled(material)
    for _ in range(2):  # the first run compiles
        began = time.perf_counter()
        segment(material.sets[name][0], model, method="sampled")
        seconds = time.perf_counter() - began
    return sum(part.cost(material) for part in parts) * seconds / 60


def reproduce(
    what: str, material: Material, *, out: str | os.PathLike[str]
) -> Iterator[tuple[str, float]]:
    """Write the report, telling which part is done.

    Parameters
    ----------
    what
        ``"table1"``, ``"figures"``, ``"further"``, ``"psychophysics"`` or ``"all"``.
    material
        What it is made from.
    out
        The HTML file to write.

    Yields
    ------
    tuple of str and float
        The title of each section when it is done, and the share of the work done so far.
    """
    parts = _wanted(what)
    _first_modelled(material)
    began = time.monotonic()
    costs = [part.cost(material) for part in parts]
    sections = []
    for number, part in enumerate(parts, 1):
        sections.append(part.make(material))
        yield sections[-1].title, sum(costs[:number]) / sum(costs)
    passed = (time.monotonic() - began) / 60
    note = (
        f"napari-lns {__version__}, torch {torch.__version__}, Python {platform.python_version()}; "
        f"{material.source}; seed of the runs {material.seed}; made on {date.today()} in "
        f"{passed:.1f} minutes, threads: {torch.get_num_threads()}. "
        "Scores are adjusted Rand indices (ARI), background included, mean ± standard error over "
        "images; the number of segments K is given unless said otherwise."
    )
    write_report("Latent Noise Segmentation: the paper's results", sections, out, note)


def _wanted(what: str) -> list[Part]:
    if what not in (*PARTS, "all"):
        raise unknown_name_error("part of the report", what, [*PARTS, "all"])
    return [part for name, parts in PARTS.items() if what in (name, "all") for part in parts]


def _first_modelled(material: Material) -> tuple[str, AutoEncoder]:
    first = next(material.modelled(), None)
    if first is None:
        raise ValueError(
            f"no model ships for the sets {', '.join(material.sets)}: name their files after "
            f"{', '.join(good_gestalt.NAMES)}"
        )
    return first
