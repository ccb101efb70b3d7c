"""The report's second part: what the paper's reviewers asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_lns import stimuli
from napari_lns.experiments.report import Section
from napari_lns.experiments.scoring import Score, scores, true_clusters
from napari_lns.models import AutoEncoder
from napari_lns.segmentation import segment
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.measures import match_labels
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.experiments.reproduce import Material

__all__ = [
    "clusterers",
    "conflicting_cues",
    "harder",
    "layers",
    "number_unknown",
    "uncertainty",
]

FEW = 8
CRITERIA = ("gap", "silhouette", "eigengap")
NOISES = (0.0, 0.02, 0.05, 0.1)


def clusterers(material: Material) -> Section:
    """Compare ways of grouping the same features."""
    rows = [
        [name, *(str(material.score(name, model, most=FEW, clusterer=one)) for one in CLUSTERERS)]
        for name, model in _models(material)
    ]
    return Section(
        "Other clusterers",
        f"The same features, grouped otherwise; at most {FEW} images of each set.",
        ("set", *CLUSTERERS),
        rows,
    )


def number_unknown(material: Material) -> Section:
    """Let the number of groups be found."""
    rows = []
    for name, model in _models(material):
        for criterion in CRITERIA:
            found = [
                segment(
                    stimulus, model, clusters="auto", criterion=criterion, method=_method(model)
                )
                for stimulus in material.sets[name][:FEW]
            ]
            pairs = list(zip(found, material.sets[name], strict=False))
            right = np.mean([one.clusters == true_clusters(true) for one, true in pairs])
            score = Score.of(np.array([one.score(true) for one, true in pairs]))
            rows.append([name, criterion, f"{100 * right:.0f} %", str(score)])
    return Section(
        "The number of groups unknown",
        "How often each published criterion finds the true number, and the score it then gives.",
        ("set", "criterion", "true number found", "ARI"),
        rows,
    )


def uncertainty(material: Material) -> Section:
    """Ask whether the method knows where it errs."""
    rows = []
    for name, model in _models(material):
        certain: list[float] = []
        wrong: list[float] = []
        for stimulus in material.sets[name][:FEW]:
            found = segment(
                stimulus, model, clusters=true_clusters(stimulus), method="sampled", repeats=5
            )
            right = match_labels(stimulus.labels, found.labels) == stimulus.labels
            unsure = found.uncertainty
            certain.append(unsure[right].mean())
            if not right.all():
                wrong.append(unsure[~right].mean())
        rows.append([name, f"{np.mean(certain):.3f}", f"{np.mean(wrong or [np.nan]):.3f}"])
    return Section(
        "Uncertainty",
        "How often a pixel changes its group over five repeats with other noise, where the "
        "grouping is right (after the best matching with the truth) and where it is wrong.",
        ("set", "rightly grouped", "wrongly grouped"),
        rows,
    )


def layers(material: Material) -> Section:
    """Put the noise into inner layers of the decoder."""
    rows = []
    for name, model in _models(material):
        for layer in ("latent", "linear_1", "linear_2", "convolution_1", "convolution_2"):
            score = material.score(
                name,
                model,
                most=FEW,
                method="sampled",
                noise_layer=layer,
                **({"relative_noise": 0.1} if layer == "latent" else {"noise": 0.1}),
            )
            rows.append([name, layer, str(score)])
    return Section(
        "Noise in inner layers",
        "The same noise after other layers of the decoder: the further from the latents, the more "
        "local are the changes it makes, and the less of an object moves together.",
        ("set", "layer", "ARI"),
        rows,
    )


def harder(material: Material) -> Section:
    """Add white noise to the stimuli."""
    chance = np.random.default_rng(material.seed)
    rows = []
    for name, model in _models(material):
        row = [name]
        for noise in NOISES:
            given = [_noisy(one, noise, chance) for one in material.sets[name][:FEW]]
            row.append(
                str(Score.of(scores(given, model, seed=material.seed, method=_method(model))))
            )
        rows.append(row)
    return Section(
        "Harder stimuli",
        "White Gaussian noise of this standard deviation over the whole stimulus. The networks "
        "never saw noise.",
        ("set", *(f"σ = {noise}" for noise in NOISES)),
        rows,
    )


def conflicting_cues(material: Material) -> Section:
    """Let colour speak with proximity, and against it."""
    model = material.of("proximity")
    if model is None:
        return Section("Conflicting cues", "No model of the proximity set ships.")
    rows = []
    for cue in ("none", "with", "against"):
        given = [
            stimuli.draw(
                "proximity_row", element="square", colour_cue=cue, gap_ratio=ratio,
                background=(0.93, 0.93, 0.93), foreground=(0.45, 0.55, 0.65),
                second_colour=(0.65, 0.55, 0.45),
            )
            for ratio in (2.0, 2.5, 3.0, 4.0)
        ]  # fmt: skip
        rows.append([cue, str(Score.of(scores(given, model, method=_method(model))))])
    return Section(
        "Conflicting cues",
        "Rows of squares in pairs, alike in colour, or with colours that alternate with the pairs "
        "or against them. The score is that of the pairs: where colour speaks against "
        "proximity, a falling score means that colour wins.",
        ("colour cue", "ARI of the pairs"),
        rows,
    )


def _models(material: Material) -> Iterator[tuple[str, AutoEncoder]]:
    for name in material.sets:
        model = material.of(name)
        if model is not None:
            yield name, model


def _method(model: AutoEncoder) -> str:
    return "sampled" if model.card is None else model.card.method


def _noisy(stimulus: Stimulus, noise: float, chance: np.random.Generator) -> Stimulus:
    added = chance.normal(0, noise, stimulus.image.shape) if noise else 0.0
    return replace(stimulus, image=np.clip(stimulus.image + added, 0, 1))
