"""Choose latent rescaling, method and noise for a model, on held-out images that we generate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from napari_lns import stimuli
from napari_lns._progress import Report, ignore_share, report_each, split_report
from napari_lns.experiments.elements import elements_apart
from napari_lns.experiments.scoring import ELEMENTS, Score, fit, fits, scores, true_clusters
from napari_lns.models import AutoEncoder, Card, rescale_latents
from napari_lns.models.training import Settings as TrainingSettings
from napari_lns.models.training.folder import read_held_out
from napari_lns.models.training.scenes import scene_of_card
from napari_lns.models.training.settings import SCENE
from napari_lns.segmentation.lns.settings import LNSSettings
from napari_lns.stimuli import Scene, Stimulus, good_gestalt, worlds

__all__ = [
    "calibrated",
    "check_labelled",
    "choices",
    "held_out_score",
    "labelled",
    "own_draws",
    "score_for",
]

OWN_SEED = 2024  # of the draws that choices are made on
NEIGHBOURHOODS = (1, 3, 5, 7, 9, 11, 13)  # pixels
BORDERS = (0, 1, 2)  # pixels
MIN_WIDTHS = (0, 5, 7)  # pixels; elements are narrower
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the pixels' votes for the latents' axes
NOISES = (0.01, 0.02, 0.05, 0.1, 0.2)  # σ as a share of the latents' spread
T = TypeVar("T")


def choices(latent_size: int = 15, kind: str = "ae") -> Iterator[dict[str, Any]]:
    """List the methods and noise levels to try on a network of this latent size.

    For compact networks it is the exact method alone: the others take ten times as long. The
    smoothed method needs two samples for each unit; where it would need more than the usual
    number, it is left out.

    Examples
    --------
    >>> next(choices())
    {'method': 'exact'}
    """
    yield {"method": "exact"}
    if kind == "compact":
        return
    enough = 2 * latent_size <= LNSSettings().samples
    for method in ("smoothed", "sampled") if enough else ("sampled",):
        for noise in NOISES:
            yield {"method": method, "relative_noise": noise}


def own_draws(names: Sequence[str], count: int) -> list[Stimulus]:
    """Draw test images to choose on: of a Good Gestalt set, or of several stimuli in turn.

    A stimulus alone is drawn with jitter: most look the same for all seeds without.

    Examples
    --------
    >>> [stimulus.name for stimulus in own_draws(("kanizsa_figure", "dot_lattice"), 3)]
    ['kanizsa_figure', 'dot_lattice', 'kanizsa_figure']
    """
    names = [worlds.stimulus_of(name) for name in names]
    if len(names) == 1 and names[0] in good_gestalt.NAMES:
        return list(good_gestalt.draw(names[0], "test", count, seed=OWN_SEED))
    jitter = {"jitter": 1.0} if len(names) == 1 and "jitter" in stimuli.parameters(names[0]) else {}
    return [
        stimuli.draw(name, seed=OWN_SEED + index, **jitter)
        for index, name in enumerate(islice(cycle(names), count))
    ]


def score_for(
    settings: TrainingSettings, count: int = 8
) -> Callable[[AutoEncoder], dict[str, float]] | None:
    """Return how a run on stimuli or a folder is scored as it goes; None without labels.

    Parameters
    ----------
    settings
        The run's settings.
    count
        How many held-out images.
    """
    if not _is_folder(settings.data):
        return held_out_score(settings.data, count)
    own = read_held_out(Path(settings.data[0]), settings.fit)[:count]
    if not own:
        return None
    return lambda network: {"ARI": float(scores(own, network, method="exact").mean())}


def labelled(data: Sequence[str], training: Mapping[str, Any] | None = None) -> bool:
    """Return whether ground truth is known for what a network was trained on.

    Parameters
    ----------
    data
        Names of stimuli, or a folder.
    training
        What stands on the network's card, if there is one.
    """
    if _is_folder(data):
        return bool(read_held_out(Path(data[0])))
    if Path(data[0]).name == SCENE or (training and training.get("scene")):
        return True
    return {*stimuli.names(), *worlds.names()}.issuperset(data)


def _is_folder(data: Sequence[str]) -> bool:
    """Return whether a network was trained on a folder; names of stimuli go before."""
    known = data[0] in (*stimuli.names(), *worlds.names())
    return len(data) == 1 and not known and Path(data[0]).is_dir()


def check_labelled(
    data: Sequence[str], name: str, training: Mapping[str, Any] | None = None
) -> None:
    """Refuse to calibrate a network on images without ground truth."""
    if not data or not labelled(data, training):
        raise ValueError(
            f"{name} learned {', '.join(data) or 'nothing that its card names'}: there is no "
            "ground truth of these images; leave --calibrate out, or put labels beside five or "
            "more of them (a.labels.png beside a.png)"
        )


def _own(card: Card, count: int) -> list[Stimulus]:
    """Return held-out images with ground truth of what a network was trained on."""
    scene = scene_of_card(card.training)
    if scene is not None:
        return _of_scene(scene, count)
    if _is_folder(card.data):
        fit = card.training.get("settings", {}).get("fit", "resize")
        return read_held_out(Path(card.data[0]), fit)[:count]
    return own_draws(card.data, count)


def _of_scene(scene: Scene, count: int) -> list[Stimulus]:
    return [scene.draw(seed=OWN_SEED + number, jitter=1.0) for number in range(count)]


def held_out_score(
    names: Sequence[str], count: int = 8
) -> Callable[[AutoEncoder], dict[str, float]]:
    """Return what `napari_lns.models.train` takes as ``evaluate=``: the exact method's mean score.

    Parameters
    ----------
    names
        The stimuli that the network is trained on.
    count
        How many own test images.

    Examples
    --------
    >>> evaluate = held_out_score(["kanizsa"], count=1)
    >>> list(evaluate(AutoEncoder().eval()))
    ['ARI']
    """
    own = own_draws(names, count)
    return lambda network: {"ARI": float(scores(own, network, method="exact").mean())}


def calibrated(
    network: AutoEncoder, card: Card, *, count: int = 40, report: Report = ignore_share
) -> AutoEncoder:
    """Choose how a network's latents are rescaled, over what outputs are averaged, and the noise.

    Each choice is the one that segments held-out images best: first, for compact networks, the
    neighbourhood, if averaging without a network reaches at most half of its score; then the width
    of the borders at which pixels are reassigned, with the power of the latents' rescaling; then
    the least width of segments, all with the exact method; then method and noise.

    Parameters
    ----------
    network
        The network.
    card
        Its card; its data must be stimuli or a scene, not a folder of images.
    count
        How many own test images.
    report
        Receives the share that is done.

    Returns
    -------
    AutoEncoder
        The network, its latents rescaled as chosen; its card has the choice and all scores.
    """
    check_labelled(card.data, card.name, card.training)
    own = _own(card, count)
    tried = list(choices(network.latent_size, network.kind))
    network.card = card
    sizes = NEIGHBOURHOODS if network.kind == "compact" else (1,)
    powers = POWERS if card.votes else (card.axes_power,)
    over_elements = {own[0].name} <= ELEMENTS
    widths = MIN_WIDTHS[:1] if over_elements else MIN_WIDTHS
    runs = len(sizes) + len(BORDERS) * len(powers) + len(widths) + len(tried)
    shares = split_report(report, [1] * runs)

    def scored(other: AutoEncoder, **choice: object) -> Score:
        return Score.of(fits(report_each(own, len(own), next(shares)), other, **choice))

    by_size = [(size, scored(network, method="exact", neighbourhood=size)) for size in sizes]
    earned = [row for row in by_size if row[1].mean >= 2 * _without_network(own, row[0])]
    size = _best(earned)[0] if earned else 1
    rescaled = {
        power: rescale_latents(network, power) if card.votes else network for power in powers
    }
    by_variant = [
        ((power, width), scored(each, method="exact", neighbourhood=size, border_width=width))
        for width in BORDERS
        for power, each in rescaled.items()
    ]
    power, border_width = _best(by_variant)[0]
    best, shared = rescaled[power], {"neighbourhood": size, "border_width": border_width}
    by_width = [
        (width, scored(best, method="exact", min_width=width, **shared)) for width in widths
    ]
    shared["min_width"] = _best(by_width)[0]
    by_choice = [(choice, scored(best, **shared, **choice)) for choice in tried]
    chosen, score = _best(by_choice)
    best.card = replace(
        best.card or card,
        method=chosen["method"],
        relative_noise=chosen.get("relative_noise", NOISES[0]),
        neighbourhood=size,
        border_width=border_width,
        min_width=shared["min_width"],
        scores={
            **card.scores,
            "own draws": asdict(score),
            "over figures only": over_elements,
            "neighbourhoods": [{"neighbourhood": one, **asdict(each)} for one, each in by_size],
            "axes": [
                {"power": power, "border_width": width, **asdict(each)}
                for (power, width), each in by_variant
            ],
            "min_widths": [{"min_width": one, **asdict(each)} for one, each in by_width],
            "calibration": [{**choice, **asdict(each)} for choice, each in by_choice],
        },
    )
    return best


def _best(table: Sequence[tuple[T, Score]]) -> tuple[T, Score]:
    """Return the choice with the highest mean score, the first of equals, and its score."""
    return max(table, key=lambda row: row[1].mean)


def _without_network(own: Sequence[Stimulus], size: int) -> float:
    """Return the mean score that averaging alone gives elements; 0 for other stimuli."""
    elements = [each for each in own if each.name in ELEMENTS]
    apart = [fit(each, elements_apart(each, size, true_clusters(each))) for each in elements]
    return float(np.mean(apart)) if apart else 0.0
