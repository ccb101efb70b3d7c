"""Draw many stimuli: a grid of parameter values, or an endless mixture for training."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Range, Whole, check, inspect_parameters, unknown_name_error
from napari_lns.stimuli._entries import Entry, entries, find_entry
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["check_seeds", "iter_sweep", "stream", "sweep"]


def sweep(name: str, *, seed: int | Iterable[int] = 0, **values: object) -> list[Stimulus]:
    """Draw a stimulus for every combination of the values; the last parameter varies fastest.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        One seed, or several for repetitions, which vary slowest. Several are refused where they
        draw the same image; `jitter` makes them differ.
    **values
        For any parameter one value, or a list, range or array of values.

    Returns
    -------
    list of Stimulus
        The flattened grid.

    Examples
    --------
    >>> ratios = sweep("kanizsa_figure", support_ratio=[0.2, 0.5, 0.8], inducers="turned")
    >>> [each.parameters["support_ratio"] for each in ratios]
    [0.2, 0.5, 0.8]
    """
    return list(iter_sweep(name, seed=seed, **values))


def iter_sweep(name: str, *, seed: int | Iterable[int] = 0, **values: object) -> Iterator[Stimulus]:
    """Draw the stimuli of `sweep` one by one, for grids that do not fit in memory.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        One seed, or several for repetitions, which vary slowest. Several are refused where they
        draw the same image; `jitter` makes them differ.
    **values
        For any parameter one value, or a list, range or array of values.

    Returns
    -------
    Iterator of Stimulus
        The flattened grid. All values are checked before anything is drawn.

    Examples
    --------
    >>> next(iter_sweep("kanizsa_figure", corners=[3, 4, 5])).parameters["corners"]
    3
    """
    entry = find_entry(name)
    axes = {"seed": Whole("seed", 0).as_list(seed)}
    for key, value in values.items():
        if key not in entry.parameters:
            raise unknown_name_error("parameter", key, entry.parameters)
        axes[key] = entry.parameters[key].as_list(value)
        for one in axes[key]:
            entry.parameters[key].check(one)
    check_seeds(name, **axes)
    points = itertools.product(*axes.values())
    return (entry.draw(**dict(zip(axes, point, strict=True))) for point in points)


def check_seeds(name: str, *, seed: Sequence[Any] = (), **values: Sequence[Any]) -> None:
    """Raise an error if several seeds are given for a stimulus that is the same for every seed.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        The seeds.
    **values
        Lists of values of the parameters that vary; the others keep their defaults.

    Raises
    ------
    ValueError
        If any combination of the values draws the same image for every seed, so that its
        repetitions would be copies.

    Examples
    --------
    >>> check_seeds("kanizsa_figure", seed=[1, 2])
    Traceback (most recent call last):
    ValueError: kanizsa_figure looks the same for every seed: give jitter=1, or one seed
    """
    entry = find_entry(name)
    if len(seed) < 2 or entry.random is True:
        return
    relevant = values if callable(entry.random) else {"jitter", "noise"} & values.keys()
    axes = {key: values[key] for key in values if key in relevant}
    for point in itertools.product(*axes.values()):
        point_values = dict(zip(axes, point, strict=True))
        if not entry.is_random(point_values):
            conditions = [f"{key}={point_values[key]}" for key in axes if len(axes[key]) > 1]
            subject = f"{name} with {', '.join(conditions)}" if conditions else name
            advice = (
                "give jitter=1, or one seed" if "jitter" in entry.parameters else "give one seed"
            )
            raise ValueError(f"{subject} looks the same for every seed: {advice}")


def stream(
    names: str | Sequence[str] | None = None,
    *,
    batch: Annotated[int, Range(1, None)] = 64,
    seed: Annotated[int, Range(0, None)] = 0,
    size: Annotated[int, Range(1, None, "px")] = 64,
    start: Annotated[int, Range(0, None)] = 0,
    **fixed: object,
) -> Iterator[NDArray[np.float32]]:
    """Stream a mixture of stimuli for training, with every parameter drawn from its whole range.

    Some parameters are constant unless they are given in `fixed`: contrast is 1, since colours
    vary; noise is 0, since no network can learn it; jitter is 0, since place, rotation and figure
    size vary. Good Gestalt sets use their training split.

    Parameters
    ----------
    names
        The stimuli to mix in equal shares; by default all parametric ones that have a control.
    batch
        Number of images in a batch.
    seed
        Random seed. Equal seeds produce equal batches.
    size
        Side of the images in pixels.
    start
        The step to begin at. Earlier steps are skipped without drawing them.
    **fixed
        Parameters that keep one value in every stimulus that has them.

    Returns
    -------
    Iterator of numpy.ndarray
        Endless; float32 (batch, 3, size, size) in [0, 1].

    Examples
    --------
    >>> next(stream("kanizsa_figure", batch=2, corners=4)).shape
    (2, 3, 64, 64)
    """
    options = {"batch": batch, "seed": seed, "size": size, "start": start}
    check(inspect_parameters(stream), options)
    mixture = _entries_to_mix(names)
    parameter_names = set().union(*(entry.parameters for entry in mixture))
    for key in fixed:
        if key not in parameter_names:
            raise unknown_name_error("parameter", key, parameter_names)
    constants = {"contrast": 1.0, "noise": 0.0, "jitter": 0.0}
    good_gestalt = {"split": "train", "variant": "stimulus"}
    held_values = {**constants, **good_gestalt, **fixed, "size": size}
    for entry in mixture:
        check(
            entry.parameters,
            {key: held_values[key] for key in held_values if key in entry.parameters},
        )
    return _batches(mixture, held_values, batch, seed, start)


def _entries_to_mix(names: str | Sequence[str] | None) -> list[Entry]:
    """Return the entries of the stimuli to mix; without names, all parametric ones."""
    if names is None:
        parametric = (entry for entry in entries() if "split" not in entry.parameters)
        return [entry for entry in parametric if "size" in entry.parameters and entry.control]
    mixture = [find_entry(name) for name in ([names] if isinstance(names, str) else names)]
    if not mixture:
        raise ValueError("names is empty: name at least one stimulus")
    for entry in mixture:
        if "size" not in entry.parameters:
            raise ValueError(
                f"{entry.name} has no parameter 'size': it cannot be mixed with others"
            )
    return mixture


def _batches(
    mixture: Sequence[Entry], held_values: Mapping[str, Any], batch: int, seed: int, start: int
) -> Iterator[NDArray[np.float32]]:
    side = held_values["size"]
    for step in itertools.count(start):
        rng = np.random.default_rng([seed, step])
        images = np.empty((batch, 3, side, side), np.float32)
        for image in images:
            entry = mixture[int(rng.integers(len(mixture)))]
            values = {
                key: held_values[key] if key in held_values else parameter.random(rng)
                for key, parameter in entry.parameters.items()
            }
            stimulus = entry.draw(seed=int(rng.integers(2**31)), **values)
            image[:] = np.moveaxis(stimulus.image, 2, 0)
        yield images
