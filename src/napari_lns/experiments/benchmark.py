"""Benchmarks: scores and times of methods on sets of stimuli, with true and estimated K."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from napari_lns import models as zoo
from napari_lns import stimuli
from napari_lns._levels import Level, read_level
from napari_lns._parameters import check
from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.scoring import Score, card_method, true_clusters
from napari_lns.experiments.tables import Row
from napari_lns.models.running import prepare_model
from napari_lns.models.zoo import names_for_world
from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.agreement import Agreement
from napari_lns.segmentation.measures import check_ground_truth
from napari_lns.segmentation.segmenters import SEGMENTERS, Segmenter, segmenters
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.files import files_in

__all__ = ["BASELINES", "METHODS", "Method", "Run", "Sets", "all_methods", "plan_runs", "read_sets"]


@dataclass(frozen=True)
class Method:
    """A segmenter with parameters; the others default to those of the segmenter or the model.

    Examples
    --------
    >>> Method("baseline", {"position": 1.0}).segmenter
    'baseline'
    """

    segmenter: str = "lns"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, name: str) -> bool:
        """Return whether the method can segment a set; it may need a network trained on the set.

        Parameters
        ----------
        name
            Name of the set.
        """
        networks = SEGMENTERS[self.segmenter].own_networks
        return networks is None or "source" in self.parameters or name in networks()


BASELINES = tuple(
    Method("baseline", parameters)
    for parameters in (
        {"clusterer": "kmeans"},
        {"clusterer": "ward"},
        {"clusterer": "kmeans", "position": 1.0},
        {"clusterer": "ward", "position": 1.0},
        {"clusterer": "ward", "superpixels": 200},
    )
)
METHODS = (Method("lns"), Method("dwc"), Method("iic"), *BASELINES)


def all_methods() -> list[Method]:
    """Return `METHODS` and the segmenters of other packages.

    Examples
    --------
    >>> [method.segmenter for method in all_methods()][:4]
    ['lns', 'dwc', 'iic', 'baseline']
    """
    ours = {method.segmenter for method in METHODS}
    return [*METHODS, *(Method(name) for name in segmenters() if name not in ours)]


@dataclass(frozen=True)
class Sets:
    """Sets of stimuli by name, and messages for files that could not be read."""

    stimuli: Mapping[str, list[Stimulus]]
    broken: Sequence[str] = field(default_factory=tuple)


def read_sets(folder: str | os.PathLike[str], count: int | None = None) -> Sets:
    """Read the sets in a folder: one set per npz file, or else the whole folder.

    Parameters
    ----------
    folder
        A folder of npz files in the format of the Good Gestalt sets, a folder of stimuli, or one
        file.
    count
        Largest number of stimuli in each set.

    Returns
    -------
    Sets
        The sets, and a message for each file that cannot be read or has no ground truth.
    """
    path = Path(folder)
    if not path.exists():
        raise FileNotFoundError(f"there is no {os.fspath(folder)!r}: check the path")
    files = sorted(path.glob("*.npz")) if path.is_dir() else [path]
    by_set: dict[str, list[Stimulus]] = {}
    broken = []
    for file in files or files_in(path):
        name = file.stem if files else path.resolve().name
        try:
            read = stimuli.read(file)
            for number, stimulus in enumerate(read):
                place = str(file) if len(read) == 1 else f"{file}, image {number},"
                check_ground_truth(stimulus.labels, place)
            by_set.setdefault(name, []).extend(read)
        except (ValueError, OSError) as error:
            broken.append(str(error))
    if not any(by_set.values()):
        raise ValueError("; ".join(broken))
    return Sets({name: each[:count] for name, each in by_set.items() if each}, tuple(broken))


@dataclass(frozen=True)
class Run:
    """One method, with one model, on one set.

    Parameters
    ----------
    set
        Name of the set.
    stimuli
        Stimuli of the set.
    method
        The method.
    model
        Name or file of the model; "" for a method without one.
    arguments
        Further arguments of `segment`.
    """

    set: str
    stimuli: Sequence[Stimulus]
    method: Method
    model: str
    arguments: Mapping[str, Any]

    def rows(self, seed: int = 0, report: Report = ignore_share) -> Iterator[Row]:
        """Score the set with the true and an estimated number of segments, with a seed per image.

        Parameters
        ----------
        seed
            Random seed for the first stimulus.
        report
            Receives the completed share.
        """
        model = prepare_model(self.model) if self.model else None
        segmenter = SEGMENTERS[self.method.segmenter]
        by_clusters: dict[str, list[_ScoredImage]] = {}
        draws = report_each(self.stimuli, len(self.stimuli), report)
        for number, stimulus in enumerate(draws):
            run = partial(segment, stimulus, model, seed=seed + number, **self.arguments)
            for each in _score_image(stimulus, run, segmenter):
                by_clusters.setdefault(each.clusters, []).append(each)
        for clusters, several in by_clusters.items():
            yield self._row(clusters, several)

    def _row(self, clusters: str, scored: Sequence[_ScoredImage]) -> Row:
        ari, foreground, iou = np.array([astuple(each.agreement) for each in scored]).T
        figures = foreground[~np.isnan(foreground)]
        levels = Counter(read_level(each.segmentation.record) for each in scored)
        return Row(
            self.set,
            Path(self.model).stem,
            self.method.segmenter,
            dict(self.method.parameters),
            clusters,
            Score.from_values(ari),
            round(float(np.mean([each.seconds for each in scored])), 4),
            _used_parameters(scored[-1].segmentation),
            Score.from_values(figures) if len(figures) else None,
            Score.from_values(iou),
            {level.value: levels[level] for level in Level if levels[level]},
        )


def plan_runs(
    sets: Mapping[str, Sequence[Stimulus]],
    models: Sequence[str] = (),
    methods: Sequence[Method] = METHODS,
) -> list[Run]:
    """Plan runs of every method on every set, with every model if the method needs one.

    Each method runs once with an estimated number of segments. If it has a merge tree, the tree is
    also cut at the true number; otherwise the method runs again with that number. IIC networks have
    a fixed number of outputs. Invalid runs are refused before anything is computed, and so are
    several seeds of a stimulus that look the same.

    Parameters
    ----------
    sets
        Stimuli by name of set.
    models
        Names or files of models; by default, the shipped models of each set.
    methods
        The methods.

    Returns
    -------
    list of Run

    Examples
    --------
    >>> sets = {"kanizsa": stimuli.good_gestalt.draw("kanizsa", count=1)}
    >>> (run,) = plan_runs(sets, methods=BASELINES[:1])
    >>> [row.clusters for row in run.rows()]
    ['given', 'found']
    """
    for name, draws in sets.items():
        _check_draws(name, draws)
    return [
        Run(name, draws, method, model, arguments)
        for name, draws in sets.items()
        for method in methods
        for model, arguments in _plan_models(name, method, models)
    ]


def _check_draws(name: str, draws: Sequence[Stimulus]) -> None:
    """Raise ValueError for images without ground truth, and for equal images from several seeds."""
    first: dict[str, Stimulus] = {}
    for stimulus in draws:
        check_ground_truth(stimulus.labels, f"{stimulus.name or 'an image'} of the set {name!r}")
        identity = {key: value for key, value in stimulus.record.items() if key != "seed"}
        other = first.setdefault(json.dumps(identity, sort_keys=True), stimulus)
        if other.seed != stimulus.seed and np.array_equal(other.image, stimulus.image):
            raise ValueError(
                f"{stimulus.name} looks the same for the seeds {other.seed} and {stimulus.seed} "
                f"of the set {name!r}: draw it with jitter=1, or once"
            )


@dataclass(frozen=True, eq=False)
class _ScoredImage:
    """A segmentation of one image and its agreement with the ground truth."""

    clusters: str
    segmentation: Segmentation
    agreement: Agreement
    seconds: float


def _score_image(
    stimulus: Stimulus, run: Callable[..., Segmentation], segmenter: Segmenter
) -> Iterator[_ScoredImage]:
    """Score with the true and an estimated number of segments, in one run if there is a tree."""
    true = true_clusters(stimulus)
    if not segmenter.estimates_clusters:
        segmentation, seconds = _time_run(partial(run, clusters=true))
        yield _ScoredImage("given", segmentation, segmentation.agreement(stimulus), seconds)
        return
    segmentation, seconds = _time_run(partial(run, clusters="auto"))
    if segmenter.own_networks is not None:
        yield _ScoredImage("fixed", segmentation, segmentation.agreement(stimulus), seconds)
        return
    if segmentation.tree is not None:
        cut = Agreement.from_labels(stimulus.labels, segmentation.cut(true))
        yield _ScoredImage("given", segmentation, cut, seconds)
    else:
        again, more = _time_run(partial(run, clusters=true))
        yield _ScoredImage("given", again, again.agreement(stimulus), more)
    yield _ScoredImage("found", segmentation, segmentation.agreement(stimulus), seconds)


def _used_parameters(segmentation: Segmentation) -> dict[str, Any]:
    """Return the parameters of the segmenter that were used, including those of the card."""
    record = segmentation.record
    own = SEGMENTERS[record["segmenter"]].parameters
    used = record.get("used", {})  # other packages' segmenters may tell none
    sigma = {"sigma": used["sigma"]} if "sigma" in used else {}
    return {**{name: record["parameters"][name] for name in own}, **sigma}


def _time_run(run: Callable[[], Segmentation]) -> tuple[Segmentation, float]:
    start = time.perf_counter()
    return run(), time.perf_counter() - start


def _plan_models(
    name: str, method: Method, models: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    segmenter = SEGMENTERS[method.segmenter]
    check(segmenter.parameters, method.parameters)
    arguments = {"segmenter": method.segmenter, **method.parameters}
    if segmenter.own_networks is not None and "source" not in arguments:
        arguments["source"] = _require_network(name, segmenter)
    if not segmenter.needs_model_for(arguments):
        yield "", arguments
        return
    for model in models or _own_models(name):
        yield model, {**_card_parameters(model, method), **arguments}


def _own_models(name: str) -> list[str]:
    own = names_for_world(name)
    if not own:
        raise ValueError(
            f"no model ships for the set {name!r}: name one of {', '.join(zoo.names())}"
        )
    return sorted(own)


def _require_network(name: str, segmenter: Segmenter) -> str:
    names = () if segmenter.own_networks is None else segmenter.own_networks()
    if name not in names:
        raise ValueError(
            f"no {segmenter.name} network ships for the set {name!r}, only for "
            f"{', '.join(names)}: leave {segmenter.name} out"
        )
    return name


def _card_parameters(model: str, method: Method) -> dict[str, Any]:
    """Return the method on a model's card; raise an error for an invalid model."""
    method_of_card = card_method(zoo.load(model))
    return method_of_card if SEGMENTERS[method.segmenter].has_latent_noise else {}
