"""DWC beside Ward on the same pixels' features: over steps of the walk and rules for stopping.

Each image is looked at once, and each walk cut once; all rules then read the same hierarchy.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_lns.experiments.scoring import Score, true_clusters
from napari_lns.experiments.tables import Row
from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.dwc.affinity import affinity
from napari_lns.segmentation.dwc.hierarchy import cut_recursively
from napari_lns.segmentation.dwc.thresholds import Rule, number_of_groups
from napari_lns.segmentation.dwc.walk_sources import similarity_walk
from napari_lns.segmentation.measures import adjusted_rand_index
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["compare_cuts"]

_Key = tuple[str, str, tuple[tuple[str, Any], ...]]


def compare_cuts(
    name: str,
    stimuli: Sequence[Stimulus],
    model: ModelLike,
    *,
    steps: Sequence[int] = (1, 2, 4),
    rules: Sequence[Rule] = ("stability", "gap", "otsu", "eigengap"),
    sharpness: float = 2.0,
    **parameters: Any,
) -> list[Row]:
    """Score a set of stimuli by Ward and by recursive Normalised Cuts of LNS's similarities.

    Parameters
    ----------
    name
        What to call the set.
    stimuli
        Its stimuli.
    model
        The model, its name or file.
    steps
        Steps of the walk to compare.
    rules
        Rules for the number of segments to compare; the true number is among them anyway.
    sharpness
        The power to which the cosine of two pixels' responses is raised.
    **parameters
        Of the segmenter LNS: method, noise and others.

    Returns
    -------
    list of Row
        Rows for `napari_lns.experiments.tables.write_table`. Ward's seconds include looking at
        the image, which is done once for all; those of DWC are the walk and the cuts alone.
    """
    fits: dict[_Key, list[tuple[float, float]]] = defaultdict(list)
    for stimulus in stimuli:
        begun = time.perf_counter()
        found = segment(stimulus, model, clusters=true_clusters(stimulus), **parameters)
        fits["lns", "given", ()].append((found.score(stimulus), time.perf_counter() - begun))
        for key, fit, seconds in _cut(found, stimulus, steps, rules, sharpness):
            fits[key].append((fit, seconds))
    told = found.record["model"]["name"]
    return [_row(name, Path(told).stem, key, values) for key, values in fits.items()]


def _cut(
    found: Segmentation,
    stimulus: Stimulus,
    steps: Sequence[int],
    rules: Sequence[Rule],
    sharpness: float,
) -> Iterator[tuple[_Key, float, float]]:
    walk = similarity_walk(found, sharpness)
    for count in steps:
        begun = time.perf_counter()
        walked = affinity(walk.transition, count=count)
        hierarchy = cut_recursively(walked)
        pixels = hierarchy.resample(walk.grid, stimulus.shape)
        seconds = time.perf_counter() - begun
        most = len(hierarchy.levels) + 1
        groups: Mapping[str | None, int] = {
            None: min(true_clusters(stimulus), most),
            **{rule: number_of_groups(hierarchy, walked, rule=rule) for rule in rules},
        }
        for rule, clusters in groups.items():
            labels = pixels.cut(clusters).reshape(stimulus.shape)
            chosen = (("steps", count), *([("rule", rule)] if rule else []))
            key = ("dwc", "found" if rule else "given", chosen)
            yield key, adjusted_rand_index(stimulus.labels, labels), seconds


def _row(name: str, model: str, key: _Key, values: Sequence[tuple[float, float]]) -> Row:
    segmenter, clusters, chosen = key
    fits, seconds = np.array(values).T
    score = Score.of(fits)
    return Row(name, model, segmenter, dict(chosen), clusters, score, round(seconds.mean(), 4))
