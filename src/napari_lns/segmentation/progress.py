"""`Progress`: the state of a run and its intermediate result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.segmentation import Segmentation

__all__ = ["Progress"]


@dataclass(frozen=True, eq=False)
class Progress:
    """State of a run and its intermediate result.

    Parameters
    ----------
    done, total
        Completed steps and all steps: samples (latent units for the exact limit), then repeats.
    variance
        Variance of the outputs so far, (H, W); None if the method has none.
    finish
        Function that returns the segmentation of the samples so far; called by `segmentation`.

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
        """Completed share of the steps."""
        return self.done / self.total

    def segmentation(self) -> Segmentation:
        """Return the segmentation of the samples so far; at the last step, the full result."""
        if self.finish is None:
            raise ValueError(
                f"there is nothing to segment yet after {self.done} of {self.total} steps: wait "
                "for the next step"
            )
        return self.finish()
