"""How well a network segments the stimulus of its world, and whether it sees it in the control.

`evaluate` judges one network on one stimulus; `worlds_table` writes the table of many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.elements import elements_apart
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

__all__ = ["FIRST_SEED", "Evaluation", "Shown", "draws", "evaluate"]

FIRST_SEED = 700_000  # no network, recipe or threshold was chosen on these seeds
BASELINES = {"colour": 0.0, "colour_and_position": 1.0}  # by the weight of the position
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shown:
    """A stimulus, or a control, with its segmentation.

    Parameters
    ----------
    stimulus
        What was drawn.
    segmentation
        Its segmentation, with the number of segments of the stimulus.
    """

    stimulus: Stimulus
    segmentation: Segmentation


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's results for one stimulus and its control.

    Parameters
    ----------
    stimulus
        The stimulus's name.
    model
        The model's name, kind and the hash of its weights.
    parameters
        How the stimuli were segmented.
    seeds
        The seeds of the draws.
    values
        By the name of the measure, one value for each draw: ``ari``, ``foreground_ari``, ``iou``
        and ``error`` (squared, mean over pixels and channels) of the network; the first three of
        Ward's clustering by colour, ``colour_ari`` and so on, and by ``colour_and_position``;
        of dots and lines, ``apart_foreground_ari``, that of `elements_apart`;
        where there is a control, ``measure``, ``strength``, and both of the control with
        ``control_error``; and ``advantage``: 1 where the measure is greater in the stimulus than
        in its control, ½ for a tie, else 0.
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
    shown: Sequence[Shown]

    @property
    def scores(self) -> dict[str, Score]:
        """Mean and standard error of each measure; those that do not apply are left out."""
        return {
            name: Score.of(values)
            for name, values in self.values.items()
            if not np.isnan(values).any()
        }

    @property
    def record(self) -> dict[str, Any]:
        """All of it, safe for JSON."""
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

    Evaluate a network that is still being trained by its last checkpoint::

        network, network.card = models.finish_run("runs/kanizsa_figure", "trial")
        print(evaluate("kanizsa_figure", network, count=12, seed=0))

    (`count` and `seed` as here where something is chosen by the result: the seeds from
    `FIRST_SEED` on are kept for the final table.)

    Parameters
    ----------
    name
        The stimulus: its name in `napari_lns.stimuli.names()`.
    model
        A model, its name or the path of its weights.
    count
        How many draws.
    seed
        Seed of the first draw; each has one more than that before.
    report
        Receives the share that is done.
    **parameters
        As for `napari_lns.segment`. Without a method it is the one that the model's card was
        calibrated for, or else ``"exact"``.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> found = evaluate("texture_regions", AutoEncoder(), count=2)
    >>> sorted(found.scores)[:3]
    ['advantage', 'ari', 'colour_and_position_ari']
    """
    if count < 1:
        raise ValueError(f"count is {count}: give 1 or more draws")
    ready = prepare_model(model, parameters.get("device", "auto"))
    how = {"method": _method(ready.card), **parameters}
    pairs = draws(name, count, seed, ready.image_size)
    rows, seeds = [], []
    shown: tuple[Shown, ...] = ()
    for drawn in report_each(pairs, count, report):
        now = tuple(_segmented(drawn, ready, how))
        rows.append({**_fit(now[0]), **_against_control(now, ready)})
        seeds.append(drawn[0].seed)
        shown = shown or now
    values = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    return Evaluation(name, ready.record, how, seeds, values, shown)


def draws(
    name: str, count: int, seed: int = FIRST_SEED, size: tuple[int, int] | None = None
) -> Iterator[tuple[Stimulus, ...]]:
    """Draw stimuli, with jitter where there is such a thing, each with its control.

    Draws whose control is the same image are left out: they have nothing that could be gone.

    Parameters
    ----------
    name
        The stimulus.
    count
        How many.
    seed
        Of the first draw.
    size
        Height and width in pixels; the stimulus's own if not given.

    Yields
    ------
    tuple of Stimulus
        The stimulus, and its control if it has one.

    Examples
    --------
    >>> [len(drawn) for drawn in draws("kanizsa_figure", 2)]
    [2, 2]
    """
    known, gone = stimuli.parameters(name), stimuli.control(name)
    how: dict[str, Any] = {"jitter": 1.0} if "jitter" in known else {}
    if size is not None and "size" in known:
        how["size"] = size[0]
    found = 0
    while found < count:
        drawn = [stimuli.draw(name, seed=seed, **how)]
        if gone:
            drawn.append(stimuli.draw(name, seed=seed, **{**how, **gone}))
        seed += 1
        if gone and np.array_equal(drawn[0].image, drawn[1].image):
            continue
        found += 1
        yield tuple(drawn)


def _method(card: Card | None) -> str:
    """Return the method that a card was calibrated for; without it, the one without chance."""
    return "exact" if card is None or card.relative_noise is None else card.method


def _segmented(
    drawn: Sequence[Stimulus], model: ModelLike, how: Mapping[str, Any]
) -> Iterator[Shown]:
    """Segment a stimulus and its control into as many segments as the stimulus has."""
    clusters = true_clusters(drawn[0])
    for stimulus in drawn:
        found = segment(stimulus, model, clusters=clusters, seed=stimulus.seed, **how)
        yield Shown(stimulus, found)


def _fit(shown: Shown) -> dict[str, float]:
    """Score a segmentation, and beside it those by colour, and by colour and position."""
    stimulus, found = shown.stimulus, shown.segmentation
    values = {"error": _error(found), **_agreement(stimulus, found)}
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
        size = int(found.record["used"]["neighbourhood"])
        apart = elements_apart(stimulus, size, true_clusters(stimulus), found.borders.border_width)
        values["apart_foreground_ari"] = Agreement.of(stimulus.labels, apart).foreground_ari
    return values


def _agreement(stimulus: Stimulus, found: Segmentation) -> dict[str, float]:
    return asdict(found.agreement(stimulus))


def _against_control(shown: Sequence[Shown], model: ModelLike) -> dict[str, float]:
    """Measure what binds the figure in the stimulus, and in its control."""
    if len(shown) == 1 or shown[0].stimulus.name not in comparisons.names():
        return {}
    values: dict[str, float] = {}
    for prefix, each in zip(("", "control_"), shown, strict=True):
        values[f"{prefix}measure"] = comparisons.measure(each.stimulus, model).value
        moved = responses(each.stimulus, model)
        values[f"{prefix}strength"] = strength(moved, comparisons.pairs_of(each.stimulus))
    values["control_error"] = _error(shown[1].segmentation)
    more = np.sign(values["measure"] - values["control_measure"])
    return {**values, "advantage": float((1 + more) / 2)}


def _error(found: Segmentation) -> float:
    return float("nan") if found.error is None else float(found.error.mean())
