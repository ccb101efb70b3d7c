"""`Progress`: the result of a run so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.segmentation import Segmentation

__all__ = ["Progress"]


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a run is, and its result so far.

    Parameters
    ----------
    done, total
        Steps: samples or, for the exact limit, latent units; then repeats.
    variance
        Variance of the outputs so far, (H, W); None where the method has none.
    finish
        Returns the segmentation of the samples so far; called by `segmentation`.

    Examples
    --------
    >>> Progress(40, 80).share
    0.5
    """

    done: int
    total: int
    variance: NDArray[np.float32] | None = None
    finish: Callable[[], Segmentation] | None = None

    @property
    def share(self) -> float:
        """The share of the steps that is done."""
        return self.done / self.total

    def segmentation(self) -> Segmentation:
        """Group what has come so far; of the last progress, this is the full result."""
        if self.finish is None:
            raise ValueError(f"nothing to group yet after {self.done} of {self.total} steps")
        return self.finish()
