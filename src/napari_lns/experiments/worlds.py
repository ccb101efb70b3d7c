"""Evaluation of a network on the stimulus of its world and on the control.

`evaluate` evaluates one network on one stimulus; `worlds_table` writes a table of many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.elements import segment_elements_apart
from napari_lns.experiments.psychophysics import comparisons, strength
from napari_lns.experiments.scoring import ELEMENTS, Score, true_clusters
from napari_lns.models.running import prepare_model
from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.agreement import Agreement
from napari_lns.segmentation.responses import responses
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models import Card
    from napari_lns.models.running import ModelLike

__all__ = ["FIRST_SEED", "Evaluation", "SegmentedStimulus", "draws", "evaluate"]

FIRST_SEED = 700_000  # reserved: no network, recipe or threshold was chosen on these seeds
BASELINES = {"colour": 0.0, "colour_and_position": 1.0}  # name by weight of the position
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SegmentedStimulus:
    """A stimulus, or a control, with its segmentation.

    Parameters
    ----------
    stimulus
        The stimulus or control.
    segmentation
        Its segmentation into the number of segments of the stimulus.
    """

    stimulus: Stimulus
    segmentation: Segmentation


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's results for one stimulus and its control.

    Parameters
    ----------
    stimulus
        Name of the stimulus.
    model
        Name, kind and hash of the weights of the model.
    parameters
        Arguments of the segmentation.
    seeds
        Seeds of the draws.
    values
        By name of the measure, one value for each draw: ``ari``, ``foreground_ari``, ``iou`` and
        ``error`` (squared, mean over pixels and channels) of the network; the first three for
        Ward's clustering by colour, ``colour_ari`` and so on, and by ``colour_and_position``; for
        dots and lines, ``apart_foreground_ari`` of `segment_elements_apart`; if there is a control,
        ``measure`` and ``strength``, both for the control, and ``control_error``; and
        ``advantage``: 1 if the measure is greater in the stimulus than in its control, ½ for a
        tie, else 0.
    shown
        The first stimulus, and its control if it has one.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> evaluate("kanizsa_figure", AutoEncoder(), count=2).scores["ari"].count
    2
    """

    stimulus: str
    model: Mapping[str, Any]
    parameters: Mapping[str, Any]
    seeds: Sequence[int]
    values: Mapping[str, Values]
    shown: Sequence[SegmentedStimulus]

    @property
    def scores(self) -> dict[str, Score]:
        """Mean and standard error of each measure that applies."""
        return {
            name: Score.from_values(values)
            for name, values in self.values.items()
            if not np.isnan(values).any()
        }

    @property
    def record(self) -> dict[str, Any]:
        """The evaluation as a JSON-compatible record."""
        return {
            "stimulus": self.stimulus,
            "model": dict(self.model),
            "parameters": dict(self.parameters),
            "seeds": list(self.seeds),
            "values": {name: self.values[name].tolist() for name in self.scores},
        }

    def __str__(self) -> str:
        """Return one line for each measure."""
        lines = [
            f"{name:36} {score.mean:8.4f} ± {score.standard_error:.4f}"
            for name, score in self.scores.items()
        ]
        return "\n".join([f"{self.stimulus}, {self.model['name']}", *lines])


def evaluate(
    name: str,
    model: ModelLike,
    *,
    count: int = 40,
    seed: int = FIRST_SEED,
    report: Report = ignore_share,
    **parameters: Any,
) -> Evaluation:
    """Evaluate a network on jittered draws of a stimulus, each with its control.

    To evaluate the last checkpoint of a network that is still being trained::

        network, network.card = models.finish_run("runs/kanizsa_figure", "trial")
        print(evaluate("kanizsa_figure", network, count=12, seed=0))

    Use such values of `count` and `seed` for all choices; the seeds from `FIRST_SEED` on are
    reserved for the final table.

    Parameters
    ----------
    name
        Name of the stimulus in `napari_lns.stimuli.names()`.
    model
        A model, its name or the path of its weights.
    count
        Number of draws.
    seed
        Seed of the first draw; draw i has ``seed + i``.
    report
        Receives the completed share.
    **parameters
        Arguments of `napari_lns.segment`. The default method is that of the model's card, or else
        ``"exact"``.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> result = evaluate("texture_regions", AutoEncoder(), count=2)
    >>> sorted(result.scores)[:3]
    ['advantage', 'ari', 'colour_and_position_ari']
    """
    if count < 1:
        raise ValueError(f"count is {count}: give 1 or more draws")
    prepared = prepare_model(model, parameters.get("device", "auto"))
    arguments = {"method": _method(prepared.card), **parameters}
    pairs = draws(name, count, seed, prepared.image_size)
    rows, seeds = [], []
    shown: tuple[SegmentedStimulus, ...] = ()
    for drawn in report_each(pairs, count, report):
        segmented = tuple(_segment_draw(drawn, prepared, arguments))
        rows.append({**_score_draw(segmented[0]), **_compare_with_control(segmented, prepared)})
        seeds.append(drawn[0].seed)
        shown = shown or segmented
    values = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    return Evaluation(name, prepared.record, arguments, seeds, values, shown)


