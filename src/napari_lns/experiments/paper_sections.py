"""The first part of the report: the paper's table and figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_lns.experiments.paper import PAPER, STANDARD_ERRORS, compare_with_paper
from napari_lns.experiments.report import Section, readable_name
from napari_lns.experiments.scoring import Score, card_method, true_clusters
from napari_lns.segmentation import segment
from napari_lns.segmentation.measures import match_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_lns.experiments.material import Material
    from napari_lns.models import AutoEncoder

__all__ = ["examples", "main_table", "over_noise", "over_samples"]

METHODS = ("sampled", "smoothed", "exact")
NO_NOISE, PIXEL_NOISE = 1e-6, 0.1  # σ on the pixels of the output, which are in [0, 1]
NOISES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)  # σ relative to the latent SD
SAMPLES = (5, 10, 20, 40, 80, 160)
FEW_IMAGES = 8  # images for curves, in which each point is a run
_NEARLY_ALL = 0.8
SKY, ORANGE = "#0072b2", "#d55e00"


def main_table(material: Material) -> Section:
    """Make the main table: both kinds of network, three methods and the controls."""
    rows, by_colour = [], {}
    for name in material.sets:
        for kind in ("ae", "vae"):
            model = material.find_model(name, kind)
            if model is not None:
                by_method = _scores(material, name, model)
                rows.append([readable_name(name), kind, *_cells(material, name, model, by_method)])
                by_colour[readable_name(name)] = by_method["no noise"].mean > _NEARLY_ALL
    kinds = {str(row[1]) for row in rows}
    missing = "" if "vae" in kinds else " No VAE ships, so only autoencoders are in it."
    return Section(
        "The main table",
        "An autoencoder (ae) and a variational one (vae) are segmented by three methods: sampled "
        "with "
        "N = 80, as in the paper; smoothed, which estimates the decoder's derivative, averaged "
        "over the noise, from as many outputs; exact, the limit of both for small noise, computed "
        "without noise. The σ is the one on the model's card; the method chosen there, on held-out "
        f"images, is marked with *.{missing} The shipped networks' latents are rescaled, which the "
        "paper does not do; the model NAME:as-trained disables the rescaling.\n\n"
        "Two controls: without noise, Ward on the colours of the reconstruction; with noise "
        f"(σ = {PIXEL_NOISE}) on the pixels of the output instead of the latents, Ward on 80 noisy "
        "copies of the reconstruction, raw values, which is how we read the paper. "
        f"{_describe_colour_alone(by_colour)}\n\n"
        "The paper's numbers (best of AE and VAE with noise) are recalled, not verified. The last "
        f"column compares the chosen method with them, at {STANDARD_ERRORS} standard errors of "
        "ours.",
        ("set", "kind", *METHODS, "no noise", "pixel noise", "paper", "compared"),
        rows,
    )


def _scores(material: Material, name: str, model: AutoEncoder) -> dict[str, Score]:
    on_pixels: dict[str, Any] = {"method": "sampled", "noise_layer": "output"}
    return {
        **{method: material.score(name, model, method=method) for method in METHODS},
        "no noise": material.score(name, model, samples=2, noise=NO_NOISE, **on_pixels),
        "pixel noise": material.score(name, model, noise=PIXEL_NOISE, **on_pixels),
    }


def _cells(
    material: Material, name: str, model: AutoEncoder, by_method: dict[str, Score]
) -> list[str]:
    card_choice = card_method(model).get("method", "sampled")
    cells = [
        f"{score} *" if each == card_choice else str(score) for each, score in by_method.items()
    ]
    paper_score = PAPER.get(name)
    paper = "" if paper_score is None else f"{paper_score:.3f}".removesuffix("0")
    return [
        *cells,
        paper,
        compare_with_paper(name, by_method[card_choice], model.card, _error(material, name, model)),
    ]


def _describe_colour_alone(by_colour: dict[str, bool]) -> str:
    """Describe the sets on which colour alone scores high."""
    sets = [name for name, alone in by_colour.items() if alone]
    if not sets:
        return ""
    return (
        f"On {' and '.join(sets)} colour alone scores more than {_NEARLY_ALL} without noise, "
        "because the background counts as a segment: a high score on these sets is no evidence of "
        "grouping."
    )


def _error(material: Material, name: str, model: AutoEncoder) -> float:
    """Return the mean squared reconstruction error on a set's images."""
    images = torch.from_numpy(np.stack([one.image for one in material.sets[name]]))
    batch = images.permute(0, 3, 1, 2)
    with torch.inference_mode():
        return float((model.decode(model.encode(batch)) - batch).square().mean())


