"""The registry of worlds: stream the training images of a stimulus's world, and list its domain."""

from __future__ import annotations

import functools
import importlib
import itertools
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Parameter, Range, check, inspect_parameters, unknown_name_error
from napari_lns.stimuli import good_gestalt, registry
from napari_lns.stimuli._canvas import JITTER
from napari_lns.stimuli._entries import find_entry
from napari_lns.stimuli.stimulus import Stimulus
from napari_lns.stimuli.worlds._dice import PLACE, TURN, ZOOM, Dice
from napari_lns.stimuli.worlds._scene import Scene

__all__ = ["Domain", "domain", "find_stimulus", "names", "register", "scenes", "world"]

SIDE = 64
_SIZES = ("figure_size", "panel_size")
Whole = Annotated[int, Range(0, 2**31 - 1)]
Many = Annotated[int, Range(1, 4096)]
Domain = Mapping[str, Any]
"""The range (low, high), or the possible values, of each parameter that a world covers."""

Drawing = Callable[[Dice], Scene]


@dataclass(frozen=True)
class World:
    """A function that draws one scene, and the stimulus and domain that its networks are for."""

    draw: Drawing
    domain: Domain
    stimulus: str
    grows: bool


_worlds: dict[str, World] = {}


def register(
    stimulus: str = "", *, grows: bool = False, **domain: object
) -> Callable[[Drawing], Drawing]:
    """Register a function from `Dice` to `Scene` as a world of the function's name.

    Parameters
    ----------
    stimulus
        Name of the stimulus that the world's networks are for. The default is the world's name.
    grows
        Whether the scenes depend on `Dice.growth`.
    **domain
        Range (low, high), or list of values, of each parameter of the stimulus that the world
        varies. Other parameters keep their defaults, except those of the pose.

    Returns
    -------
    Callable
        A decorator for the function.

    Examples
    --------
    >>> @register("kanizsa_figure", support_ratio=(0.4, 0.6))  # doctest: +SKIP
    ... def large_discs(dice: Dice) -> Scene:
    ...     scene = Scene(dice.background_lightness(), dice.pose())
    ...     scene.discs([[-0.2, -0.2], [0.2, 0.2]], 0.3, dice.dark_lightness(), "inducers")
    ...     return scene
    """

    def decorate(function: Drawing) -> Drawing:
        name = function.__name__
        if name in _worlds and _worlds[name].draw.__module__ != function.__module__:
            raise ValueError(
                f"the world {name!r} is already registered by {_worlds[name].draw.__module__}: "
                "give this one another name"
            )
        _worlds[name] = World(function, domain, stimulus or name, grows)
        return function

    return decorate


def names() -> list[str]:
    """Return the names of all worlds.

    Examples
    --------
    >>> "kanizsa_figure" in names()
    True
    """
    _load()
    return list(_worlds)


def find_stimulus(name: str) -> str:
    """Return the name of the stimulus that a world's networks are for.

    Examples
    --------
    >>> find_stimulus("kanizsa_absent")
    'kanizsa'
    """
    _load()
    return _worlds[name].stimulus if name in _worlds else name


def domain(name: str) -> dict[str, Any]:
    """Return the ranges of the stimulus parameters that a world covers.

    All worlds vary place, rotation and zoom of the figure more than `jitter` does.

    Parameters
    ----------
    name
        One of `names()`.

    Returns
    -------
    dict
        The range (low, high), or a list of possible values, of each parameter.

    Examples
    --------
    >>> domain("kanizsa_figure")["support_ratio"]
    (0.25, 0.75)
    """
    definition = _find_world(name)
    parameters = find_entry(definition.stimulus).parameters
    return {**definition.domain, **_pose_domain(parameters, definition.domain)}


