"""The last steps of DWC: walk, cut, choose the number of segments, bring the groups to pixels."""

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

_MOST_GROUPS = 32  # how fine the kept hierarchy is
_LONGEST_SIDE = 512  # of the grid of pixels that the tree is made for
_COORDINATES = 16


@dataclass(frozen=True)
class Cutting:
    """How a walk is cut.

    Parameters
    ----------
    clusters
        How many segments, or ``"auto"``: the rule of the settings finds the number.
    settings
        The steps of the walk, what is cut, and when to stop.

    Examples
    --------
    >>> Cutting(40).most
    40
    """

    clusters: int | str = "auto"
    settings: DWCSettings = field(default_factory=DWCSettings)

    @property
    def most(self) -> int:
        """How many segments the hierarchy goes down to."""
        return max(_MOST_GROUPS, self.clusters) if isinstance(self.clusters, int) else _MOST_GROUPS

    def count_segments(self, hierarchy: Hierarchy, affinities: Matrix) -> int:
        """Return the number of segments: the one asked for, if there are so many, or the rule's."""
        if isinstance(self.clusters, int):
            return min(self.clusters, len(hierarchy.levels) + 1)
        settings = self.settings
        return number_of_groups(
            hierarchy, affinities, rule=settings.rule, threshold=settings.threshold
        )


def run(image: Array, sources: Iterator[WalkProgress], cutting: Cutting) -> Iterator[Progress]:
    """Run, giving what has come so far after every step and cut.

    Parameters
    ----------
    image
        (H, W, 3).
    sources
        How looking at it goes on; the last one holds the walk.
    cutting
        How the walk is cut.

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
        """Bring the groups that there are so far to pixels."""
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
        """Place patches so that those from which walkers soon go the same ways lie alike.

        The walk's leading eigenvectors after the first, which is the same everywhere, each times
        its eigenvalue: a diffusion map.
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
                f"{self.cutting.clusters} groups were asked for and {clusters} found: the others "
                f"would be under {smallest} patches, or nothing tells them apart"
            )
        fit = {} if self.source.fit is None else {"fit": self.source.fit}
        return {"used": used, "seconds": seconds, **fit, "warnings": warnings}


def _pixels(image: Array) -> tuple[int, int]:
    height, width = image.shape[:2]
    shrink = min(1.0, _LONGEST_SIDE / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))
