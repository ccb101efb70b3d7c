"""Segmenters: segmentation methods with a common interface, from this and other packages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Parameter, inspect_parameters
from napari_lns._registry import Registry
from napari_lns.segmentation.progress import Progress

if TYPE_CHECKING:
    from napari_lns.models.running import ReadyModel

__all__ = ["SEGMENTERS", "FunctionSegmenter", "Segmenter", "segmenters"]


@dataclass(frozen=True)
class Segmenter(ABC):
    """A segmentation method that is chosen by name, and its capabilities.

    Its `iter_segment` receives its `parameters` as keywords, checked and complete. The image is
    float32 (H, W, 3) in [0, 1]; the model is prepared (see `ReadyModel`), or None if the method
    needs none. The entries ``used``, ``seconds`` and ``warnings`` in the record of a `Segmentation`
    are kept; the other entries are added by `segment`.

    Parameters
    ----------
    name
        The name in scripts and on the command line.
    title
        The name in menus.
    has_tree
        Whether its results have a merge tree, so that they can be cut again.
    needs_model
        Whether it needs a model.
    has_latent_noise
        Whether it decodes a model's latents under noise.
    estimates_clusters
        Whether it supports ``clusters="auto"``.
    own_networks
        For a method with networks of its own, chosen by its parameter ``source`` and with a fixed
        number of segments: a function that returns the stimuli they were trained on.
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
        """Parameters of the method by name."""

    def needs_model_for(self, parameters: Mapping[str, Any]) -> bool:
        """Return whether the method needs a model with these parameters."""
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
        """Segment an image and yield the progress after each step."""


@dataclass(frozen=True)
class FunctionSegmenter(Segmenter):
    """A segmenter defined by one function, whose parameters with defaults are its own.

    Parameters
    ----------
    name, title
        Names in scripts and in menus.
    function
        ``f(image, model, *, clusters, seed, device, own=…)``, which returns an iterator of
        `Progress`.
    has_tree, needs_model, has_latent_noise, estimates_clusters, own_networks
        Capabilities, see `Segmenter`.
    """

    function: Callable[..., Iterator[Progress]]

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The function's parameters that have a default."""
        return inspect_parameters(self.function)

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
    """Return the segmenters by name, those of other packages last.

    Other packages add segmenters by entry points in the group ``napari_lns.segmenters``.

    Examples
    --------
    >>> list(segmenters())[:4]
    ['lns', 'baseline', 'dwc', 'iic']
    """
    return SEGMENTERS.load_all()
