"""Segmenters: the methods that can be chosen, ours and other packages', all with one interface."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Parameter, parameters_of, unknown
from napari_lns.segmentation.progress import Progress

if TYPE_CHECKING:
    from napari_lns.segmentation.ready import ReadyModel

__all__ = ["FunctionSegmenter", "Segmenter", "looks_through_model", "segmenter_named", "segmenters"]

GROUP = "napari_lns.segmenters"
_OWN = (
    EntryPoint("lns", "napari_lns.segmentation.lns:LNS", GROUP),
    EntryPoint("iic", "napari_lns.segmentation.iic:IIC", GROUP),
    EntryPoint("dwc", "napari_lns.segmentation.dwc.segmenter:DWC", GROUP),
    EntryPoint("baseline", "napari_lns.segmentation.baseline:BASELINE", GROUP),
)


@runtime_checkable
class Segmenter(Protocol):
    """What a method must offer to be chosen by its name.

    `parameters` are its own; `iter_segment` takes them as keywords, checked and complete. The
    image is float32 (H, W, 3) in [0, 1]; the model has been made ready (see `ReadyModel`), and
    is None for a method that needs none. What a `Segmentation` gives in its record's ``used``,
    ``seconds`` and ``warnings`` is kept; the rest of the record is filled in.

    A method that needs a model for some of its parameters only says so by a further method,
    ``runs_without_model(parameters) -> bool``.
    """

    @property
    def name(self) -> str:
        """The name in scripts and on the command line."""

    @property
    def title(self) -> str:
        """The name in menus."""

    @property
    def has_tree(self) -> bool:
        """Return whether its results can be cut again."""

    @property
    def needs_model(self) -> bool:
        """Return whether it needs a model."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Its own parameters."""

    def iter_segment(
        self,
        image: NDArray[np.float32],
        model: ReadyModel | None,
        *,
        clusters: int | str,
        seed: int,
        device: str,
        **own: Any,
    ) -> Iterator[Progress]:
        """Run step by step."""


@dataclass(frozen=True)
class FunctionSegmenter:
    """A segmenter made of one function; its parameters are those with a default.

    Parameters
    ----------
    name
        The name in scripts and on the command line.
    title
        The name in menus.
    function
        ``f(image, model, *, clusters, seed, device, own=…)``, giving an iterator of `Progress`.
    has_tree
        Whether its results can be cut again.
    needs_model
        Whether it needs a model.
    """

    name: str
    title: str
    function: Callable[..., Iterator[Progress]]
    has_tree: bool
    needs_model: bool

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The function's parameters that have a default."""
        return parameters_of(self.function)

    def iter_segment(
        self,
        image: NDArray[np.float32],
        model: ReadyModel | None,
        *,
        clusters: int | str,
        seed: int,
        device: str,
        **own: Any,
    ) -> Iterator[Progress]:
        """Run the function."""
        return self.function(image, model, clusters=clusters, seed=seed, device=device, **own)


def segmenters() -> dict[str, Segmenter]:
    """Return the segmenters by name: ours, then those that other packages offer.

    Another package offers one by an entry point in the group ``napari_lns.segmenters``.

    Examples
    --------
    >>> list(segmenters())[:4]
    ['lns', 'iic', 'dwc', 'baseline']
    """
    listed: dict[str, Segmenter] = {}
    for point in (*_OWN, *entry_points(group=GROUP)):
        segmenter = _loaded(point)
        if segmenter is not None:
            listed.setdefault(segmenter.name, segmenter)
    return listed


def segmenter_named(name: str) -> Segmenter:
    """Return the segmenter of a name, or say which names there are."""
    own = next((point for point in _OWN if point.name == name), None)
    found = _loaded(own) if own else None  # looking through all packages takes its time
    if found is None:
        known = segmenters()
        if not isinstance(name, str) or name not in known:  # it may come from a file
            raise unknown("segmenter", name, known)
        found = known[name]
    return found


def looks_through_model(segmenter: Segmenter, parameters: Mapping[str, Any]) -> bool:
    """Return whether a segmenter, with these parameters, needs a model.

    Examples
    --------
    >>> looks_through_model(segmenter_named("dwc"), {"source": "vit"})
    False
    """
    goes_without = getattr(segmenter, "runs_without_model", None)
    return segmenter.needs_model and not (goes_without is not None and goes_without(parameters))


def _loaded(point: EntryPoint) -> Segmenter | None:
    try:
        segmenter = point.load()
        if isinstance(segmenter, Segmenter):
            return segmenter
        fault = "it lacks name, title, has_tree, needs_model, parameters or iter_segment"
    except Exception as error:  # one package's fault must not take the others away
        fault = str(error)
    warnings.warn(f"{point.value} is no segmenter and is left out: {fault}", stacklevel=3)
    return None
