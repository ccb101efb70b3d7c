"""Draw the pictures of docs/iic.md: textures in one image, the six sets, and label curves.

Run from anywhere: ``python docs/make_iic_pictures.py``; with ``labels.json``, written by
``napari-lns iic labels --json``, it draws the label curves too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib
import numpy as np

from napari_lns import segment, stimuli
from napari_lns.experiments.iic import SETS

matplotlib.use("agg")
import matplotlib.pyplot as plt

PICTURES = Path(__file__).parent / "pictures"


def main() -> None:
    """Draw the pictures."""
    textures()
    sets()
    if len(sys.argv) > 1:
        curves(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))


def textures() -> None:
    """Draw an image of three textures, each output's probability, and the segments."""
    stimulus = stimuli.draw("texture_regions", regions=3, difference=60.0, seed=1)
    found = segment(
        stimulus, segmenter="iic", source="this image", clusters=3, steps=80, sobel=True
    )
    figure, axes = plt.subplots(1, 5, figsize=(8, 1.9), layout="constrained")
    show(axes[0], stimulus.image, "stimulus")
    for number, axis in enumerate(axes[1:4]):
        answers = found.features[:, number].reshape(found.labels.shape)
        show(axis, answers, f"output {number + 1}", cmap="gray", vmin=0, vmax=1)
    show(axes[4], found.labels, "segments", cmap="tab10", vmin=1, vmax=10)
    figure.savefig(PICTURES / "iic_textures.png", dpi=150)


def sets() -> None:
    """Draw a training and a test image of every set, and their segments."""
    figure, axes = plt.subplots(4, len(SETS), figsize=(8, 5.6), layout="constrained")
    for column, name in enumerate(SETS):
        for row, split in enumerate(("train", "test")):
            stimulus = stimuli.good_gestalt.draw(name, split, count=1, seed=5)[0]
            found = segment(stimulus, segmenter="iic", source=name, clusters="auto")
            title = name.replace("_", "\n") if row == 0 else ""
            show(axes[2 * row, column], stimulus.image, title)
            show(axes[2 * row + 1, column], found.labels, "", cmap="tab10", vmin=1, vmax=10)
    for row, text in enumerate(("train", "segments", "test", "segments")):
        axes[row, 0].text(
            -0.1, 0.5, text, transform=axes[row, 0].transAxes, ha="right", va="center"
        )
    figure.savefig(PICTURES / "iic_sets.png", dpi=150)


def curves(lines: list[dict[str, object]]) -> None:
    """Plot the accuracy on test digits over the number of labels."""
    figure, axis = plt.subplots(figsize=(5, 3.2), layout="constrained")
    for method in dict.fromkeys(line["method"] for line in lines):
        own = [line for line in lines if line["method"] == method]
        counts = [int(line["data"].split()[0]) for line in own]
        means = np.array([line["score"]["mean"] for line in own])
        errors = [line["score"]["standard_error"] for line in own]
        axis.errorbar(counts, means, errors, marker="o", markersize=4, label=method)
    axis.set(xscale="log", xlabel="labels", ylabel="accuracy on test digits", ylim=(0, 1))
    axis.set_xticks(counts, map(str, counts))
    axis.minorticks_off()
    axis.legend(frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURES / "iic_labels.png", dpi=150)


def show(axis: plt.Axes, image: np.ndarray, title: str, **options: object) -> None:
    axis.imshow(image, interpolation="nearest", **options)
    axis.set_title(title, fontsize=9)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_color("0.7")


if __name__ == "__main__":
    main()