def over_noise(material: Material) -> Section:
    """Plot the score against the noise level, with the exact limit."""
    figure, places = _panels(material)
    for name, model in material.iter_models():
        axes = places[name]
        for method, colour in (("sampled", SKY), ("smoothed", ORANGE)):
            scores = [
                material.score(name, model, most=FEW_IMAGES, method=method, relative_noise=noise)
                for noise in NOISES
            ]
            _curve(axes, NOISES, scores, method, colour)
        exact = material.score(name, model, most=FEW_IMAGES, method="exact")
        axes.axhline(exact.mean, color="0.3", linestyle="--", label="exact")
        axes.set_xscale("log")
        axes.set_xticks(NOISES, map(str, NOISES))
        axes.minorticks_off()
    _finish(figure, places, "noise (× latent SD)")
    return Section(
        "Score against noise level",
        f"Mean over at most {FEW_IMAGES} images and its standard error. Where the curves lie above "
        "the dashed line, noise improves on the decoder's derivative, because it averages over "
        "local irregularities. If the noise is too strong, the outputs leave the training "
        "distribution.",
        figure=figure,
    )


def over_samples(material: Material) -> Section:
    """Plot the score against the number of noise samples."""
    figure, places = _panels(material)
    for name, model in material.iter_models():
        axes = places[name]
        scores = [
            material.score(name, model, most=FEW_IMAGES, method="sampled", samples=count)
            for count in SAMPLES
        ]
        _curve(axes, SAMPLES, scores, "sampled", SKY)
        axes.set_xscale("log", base=2)
        axes.set_xticks(SAMPLES, map(str, SAMPLES))
    _finish(figure, places, "samples N")
    return Section(
        "Score against number of samples",
        f"Mean over at most {FEW_IMAGES} images and its standard error, at the σ on each model's "
        "card.",
        figure=figure,
    )


def examples(material: Material) -> Section:
    """Show one image of each set: stimulus, reconstruction, variance, labels, ground truth."""
    from matplotlib.figure import Figure

    models = list(material.iter_models())
    figure = Figure(figsize=(7.5, 1.6 * len(models)), layout="constrained")
    grid = figure.subplots(len(models), 5, squeeze=False)
    for row, (name, model) in zip(grid, models, strict=True):
        stimulus = material.sets[name][0]
        clusters = true_clusters(stimulus)
        segmentation = segment(
            stimulus, model, clusters=clusters, seed=material.seed, **card_method(model)
        )
        maps: tuple[tuple[Any, str, dict[str, Any]], ...] = (
            (stimulus.image, readable_name(name), {}),
            (segmentation.reconstruction, "reconstruction", {}),
            (segmentation.variance, "variance", {"cmap": "viridis"}),
            (
                match_labels(stimulus.labels, segmentation.labels),
                f"labels, ARI {segmentation.score(stimulus):.2f}",
                {"cmap": "cividis"},
            ),
            (stimulus.labels, "ground truth", {"cmap": "cividis"}),
        )
        for axes, (values, title, style) in zip(row, maps, strict=True):
            axes.imshow(values, interpolation="nearest", **style)
            axes.set_title(title, fontsize=8)
            axes.set_axis_off()
    return Section(
        "Examples",
        "The first image of each set; nothing is chosen. Variance from dark (none) to bright (the "
        "most of that image). "
        "Labels have the colours of the segments of the ground truth that they match best.",
        figure=figure,
    )


def _panels(material: Material) -> tuple[Figure, dict[str, Axes]]:
    from matplotlib.figure import Figure

    names = [name for name, _ in material.iter_models()]
    rows = -(-len(names) // 3)
    figure = Figure(figsize=(9, 2.6 * rows), layout="constrained")
    grid = np.ravel(figure.subplots(rows, 3, sharey=True, squeeze=False))
    for axes in grid[len(names) :]:
        axes.set_axis_off()
    return figure, dict(zip(names, grid, strict=False))


def _curve(
    axes: Axes, places: Sequence[float], scores: Sequence[Score], label: str, colour: str
) -> None:
    means = [score.mean for score in scores]
    errors = [score.standard_error for score in scores]
    axes.errorbar(places, means, errors, label=label, color=colour, marker="o", markersize=3)


def _finish(figure: Figure, places: dict[str, Axes], label: str) -> None:
    for name, axes in places.items():
        axes.set_title(readable_name(name), fontsize=9)
        axes.set_xlabel(label)
        axes.spines[["top", "right"]].set_visible(False)
    first = next(iter(places.values()))
    first.set_ylabel("ARI")
    first.legend(fontsize=7)
