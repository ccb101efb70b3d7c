"""Draw the figure of docs/dwc.md: a walk from one pixel, and the segments of successive cuts.

Run from anywhere: ``python docs/make_dwc_pictures.py``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from napari_lns import segment, stimuli
from napari_lns.analysis.local_groups import LocalGroups
from napari_lns.segmentation.dwc.walk_sources import similarity_walk
from napari_lns.segmentation.dwc.walks import steps

matplotlib.use("agg")
import matplotlib.pyplot as plt

PICTURE = Path(__file__).parent / "pictures" / "dwc.png"
SIDE = 64
STEPS = (1, 4, 16)
GROUPS = (2, 3, 5, 9)


def main() -> None:
    """Draw the picture."""
    stimulus = stimuli.good_gestalt.draw("kanizsa", count=1, seed=3)[0]
    row, column = map(int, np.argwhere(stimulus.labels == 2).mean(axis=0))
    as_trained = segment(stimulus, "kanizsa-ae:as-trained", method="exact")  # as DWC uses it
    walk = similarity_walk(as_trained).transition
    cut = segment(stimulus, "kanizsa-ae", segmenter="dwc", clusters=3)
    local = LocalGroups(segment(stimulus, "kanizsa-ae", method="exact")).group_at(row, column)

    figure, axes = plt.subplots(2, 4, figsize=(8, 4.4), layout="constrained")
    show(axes[0, 0], stimulus.image, "stimulus and seed")
    axes[0, 0].contour(local, [0.5], colors="C3", linewidths=1)
    axes[0, 0].plot(column, row, "C3.")
    for axis, count in zip(axes[0, 1:], STEPS, strict=True):
        places = steps(walk, count)[row * SIDE + column].reshape(SIDE, SIDE)
        show(axis, places, f"after {count} step{'s' * (count > 1)}", cmap="magma")
    for axis, count in zip(axes[1], GROUPS, strict=True):
        show(axis, cut.cut(count), f"{count} segments", cmap="tab10", vmin=1, vmax=10)
    figure.savefig(PICTURE, dpi=150)


def show(axis: plt.Axes, image: np.ndarray, title: str, **options: object) -> None:
    axis.imshow(image, interpolation="nearest", **options)
    axis.set_title(title, fontsize=9)
    axis.axis("off")


if __name__ == "__main__":
    main()
