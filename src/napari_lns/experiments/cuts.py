"""Comparison of DWC with Ward's method on the same features, over walk steps and rules.

The features of each image are computed once and each walk is cut once; all rules use the same
hierarchy.
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
        Name of the set.
    stimuli
        Stimuli of the set.
    model
        The model, its name or file.
    steps
        Steps of the walk to compare.
    rules
        Rules for the number of segments to compare, in addition to the true number.
    sharpness
        Exponent of the cosine of two pixels' responses.
    **parameters
        Parameters of the segmenter LNS: method, noise and others.

    Returns
    -------
    list of Row
        Rows for `napari_lns.experiments.tables.write_table`. The seconds of Ward's method include
        the computation of the features; those of DWC only the walk and the cuts.
    """
    fits: dict[_Key, list[tuple[float, float]]] = defaultdict(list)
    for stimulus in stimuli:
        start = time.perf_counter()
        segmentation = segment(stimulus, model, clusters=true_clusters(stimulus), **parameters)
        fits["lns", "given", ()].append((segmentation.score(stimulus), time.perf_counter() - start))
        for key, fit, seconds in _cut(segmentation, stimulus, steps, rules, sharpness):
            fits[key].append((fit, seconds))
    model_name = segmentation.record["model"]["name"]
    return [_row(name, Path(model_name).stem, key, values) for key, values in fits.items()]


def _cut(
    segmentation: Segmentation,
    stimulus: Stimulus,
    steps: Sequence[int],
    rules: Sequence[Rule],
    sharpness: float,
) -> Iterator[tuple[_Key, float, float]]:
    walk = similarity_walk(segmentation, sharpness)
    for count in steps:
        start = time.perf_counter()
        affinities = affinity(walk.transition, count=count)
        hierarchy = cut_recursively(affinities)
        pixels = hierarchy.resample(walk.grid, stimulus.shape)
        seconds = time.perf_counter() - start
        most = len(hierarchy.levels) + 1
        groups: Mapping[str | None, int] = {
            None: min(true_clusters(stimulus), most),
            **{rule: number_of_groups(hierarchy, affinities, rule=rule) for rule in rules},
        }
        for rule, clusters in groups.items():
            labels = pixels.cut(clusters).reshape(stimulus.shape)
            parameters = (("steps", count), *([("rule", rule)] if rule else []))
            key = ("dwc", "found" if rule else "given", parameters)
            yield key, adjusted_rand_index(stimulus.labels, labels), seconds


def _row(name: str, model: str, key: _Key, values: Sequence[tuple[float, float]]) -> Row:
    segmenter, clusters, parameters = key
    fits, seconds = np.array(values).T
    score = Score.from_values(fits)
    return Row(name, model, segmenter, dict(parameters), clusters, score, round(seconds.mean(), 4))
