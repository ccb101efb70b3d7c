"""Draw what each shipped model makes of two test images of its set, for docs/models.md.

Run from anywhere: ``python docs/make_models_pictures.py``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from napari_lns import models, segment, stimuli
from napari_lns.experiments.scoring import true_clusters
from napari_lns.stimuli import good_gestalt

matplotlib.use("agg")
import matplotlib.pyplot as plt

PICTURES = Path(__file__).parent / "pictures"
COLUMNS = ("image", "redrawn", "variance", "groups")
EXAMPLES = 2
SEED = 5


def main() -> None:
    """Draw one picture of the autoencoders and one of the variational networks."""
    for kind in ("ae", "vae"):
        sets = [name for name in good_gestalt.NAMES if model_of(name, kind) in models.names()]
        if sets:
            drawn_by(kind, sets).savefig(PICTURES / f"models_{kind}.png", dpi=110)


def model_of(name: str, kind: str) -> str:
    """Give the name of a set's model."""
    return f"{name.replace('_', '-')}-{kind}"


def drawn_by(kind: str, sets: list[str]) -> plt.Figure:
    """Show two own draws of each set: image, reconstruction, variance, groups."""
    across = EXAMPLES * len(COLUMNS)
    figure, axes = plt.subplots(
        len(sets), across, figsize=(1.35 * across, 1.5 * len(sets)), layout="constrained"
    )
    for line, name in zip(np.atleast_2d(axes), sets, strict=True):
        examples = good_gestalt.draw(name, "test", EXAMPLES, seed=SEED)
        for places, stimulus in zip(np.split(line, EXAMPLES), examples, strict=True):
            show(places, stimulus, model_of(name, kind))
        line[0].set_ylabel(name.replace("_", "\n"), fontsize=9)
    for axis, title in zip(np.atleast_2d(axes)[0], COLUMNS * EXAMPLES, strict=True):
        axis.set_title(title, fontsize=9)
    return figure


def show(places: np.ndarray, stimulus: stimuli.Stimulus, model: str) -> None:
    """Fill four places with what a model makes of a stimulus."""
    found = segment(stimulus, model, clusters=true_clusters(stimulus))
    assert found.reconstruction is not None
    assert found.variance is not None
    places[0].imshow(stimulus.image)
    places[1].imshow(found.reconstruction)
    places[2].imshow(np.sqrt(found.variance), cmap="magma")
    places[3].imshow(found.labels, cmap="tab10", vmin=1, vmax=10, interpolation="nearest")
    places[3].set_xlabel(f"ARI {found.score(stimulus.labels):.2f}", fontsize=8)
    for axis in places:
        axis.set_xticks([])
        axis.set_yticks([])


if __name__ == "__main__":
    main()
