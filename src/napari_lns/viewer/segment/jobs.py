"""What a run does off the main thread: read images, segment them, plan their layers.

All of it is plain Python without Qt, so that it runs in tests and scripts as it does in a worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from napari.layers import Layer
from numpy.typing import NDArray

from napari_lns.segmentation import Progress, Segmentation, iter_segment
from napari_lns.segmentation.agreement import Agreement
from napari_lns.segmentation.segmentation import finish_labels
from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.images import Given
from napari_lns.viewer.layers.planning import LayerPlan, layers_of
from napari_lns.viewer.own_models import AUTO, loaded_if_agreed
from napari_lns.viewer.qt.run import Step

__all__ = ["Around", "RunResults", "regrouping", "relabelled", "segmenting", "summarize"]

Results = Mapping[Given, Segmentation]


@dataclass(frozen=True, eq=False)
class Around:
    """The context of a run: ground truth, and the results of a stack's other images.

    Parameters
    ----------
    truths
        Ground truth of the run's images, where there are any.
    others
        Results of earlier runs that stay in the run's layers, by layer and place in its stack.
    stimuli
        What the images show, the stimulus before its control, if the law's measure is wanted.
    model
        The words that chose the model; None if the method takes none.
    device
        Where the measures are computed.
    """

    truths: Mapping[Given, NDArray[Any]] = field(default_factory=dict)
    others: Mapping[Layer, Mapping[int, Segmentation]] = field(default_factory=dict)
    stimuli: Mapping[Given, Stimulus] = field(default_factory=dict)
    model: str | None = None
    device: str = "auto"

    @cached_property
    def measures(self) -> Mapping[Given, float]:
        """The law's measure of a stimulus and its control, whatever the segments; or nothing."""
        if not self.stimuli:
            return {}
        from napari_lns.experiments.control import measures  # the experiments are slow to import

        stimulus, control = self.stimuli.values()
        model = None if self.model is None else loaded_if_agreed(self.model)
        values = measures((stimulus, control), model, self.device)
        return dict(zip(self.stimuli, values, strict=True))


@dataclass(frozen=True, eq=False)
class RunResults:
    """Results so far, the layers that show them, their scores or why there are none, measures."""

    results: Results
    planned: Mapping[Layer, Sequence[LayerPlan]]
    scores: Mapping[Given, Agreement]
    measures: Mapping[Given, float] = field(default_factory=dict)
    unscored: str = ""


def segmenting(given: Sequence[Given], call: Mapping[str, Any], around: Around) -> Iterator[Step]:
    """Segment images one after another, image i with seed + i.

    Parameters
    ----------
    given
        The images.
    call
        The arguments of `napari_lns.iter_segment` but the image; the model is what
        `napari_lns.viewer.own_models.loaded_if_agreed` takes.
    around
        Context manager that is entered for the run.

    Yields
    ------
    Step
        Its result is `RunResults`.
    """
    model = loaded_if_agreed(call["model"])
    finished: dict[Given, Segmentation] = {}
    for number, picture in enumerate(given):
        own = {**call, "model": model, "seed": call["seed"] + number}
        for progress in iter_segment(picture.read(), **own):
            result = partial(_found, dict(finished), picture, progress, call, around)
            done = number * progress.total + progress.done
            yield Step(done, len(given) * progress.total, result)
        if number + 1 < len(given):
            finished[picture] = _named(progress.segmentation(), call)


def regrouping(
    results: Results, clusterer: str, clusters: int | str, criterion: str, around: Around
) -> Iterator[Step]:
    """Group the pixels' kept features in another way, without new decodes."""
    made = dict(results)
    for number, (picture, result) in enumerate(results.items(), start=1):
        made[picture] = _regrouped(result, clusterer, clusters, criterion)
        yield Step(number, len(results), partial(summarize, dict(made), around))


