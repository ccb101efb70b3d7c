"""Choose latent rescaling, method and noise for a model, on held-out images that we generate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import cycle, islice
from typing import Any

from napari_lns import stimuli
from napari_lns._share import Report, counted, parts, silent
from napari_lns.experiments.scoring import Score, scores
from napari_lns.models import AutoEncoder, Card, stretched
from napari_lns.segmentation.settings import Settings
from napari_lns.stimuli import Stimulus, good_gestalt, worlds

__all__ = ["calibrated", "choices", "held_out_score", "own_draws"]

OWN_SEED = 2024  # of the draws that choices are made on
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the pixels' votes for the latents' axes
NOISES = (0.01, 0.02, 0.05, 0.1, 0.2)  # σ as a share of the latents' spread


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
    enough = 2 * latent_size <= Settings().samples
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
    network: AutoEncoder, card: Card, *, count: int = 40, report: Report = silent
) -> AutoEncoder:
    """Choose rescaling, method and noise by held-out images; note all scores on the card.

    The axes are chosen first, by the exact method, which has nothing else to choose.

    Parameters
    ----------
    network
        The network.
    card
        Its card; its data must be stimuli, not a folder of images.
    count
        How many own test images.
    report
        Receives the share that is done.

    Returns
    -------
    AutoEncoder
        The network, its latents rescaled as chosen; its card holds the choice, and the table
        that it was made on.
    """
    known = {*stimuli.names(), *worlds.names()}
    strange = [name for name in card.data if name not in known]
    if strange or not card.data:
        raise ValueError(
            f"{card.name} learned {', '.join(strange) or 'nothing that its card names'}: only "
            "of stimuli are the segments of the ground truth known; leave --calibrate out"
        )
    own = own_draws(card.data, count)
    tried = list(choices(network.latent_size, network.kind))
    network.card = card
    variants = [stretched(network, power) for power in POWERS] if card.votes else [network]
    shares = parts(report, [1] * (len(variants) + len(tried)))

    def scored(other: AutoEncoder, **choice: Any) -> Score:
        return Score.of(scores(counted(own, len(own), next(shares)), other, **choice))

    by_axes = [(other, scored(other, method="exact")) for other in variants]
    best = max(by_axes, key=lambda row: row[1].mean)[0]
    table = [(choice, scored(best, **choice)) for choice in tried]
    chosen, score = max(table, key=lambda row: row[1].mean)
    best.card = replace(
        best.card or card,
        method=chosen["method"],
        relative_noise=chosen.get("relative_noise", NOISES[0]),
        scores={
            **card.scores,
            "own draws": asdict(score),
            "axes": [
                {"power": other.card.axes_power if other.card else 0, **asdict(one)}
                for other, one in by_axes
            ],
            "calibration": [{**choice, **asdict(one)} for choice, one in table],
        },
    )
    return best
