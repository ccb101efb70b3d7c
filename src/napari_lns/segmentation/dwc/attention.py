"""A random walk over an image from the attention maps of a network's layers.

Maps are averaged over heads and layers as they are computed, with one sum for each resolution, so
that the attention of the whole network is never in memory at once.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from napari_lns.segmentation.dwc.resampling import refine_walk
from napari_lns.segmentation.dwc.walks import Matrix, Walk, transition

__all__ = ["Attention", "Layers"]

Layers = Literal["all", "finest", "last"]


class Attention:
    """Collector of a network's attention maps, in the order of its layers.

    Parameters
    ----------
    layers
        "all": mean over the layers of each resolution, then over resolutions, each resampled to
        the finest; "finest": only layers of the finest resolution; "last": only the last layer.

    Examples
    --------
    >>> attention = Attention()
    >>> attention.add(np.eye(4), (2, 2))
    >>> attention.add(np.eye(1), (1, 1))
    >>> attention.walk().transition[0].tolist()
    [0.625, 0.125, 0.125, 0.125]
    """

    def __init__(self, layers: Layers = "all") -> None:
        if layers not in get_args(Layers):
            allowed = ", ".join(map(repr, get_args(Layers)))
            raise ValueError(f"layers is {layers!r}: it must be one of {allowed}")
        self.layers = layers
        self._sums: dict[tuple[int, int], Matrix] = {}

    def add(self, probabilities: Matrix, grid: tuple[int, int]) -> None:
        """Add the map of one layer, averaged over heads.

        Parameters
        ----------
        probabilities
            (n, n), row i: attention of patch i to all patches; rows are normalised to sum to 1.
        grid
            Rows and columns of patches, in reading order.
        """
        if not np.isfinite(probabilities).all():
            raise ValueError(
                f"the attention of a layer of {grid[0]} × {grid[1]} patches holds NaN or infinite "
                "values: run the network in float32"
            )
        if self.layers == "last":
            self._sums.clear()
        step = transition(probabilities)
        self._sums[grid] = self._sums[grid] + step if grid in self._sums else step

    def walk(self) -> Walk:
        """Return the random walk of all maps together."""
        if not self._sums:
            raise ValueError(
                "the network has no self-attention layers, so no walk can be computed: use another "
                "network"
            )
        finest = max(self._sums)
        grids = [finest] if self.layers == "finest" else list(self._sums)
        mean: Any = sum(refine_walk(transition(self._sums[grid]), grid, finest) for grid in grids)
        return Walk(mean / len(grids), finest)
