"""The second part of the report: analyses requested by the paper's reviewers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_lns import stimuli
from napari_lns._levels import Level, read_level
from napari_lns.experiments.benchmark import all_methods, plan_runs
from napari_lns.experiments.report import Section, readable_name
from napari_lns.experiments.scoring import (
    Score,
    card_method,
    score_criterion,
    scores,
    true_clusters,
)
from napari_lns.experiments.tables import Row
from napari_lns.models import AutoEncoder
from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.segmentation.lns.source import layers as decoder_layers
from napari_lns.segmentation.measures import adjusted_rand_index, match_labels
from napari_lns.stimuli import Stimulus, good_gestalt

if TYPE_CHECKING:
    from napari_lns.experiments.material import Material

__all__ = [
    "clusterers",
    "conflicting_cues",
    "harder",
    "layers",
    "methods",
    "number_unknown",
    "uncertainty",
]

FEW_IMAGES = 8
NOISES = (0.0, 0.02, 0.05, 0.1)
SHARE = 0.1  # σ of the noise as a share of the SD of a layer's activity over images
LAYERS = ("latent", "linear_1", "linear_2", "convolution_1", "convolution_2")
SD_IMAGES = 32  # images on which a layer's SD is measured
GAPS = (2.0, 2.5, 3.0, 4.0)  # gaps between pairs, as multiples of the gaps within pairs


def methods(material: Material) -> Section:
    """Compare other segmenters: DWC, IIC, and simple baselines."""
    rows = [
        row
        for name, _ in material.iter_models()
        for run in plan_runs(
            {name: material.sets[name][:FEW_IMAGES]},
            [f"{name.replace('_', '-')}-ae"],
            [each for each in all_methods() if each.fits(name)],
        )
        for row in run.rows(material.seed)
    ]
    return Section(
        "Other methods",
        f"At most {FEW_IMAGES} images of each set: ARI, foreground ARI where there are two or more "
        "figures, and mean best IoU. lns uses the method on the model's card; dwc cuts the same "
        "model's exact similarities; iic is a network trained on the set's training images, with a "
        "fixed number of outputs; the baselines use only colour and position. Estimated K is that "
        "of each method's own criterion.\n\n"
        "Compare the scores with those of the baselines: the background is one of the segments, "
        "usually the largest. If objects differ from it in colour, colour alone scores nearly 1 "
        "without separating the objects.",
        ("method", "K", *dict.fromkeys(readable_name(row.set) for row in rows), "s an image"),
        _pivot(rows),
    )


def clusterers(material: Material) -> Section:
    """Compare clusterers on the same features."""
    rows = [
        [
            readable_name(name),
            *(
                str(material.score(name, model, most=FEW_IMAGES, clusterer=one))
                for one in CLUSTERERS
            ),
        ]
        for name, model in material.iter_models()
    ]
    return Section(
        "Other clusterers",
        "Other clusterers applied to the features of the method on the model's card; at most "
        f"{FEW_IMAGES} images of each set.",
        ("set", *CLUSTERERS),
        rows,
    )


def number_unknown(material: Material) -> Section:
    """Estimate the number of segments."""
    rows = []
    for name, model in material.iter_models():
        for criterion in CRITERIA:
            right, score = score_criterion(
                criterion, material.sets[name][:FEW_IMAGES], model, seed=material.seed
            )
            rows.append([readable_name(name), criterion, f"{100 * right:.0f} %", str(score)])
    return Section(
        "Estimated number of segments",
        "How often each published criterion estimates the true number from Ward's tree, and the "
        f"resulting score; at most {FEW_IMAGES} images of each set.",
        ("set", "criterion", "number right", "ARI"),
        rows,
    )


def uncertainty(material: Material) -> Section:
    """Compare the uncertainty of correctly and incorrectly grouped pixels."""
    rows = []
    for name, model in material.iter_models():
        certain: list[float] = []
        wrong: list[float] = []
        for number, stimulus in enumerate(material.sets[name][:FEW_IMAGES]):
            segmentation = segment(
                stimulus,
                model,
                clusters=true_clusters(stimulus),
                method="sampled",
                repeats=5,
                seed=material.seed + number,
            )
            right = match_labels(stimulus.labels, segmentation.labels) == stimulus.labels
            unsure = segmentation.uncertainty
            certain.append(unsure[right].mean())
            if not right.all():
                wrong.append(unsure[~right].mean())
        rows.append(
            [
                readable_name(name),
                f"{np.mean(certain):.3f}",
                f"{np.mean(wrong):.3f}" if wrong else "none",
            ]
        )
    return Section(
        "Uncertainty",
        "The share of five repeats (sampled, with other noise) in which a pixel changes its "
        "segment: mean over the pixels that agree with the ground truth (after the best matching), "
        f"and over the others; at most {FEW_IMAGES} images of each set.",
        ("set", "pixels grouped correctly", "pixels grouped incorrectly"),
        rows,
    )


def layers(material: Material) -> Section:
    """Score with noise in inner layers of the decoder."""
    rows = []
    for name, model in material.iter_models():
        row = [readable_name(name)]
        images = good_gestalt.draw(name, "train", SD_IMAGES)
        for layer in LAYERS:
            sigma = SHARE * _activity_sd(model, images, layer)
            score = material.score(
                name, model, most=FEW_IMAGES, method="sampled", noise_layer=layer, noise=sigma
            )
            row.append(str(score))
        rows.append(row)
    return Section(
        "Noise in inner layers",
        f"Noise after other layers of the decoder, each with a σ of {SHARE} of the SD of "
        "that layer's activity (the root of the mean over its units of their variance over "
        f"{SD_IMAGES} training images). linear_1 and linear_2 are the decoder's two linear layers, "
        "convolution_1 and convolution_2 the first two that make maps, of 4 × 4 and 8 × 8; at "
        f"most {FEW_IMAGES} images of each set. The further a layer is from the latents, the more "
        "local are the changes that its noise makes.",
        ("set", *LAYERS),
        rows,
    )


def harder(material: Material) -> Section:
    """Score stimuli with white noise."""
    chance = np.random.default_rng(material.seed)
    rows = []
    for name, model in material.iter_models():
        row = [readable_name(name)]
        for noise in NOISES:
            images = [_add_noise(one, noise, chance) for one in material.sets[name][:FEW_IMAGES]]
            row.append(
                str(
                    Score.from_values(
                        scores(images, model, seed=material.seed, **card_method(model))
                    )
                )
            )
        rows.append(row)
    return Section(
        "Harder stimuli",
        "White Gaussian noise with this standard deviation on the whole stimulus, whose values are "
        f"in [0, 1]; at most {FEW_IMAGES} images of each set. No network was trained on noise.",
        ("set", *(f"σ = {noise}" for noise in NOISES)),
        rows,
    )


def conflicting_cues(material: Material) -> Section:
    """Score stimuli with congruent and incongruent colour and proximity."""
    model = material.find_model("proximity")
    if model is None:
        return Section("Conflicting cues", "The proximity set, or a model for it, is missing.")
    rows, out_of_distribution = [], 0
    for cue in ("none", "with", "against"):
        rows_of_pairs = _pairs(cue)
        segmentations = _segment_all(rows_of_pairs, model, material.seed)
        out_of_distribution += sum(read_level(one.record) is Level.OUT for one in segmentations)
        colour = [
            segment(one, segmenter="baseline", clusters=true_clusters(one)) for one in rows_of_pairs
        ]
        rows.append(
            [
                cue,
                _score_elements(rows_of_pairs, segmentations),
                _score_elements(rows_of_pairs, colour),
            ]
        )
    return Section(
        "Conflicting cues",
        f"{len(GAPS)} rows of three pairs of squares, with {', '.join(f'{gap:g}' for gap in GAPS)} "
        "times as much space between pairs as within: all of one colour, in two colours that "
        "alternate between pairs, or in two colours that change within each pair. The score is "
        "that of the pairs, over the squares' pixels only: 0 is chance level. If colour conflicts "
        "with proximity, a falling score means that colour dominates. The last column is Ward on "
        "colour alone, which has two colours for three pairs.\n\n"
        f"Of the {len(rows) * len(GAPS)} stimuli, {out_of_distribution} are out of distribution "
        "for the network, so that its segments are not meaningful.",
        ("colour cue", "the proximity model", "colour alone"),
        rows,
    )


def _pairs(cue: str) -> list[Stimulus]:
    """Draw rows of pairs with congruent, incongruent or no colour cue."""
    looks: dict[str, Any] = {
        "background": (0.93, 0.93, 0.93),
        "foreground": (0.45, 0.55, 0.65),
        "second_colour": (0.65, 0.55, 0.45),
    }
    return [
        stimuli.draw("proximity_row", element="square", colour_cue=cue, gap_ratio=gap, **looks)
        for gap in GAPS
    ]


def _segment_all(images: list[Stimulus], model: AutoEncoder, seed: int) -> list[Segmentation]:
    """Segment each stimulus into its true number of segments."""
    return [
        segment(one, model, clusters=true_clusters(one), seed=seed + number, **card_method(model))
        for number, one in enumerate(images)
    ]


def _score_elements(images: list[Stimulus], segmentations: list[Segmentation]) -> str:
    """Score segmentations over the pixels that are not background."""
    pairs = [
        (true.labels, one.labels, true.labels > 0)
        for true, one in zip(images, segmentations, strict=True)
    ]
    return str(Score.from_values(np.array([adjusted_rand_index(t[m], f[m]) for t, f, m in pairs])))


def _pivot(rows: list[Row]) -> list[list[str]]:
    """Return one line for each method and K, with a column for each set."""
    sets = list(dict.fromkeys(row.set for row in rows))
    lines: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        lines.setdefault((row.method, row.clusters), {})[row.set] = row
    return [
        [
            method,
            clusters,
            *(_scores(each[name]) if name in each else "" for name in sets),
            f"{np.mean([row.seconds for row in each.values()]):.2f}",
        ]
        for (method, clusters), each in lines.items()
    ]


def _scores(row: Row) -> str:
    """Format ARI, foreground ARI (for two or more figures) and best IoU."""
    others = (("foreground", row.foreground), ("IoU", row.iou))
    parts = [f"{name} {score.mean:.2f}" for name, score in others if score is not None]
    return "; ".join([str(row.score), *parts])


@torch.inference_mode()
def _activity_sd(model: AutoEncoder, stimuli_: list[Stimulus], layer: str) -> float:
    """Return the SD of a layer's activity: root of the mean variance of its units over images."""
    images = torch.from_numpy(np.stack([one.image for one in stimuli_])).permute(0, 3, 1, 2)
    cut = decoder_layers(model).index(layer)
    activity = model.decoder[:cut](model.encode(images))
    return float(activity.var(dim=0).mean().sqrt())


def _add_noise(stimulus: Stimulus, noise: float, chance: np.random.Generator) -> Stimulus:
    noise_values = chance.normal(0, noise, stimulus.image.shape) if noise else 0.0
    return replace(stimulus, image=np.clip(stimulus.image + noise_values, 0, 1))
