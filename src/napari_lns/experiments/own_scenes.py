"""Evaluation and completion of networks trained on a user's own scene."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.calibration import calibrate
from napari_lns.experiments.psychophysics import measure
from napari_lns.experiments.scoring import Score, true_clusters
from napari_lns.models import AutoEncoder, finish_run, save
from napari_lns.models.running import prepare_model
from napari_lns.models.training.scenes import read_run_scene
from napari_lns.segmentation import segment
from napari_lns.stimuli import Scene, Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["SceneEvaluation", "evaluate_scene", "finish_scene", "scene_pairs", "scene_score"]

TRAINING_SEED = 2024  # seed of the images scored during training
EVALUATION_IMAGES = 8  # number of images scored during training
CALIBRATION_IMAGES = 24  # number of held-out images for choosing the latent rescaling
FIRST_SEED = 700_000  # reserved: no network, recipe or threshold was chosen on these seeds


@dataclass(frozen=True, eq=False)
class SceneEvaluation:
    """Scores of a network on a scene and its control.

    Parameters
    ----------
    scene
        Name of the scene.
    values
        One value for each image: ``ari``, ``error`` (squared, mean over pixels and channels),
        ``measure`` and ``control_measure`` (measure of the law in the scene and in its control)
        and ``advantage``: 1 if the measure is greater in the scene than in its control, ½ for a
        tie, else 0. The last three are missing if there is no control.
    """

    scene: str
    values: Mapping[str, NDArray[np.float64]]

    @property
    def scores(self) -> dict[str, Score]:
        """Mean and standard error of each measure."""
        return {name: Score.from_values(values) for name, values in self.values.items()}

    def __str__(self) -> str:
        """Return one line for each measure."""
        lines = [f"{name:16} {score}" for name, score in self.scores.items()]
        return "\n".join([self.scene, *lines])


def scene_pairs(scene: Scene, count: int, seed: int) -> list[tuple[Stimulus, ...]]:
    """Draw a scene with jitter several times, each with its control if it has one."""
    kinds = (False, True) if scene.has_control else (False,)
    return [
        tuple(scene.draw(seed=seed + number, jitter=1.0, control=control) for control in kinds)
        for number in range(count)
    ]


def evaluate_scene(
    scene: Scene,
    model: ModelLike,
    *,
    count: int = 40,
    seed: int = FIRST_SEED,
    report: Report = ignore_share,
    **parameters: Any,
) -> SceneEvaluation:
    """Evaluate a network on jittered draws of a scene and of its control.

    Parameters
    ----------
    scene
        The scene.
    model
        A model, its name or the path of its weights.
    count
        Number of draws.
    seed
        Seed of the first draw; draw i has ``seed + i``.
    report
        Receives the completed share.
    **parameters
        Arguments of `napari_lns.segment`; the default method is ``"exact"``.

    Returns
    -------
    SceneEvaluation
    """
    if count < 1:
        raise ValueError(f"count is {count}: give 1 or more images")
    device = parameters.get("device", "auto")
    prepared = prepare_model(model, device)
    arguments = {"method": "exact", **parameters}
    rows = []
    for pair in report_each(scene_pairs(scene, count, seed), count, report):
        clusters = true_clusters(pair[0])
        result = segment(pair[0], prepared, clusters=clusters, **arguments)
        error = result.error
        row = {
            "ari": result.score(pair[0]),
            "error": float("nan") if error is None else float(error.mean()),
        }
        if len(pair) == 2:
            own, other = (measure(each, prepared, device=device).value for each in pair)
            advantage = float((1 + np.sign(own - other)) / 2)
            row |= {"measure": own, "control_measure": other, "advantage": advantage}
        rows.append(row)
    values = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return SceneEvaluation(scene.name, values)


def scene_score(
    scene: Scene, count: int | None = None
) -> Callable[[AutoEncoder], dict[str, float]]:
    """Return a function for ``evaluate=`` of `napari_lns.models.train` on a scene.

    Parameters
    ----------
    scene
        The scene.
    count
        Number of held-out images; 8 if not given.

    Returns
    -------
    Callable
        Returns the mean ARI and, if the scene has a control, the share of pairs in which the
        measure is greater in the scene than in its control.
    """

    def evaluate(network: AutoEncoder) -> dict[str, float]:
        scores = evaluate_scene(
            scene, network, count=count or EVALUATION_IMAGES, seed=TRAINING_SEED
        ).scores
        keys = {"ARI": "ari", "control": "advantage"}
        return {title: scores[key].mean for title, key in keys.items() if key in scores}

    return evaluate


def finish_scene(run: str | os.PathLike[str], count: int | None = None) -> Path:
    """Calibrate the network of a training run on a scene and write it.

    Parameters
    ----------
    run
        Folder of the run.
    count
        Number of held-out images for the calibration; 24 if not given.

    Returns
    -------
    pathlib.Path
        File of the weights in the folder of the run, named after the scene.
    """
    scene = read_run_scene(run)
    if scene is None:
        raise ValueError(
            f"{os.fspath(run)!r} contains no training run on a scene: give another folder"
        )
    network, card = finish_run(run, scene.name)
    network = calibrate(network, card, count=count or CALIBRATION_IMAGES)
    name = re.sub(r"[^\w.+-]", "_", scene.name)
    file = Path(run) / f"{name}.safetensors"
    save(network, file, network.card or card)
    return file
