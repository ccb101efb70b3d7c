"""Report of the paper's results on the shipped models, and of the reviewers' requests."""

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

__all__ = ["PARTS", "estimate_minutes", "gather_material", "reproduce"]

HELD_OUT_SEED = 7_000  # seed of the held-out images that are scored if no files are given


@dataclass(frozen=True)
class Part:
    """One part of the report.

    Parameters
    ----------
    make
        Function that makes its section.
    cost
        Function that estimates its duration in units of a sampled run with 80 samples.
    """

    make: Callable[[Material], Section]
    cost: Callable[[Material], float]


def _cost_of_few(runs: float) -> Callable[[Material], float]:
    """Return a cost function: a number of runs for each of a few images of each set."""
    return lambda material: (
        runs * min(material.count, further_sections.FEW_IMAGES) * len(material.sets)
    )


PARTS: Mapping[str, tuple[Part, ...]] = {
    "table1": (Part(paper_sections.main_table, lambda given: 4.5 * given.count * len(given.sets)),),
    "figures": (
        Part(paper_sections.over_noise, _cost_of_few(12.5)),
        Part(paper_sections.over_samples, _cost_of_few(5)),
        Part(paper_sections.examples, lambda given: len(given.sets)),
    ),
    "further": (
        Part(further_sections.methods, _cost_of_few(9)),
        Part(further_sections.clusterers, _cost_of_few(9)),
        Part(further_sections.number_unknown, _cost_of_few(4)),
        Part(further_sections.uncertainty, _cost_of_few(6)),
        Part(further_sections.layers, _cost_of_few(5)),
        Part(further_sections.harder, _cost_of_few(4)),
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


def gather_material(
    sets: Mapping[str, list[Stimulus]] | None = None, *, count: int = 20, seed: int = 0
) -> Material:
    """Return the models and stimuli of a report.

    Parameters
    ----------
    sets
        Stimuli by name of set; held-out images of the six sets if not given.
    count
        Number of held-out images of each set.
    seed
        Random seed of all runs.

    Returns
    -------
    Material

    Examples
    --------
    >>> gather_material(count=1).source
    'held-out images, seed 7000, 1 of each set'
    """
    if sets:
        return Material(sets, seed=seed)
    sets_drawn = {
        name: good_gestalt.draw(name, "test", count, seed=HELD_OUT_SEED)
        for name in good_gestalt.NAMES
    }
    return Material(sets_drawn, f"held-out images, seed {HELD_OUT_SEED}, {count} of each set", seed)


def estimate_minutes(what: str, material: Material) -> float:
    """Estimate the duration of a report in minutes from one timed run.

    Parameters
    ----------
    what
        The part, or ``"all"``.
    material
        Models and stimuli of the report.
    """
    parts = _select_parts(what)
    name, model = _first_model(material)
    for _ in range(2):  # the first run includes compilation
        began = time.perf_counter()
        segment(material.sets[name][0], model, method="sampled")
        seconds = time.perf_counter() - began
    return sum(part.cost(material) for part in parts) * seconds / 60


def reproduce(
    what: str, material: Material, *, out: str | os.PathLike[str]
) -> Iterator[tuple[str, float]]:
    """Write the report and yield the title of each completed section.

    Parameters
    ----------
    what
        ``"table1"``, ``"figures"``, ``"further"``, ``"psychophysics"`` or ``"all"``.
    material
        Models and stimuli of the report.
    out
        The HTML file to write.

    Yields
    ------
    tuple of str and float
        Title of a completed section and completed share of the work.
    """
    parts = _select_parts(what)
    _first_model(material)
    began = time.monotonic()
    costs = [part.cost(material) for part in parts]
    sections = []
    for number, part in enumerate(parts, 1):
        sections.append(part.make(material))
        yield sections[-1].title, sum(costs[:number]) / sum(costs)
    minutes = (time.monotonic() - began) / 60
    note = (
        f"napari-lns {__version__}, torch {torch.__version__}, Python {platform.python_version()}; "
        f"{material.source}; seed of the runs {material.seed}; created on {date.today()} in "
        f"{minutes:.1f} minutes, threads: {torch.get_num_threads()}. "
        "Scores are adjusted Rand indices (ARI), background included, mean ± standard error over "
        "images; K is the true number of segments unless stated otherwise."
    )
    write_report("Latent Noise Segmentation: the paper's results", sections, out, note)


def _select_parts(what: str) -> list[Part]:
    if what not in (*PARTS, "all"):
        raise unknown_name_error("part of the report", what, [*PARTS, "all"])
    return [part for name, parts in PARTS.items() if what in (name, "all") for part in parts]


def _first_model(material: Material) -> tuple[str, AutoEncoder]:
    first = next(material.iter_models(), None)
    if first is None:
        raise ValueError(
            f"no model ships for the sets {', '.join(material.sets)}: name their files after "
            f"{', '.join(good_gestalt.NAMES)}"
        )
    return first