def _pose_domain(parameters: Mapping[str, Parameter], world_domain: Domain) -> dict[str, Any]:
    """Return the ranges of the pose parameters; zoom changes the size of the figure or panel."""
    if "jitter" not in parameters:
        return {}
    sizes = [key for key in _SIZES if key in parameters and key not in world_domain]
    return {
        **{key: _zoom_range(parameters[key]) for key in sizes},
        "x": (-PLACE, PLACE),
        "y": (-PLACE, PLACE),
        "rotation": (-TURN, TURN),
        "contrast": (1 - JITTER.contrast, 1.0),
        "jitter": (0.0, 1.0),
    }


def _zoom_range(size: Parameter) -> tuple[float, float]:
    low, high = size.default * (1 - ZOOM), size.default * (1 + ZOOM)
    return max(low, size.minimum or 0.0), min(high, size.maximum or high)


def world(
    name: str, seed: Whole = 0, batch: Many = 16, start: Whole = 0, growth: Whole = 0
) -> Iterator[NDArray[np.float32]]:
    """Stream the training images of a world endlessly.

    Parameters
    ----------
    name
        Name of a stimulus. The world of a Good Gestalt set is the paper's training split.
    seed
        Random seed.
    batch
        Number of images in a batch.
    start
        The step to begin at. Earlier steps are skipped without drawing them.
    growth
        Number of steps in which the world grows from its narrowest scenes to its whole domain; 0
        draws from the whole domain at once. Not all worlds grow.

    Returns
    -------
    Iterator of numpy.ndarray
        Endless; float32 (batch, 3, 64, 64) in [0, 1].

    Examples
    --------
    >>> next(world("kanizsa_figure", batch=2)).shape
    (2, 3, 64, 64)
    """
    given = {"seed": seed, "batch": batch, "start": start, "growth": growth}
    check(inspect_parameters(world), given)
    grows = name not in good_gestalt.NAMES and _find_world(name).grows
    if growth and not grows:
        growing = ", ".join(each for each in names() if _worlds[each].grows)
        raise ValueError(f"the world {name!r} does not grow: set growth to 0 (growing: {growing})")
    if name in good_gestalt.NAMES:
        return good_gestalt.stream(name, split="train", batch=batch, seed=seed, start=start)
    return _batches(_find_world(name), seed, batch, start, growth)


def scenes(name: str, count: Many = 25, seed: Whole = 0) -> list[Stimulus]:
    """Draw the first training scenes of a world with their ground truth.

    Parameters
    ----------
    name
        Name of a stimulus that has a world.
    count
        Number of scenes.
    seed
        Random seed.

    Returns
    -------
    list of Stimulus
        The scenes. They have no parameters, so that they cannot be drawn again from a record.

    Examples
    --------
    >>> scenes("kanizsa_figure", count=1)[0].shape
    (64, 64)
    """
    check(inspect_parameters(scenes), {"count": count, "seed": seed})
    draw, dice, stimuli = _find_world(name).draw, Dice(np.random.default_rng([seed, 0])), []
    for _ in range(count):
        scene = draw(dice)
        image, labels = np.empty((3, SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.int32)
        scene.draw(image, labels)
        label_names = {value: scene.names[value] for value in np.unique(labels).tolist()}
        stimuli.append(Stimulus(image.transpose(1, 2, 0), labels, label_names))
    return stimuli


def _batches(
    definition: World, seed: int, batch: int, start: int, growth: int
) -> Iterator[NDArray[np.float32]]:
    labels = np.empty((SIDE, SIDE), np.int32)
    for step in itertools.count(start):
        grown = min(1.0, step / growth) if growth else 1.0
        dice = Dice(np.random.default_rng([seed, step]), grown)
        images = np.empty((batch, 3, SIDE, SIDE), np.float32)
        for image in images:
            definition.draw(dice).draw(image, labels)
        yield images


def _find_world(name: str) -> World:
    _load()
    if name not in _worlds:
        raise unknown_name_error("world", name, [*_worlds, *good_gestalt.NAMES])
    return _worlds[name]


@functools.cache
def _load() -> None:
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
    registry.names()  # other packages register their worlds with their stimuli
