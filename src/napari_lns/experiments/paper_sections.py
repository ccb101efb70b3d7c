"""The report's first part: the paper's own table and figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_lns.experiments.paper import BEYOND_CHANCE, PAPER, against_paper
from napari_lns.experiments.report import Section, in_words
from napari_lns.experiments.scoring import Score, of_card, true_clusters
from napari_lns.segmentation import segment
from napari_lns.segmentation.measures import match_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_lns.experiments.material import Material
    from napari_lns.models import AutoEncoder

__all__ = ["examples", "main_table", "over_noise", "over_samples"]

METHODS = ("sampled", "smoothed", "exact")
NO_NOISE, PIXEL_NOISE = 1e-6, 0.1  # σ on the output's pixels, which are in [0, 1]
NOISES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)  # σ as a share of the latents' spread
SAMPLES = (5, 10, 20, 40, 80, 160)
FEW = 8  # images where every point of a curve is a run
_NEARLY_ALL = 0.8
SKY, ORANGE = "#0072b2", "#d55e00"


def main_table(material: Material) -> Section:
    """Make the main table: both kinds of network, three methods, and the controls."""
    rows, by_colour = [], {}
    for name in material.sets:
        for kind in ("ae", "vae"):
            model = material.of(name, kind)
            if model is not None:
                scored = _scores(material, name, model)
                rows.append([in_words(name), kind, *_cells(material, name, model, scored)])
                by_colour[in_words(name)] = scored["no noise"].mean > _NEARLY_ALL
    kinds = {str(row[1]) for row in rows}
    missing = "" if "vae" in kinds else " No VAE ships, so only autoencoders are in it."
    return Section(
        "The main table",
        "An autoencoder (ae) and a variational one (vae) are asked in three ways: sampled with "
        "N = 80, as in the paper; smoothed, which takes from as many outputs the decoder's "
        "derivative, averaged over the noise; exact, the limit of both for small noise, computed "
        "without any. The σ is the one on the model's card; the method chosen there, on held-out "
        f"images, is marked with *.{missing} The shipped networks' latents are rescaled, which the "
        "paper does not do; the model NAME:as-trained leaves them.\n\n"
        "Two controls: without noise, Ward on the colours of the reconstruction; with noise "
        f"(σ = {PIXEL_NOISE}) on the pixels of the output instead of the latents, Ward on 80 noisy "
        "copies of the reconstruction, raw values, which is how we read the paper. "
        f"{_colour_alone(by_colour)}\n\n"
        "The paper's numbers (best of AE and VAE with noise) are recalled, not verified. The last "
        f"column compares the chosen method with them, at {BEYOND_CHANCE} standard errors of ours.",
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
    material: Material, name: str, model: AutoEncoder, scored: dict[str, Score]
) -> list[str]:
    chosen = of_card(model).get("method", "sampled")
    told = [f"{score} *" if each == chosen else str(score) for each, score in scored.items()]
    known = PAPER.get(name)
    paper = "" if known is None else f"{known:.3f}".removesuffix("0")
    return [
        *told,
        paper,
        against_paper(name, scored[chosen], model.card, _error(material, name, model)),
    ]


def _colour_alone(by_colour: dict[str, bool]) -> str:
    """Say of which sets the main table says nothing about noise."""
    sets = [name for name, alone in by_colour.items() if alone]
    if not sets:
        return ""
    return (
        f"On {' and '.join(sets)} colour alone scores more than {_NEARLY_ALL} without any noise, "
        "since the background counts: there a high score is no sign of grouping."
    )


def _error(material: Material, name: str, model: AutoEncoder) -> float:
    """Measure how well the network reconstructs a set's images."""
    images = torch.from_numpy(np.stack([one.image for one in material.sets[name]]))
    given = images.permute(0, 3, 1, 2)
    with torch.inference_mode():
        return float((model.decode(model.encode(given)) - given).square().mean())


