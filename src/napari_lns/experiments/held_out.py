"""Held-out images of a network's training data, and scores on them: what choices are made on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from napari_lns import stimuli
from napari_lns.experiments.scoring import scores
from napari_lns.models import AutoEncoder, Card
from napari_lns.models.training import Settings as TrainingSettings
from napari_lns.models.training.folder import read_held_out
from napari_lns.models.training.scenes import read_card_scene
from napari_lns.models.training.settings import SCENE
from napari_lns.stimuli import Stimulus, good_gestalt, worlds

__all__ = [
    "check_calibratable",
    "draw_held_out_stimuli",
    "evaluation_for",
    "has_ground_truth",
    "held_out_score",
    "held_out_stimuli",
]

HELD_OUT_SEED = 2024  # of the first draw


def draw_held_out_stimuli(names: Sequence[str], count: int) -> list[Stimulus]:
    """Draw held-out images of a Good Gestalt set, or of several stimuli in turn.

    A single stimulus is drawn with jitter, because most look the same for all seeds without it.

    Examples
    --------
    >>> [stimulus.name for stimulus in draw_held_out_stimuli(("kanizsa_figure", "dot_lattice"), 3)]
    ['kanizsa_figure', 'dot_lattice', 'kanizsa_figure']
    """
    names = [worlds.find_stimulus(name) for name in names]
    if len(names) == 1 and names[0] in good_gestalt.NAMES:
        return list(good_gestalt.draw(names[0], "test", count, seed=HELD_OUT_SEED))
    jitter = {"jitter": 1.0} if len(names) == 1 and "jitter" in stimuli.parameters(names[0]) else {}
    return [
        stimuli.draw(name, seed=HELD_OUT_SEED + index, **jitter)
        for index, name in enumerate(islice(cycle(names), count))
    ]


def evaluation_for(
    settings: TrainingSettings, count: int = 8
) -> Callable[[AutoEncoder], dict[str, float]] | None:
    """Return the function that scores a network during training; None without ground truth.

    Parameters
    ----------
    settings
        Settings of the training run.
    count
        Number of held-out images.
    """
    if not _is_folder(settings.data):
        return held_out_score(settings.data, count)
    images = read_held_out(Path(settings.data[0]), settings.fit)[:count]
    if not images:
        return None
    return lambda network: {"ARI": float(scores(images, network, method="exact").mean())}


def has_ground_truth(data: Sequence[str], training: Mapping[str, Any] | None = None) -> bool:
    """Return whether a network's training data have ground truth.

    Parameters
    ----------
    data
        Names of stimuli, or a folder.
    training
        Training record of the network's card, if there is one.
    """
    if _is_folder(data):
        return bool(read_held_out(Path(data[0])))
    if Path(data[0]).name == SCENE or (training and training.get("scene")):
        return True
    return {*stimuli.names(), *worlds.names()}.issuperset(data)


def _is_folder(data: Sequence[str]) -> bool:
    """Return whether training data are a folder; names of stimuli take precedence."""
    is_stimulus = data[0] in (*stimuli.names(), *worlds.names())
    return len(data) == 1 and not is_stimulus and Path(data[0]).is_dir()


def check_calibratable(
    data: Sequence[str], name: str, training: Mapping[str, Any] | None = None
) -> None:
    """Raise ValueError if a network's training data have no ground truth to calibrate on."""
    if not data or not has_ground_truth(data, training):
        raise ValueError(
            f"{name} learned {', '.join(data) or 'nothing that its card names'}: there is no "
            "ground truth of these images; leave --calibrate out, or put labels beside five or "
            "more of them (a.labels.png beside a.png)"
        )


def held_out_stimuli(card: Card, count: int) -> list[Stimulus]:
    """Return held-out images with ground truth from a network's training distribution.

    Examples
    --------
    >>> from napari_lns import models
    >>> [stimulus.name for stimulus in held_out_stimuli(models.load("kanizsa-ae").card, 2)]
    ['kanizsa', 'kanizsa']
    """
    scene = read_card_scene(card.training)
    if scene is not None:
        return [scene.draw(seed=HELD_OUT_SEED + index, jitter=1.0) for index in range(count)]
    if _is_folder(card.data):
        fit_mode = card.training.get("settings", {}).get("fit", "resize")
        return read_held_out(Path(card.data[0]), fit_mode)[:count]
    return draw_held_out_stimuli(card.data, count)


def held_out_score(
    names: Sequence[str], count: int = 8
) -> Callable[[AutoEncoder], dict[str, float]]:
    """Return a function for ``evaluate=`` of `napari_lns.models.train`: mean ARI, exact method.

    Parameters
    ----------
    names
        Names of the stimuli that the network is trained on.
    count
        Number of held-out images.

    Examples
    --------
    >>> evaluate = held_out_score(["kanizsa"], count=1)
    >>> list(evaluate(AutoEncoder().eval()))
    ['ARI']
    """
    images = draw_held_out_stimuli(names, count)
    return lambda network: {"ARI": float(scores(images, network, method="exact").mean())}