def draws(
    name: str, count: int, seed: int = FIRST_SEED, size: tuple[int, int] | None = None
) -> Iterator[tuple[Stimulus, ...]]:
    """Draw a stimulus repeatedly with its control, with jitter if the stimulus supports it.

    Draws whose control is the same image are left out.

    Parameters
    ----------
    name
        Name of the stimulus.
    count
        Number of draws.
    seed
        Seed of the first draw.
    size
        Height and width in pixels; the default of the stimulus if not given.

    Yields
    ------
    tuple of Stimulus
        The stimulus, and its control if it has one.

    Examples
    --------
    >>> [len(drawn) for drawn in draws("kanizsa_figure", 2)]
    [2, 2]
    """
    parameters, changes = stimuli.parameters(name), stimuli.control(name)
    arguments: dict[str, Any] = {"jitter": 1.0} if "jitter" in parameters else {}
    if size is not None and "size" in parameters:
        arguments["size"] = size[0]
    number = 0
    while number < count:
        pair = [stimuli.draw(name, seed=seed, **arguments)]
        if changes:
            pair.append(stimuli.draw(name, seed=seed, **{**arguments, **changes}))
        seed += 1
        if changes and np.array_equal(pair[0].image, pair[1].image):
            continue
        number += 1
        yield tuple(pair)


def _method(card: Card | None) -> str:
    """Return the method that a card was calibrated for, or else ``"exact"``."""
    return "exact" if card is None or card.relative_noise is None else card.method


def _segment_draw(
    pair: Sequence[Stimulus], model: ModelLike, arguments: Mapping[str, Any]
) -> Iterator[SegmentedStimulus]:
    """Segment a stimulus and its control into as many segments as the stimulus has."""
    clusters = true_clusters(pair[0])
    for stimulus in pair:
        segmentation = segment(stimulus, model, clusters=clusters, seed=stimulus.seed, **arguments)
        yield SegmentedStimulus(stimulus, segmentation)


def _score_draw(draw: SegmentedStimulus) -> dict[str, float]:
    """Score a segmentation and those of the baselines."""
    stimulus, segmentation = draw.stimulus, draw.segmentation
    values = {"error": _error(segmentation), **_agreement(stimulus, segmentation)}
    for name, position in BASELINES.items():
        other = segment(
            stimulus,
            clusters=true_clusters(stimulus),
            segmenter="baseline",
            clusterer="ward",
            position=position,
        )
        values |= {f"{name}_{key}": fit for key, fit in _agreement(stimulus, other).items()}
    if stimulus.name in ELEMENTS and "illusory_figure" not in stimulus.parts:
        used = segmentation.record["used"]
        apart = segment_elements_apart(
            stimulus,
            true_clusters(stimulus),
            averaging=used["averaging"],
            neighbourhood=used["neighbourhood"],
            border_width=used["border_width"],
        )
        values["apart_foreground_ari"] = Agreement.from_labels(
            stimulus.labels, apart
        ).foreground_ari
    return values


def _agreement(stimulus: Stimulus, segmentation: Segmentation) -> dict[str, float]:
    return asdict(segmentation.agreement(stimulus))


def _compare_with_control(pair: Sequence[SegmentedStimulus], model: ModelLike) -> dict[str, float]:
    """Compute measure and strength in the stimulus and in its control."""
    if len(pair) == 1 or pair[0].stimulus.name not in comparisons.names():
        return {}
    values: dict[str, float] = {}
    for prefix, each in zip(("", "control_"), pair, strict=True):
        values[f"{prefix}measure"] = comparisons.measure(each.stimulus, model).value
        derivatives = responses(each.stimulus, model)
        values[f"{prefix}strength"] = strength(derivatives, comparisons.find_pairs(each.stimulus))
    values["control_error"] = _error(pair[1].segmentation)
    more = np.sign(values["measure"] - values["control_measure"])
    return {**values, "advantage": float((1 + more) / 2)}


def _error(segmentation: Segmentation) -> float:
    return float("nan") if segmentation.error is None else float(segmentation.error.mean())