def relabelled(
    results: Results, around: Around, *, clusters: int | None = None, height: float | None = None
) -> RunResults:
    """Cut kept trees again: into so many groups, or at a share of the last merge's height."""
    cut = {picture: _recut(result, clusters, height) for picture, result in results.items()}
    return summarize(cut, around)


def summarize(results: Results, around: Around) -> RunResults:
    """Plan the layers of results, one set for each layer that was segmented, and score them."""
    by_layer: dict[Layer, dict[Given, Segmentation]] = {}
    for picture, result in results.items():
        by_layer.setdefault(picture.layer, {})[picture] = result
    truths = {given: truth for given, truth in around.truths.items() if given in results}
    why = {given: _why_unscored(results[given], truth) for given, truth in truths.items()}
    fitting = {given: truth for given, truth in truths.items() if not why[given]}
    scores = {given: results[given].agreement(truth) for given, truth in fitting.items()}
    planned = {layer: _planned(found, around, scores) for layer, found in by_layer.items()}
    unscored = next(filter(None, why.values()), "")
    measures = {given: value for given, value in around.measures.items() if given in results}
    return RunResults(results, planned, scores, measures, unscored)


def _why_unscored(result: Segmentation, truth: NDArray[Any]) -> str:
    """Return why a segmentation cannot be scored; empty if it can."""
    if truth.shape != result.labels.shape:
        given, wanted = (" × ".join(map(str, each.shape)) for each in (truth, result.labels))
        sizes = f"the ground truth is {given}, the image {wanted}"
        return f"no score: {sizes}: choose labels of its size"
    if truth.min() == truth.max():
        return f"no score: all pixels of the ground truth have the label {truth.min()}"
    return ""


def _planned(found: Results, around: Around, scores: Mapping[Given, Agreement]) -> list[LayerPlan]:
    first = next(iter(found))
    own_scores = [scores[picture].ari for picture in found if picture in scores]
    score = sum(own_scores) / len(own_scores) if own_scores else None
    own = {picture.index: result for picture, result in found.items()}
    by_index = {**around.others.get(first.layer, {}), **own}
    return layers_of(by_index, first.count, around.truths.get(first), score)


def _recut(result: Segmentation, clusters: int | None, height: float | None) -> Segmentation:
    record = dict(result.record)
    if clusters is not None:
        labels = result.cut(min(clusters, result.labels.size))
        return replace(result, labels=labels, record={**record, "cut": {"clusters": clusters}})
    assert result.tree is not None
    assert height is not None
    threshold = height * float(result.tree[-1, 2])
    labels = result.ultrametric(threshold)
    return replace(result, labels=labels, record={**record, "cut": {"threshold": threshold}})


def _regrouped(
    result: Segmentation, clusterer: str, clusters: int | str, criterion: str
) -> Segmentation:
    from napari_lns.segmentation.clustering.grouping import group_pixels  # SciPy is slow to import

    assert result.features is not None
    assert result.grid is not None
    record = dict(result.record)
    parameters = dict(record.get("parameters", {}))
    grouping = {"clusters": clusters, "clusterer": clusterer, "criterion": criterion}
    found = group_pixels(result.features, clusters, clusterer, criterion, parameters.get("seed", 0))
    labels = finish_labels(
        found.labels, result.grid, result.labels.shape, result.features, result.border_width
    )
    record.pop("cut", None)
    return replace(
        result,
        labels=labels,
        tree=found.tree,
        alternatives=None,
        record={**record, "parameters": {**parameters, **grouping}},
    )


def _found(
    finished: dict[Given, Segmentation],
    picture: Given,
    progress: Progress,
    call: Mapping[str, Any],
    around: Around,
) -> RunResults:
    return summarize({**finished, picture: _named(progress.segmentation(), call)}, around)


def _named(result: Segmentation, call: Mapping[str, Any]) -> Segmentation:
    """Keep by which words the model was chosen: a script chooses it again by them."""
    words = result.record["model"]["name"] if call["model"] == AUTO else call["model"]
    return replace(result, record={**result.record, "chosen": words})
