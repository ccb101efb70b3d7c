"""Sets of stimuli × methods: scores with the number of segments given and estimated, and times."""

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
from napari_lns._levels import Level, level_of
from napari_lns._parameters import check
from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.scoring import Score, of_card, true_clusters
from napari_lns.experiments.tables import Row
from napari_lns.models.running import prepare_model
from napari_lns.models.zoo import names_for_world
from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.agreement import Agreement
from napari_lns.segmentation.measures import check_ground_truth
from napari_lns.segmentation.segmenters import SEGMENTERS, Segmenter, segmenters
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.files import files_in

__all__ = ["BASELINES", "METHODS", "Method", "Run", "Sets", "all_methods", "planned", "sets_in"]


@dataclass(frozen=True)
class Method:
    """A segmenter with its parameters; missing ones default to the segmenter's or the model's.

    Examples
    --------
    >>> Method("baseline", {"position": 1.0}).segmenter
    'baseline'
    """

    segmenter: str = "lns"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, name: str) -> bool:
        """Return whether it can segment a set: it needs a network that is trained on it, or none.

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
    """Return `METHODS`, and the segmenters of other packages.

    Examples
    --------
    >>> [method.segmenter for method in all_methods()][:4]
    ['lns', 'dwc', 'iic', 'baseline']
    """
    ours = {method.segmenter for method in METHODS}
    return [*METHODS, *(Method(name) for name in segmenters() if name not in ours)]


@dataclass(frozen=True)
class Sets:
    """Sets of stimuli by name, and what could not be read."""

    stimuli: Mapping[str, list[Stimulus]]
    broken: Sequence[str] = field(default_factory=tuple)


def sets_in(folder: str | os.PathLike[str], count: int | None = None) -> Sets:
    """Read the sets of a folder: each npz file is one, or the whole folder is.

    Parameters
    ----------
    folder
        npz files as the Good Gestalt sets are published in, a folder of stimuli, or one file.
    count
        How many stimuli of each set, at the most.

    Returns
    -------
    Sets
        What could be read, and a sentence for each file that could not, or has no ground truth.
    """
    path = Path(folder)
    if not path.exists():
        raise FileNotFoundError(f"there is no {os.fspath(folder)!r}: check the path")
    files = [path] if path.is_file() else sorted(path.glob("*.npz"))
    found: dict[str, list[Stimulus]] = {}
    broken = []
    for file in files or files_in(path):
        name = file.stem if files else path.resolve().name
        try:
            read = stimuli.read(file)
            for number, stimulus in enumerate(read):
                place = str(file) if len(read) == 1 else f"{file}, image {number},"
                check_ground_truth(stimulus.labels, place)
            found.setdefault(name, []).extend(read)
        except (ValueError, OSError) as error:
            broken.append(str(error))
    if not any(found.values()):
        raise ValueError("; ".join(broken))
    return Sets({name: each[:count] for name, each in found.items() if each}, tuple(broken))


@dataclass(frozen=True)
class Run:
    """One method, with one model, on one set.

    Parameters
    ----------
    set
        Name of the set.
    stimuli
        Its stimuli.
    method
        The method.
    model
        Name or file of the model; "" for a method without one.
    told
        What `segment` is given beside.
    """

    set: str
    stimuli: Sequence[Stimulus]
    method: Method
    model: str
    told: Mapping[str, Any]

    def rows(self, seed: int = 0, report: Report = ignore_share) -> Iterator[Row]:
        """Score the set, with the number of segments given and estimated; each has its seed.

        Parameters
        ----------
        seed
            Of the first stimulus's run.
        report
            Receives the share that is done.
        """
        model = prepare_model(self.model) if self.model else None
        segmenter = SEGMENTERS[self.method.segmenter]
        judged: dict[str, list[_Judged]] = {}
        given = report_each(self.stimuli, len(self.stimuli), report)
        for number, stimulus in enumerate(given):
            again = partial(segment, stimulus, model, seed=seed + number, **self.told)
            for each in _judged(stimulus, again, segmenter):
                judged.setdefault(each.clusters, []).append(each)
        for clusters, several in judged.items():
            yield self._row(clusters, several)

    def _row(self, clusters: str, judged: Sequence[_Judged]) -> Row:
        ari, foreground, iou = np.array([astuple(each.agreement) for each in judged]).T
        figures = foreground[~np.isnan(foreground)]
        levels = Counter(level_of(each.found.record) for each in judged)
        return Row(
            self.set,
            Path(self.model).stem,
            self.method.segmenter,
            dict(self.method.parameters),
            clusters,
            Score.of(ari),
            round(float(np.mean([each.seconds for each in judged])), 4),
            _used(judged[-1].found),
            Score.of(figures) if len(figures) else None,
            Score.of(iou),
            {level.value: levels[level] for level in Level if levels[level]},
        )


def planned(
    sets: Mapping[str, Sequence[Stimulus]],
    models: Sequence[str] = (),
    methods: Sequence[Method] = METHODS,
) -> list[Run]:
    """Plan every set with every method, and with every model where the method needs one.

    Each method is run once with the number of segments left to itself; where it keeps a tree, that
    is cut at the true number too, else it is run again with that number. IIC's networks have a
    fixed number of outputs. What cannot run is refused here, before anything does, and so are
    several seeds of a stimulus that looks the same for all of them.

    Parameters
    ----------
    sets
        Stimuli by the name of their set.
    models
        Names or files of models; if none are given, each set's own shipped ones.
    methods
        The methods.

    Returns
    -------
    list of Run

    Examples
    --------
    >>> sets = {"kanizsa": stimuli.good_gestalt.draw("kanizsa", count=1)}
    >>> (run,) = planned(sets, methods=BASELINES[:1])
    >>> [row.clusters for row in run.rows()]
    ['given', 'found']
    """
    for name, given in sets.items():
        _check_draws(name, given)
    return [
        Run(name, given, method, model, told)
        for name, given in sets.items()
        for method in methods
        for model, told in _told(name, method, models)
    ]


def _check_draws(name: str, given: Sequence[Stimulus]) -> None:
    """Refuse images without ground truth, and equal ones as draws from different seeds."""
    first: dict[str, Stimulus] = {}
    for stimulus in given:
        check_ground_truth(stimulus.labels, f"{stimulus.name or 'an image'} of the set {name!r}")
        how = {key: value for key, value in stimulus.record.items() if key != "seed"}
        other = first.setdefault(json.dumps(how, sort_keys=True), stimulus)
        if other.seed != stimulus.seed and np.array_equal(other.image, stimulus.image):
            raise ValueError(
                f"{stimulus.name} looks the same for the seeds {other.seed} and {stimulus.seed} "
                f"of the set {name!r}: draw it with jitter=1, or once"
            )


@dataclass(frozen=True, eq=False)
class _Judged:
    """A segmentation of one image, and how well it agrees with the ground truth."""

    clusters: str
    found: Segmentation
    agreement: Agreement
    seconds: float


def _judged(
    stimulus: Stimulus, run: Callable[..., Segmentation], segmenter: Segmenter
) -> Iterator[_Judged]:
    """Score with the number of segments given and estimated, from one run where it keeps a tree."""
    true = true_clusters(stimulus)
    if not segmenter.estimates_clusters:
        found, seconds = _timed(partial(run, clusters=true))
        yield _Judged("given", found, found.agreement(stimulus), seconds)
        return
    found, seconds = _timed(partial(run, clusters="auto"))
    if segmenter.own_networks is not None:
        yield _Judged("fixed", found, found.agreement(stimulus), seconds)
        return
    if found.tree is not None:
        cut = Agreement.of(stimulus.labels, found.cut(true))
        yield _Judged("given", found, cut, seconds)
    else:
        given, more = _timed(partial(run, clusters=true))
        yield _Judged("given", given, given.agreement(stimulus), more)
    yield _Judged("found", found, found.agreement(stimulus), seconds)


def _used(found: Segmentation) -> dict[str, Any]:
    """Return the segmenter's parameters as they were, those of the model's card among them."""
    record = found.record
    own = SEGMENTERS[record["segmenter"]].parameters
    used = record.get("used", {})  # other packages' segmenters may tell none
    sigma = {"sigma": used["sigma"]} if "sigma" in used else {}
    return {**{name: record["parameters"][name] for name in own}, **sigma}


def _timed(run: Callable[[], Segmentation]) -> tuple[Segmentation, float]:
    begun = time.perf_counter()
    return run(), time.perf_counter() - begun


def _told(name: str, method: Method, models: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    segmenter = SEGMENTERS[method.segmenter]
    check(segmenter.parameters, method.parameters)
    told = {"segmenter": method.segmenter, **method.parameters}
    if segmenter.own_networks is not None and "source" not in told:
        told["source"] = _network_of(name, segmenter)
    if not segmenter.needs_model_for(told):
        yield "", told
        return
    for model in models or _own_models(name):
        yield model, {**_of_card(model, method), **told}


def _own_models(name: str) -> list[str]:
    own = names_for_world(name)
    if not own:
        raise ValueError(
            f"no model ships for the set {name!r}: name one of {', '.join(zoo.names())}"
        )
    return sorted(own)


def _network_of(name: str, segmenter: Segmenter) -> str:
    known = () if segmenter.own_networks is None else segmenter.own_networks()
    if name not in known:
        raise ValueError(
            f"no {segmenter.name} network ships for the set {name!r}, only for "
            f"{', '.join(known)}: leave {segmenter.name} out"
        )
    return name


def _of_card(model: str, method: Method) -> dict[str, Any]:
    """Load the model, to refuse what is none, and return the method that its card tells."""
    told = of_card(zoo.load(model))
    return told if SEGMENTERS[method.segmenter].has_latent_noise else {}
