"""Segmenters: the methods that can be chosen, ours and other packages', all with one interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Parameter, parameters_of
from napari_lns._registry import Registry
from napari_lns.segmentation.progress import Progress

if TYPE_CHECKING:
    from napari_lns.models.running import ReadyModel

__all__ = ["SEGMENTERS", "FunctionSegmenter", "Segmenter", "segmenters"]


@dataclass(frozen=True)
class Segmenter(ABC):
    """A method that can be chosen by its name, and what it can do.

    Its `iter_segment` takes its own `parameters` as keywords, checked and complete. The image is
    float32 (H, W, 3) in [0, 1]; the model has been prepared (see `ReadyModel`), and is None for a
    method that needs none. What a `Segmentation` has in its record's ``used``, ``seconds`` and
    ``warnings`` is kept; the rest of the record is filled in.

    Parameters
    ----------
    name
        The name in scripts and on the command line.
    title
        The name in menus.
    has_tree
        Whether its results can be cut again.
    needs_model
        Whether it needs a model.
    has_latent_noise
        Whether it decodes a model's latents under noise.
    estimates_clusters
        Whether it takes ``clusters="auto"``.
    own_networks
        For a method that brings networks with a fixed number of segments, chosen by its parameter
        ``source``: the stimuli that they are trained on.
    """

    name: str
    title: str
    has_tree: bool = field(kw_only=True)
    needs_model: bool = field(kw_only=True)
    has_latent_noise: bool = field(default=False, kw_only=True)
    estimates_clusters: bool = field(default=True, kw_only=True)
    own_networks: Callable[[], Sequence[str]] | None = field(default=None, kw_only=True)

    @property
    @abstractmethod
    def parameters(self) -> Mapping[str, Parameter]:
        """Its own parameters."""

    def needs_model_for(self, parameters: Mapping[str, Any]) -> bool:
        """Return whether it needs a model with these parameters."""
        return self.needs_model

    @abstractmethod
    def iter_segment(
        self,
        image: NDArray[np.float32],
        model: ReadyModel | None,
        *,
        clusters: int | str,
        seed: int,
        device: str,
        **own: object,
    ) -> Iterator[Progress]:
        """Run step by step."""


@dataclass(frozen=True)
class FunctionSegmenter(Segmenter):
    """A segmenter made of one function; its parameters are those with a default.

    Parameters
    ----------
    name, title
        The name by which it is chosen, and what a menu calls it.
    function
        ``f(image, model, *, clusters, seed, device, own=…)``, giving an iterator of `Progress`.
    has_tree, needs_model, has_latent_noise, estimates_clusters, own_networks
        What it can do, see `Segmenter`.
    """

    function: Callable[..., Iterator[Progress]]

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
        **own: object,
    ) -> Iterator[Progress]:
        """Run the function."""
        return self.function(image, model, clusters=clusters, seed=seed, device=device, **own)


SEGMENTERS = Registry(
    "segmenter",
    Segmenter,  # type: ignore[type-abstract]
    package=__name__,
    group="napari_lns.segmenters",
    first="lns",
)


def segmenters() -> dict[str, Segmenter]:
    """Return the segmenters by name: ours, then those that other packages offer.

    Another package offers one by an entry point in the group ``napari_lns.segmenters``.

    Examples
    --------
    >>> list(segmenters())[:4]
    ['lns', 'baseline', 'dwc', 'iic']
    """
    return SEGMENTERS.load_all()
