"""Draw each shipped model's maps of two test images of its set, for docs/models.md.

And those of the model trained on dead leaves, for other dead leaves and for photographs.

Run from anywhere: ``python docs/make_models_pictures.py``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import skimage.data
import skimage.transform

from napari_lns import Segmentation, models, segment, stimuli
from napari_lns.experiments.scoring import card_method, true_clusters
from napari_lns.stimuli import good_gestalt

matplotlib.use("agg")
import matplotlib.pyplot as plt

PICTURES = Path(__file__).parent / "pictures"
COLUMNS = ("image", "reconstruction", "variance", "segments")
EXAMPLES = 2
SEED = 5
LEAVES = "dead-leaves"
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")  # that come with scikit-image
GROUPS = 5


def main() -> None:
    """Draw one picture of the autoencoders and one of the variational networks."""
    for kind in ("ae", "vae"):
        sets = [name for name in good_gestalt.NAMES if model_of(name, kind) in models.names()]
        if sets:
            drawn_by(kind, sets).savefig(PICTURES / f"models_{kind}.png", dpi=110)
    photographs().savefig(PICTURES / "models_photographs.png", dpi=110)


def model_of(name: str, kind: str) -> str:
    """Return the name of a set's model."""
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
    name_columns(np.atleast_2d(axes)[0])
    return figure


def photographs() -> plt.Figure:
    """Show the maps of the network of dead leaves, for some and for photographs."""
    leaves = [stimuli.draw("dead_leaves", seed=SEED + k) for k in range(2 * EXAMPLES)]
    squares = [middle(getattr(skimage.data, name)()) for name in PHOTOGRAPHS]
    across = EXAMPLES * len(COLUMNS)
    figure, axes = plt.subplots(4, across, figsize=(1.35 * across, 6), layout="constrained")
    places = axes.reshape(-1, len(COLUMNS))
    for line, stimulus in zip(places, leaves, strict=False):
        show(line, stimulus, LEAVES)
    network = models.load(LEAVES)
    for line, image in zip(places[len(leaves) :], squares, strict=True):
        show_found(line, image, segment(image, network, clusters=GROUPS, **card_method(network)))
    name_columns(axes[0])
    return figure


def name_columns(line: np.ndarray) -> None:
    """Write above the uppermost places what they show."""
    for axis, title in zip(line, COLUMNS * EXAMPLES, strict=True):
        axis.set_title(title, fontsize=9)


def middle(image: np.ndarray) -> np.ndarray:
    """Cut the largest square out of an image's middle, 64 pixels wide."""
    side = min(image.shape[:2])
    top, left = ((length - side) // 2 for length in image.shape[:2])
    square = image[top : top + side, left : left + side]
    small: np.ndarray = skimage.transform.resize(square, (64, 64), anti_aliasing=True)
    return small.astype(np.float32)


def show(places: np.ndarray, stimulus: stimuli.Stimulus, model: str) -> None:
    """Fill four places with a model's maps of a stimulus, and its score."""
    network = models.load(model)
    found = segment(stimulus, network, clusters=true_clusters(stimulus), **card_method(network))
    show_found(places, stimulus.image, found)
    places[3].set_xlabel(f"ARI {found.score(stimulus.labels):.2f}", fontsize=8)


def show_found(places: np.ndarray, image: np.ndarray, found: Segmentation) -> None:
    """Fill four places with an image and what was found in it."""
    assert found.reconstruction is not None
    assert found.variance is not None
    places[0].imshow(image)
    places[1].imshow(found.reconstruction)
    places[2].imshow(np.sqrt(found.variance), cmap="magma")
    places[3].imshow(found.labels % 20, cmap="tab20", vmin=0, vmax=20, interpolation="nearest")
    for axis in places:
        axis.set_xticks([])
        axis.set_yticks([])


if __name__ == "__main__":
    main()
