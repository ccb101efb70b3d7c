"""The report's second part: what the paper's reviewers asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_lns import stimuli
from napari_lns._levels import Level, level_of
from napari_lns.experiments.benchmark import all_methods, planned
from napari_lns.experiments.report import Section, in_words
from napari_lns.experiments.scoring import Score, found_by, of_card, scores, true_clusters
from napari_lns.experiments.tables import Row
from napari_lns.models import AutoEncoder
from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.segmentation.lns.source import layers as layers_of
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

FEW = 8
NOISES = (0.0, 0.02, 0.05, 0.1)
SHARE = 0.1  # of the SD of a layer's activity over images: the σ of its noise
LAYERS = ("latent", "linear_1", "linear_2", "convolution_1", "convolution_2")
KNOWN = 32  # images that a layer's spread is measured on
GAPS = (2.0, 2.5, 3.0, 4.0)  # between pairs, over those within


def methods(material: Material) -> Section:
    """Compare other segmenters: DWC, IIC, and simple baselines."""
    rows = [
        row
        for name, _ in material.modelled()
        for run in planned(
            {name: material.sets[name][:FEW]},
            [f"{name.replace('_', '-')}-ae"],
            [each for each in all_methods() if each.fits(name)],
        )
        for row in run.rows(material.seed)
    ]
    return Section(
        "Other methods",
        f"At most {FEW} images of each set: ARI, foreground ARI where there are two or more "
        "figures, and mean best IoU. lns takes the method on the model's card; dwc walks "
        "and cuts on the same model's exact similarities; iic is a network trained on the set's "
        "training images, with a fixed number of outputs; the baselines know colour and position "
        "alone. K found is each method's own criterion.\n\n"
        "Read the scores with the baselines': the background is one of the segments, mostly the "
        "largest, so that where objects differ from it in colour, colour alone is nearly right, "
        "without telling the objects apart.",
        ("method", "K", *dict.fromkeys(in_words(row.set) for row in rows), "s an image"),
        _pivoted(rows),
    )


def clusterers(material: Material) -> Section:
    """Compare ways of grouping the same features."""
    rows = [
        [
            in_words(name),
            *(str(material.score(name, model, most=FEW, clusterer=one)) for one in CLUSTERERS),
        ]
        for name, model in material.modelled()
    ]
    return Section(
        "Other clusterers",
        f"The features of the model's own method, grouped otherwise; at most {FEW} images of each "
        "set.",
        ("set", *CLUSTERERS),
        rows,
    )


def number_unknown(material: Material) -> Section:
    """Estimate the number of segments."""
    rows = []
    for name, model in material.modelled():
        for criterion in CRITERIA:
            right, score = found_by(criterion, material.sets[name][:FEW], model, seed=material.seed)
            rows.append([in_words(name), criterion, f"{100 * right:.0f} %", str(score)])
    return Section(
        "The number of segments unknown",
        f"How often each published criterion finds the true number on Ward's tree, and the "
        f"score it then gives; at most {FEW} images of each set.",
        ("set", "criterion", "number right", "ARI"),
        rows,
    )


def uncertainty(material: Material) -> Section:
    """Compare uncertainty where segments are right and where they are wrong."""
    rows = []
    for name, model in material.modelled():
        certain: list[float] = []
        wrong: list[float] = []
        for number, stimulus in enumerate(material.sets[name][:FEW]):
            found = segment(
                stimulus,
                model,
                clusters=true_clusters(stimulus),
                method="sampled",
                repeats=5,
                seed=material.seed + number,
            )
            right = match_labels(stimulus.labels, found.labels) == stimulus.labels
            unsure = found.uncertainty
            certain.append(unsure[right].mean())
            if not right.all():
                wrong.append(unsure[~right].mean())
        rows.append(
            [
                in_words(name),
                f"{np.mean(certain):.3f}",
                f"{np.mean(wrong):.3f}" if wrong else "none",
            ]
        )
    return Section(
        "Uncertainty",
        "The share of five repeats (sampled, with other noise) in which a pixel changes its "
        "group, mean over the pixels whose grouping is right (after the best matching with the "
        f"ground truth) and over those where it is wrong; at most {FEW} images of each set.",
        ("set", "rightly grouped", "wrongly grouped"),
        rows,
    )


def layers(material: Material) -> Section:
    """Put the noise into inner layers of the decoder."""
    rows = []
    for name, model in material.modelled():
        row = [in_words(name)]
        known = good_gestalt.draw(name, "train", KNOWN)
        for layer in LAYERS:
            sigma = SHARE * _spread(model, known, layer)
            score = material.score(
                name, model, most=FEW, method="sampled", noise_layer=layer, noise=sigma
            )
            row.append(str(score))
        rows.append(row)
    return Section(
        "Noise in inner layers",
        f"Noise after other layers of the decoder, each time with a σ of {SHARE} of the SD of "
        "that layer's activity (the root of the mean over its units of their variance over "
        f"{KNOWN} training images). linear_1 and linear_2 are the decoder's two linear layers, "
        "convolution_1 and convolution_2 the first two that make maps, of 4 × 4 and 8 × 8; at "
        f"most {FEW} images of each set. The further from the latents, the more local are the "
        "changes that noise makes.",
        ("set", *LAYERS),
        rows,
    )


def harder(material: Material) -> Section:
    """Add white noise to the stimuli."""
    chance = np.random.default_rng(material.seed)
    rows = []
    for name, model in material.modelled():
        row = [in_words(name)]
        for noise in NOISES:
            given = [_noisy(one, noise, chance) for one in material.sets[name][:FEW]]
            row.append(str(Score.of(scores(given, model, seed=material.seed, **of_card(model)))))
        rows.append(row)
    return Section(
        "Harder stimuli",
        "White Gaussian noise of this standard deviation over the whole stimulus, whose values "
        f"are in [0, 1]; at most {FEW} images of each set. No network was trained on noise.",
        ("set", *(f"σ = {noise}" for noise in NOISES)),
        rows,
    )


def conflicting_cues(material: Material) -> Section:
    """Combine colour with proximity, congruent and incongruent."""
    model = material.of("proximity")
    if model is None:
        return Section("Conflicting cues", "The proximity set, or a model of it, is not there.")
    rows, ill = [], 0
    for cue in ("none", "with", "against"):
        given = _pairs(cue)
        found = _grouped(given, model, material.seed)
        ill += sum(level_of(one.record) is Level.OUT for one in found)
        colour = [segment(one, segmenter="baseline", clusters=true_clusters(one)) for one in given]
        rows.append([cue, _on_elements(given, found), _on_elements(given, colour)])
    return Section(
        "Conflicting cues",
        f"{len(GAPS)} rows of three pairs of squares, with {', '.join(f'{gap:g}' for gap in GAPS)} "
        "times as much space between pairs as within, alike in colour, or with two colours that "
        "change from pair to pair, or in the middle of each pair. The score is that of the pairs, "
        "over the squares' pixels alone: 0 is no better than chance, and where colour speaks "
        "against proximity, a falling score means that colour wins. Beside it, Ward on colour "
        "alone, which has two colours for three pairs.\n\n"
        f"Of the {len(rows) * len(GAPS)} stimuli, {ill} are out of distribution for the network: "
        "its segments of these mean little.",
        ("colour cue", "the proximity model", "colour alone"),
        rows,
    )


def _pairs(cue: str) -> list[Stimulus]:
    """Draw rows of pairs with colours that say the same, the contrary, or nothing."""
    looks: dict[str, Any] = {
        "background": (0.93, 0.93, 0.93),
        "foreground": (0.45, 0.55, 0.65),
        "second_colour": (0.65, 0.55, 0.45),
    }
    return [
        stimuli.draw("proximity_row", element="square", colour_cue=cue, gap_ratio=gap, **looks)
        for gap in GAPS
    ]


def _grouped(given: list[Stimulus], model: AutoEncoder, seed: int) -> list[Segmentation]:
    """Group each stimulus into as many groups as it truly has."""
    return [
        segment(one, model, clusters=true_clusters(one), seed=seed + number, **of_card(model))
        for number, one in enumerate(given)
    ]


def _on_elements(given: list[Stimulus], found: list[Segmentation]) -> str:
    """Score the groups over the pixels that are not background."""
    pairs = [
        (true.labels, one.labels, true.labels > 0) for true, one in zip(given, found, strict=True)
    ]
    return str(Score.of(np.array([adjusted_rand_index(t[m], f[m]) for t, f, m in pairs])))


def _pivoted(rows: list[Row]) -> list[list[str]]:
    """Bring rows to one line for each method and K, with a column for each set."""
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
    """Write ARI, foreground ARI where there are figures to tell apart, and best IoU."""
    others = (("foreground", row.foreground), ("IoU", row.iou))
    told = [f"{name} {score.mean:.2f}" for name, score in others if score is not None]
    return "; ".join([str(row.score), *told])


@torch.inference_mode()
def _spread(model: AutoEncoder, given: list[Stimulus], layer: str) -> float:
    """Measure √(mean over a layer's units of their variance over images)."""
    images = torch.from_numpy(np.stack([one.image for one in given])).permute(0, 3, 1, 2)
    after = layers_of(model).index(layer)
    activity = model.decoder[:after](model.encode(images))
    return float(activity.var(dim=0).mean().sqrt())


def _noisy(stimulus: Stimulus, noise: float, chance: np.random.Generator) -> Stimulus:
    added = chance.normal(0, noise, stimulus.image.shape) if noise else 0.0
    return replace(stimulus, image=np.clip(stimulus.image + added, 0, 1))
