"""Draw the picture of README: a stimulus and its control, each with its maps, captions inside.

Run from anywhere: ``python docs/make_readme_picture.py``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from napari_lns import Segmentation, segment, stimuli

PICTURE = Path(__file__).parent / "pictures" / "readme.png"
NAME = "kanizsa_figure"
ROWS = {
    "Stimulus:\npeople see a square": {},
    "Control: discs turned,\npeople see none": stimuli.control(NAME),
}
COLUMNS = (
    "image",
    "reconstruction",
    "variance under noise",
    "segments: pixels that covary",
    "affinity to the middle (+)",
)


def main() -> None:
    """Draw both rows on one scale."""
    results = [segment(stimuli.draw(NAME, **how), "auto", clusters=3) for how in ROWS.values()]
    highest = max(float(each.variance.max()) for each in results if each.variance is not None)
    figure, axes = plt.subplots(2, 5, figsize=(12.5, 5.4), layout="constrained")
    for row, result, title in zip(axes, results, ROWS, strict=True):
        draw(row, result, highest)
        row[0].set_ylabel(title, fontsize=12)
    for place, title in zip(axes[0], COLUMNS, strict=True):
        place.set_title(title, fontsize=12)
    for place in axes.flat:
        place.set(xticks=[], yticks=[])
        place.spines[:].set_visible(False)
    figure.savefig(PICTURE, dpi=100, metadata={"Software": None})


def draw(row: np.ndarray, result: Segmentation, highest: float) -> None:
    """Draw the maps of one result."""
    image, reconstruction, variance, segments, affinity = (each for each in row)
    assert isinstance(image, Axes)
    image.imshow(result.image)
    reconstruction.imshow(np.clip(result.reconstruction, 0, 1))
    variance.imshow(result.variance, vmin=0, vmax=highest)
    segments.imshow(result.labels, cmap="Set2", vmin=1, vmax=8)
    affinity.imshow(result.affinity(32, 32), cmap="RdBu_r", vmin=-1, vmax=1)
    affinity.plot(32, 32, "k+")


if __name__ == "__main__":
    main()