def over_noise(material: Material) -> Section:
    """Draw the score over the noise's σ, with the exact limit beside it."""
    figure, places = _panels(material)
    for name, model in material.modelled():
        axes = places[name]
        for method, colour in (("sampled", SKY), ("smoothed", ORANGE)):
            found = [
                material.score(name, model, most=FEW, method=method, relative_noise=noise)
                for noise in NOISES
            ]
            _curve(axes, NOISES, found, method, colour)
        exact = material.score(name, model, most=FEW, method="exact")
        axes.axhline(exact.mean, color="0.3", linestyle="--", label="exact")
        axes.set_xscale("log")
        axes.set_xticks(NOISES, map(str, NOISES))
        axes.minorticks_off()
    _finish(figure, places, "noise (× latent SD)")
    return Section(
        "Score over the noise",
        f"Mean over at most {FEW} images and its standard error. Where the curves lie above the "
        "dashed line, noise does more than the decoder's derivative: it averages its roughness "
        "away. Where the noise is too strong, the outputs leave the training distribution.",
        figure=figure,
    )


def over_samples(material: Material) -> Section:
    """Draw the score over the number of noise samples."""
    figure, places = _panels(material)
    for name, model in material.modelled():
        axes = places[name]
        found = [
            material.score(name, model, most=FEW, method="sampled", samples=count)
            for count in SAMPLES
        ]
        _curve(axes, SAMPLES, found, "sampled", SKY)
        axes.set_xscale("log", base=2)
        axes.set_xticks(SAMPLES, map(str, SAMPLES))
    _finish(figure, places, "samples N")
    return Section(
        "Score over the number of samples",
        f"Mean over at most {FEW} images and its standard error, at the σ on each model's card.",
        figure=figure,
    )


def examples(material: Material) -> Section:
    """Show one image of each set: stimulus, reconstruction, variance, labels, truth."""
    from matplotlib.figure import Figure

    known = list(material.modelled())
    figure = Figure(figsize=(7.5, 1.6 * len(known)), layout="constrained")
    grid = figure.subplots(len(known), 5, squeeze=False)
    for row, (name, model) in zip(grid, known, strict=True):
        stimulus = material.sets[name][0]
        clusters = true_clusters(stimulus)
        found = segment(stimulus, model, clusters=clusters, seed=material.seed, **of_card(model))
        pictures: tuple[tuple[Any, str, dict[str, Any]], ...] = (
            (stimulus.image, in_words(name), {}),
            (found.reconstruction, "reconstruction", {}),
            (found.variance, "variance", {"cmap": "viridis"}),
            (
                match_labels(stimulus.labels, found.labels),
                f"labels, ARI {found.score(stimulus):.2f}",
                {"cmap": "cividis"},
            ),
            (stimulus.labels, "ground truth", {"cmap": "cividis"}),
        )
        for axes, (picture, title, look) in zip(row, pictures, strict=True):
            axes.imshow(picture, interpolation="nearest", **look)
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

    known = [name for name, _ in material.modelled()]
    rows = -(-len(known) // 3)
    figure = Figure(figsize=(9, 2.6 * rows), layout="constrained")
    grid = np.ravel(figure.subplots(rows, 3, sharey=True, squeeze=False))
    for axes in grid[len(known) :]:
        axes.set_axis_off()
    return figure, dict(zip(known, grid, strict=False))


def _curve(
    axes: Axes, places: Sequence[float], found: Sequence[Score], label: str, colour: str
) -> None:
    means = [score.mean for score in found]
    errors = [score.standard_error for score in found]
    axes.errorbar(places, means, errors, label=label, color=colour, marker="o", markersize=3)


def _finish(figure: Figure, places: dict[str, Axes], label: str) -> None:
    for name, axes in places.items():
        axes.set_title(in_words(name), fontsize=9)
        axes.set_xlabel(label)
        axes.spines[["top", "right"]].set_visible(False)
    first = next(iter(places.values()))
    first.set_ylabel("ARI")
    first.legend(fontsize=7)
