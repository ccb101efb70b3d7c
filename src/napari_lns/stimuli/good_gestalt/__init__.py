"""The six Good Gestalt sets of Lonnqvist, Wu and Herzog (2024), drawn from their distributions.

In the *train* split, objects have colours of their own. In the *test* split, only the Gestalt cue
defines the objects. Image `index` of a seed is always the same image, whatever was drawn before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count as count_from
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Range, check, inspect_parameters, unknown_name_error
from napari_lns.stimuli.good_gestalt._painting import paint, stimulus
from napari_lns.stimuli.good_gestalt._scene import Scene, Split
from napari_lns.stimuli.good_gestalt._sets import SETS, control, scene
from napari_lns.stimuli.registry import register
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["NAMES", "draw", "stream"]

NAMES: tuple[str, ...] = tuple(SETS)

Size = Literal[64, 256]
Variant = Literal["stimulus", "control"]
Whole = Annotated[int, Range(0, 2**31 - 1)]
Many = Annotated[int, Range(1, 2**31 - 1)]


def draw(
    name: str, split: Split = "test", count: Whole = 100, seed: Whole = 0, size: Size = 64
) -> list[Stimulus]:
    """Draw the first images of a set.

    Parameters
    ----------
    name
        One of `NAMES`.
    split
        ``"train"``: objects have colours of their own; ``"test"``: only the Gestalt cue defines
        them.
    count
        Number of images. The first images are the same for every count.
    seed
        Random seed.
    size
        Side in pixels, 64 or 256.

    Returns
    -------
    list of Stimulus
        The stimuli, with the paper's masks as labels and its detailed masks as parts.

    Examples
    --------
    >>> draw("kanizsa", count=1)[0].label_names[2]
    'square'
    """
    _check(draw, name, split=split, count=count, seed=seed, size=size)
    drawing = _drawings[name]
    return [drawing(split=split, size=size, index=index, seed=seed) for index in range(count)]


def stream(
    name: str,
    split: Split = "train",
    batch: Many = 64,
    seed: Whole = 0,
    size: Size = 64,
    start: Whole = 0,
) -> Iterator[NDArray[np.float32]]:
    """Stream the images of a set endlessly.

    Parameters
    ----------
    name
        One of `NAMES`.
    split
        ``"train"`` or ``"test"``.
    batch
        Number of images in a batch. It does not change the order of the images.
    seed
        Random seed. The images are those of `draw` with this seed.
    size
        Side in pixels, 64 or 256.
    start
        The step to begin at. Earlier steps are skipped without drawing them.

    Returns
    -------
    Iterator of numpy.ndarray
        Endless; float32 (batch, 3, size, size) in [0, 1].

    Examples
    --------
    >>> next(stream("closure", batch=2)).shape
    (2, 3, 64, 64)
    """
    _check(stream, name, split=split, batch=batch, seed=seed, size=size, start=start)
    return _batches(name, split, batch, seed, size, start)


def _batches(
    name: str, split: Split, batch: int, seed: int, size: Size, start: int
) -> Iterator[NDArray[np.float32]]:
    for step in count_from(start):
        images = np.empty((batch, 3, size, size), np.float32)
        for number, image in enumerate(images):
            paint(scene(name, split, seed, step * batch + number), image)
        yield images


def _check(function: Callable[..., Any], name: str, **values: object) -> None:
    if name not in NAMES:
        raise unknown_name_error("Good Gestalt set", name, NAMES)
    check(inspect_parameters(function), values)


def _register_set(name: str, scenes: type[Scene]) -> Callable[..., Stimulus]:
    def drawing(
        *,
        split: Split = "test",
        size: Size = 64,
        index: Whole = 0,
        variant: Variant = "stimulus",
        seed: int = 0,
    ) -> Stimulus:
        if variant == "stimulus":
            return stimulus(scene(name, split, seed, index), size)
        if split == "train":
            raise ValueError(
                "variant is 'control' and split is 'train', where objects have colours of their "
                "own: use split='test'"
            )
        return stimulus(control(name, seed, index), size)

    drawing.__doc__ = f"""{scenes.title}

    Parameters
    ----------
    split
        Train: objects have colours of their own; test: only the Gestalt cue is left.
    size
        Side of the image in pixels.
    index
        Number of the image in its seed's sequence.
    variant
        The stimulus, or the control that the same seed and index make of it (test split only).

    Notes
    -----
    Control: {scenes.control_text}
    """
    return register(group="Good Gestalt", name=name, control={"variant": "control"})(drawing)


_drawings = {name: _register_set(name, scenes) for name, scenes in SETS.items()}
