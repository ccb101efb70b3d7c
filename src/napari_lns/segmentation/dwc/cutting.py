"""The last steps of DWC: walk, cut, choose the number of segments, resample to pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns.segmentation.clustering.tree import number_largest_first
from napari_lns.segmentation.dwc.affinity import affinity
from napari_lns.segmentation.dwc.hierarchy import Hierarchy, iter_hierarchy
from napari_lns.segmentation.dwc.ncut import leading_eigenvectors
from napari_lns.segmentation.dwc.resampling import interpolation
from napari_lns.segmentation.dwc.settings import DWCSettings
from napari_lns.segmentation.dwc.thresholds import number_of_groups
from napari_lns.segmentation.dwc.walk_sources import WalkProgress
from napari_lns.segmentation.dwc.walks import Matrix
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation, resize_map

__all__ = ["Cutting", "run"]

Array = NDArray[np.float32]

_MOST_GROUPS = 32  # number of groups in the stored hierarchy
_LONGEST_SIDE = 512  # longest side in pixels of the grid that the tree describes
_COORDINATES = 16


@dataclass(frozen=True)
class Cutting:
    """Choices for cutting a walk.

    Parameters
    ----------
    clusters
        Number of segments, or ``"auto"`` to estimate it by the rule of the settings.
    settings
        Settings of DWC.

    Examples
    --------
    >>> Cutting(40).most
    40
    """

    clusters: int | str = "auto"
    settings: DWCSettings = field(default_factory=DWCSettings)

    @property
    def most(self) -> int:
        """Largest number of segments in the hierarchy."""
        return max(_MOST_GROUPS, self.clusters) if isinstance(self.clusters, int) else _MOST_GROUPS

    def count_segments(self, hierarchy: Hierarchy, affinities: Matrix) -> int:
        """Return the requested number of segments, limited to the hierarchy, or the rule's."""
        if isinstance(self.clusters, int):
            return min(self.clusters, len(hierarchy.levels) + 1)
        settings = self.settings
        return number_of_groups(
            hierarchy, affinities, rule=settings.rule, threshold=settings.threshold
        )


def run(image: Array, sources: Iterator[WalkProgress], cutting: Cutting) -> Iterator[Progress]:
    """Run and yield the progress after every step and cut.

    Parameters
    ----------
    image
        (H, W, 3).
    sources
        Progress of the walk's computation; the last one holds the walk.
    cutting
        Choices for cutting the walk.

    Yields
    ------
    Progress
    """
    start = perf_counter()
    for source in sources:
        total = source.total + cutting.most
        yield Progress(source.done, total, source.variance)
    walk_end = perf_counter()
    walk = source.walk
    assert walk is not None
    settings = cutting.settings
    affinities = affinity(
        walk.transition, count=settings.steps, kind=settings.affinity, power=settings.power
    )
    cuts = iter_hierarchy(affinities, smallest=settings.smallest, most=cutting.most)
    task = _Task(image, source, cutting, affinities)
    for done, hierarchy in enumerate(cuts):
        finish = partial(task.segmentation, hierarchy, {})
        yield Progress(source.total + done, total, source.variance, finish)
    seconds = {"looking": walk_end - start, "cutting": perf_counter() - walk_end}
    yield Progress(total, total, source.variance, partial(task.segmentation, hierarchy, seconds))


@dataclass(frozen=True, eq=False)
class _Task:
    image: Array
    source: WalkProgress
    cutting: Cutting
    affinities: Matrix

    def segmentation(self, hierarchy: Hierarchy, seconds: dict[str, float]) -> Segmentation:
        """Return the segmentation of the groups so far, resampled to pixels."""
        clusters = self.cutting.count_segments(hierarchy, self.affinities)
        assert self.source.walk is not None
        grid, pixels = self.source.walk.grid, _pixels(self.image)
        fine = hierarchy.resample(grid, pixels)
        labels = fine.cut(clusters).reshape(pixels)
        return Segmentation(
            image=self.image,
            labels=number_largest_first(self._to_image(labels)),
            record=self._record(clusters, hierarchy, seconds),
            grid=pixels,
            variance=self.source.variance,
            reconstruction=self.source.reconstruction,
            features=interpolation(grid, pixels) @ self._coordinates(),
            tree=fine.linkage(),
        )

    def _coordinates(self) -> Matrix:
        """Compute the diffusion map of the patches.

        Its coordinates are the leading eigenvectors of the walk, without the constant first one,
        each multiplied by its eigenvalue.
        """
        values, vectors = leading_eigenvectors(self.affinities, _COORDINATES + 1)
        return np.asarray(values[1:] * vectors[:, 1:])

    def _to_image(self, labels: NDArray[Any]) -> NDArray[Any]:
        return resize_map(labels, self.image.shape[:2])

    def _record(
        self, clusters: int, hierarchy: Hierarchy, seconds: dict[str, float]
    ) -> dict[str, Any]:
        assert self.source.walk is not None
        used = {
            **self.source.used,
            "clusters": clusters,
            "grid": list(self.source.walk.grid),
            "costs": [round(level, 6) for level in hierarchy.levels.tolist()],
        }
        warnings = list(self.source.warnings)
        if self.cutting.clusters not in ("auto", clusters):
            smallest = self.cutting.settings.smallest
            warnings.append(
                f"{self.cutting.clusters} segments were requested and {clusters} were made: the "
                f"others would have fewer than {smallest} patches, or cannot be distinguished"
            )
        fit = {} if self.source.fit is None else {"fit": self.source.fit}
        return {"used": used, "seconds": seconds, **fit, "warnings": warnings}


def _pixels(image: Array) -> tuple[int, int]:
    height, width = image.shape[:2]
    shrink = min(1.0, _LONGEST_SIDE / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))
