"""The work of a run off the main thread: read images, segment them, score them, plan layers.

This code must not use Qt or change a viewer.
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
from napari_lns.viewer.layers.images import ImageSource
from napari_lns.viewer.layers.planning import LayerPlan, plan_layers
from napari_lns.viewer.own_models import AUTO, load_trusted_model
from napari_lns.viewer.qt.run import Step

__all__ = [
    "RunContext",
    "RunResults",
    "cut_again",
    "iter_reclusterings",
    "iter_segmentations",
    "summarize",
]

Results = Mapping[ImageSource, Segmentation]


@dataclass(frozen=True, eq=False)
class RunContext:
    """The context of a run: ground truth, earlier results and the model.

    Parameters
    ----------
    ground_truths
        Ground truth of the run's images, if known.
    others
        Results of earlier runs that stay in the run's layers, by layer and index in its stack.
    stimuli
        The stimulus and its control, in this order, if the measure of the law is requested.
    model
        The model specification; None if the method needs no model.
    device
        Where the measures are computed.
    """

    ground_truths: Mapping[ImageSource, NDArray[Any]] = field(default_factory=dict)
    others: Mapping[Layer, Mapping[int, Segmentation]] = field(default_factory=dict)
    stimuli: Mapping[ImageSource, Stimulus] = field(default_factory=dict)
    model: str | None = None
    device: str = "auto"

    @cached_property
    def measures(self) -> Mapping[ImageSource, float]:
        """The measure of the law for the stimulus and its control; empty without stimuli."""
        if not self.stimuli:
            return {}
        from napari_lns.experiments.control import measures  # slow to import

        stimulus, control = self.stimuli.values()
        model = None if self.model is None else load_trusted_model(self.model)
        values = measures((stimulus, control), model, self.device)
        return dict(zip(self.stimuli, values, strict=True))


@dataclass(frozen=True, eq=False)
class RunResults:
    """Results so far, their planned layers, scores and measures, or why there are no scores."""

    results: Results
    plans: Mapping[Layer, Sequence[LayerPlan]]
    scores: Mapping[ImageSource, Agreement]
    measures: Mapping[ImageSource, float] = field(default_factory=dict)
    why_unscored: str = ""


def iter_segmentations(
    sources: Sequence[ImageSource], call: Mapping[str, Any], context: RunContext
) -> Iterator[Step]:
    """Segment images in turn, image i with seed + i.

    Parameters
    ----------
    sources
        The images.
    call
        The arguments of `napari_lns.iter_segment` except the image, with the model as a
        specification.
    context
        The context of the run.

    Yields
    ------
    Step
        A step whose result is a `RunResults`.
    """
    model = load_trusted_model(call["model"])
    finished: dict[ImageSource, Segmentation] = {}
    for number, source in enumerate(sources):
        arguments = {**call, "model": model, "seed": call["seed"] + number}
        for progress in iter_segment(source.read(), **arguments):
            result = partial(_summarize_progress, dict(finished), source, progress, call, context)
            done = number * progress.total + progress.done
            yield Step(done, len(sources) * progress.total, result)
        if number + 1 < len(sources):
            finished[source] = _record_model(progress.segmentation(), call)


def iter_reclusterings(
    results: Results, clusterer: str, clusters: int | str, criterion: str, context: RunContext
) -> Iterator[Step]:
    """Cluster the stored pixel features again, without new decodes."""
    new_results = dict(results)
    for number, (source, result) in enumerate(results.items(), start=1):
        new_results[source] = _recluster(result, clusterer, clusters, criterion)
        yield Step(number, len(results), partial(summarize, dict(new_results), context))


def cut_again(
    results: Results,
    context: RunContext,
    *,
    clusters: int | None = None,
    height: float | None = None,
) -> RunResults:
    """Cut the merge trees again, into a number of segments or at a share of the last height."""
    cut = {source: _cut_result(result, clusters, height) for source, result in results.items()}
    return summarize(cut, context)


def summarize(results: Results, context: RunContext) -> RunResults:
    """Score results, and plan their layers for each segmented image layer."""
    by_layer: dict[Layer, dict[ImageSource, Segmentation]] = {}
    for source, result in results.items():
        by_layer.setdefault(source.layer, {})[source] = result
    ground_truths = {
        source: truth for source, truth in context.ground_truths.items() if source in results
    }
    reasons = {
        source: _why_unscored(results[source], truth) for source, truth in ground_truths.items()
    }
    fitting = {source: truth for source, truth in ground_truths.items() if not reasons[source]}
    scores = {source: results[source].agreement(truth) for source, truth in fitting.items()}
    plans = {layer: _plan_layers(results, context, scores) for layer, results in by_layer.items()}
    why_unscored = next(filter(None, reasons.values()), "")
    measures = {source: value for source, value in context.measures.items() if source in results}
    return RunResults(results, plans, scores, measures, why_unscored)


def _why_unscored(result: Segmentation, truth: NDArray[Any]) -> str:
    """Return why a segmentation cannot be scored; empty if it can."""
    if truth.shape != result.labels.shape:
        size, image_size = (" × ".join(map(str, each.shape)) for each in (truth, result.labels))
        sizes = f"the ground truth is {size}, the image {image_size}"
        return f"no score: {sizes}: choose labels of the image's size"
    if truth.min() == truth.max():
        return f"no score: all pixels of the ground truth have the label {truth.min()}"
    return ""


def _plan_layers(
    results: Results, context: RunContext, scores: Mapping[ImageSource, Agreement]
) -> list[LayerPlan]:
    first = next(iter(results))
    own_scores = [scores[source].ari for source in results if source in scores]
    score = sum(own_scores) / len(own_scores) if own_scores else None
    own_results = {source.index: result for source, result in results.items()}
    by_index = {**context.others.get(first.layer, {}), **own_results}
    return plan_layers(by_index, first.count, context.ground_truths.get(first), score)


def _cut_result(result: Segmentation, clusters: int | None, height: float | None) -> Segmentation:
    record = dict(result.record)
    if clusters is not None:
        labels = result.cut(min(clusters, result.labels.size))
        return replace(result, labels=labels, record={**record, "cut": {"clusters": clusters}})
    assert result.tree is not None
    assert height is not None
    threshold = height * float(result.tree[-1, 2])
    labels = result.ultrametric(threshold)
    return replace(result, labels=labels, record={**record, "cut": {"threshold": threshold}})


def _recluster(
    result: Segmentation, clusterer: str, clusters: int | str, criterion: str
) -> Segmentation:
    from napari_lns.segmentation.clustering.grouping import group_pixels  # SciPy is slow to import

    assert result.features is not None
    assert result.grid is not None
    record = dict(result.record)
    parameters = dict(record.get("parameters", {}))
    grouping = {"clusters": clusters, "clusterer": clusterer, "criterion": criterion}
    clustering = group_pixels(
        result.features, clusters, clusterer, criterion, parameters.get("seed", 0)
    )
    labels = finish_labels(
        clustering.labels,
        clustering.tree,
        result.features,
        result.borders,
        result.grid,
        result.labels.shape,
    )
    record.pop("cut", None)
    return replace(
        result,
        labels=labels,
        tree=clustering.tree,
        alternatives=None,
        record={**record, "parameters": {**parameters, **grouping}},
    )


def _summarize_progress(
    finished: dict[ImageSource, Segmentation],
    source: ImageSource,
    progress: Progress,
    call: Mapping[str, Any],
    context: RunContext,
) -> RunResults:
    return summarize({**finished, source: _record_model(progress.segmentation(), call)}, context)


def _record_model(result: Segmentation, call: Mapping[str, Any]) -> Segmentation:
    """Record the model specification, so that a script can choose the model again."""
    spec = result.record["model"]["name"] if call["model"] == AUTO else call["model"]
    return replace(result, record={**result.record, "chosen": spec})
