"""Draw the pictures of docs/method.md: responses, the three methods, and scores over the noise.

Run from anywhere: ``python docs/make_method_pictures.py``. The scores take some minutes.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from napari_lns import Segmentation, models, segment, stimuli
from napari_lns.experiments import scores

matplotlib.use("agg")
import matplotlib.pyplot as plt

PICTURES = Path(__file__).parent / "pictures"
MODEL = "kanizsa-ae"
METHODS = ("sampled", "smoothed", "exact")
NOISE = 0.1
LEVELS = (0.01, 0.03, 0.1, 0.2, 0.4, 0.8)
IMAGES = 16


def main() -> None:
    """Draw the pictures."""
    stimulus = stimuli.good_gestalt.draw("kanizsa", count=1, seed=3)[0]
    responses(stimulus).savefig(PICTURES / "method_responses.png", dpi=150)
    methods(stimulus).savefig(PICTURES / "method_three.png", dpi=150)
    noise().savefig(PICTURES / "method_noise.png", dpi=150)


def responses(stimulus: stimuli.Stimulus) -> plt.Figure:
    """Show what noise does to the reconstruction."""
    found = segment(stimulus, MODEL, relative_noise=NOISE, keep_outputs=True)
    assert found.outputs is not None
    assert found.reconstruction is not None
    figure, axes = plt.subplots(1, 6, figsize=(10.5, 2), layout="constrained")
    show(axes[0], stimulus.image, "image")
    show(axes[1], found.reconstruction, "reconstruction")
    for number, axis in enumerate(axes[2:4]):
        show(axis, np.clip(found.outputs[number], 0, 1), f"with noise, y{'₁₂'[number]}")
    moved = (found.outputs[0] - found.outputs[1]).mean(2)
    most = float(np.abs(moved).max())
    show(axes[4], moved, "y₁ − y₂", cmap="RdBu_r", vmin=-most, vmax=most)
    show(axes[5], spread(found), "SD of 80 outputs")
    return figure


def methods(stimulus: stimuli.Stimulus) -> plt.Figure:
    """Show the maps of each of the three methods for one image."""
    row, column = map(int, np.argwhere(stimulus.labels == 2).mean(axis=0))
    figure, axes = plt.subplots(3, 4, figsize=(8, 6.2), layout="constrained")
    for line, method in zip(axes, METHODS, strict=True):
        found = segment(stimulus, MODEL, method=method, relative_noise=NOISE)
        show(line[0], spread(found), f"{method}: SD")
        show(line[1], found.affinity(row, column), "affinity of ×", vmin=-1, vmax=1)
        line[1].plot(column, row, "rx", markersize=5)
        show(line[2], found.boundaries, "boundaries")
        show(line[3], found.labels, f"K = 3, ARI {found.score(stimulus):.2f}", cmap="tab10")
    return figure


def noise() -> plt.Figure:
    """Plot the scores over the noise."""
    images = stimuli.good_gestalt.draw("kanizsa", count=IMAGES)
    model = models.load(MODEL)
    figure, axis = plt.subplots(figsize=(5.2, 3.4), layout="constrained")
    for method in METHODS[:2]:
        found = [scores(images, model, method=method, relative_noise=each) for each in LEVELS]
        curve(axis, found, f"{method}, N = 80")
    exact = scores(images, model, method="exact")
    axis.axhline(float(exact.mean()), color="C2", label="exact, no noise")
    pixels = [
        scores(images, model, method="sampled", noise=each, noise_layer="output") for each in LEVELS
    ]
    curve(axis, pixels, "noise on the pixels instead (σ absolute)", color="grey", linestyle="--")
    axis.set(xscale="log", xlabel="noise (× latent SD)", ylabel="ARI, 16 Kanizsa images")
    axis.set_ylim(0, 1)
    axis.legend(fontsize=8, frameon=False)
    return figure


def spread(found: Segmentation) -> np.ndarray:
    """Return the standard deviation: faint contours show better in it than in the variance."""
    assert found.variance is not None
    return np.sqrt(found.variance)


def curve(axis: plt.Axes, scores: list[np.ndarray], label: str, **options: object) -> None:
    """Plot means with their standard errors."""
    means = [each.mean() for each in scores]
    errors = [each.std(ddof=1) / np.sqrt(len(each)) for each in scores]
    axis.errorbar(LEVELS, means, errors, label=label, capsize=2, **options)


def show(axis: plt.Axes, image: np.ndarray | None, title: str, **options: object) -> None:
    """Show one map."""
    assert image is not None
    axis.imshow(image, interpolation="nearest", **options)
    axis.set_title(title, fontsize=9)
    axis.axis("off")


if __name__ == "__main__":
    main()
