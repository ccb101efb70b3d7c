"""Every stimulus by its name: its parameters, one picture of it, a grid, an endless mixture.

A drawing function is registered by `register`; widgets, the command line and records know it by
its name. The modules that hold the functions are imported when a name is first asked for.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Parameter, check, completed, nearest, parameters_of
from napari_lns.stimuli.stimulus import Stimulus

__all__ = [
    "control",
    "description",
    "draw",
    "groups",
    "iter_sweep",
    "names",
    "parameters",
    "register",
    "stream",
    "sweep",
    "title",
]

Drawing = Callable[..., Stimulus]

_MODULES = (  # in the order of the menus
    "napari_lns.stimuli.good_gestalt",
    "napari_lns.stimuli.illusory_contours",
    "napari_lns.stimuli.outlines",
    "napari_lns.stimuli.proximity",
    "napari_lns.stimuli.similarity",
    "napari_lns.stimuli.textures",
    "napari_lns.stimuli.connection",
    "napari_lns.stimuli.symmetry",
    "napari_lns.stimuli.contours",
    "napari_lns.stimuli.occlusion",
    "napari_lns.stimuli.transparency",
    "napari_lns.stimuli.figure_ground",
)


@dataclass(frozen=True)
class _Entry:
    """What the registry knows of one stimulus."""

    name: str
    group: str
    draw: Drawing
    parameters: Mapping[str, Parameter]
    summary: str
    module: str
    control: Mapping[str, Any]


_entries: dict[str, _Entry] = {}


def register(
    *, group: str, name: str | None = None, control: Mapping[str, Any] | None = None
) -> Callable[[Drawing], Drawing]:
    """Make a drawing function a stimulus of the registry.

    The function takes keywords with annotated defaults, `seed` among them, and gives a `Stimulus`.
    Its docstring starts with one line ``Title: what is seen.`` Calls to it are then checked, and
    the stimulus carries the name, all parameters and the seed.

    Parameters
    ----------
    group
        The law or set that it belongs to: its menu.
    name
        Its name, if it is not the function's own.
    control
        The parameters' values with which what is seen in it is gone.

    Returns
    -------
    Callable
        The decorator.

    Examples
    --------
    >>> @register(group="examples")  # doctest: +SKIP
    ... def grey(*, size: Annotated[int, Range(8, 1024, "px")] = 64, seed: int = 0) -> Stimulus:
    ...     '''Grey field: nothing is seen in it.'''
    """

    def decorate(function: Drawing) -> Drawing:
        known = name or function.__name__
        own = parameters_of(function)
        own.pop("seed", None)

        @functools.wraps(function)
        def drawn(*, seed: int = 0, **values: Any) -> Stimulus:
            whole = completed(own, values)
            stimulus = function(seed=seed, **whole)
            return replace(stimulus, name=known, parameters=whole, seed=seed)

        doc = inspect.getdoc(function) or known
        summary = " ".join(doc.split("\n\n")[0].split())
        gone = dict(control or {})
        check(own, gone)
        _add(_Entry(known, group, drawn, own, summary, function.__module__, gone))
        return drawn

    return decorate


def names() -> list[str]:
    """List the names of all stimuli, law by law.

    Examples
    --------
    >>> "kanizsa_figure" in names()
    True
    """
    return [entry.name for entry in _all()]


def groups() -> dict[str, list[str]]:
    """List the names of all stimuli by the law or set that they belong to.

    Examples
    --------
    >>> "kanizsa_figure" in groups()["Illusory contours"]
    True
    """
    found: dict[str, list[str]] = {}
    for entry in _all():
        found.setdefault(entry.group, []).append(entry.name)
    return found


def title(name: str) -> str:
    """Say in a word or two what the stimulus is called.

    Examples
    --------
    >>> title("kanizsa_figure")
    'Kanizsa figure'
    """
    return _entry(name).summary.partition(":")[0].rstrip(".")


def description(name: str) -> str:
    """Say in one sentence what is seen in the stimulus.

    Examples
    --------
    >>> print(description("kanizsa_figure"))
    discs with a sector cut out are seen as whole, behind a shape without edges.
    """
    summary = _entry(name).summary
    return summary.partition(":")[2].strip() or summary


def control(name: str) -> dict[str, Any]:
    """Tell the parameters' values with which what is seen in the stimulus is gone, if any.

    Examples
    --------
    >>> control("kanizsa_figure")
    {'inducers': 'turned'}
    """
    return dict(_entry(name).control)


def parameters(name: str) -> dict[str, Parameter]:
    """Tell the parameters of a stimulus: type, range, unit, default, choices, description.

    Examples
    --------
    >>> parameters("kanizsa_figure")["support_ratio"].maximum
    1
    """
    return dict(_entry(name).parameters)


def draw(name: str, *, seed: int = 0, **parameters: Any) -> Stimulus:
    """Draw one stimulus.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        The seed of everything random in it.
    **parameters
        Any of `parameters(name)`; the others keep their defaults.

    Returns
    -------
    Stimulus
        The picture with its labels, part masks and record.

    Examples
    --------
    >>> draw("kanizsa_figure", corners=3).shape
    (64, 64)
    """
    return _entry(name).draw(seed=seed, **parameters)


def sweep(name: str, *, seed: int | Iterable[int] = 0, **values: Any) -> list[Stimulus]:
    """Draw a stimulus for every combination of the given values; the last one varies fastest.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        One seed, or several for repetitions, which vary slowest.
    **values
        For any parameter one value, or a list, range or array of values.

    Returns
    -------
    list of Stimulus
        The grid, flat.

    Examples
    --------
    >>> ratios = sweep("kanizsa_figure", support_ratio=[0.2, 0.5, 0.8], inducers="turned")
    >>> [each.parameters["support_ratio"] for each in ratios]
    [0.2, 0.5, 0.8]
    """
    return list(iter_sweep(name, seed=seed, **values))


def iter_sweep(name: str, *, seed: int | Iterable[int] = 0, **values: Any) -> Iterator[Stimulus]:
    """Draw the stimuli of `sweep` one by one, for grids that memory does not hold.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        One seed, or several for repetitions, which vary slowest.
    **values
        For any parameter one value, or a list, range or array of values.

    Returns
    -------
    Iterator of Stimulus
        The grid, flat; a bad value is refused before anything is drawn.

    Examples
    --------
    >>> next(iter_sweep("kanizsa_figure", corners=[3, 4, 5])).parameters["corners"]
    3
    """
    entry = _entry(name)
    axes = {"seed": _swept(seed)}
    for key, value in values.items():
        known = entry.parameters.get(key)
        axes[key] = _swept(value, colour=known is not None and known.type is tuple)
        for one in axes[key]:
            check(entry.parameters, {key: one})
    points = itertools.product(*axes.values())
    return (entry.draw(**dict(zip(axes, point, strict=True))) for point in points)


def stream(
    names: str | Sequence[str] | None = None,
    *,
    batch: int = 64,
    seed: int = 0,
    size: int = 64,
    start: int = 0,
    **fixed: Any,
) -> Iterator[NDArray[np.float32]]:
    """Mix stimuli for training, every parameter varied over its whole range.

    Three are held unless they are given: contrast at 1, as colours vary already; noise at 0, as
    none can learn it; and Good Gestalt sets, where they are named, keep to their training split.

    Parameters
    ----------
    names
        Which stimuli, in equal shares; all the parametric ones when left out.
    batch
        Images in a batch.
    seed
        The same seed gives the same batches.
    size
        Side of the images in pixels.
    start
        The step to begin at; nothing is drawn for the steps before it.
    **fixed
        Parameters that keep one value, in every stimulus that has them.

    Returns
    -------
    Iterator of numpy.ndarray
        Endless; float32 (batch, 3, size, size) in [0, 1].

    Examples
    --------
    >>> next(stream("kanizsa_figure", batch=2, corners=4)).shape
    (2, 3, 64, 64)
    """
    if names is None:
        entries = [entry for entry in _all() if "split" not in entry.parameters]
    else:
        entries = [_entry(name) for name in ([names] if isinstance(names, str) else names)]
    if not entries:
        raise ValueError("names is empty: name at least one stimulus")
    known = set().union(*(entry.parameters for entry in entries))
    for key in fixed:
        if key not in known:
            raise ValueError(nearest("parameter", key, known))
    held = {"contrast": 1.0, "noise": 0.0, "split": "train", **fixed, "size": size}
    return _batches(entries, held, batch, seed, start)


def _batches(
    entries: Sequence[_Entry], held: Mapping[str, Any], batch: int, seed: int, start: int
) -> Iterator[NDArray[np.float32]]:
    side = held["size"]
    for step in itertools.count(start):
        rng = np.random.default_rng([seed, step])
        images = np.empty((batch, 3, side, side), np.float32)
        for image in images:
            entry = entries[int(rng.integers(len(entries)))]
            values = {
                key: held[key] if key in held else _varied(parameter, rng)
                for key, parameter in entry.parameters.items()
            }
            drawn = entry.draw(seed=int(rng.integers(2**31)), **values)
            image[:] = np.moveaxis(drawn.image, 2, 0)
        yield images


def _varied(parameter: Parameter, rng: np.random.Generator) -> Any:
    """Take a value anywhere in the parameter's range; one without a range keeps its default."""
    low, high = parameter.minimum, parameter.maximum
    if parameter.type is bool:
        return bool(rng.integers(2))
    if parameter.choices:
        return parameter.choices[rng.integers(len(parameter.choices))]
    if low is None or high is None:
        return parameter.default
    if parameter.type is int:
        return int(rng.integers(int(low), int(high) + 1))
    if parameter.type is tuple:
        return tuple(rng.uniform(low, high, 3).tolist())
    return float(rng.uniform(low, high))


def _swept(value: Any, *, colour: bool = False) -> list[Any]:
    """Take a value as a list of values; a colour's three numbers are one value."""
    many = isinstance(value, Iterable) and not isinstance(value, str)
    if not many:
        return [value]
    found = list(value)
    return [found] if colour and found and np.ndim(found[0]) == 0 else found


def _add(entry: _Entry) -> None:
    other = _entries.get(entry.name)
    if other is not None and other.module != entry.module:
        raise ValueError(
            f"the stimulus {entry.name!r} is already registered by {other.module}: "
            "give this one another name"
        )
    _entries[entry.name] = entry


def _entry(name: str) -> _Entry:
    _load()
    if name not in _entries:
        raise ValueError(nearest("stimulus", name, _entries))
    return _entries[name]


def _all() -> list[_Entry]:
    """List what is registered in the order of our modules, whichever was imported first."""
    _load()
    order = {module: index for index, module in enumerate(_MODULES)}
    return sorted(_entries.values(), key=lambda entry: order.get(entry.module, len(order)))


@functools.cache
def _load() -> None:
    for module in _MODULES:
        importlib.import_module(module)
