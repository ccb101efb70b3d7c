"""`Segmentation`: the segments of an image, their maps, and the record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns._html import colour_labels, overview
from napari_lns.segmentation.agreement import Agreement
from napari_lns.segmentation.clustering.borders import Borders
from napari_lns.segmentation.clustering.tree import (
    boundaries,
    check_tree,
    cut,
    cut_at,
    number_largest_first,
)
from napari_lns.segmentation.dataset import as_dataset
from napari_lns.segmentation.embedding import principal_components
from napari_lns.segmentation.measures import adjusted_rand_index, check_ground_truth
from napari_lns.segmentation.saving import damage_error, read_result, write_result
from napari_lns.segmentation.uncertainty import disagreement, entropy
from napari_lns.stimuli import Stimulus

__all__ = ["Segmentation"]

Map = NDArray[np.float32]
Labels = NDArray[np.int32]
_TYPES = {"labels": np.int32, "alternatives": np.int32, "tree": np.float64}


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Segments of one image, the maps they are based on, and the record of how they were made.

    Pixels are clustered on a grid, the part of the network's input that shows the image. If the
    image has another size, maps are resized to it by nearest neighbour.

    Parameters
    ----------
    image
        The image, float32 (H, W, 3).
    labels
        int32 (H, W), 1 to K, the largest segment first, ties by first pixel.
    record
        How the segmentation was made, JSON-compatible; sufficient to reproduce it.
    grid
        Height and width of the grid in pixels; those of the image if not given.
    variance
        Variance of the outputs under noise, mean over channels, (H, W).
    reconstruction
        The network's reconstruction without noise, (H, W, 3).
    features
        (n, d), one row for each pixel of the grid; the cosine of two rows is their similarity.
    tree
        Merge tree of the grid's pixels in SciPy's linkage layout, (n - 1, 4).
    outputs
        Noisy reconstructions on the grid, (N, h, w, 3), if keep_outputs was set.
    alternatives
        Labels of repeated runs, (repeats, H, W), if there were any.

    Examples
    --------
    >>> halves = np.array([[1, 2], [1, 2]])
    >>> Segmentation(np.zeros((2, 2, 3)), halves).score(halves)
    1.0
    """

    image: Map
    labels: Labels
    record: Mapping[str, Any] = field(default_factory=dict)
    grid: tuple[int, int] | None = None
    variance: Map | None = None
    reconstruction: Map | None = None
    features: Map | None = None
    tree: NDArray[np.float64] | None = None
    outputs: Map | None = None
    alternatives: Labels | None = None

    def __post_init__(self) -> None:
        for name in _array_names():
            value = getattr(self, name)
            if value is not None:
                array = np.asarray(value, _TYPES.get(name, np.float32)).view()
                array.setflags(write=False)
                object.__setattr__(self, name, array)
        height, width = self.grid or self.labels.shape
        object.__setattr__(self, "grid", (int(height), int(width)))

    @property
    def clusters(self) -> int:
        """Number of segments."""
        return int(self.labels.max())

    @property
    def borders(self) -> Borders:
        """How the borders of the segments were post-processed."""
        used = self.record.get("used") or {}
        return Borders(int(used.get("min_width", 0)), int(used.get("border_width", 0)))

    @property
    def error(self) -> Map | None:
        """Squared error of the reconstruction, mean over channels, (H, W)."""
        if self.reconstruction is None:
            return None
        error: Map = np.square(self.image - self.reconstruction).mean(axis=2)
        return error

    def cut(self, k: int) -> Labels:
        """Return the labels for another number of segments, cut from the stored merge tree.

        Pixels with equal features stay together, so there may be fewer than k segments.
        """
        tree = self._require_tree("cut")
        distinct = 1 + np.count_nonzero(tree[:, 2] > 0)
        return self._finish(cut(tree, min(k, distinct) if k <= len(tree) + 1 else k))

    def ultrametric(self, threshold: float) -> Labels:
        """Return the labels of the tree cut at a height; greater heights give coarser labels."""
        return self._finish(cut_at(self._require_tree("ultrametric"), threshold))

    @cached_property
    def boundaries(self) -> Map:
        """Soft boundaries (H, W): height at which each pixel merges with its neighbours."""
        assert self.grid is not None
        heights = boundaries(self._require_tree("boundaries"), self.grid)
        return resize_map(heights.astype(np.float32), self.labels.shape)

    def affinity(self, row: int, column: int) -> Map:
        """Return the similarity of one pixel to all pixels, (H, W), between -1 and 1."""
        height, width = self.labels.shape
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(f"pixel ({row}, {column}) lies outside the {height} × {width} image")
        assert self.grid is not None
        place = (row * self.grid[0] // height) * self.grid[1] + column * self.grid[1] // width
        directions = self._directions
        # not with BLAS, which waits for its threads on busy cores: this follows the mouse
        return self._to_image(np.einsum("nd,d->n", directions, directions[place]))

    @cached_property
    def embedding(self) -> Map:
        """First three principal components of the features, (H, W, 3)."""
        return self._to_image(principal_components(self._require_features("embedding"), 3))

    @cached_property
    def uncertainty(self) -> Map:
        """Share of the repeated runs in which a pixel's label differs, (H, W)."""
        return disagreement(self.labels, self._require_alternatives("uncertainty"))

    @cached_property
    def entropy(self) -> Map:
        """Mean entropy, in bits, of whether a pixel shares its segment with another, (H, W)."""
        return entropy([self.labels, *self._require_alternatives("entropy")])

    def score(self, labels: ArrayLike | Stimulus) -> float:
        """Return the adjusted Rand index against ground truth (H, W) or that of a stimulus.

        Labels of a single value raise ValueError, because scores against them are meaningless.
        """
        return adjusted_rand_index(_ground_truth(labels), self.labels)

    def agreement(self, labels: ArrayLike | Stimulus) -> Agreement:
        """Return `score`, foreground ARI and mean best IoU against ground truth."""
        return Agreement.from_labels(_ground_truth(labels), self.labels)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the segmentation as one ``.npz`` file or one ``.zarr`` folder."""
        arrays = {name: getattr(self, name) for name in _array_names()}
        present = {name: array for name, array in arrays.items() if array is not None}
        write_result(path, present, {"grid": self.grid, "record": dict(self.record)})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Segmentation:
        """Load a saved segmentation; raise ValueError for a damaged or foreign file."""
        arrays, grid, record = read_result(path)
        try:
            segmentation = cls(**arrays, grid=grid, record=record)
            _check_consistency(segmentation)
        except (TypeError, ValueError) as error:
            raise damage_error(path, error) from error
        return segmentation

    def to_xarray(self) -> Any:
        """Return labels and maps as an `xarray.Dataset` (the extra ``xarray``)."""
        return as_dataset(self)

    def __repr__(self) -> str:
        """Return a one-line summary."""
        height, width = self.labels.shape
        model = (self.record.get("model") or {}).get("name")
        facts = (self.record.get("segmenter"), model, (self.record.get("fit") or {}).get("level"))
        words = [f"{height} × {width}", f"{self.clusters} segments", *filter(None, facts)]
        return f"Segmentation({', '.join(words)})"

    def _repr_html_(self) -> str:
        """Return an overview for notebooks."""
        maps: dict[str, NDArray[Any] | None] = {
            "image": self.image,
            "segments": colour_labels(self.labels),
            "reconstruction": self.reconstruction,
            "variance": self.variance,
        }
        return overview(repr(self), {name: each for name, each in maps.items() if each is not None})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Segmentation):
            return NotImplemented
        return (
            self.grid == other.grid
            and dict(self.record) == dict(other.record)
            and all(_equal(getattr(self, name), getattr(other, name)) for name in _array_names())
        )

    __hash__ = None  # type: ignore[assignment]  # equal by value, and arrays have no hash

    @cached_property
    def _directions(self) -> Map:
        features = self._require_features("affinity")
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        directions: Map = features / np.where(lengths > 0, lengths, 1)
        return directions

    def _to_image(self, values: NDArray[Any]) -> NDArray[Any]:
        assert self.grid is not None
        return resize_map(values.reshape(*self.grid, *values.shape[1:]), self.labels.shape)

    def _finish(self, labels: Labels) -> Labels:
        assert self.grid is not None
        features = None if self.borders == Borders() else self._require_features("cut")
        return finish_labels(
            labels, self.tree, features, self.borders, self.grid, self.labels.shape
        )

    def _require_tree(self, operation: str) -> NDArray[np.float64]:
        if self.tree is None:
            raise ValueError(
                f"{operation} needs a merge tree, but this segmentation has none: segment again "
                "with clusterer='ward', or with another segmenter"
            )
        return self._valid_tree

    @cached_property
    def _valid_tree(self) -> NDArray[np.float64]:
        assert self.tree is not None
        assert self.grid is not None
        check_tree(self.tree, self.grid[0] * self.grid[1])
        return self.tree

    def _require_features(self, operation: str) -> Map:
        if self.features is None:
            raise ValueError(
                f"{operation} needs pixel features, which this segmenter does not provide: segment "
                "again with segmenter='lns'"
            )
        return self.features

    def _require_alternatives(self, operation: str) -> Labels:
        if self.alternatives is None:
            raise ValueError(
                f"{operation} needs repeated runs, but there were none: segment again with "
                "repeats=20"
            )
        return self.alternatives


def resize_map(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Resize a map (h, w, …) to an image's height and width by nearest neighbour."""
    height, width = shape
    if values.shape[:2] == (height, width):
        return values
    rows = np.arange(height) * values.shape[0] // height
    columns = np.arange(width) * values.shape[1] // width
    resized: NDArray[Any] = values[rows[:, None], columns]
    return resized


def finish_labels(
    labels: Labels,
    tree: NDArray[np.float64] | None,
    features: Map | None,
    borders: Borders,
    grid: tuple[int, int],
    shape: tuple[int, ...],
) -> Labels:
    """Post-process the segments of a grid at their borders, and resize them to an image.

    Parameters
    ----------
    labels
        Segments of the grid's pixels, numbered from 1, the largest first.
    tree, features
        Merge tree and features of the grid's pixels. Slivers are dissolved only with a tree,
        borders sharpened only with features.
    borders
        Post-processing of the borders.
    grid, shape
        Height and width of the grid, and of the image.
    """
    finished: Labels = labels.reshape(grid)
    if features is not None and borders != Borders():
        finished = borders.finish(finished, tree, features)
    return finished if grid == shape else number_largest_first(resize_map(finished, shape))


def _ground_truth(labels: ArrayLike | Stimulus) -> ArrayLike:
    if not isinstance(labels, Stimulus):
        check_ground_truth(labels)
        return labels
    check_ground_truth(labels.labels, labels.name or "the stimulus")
    return labels.labels


def _check_consistency(segmentation: Segmentation) -> None:
    """Raise ValueError if the arrays of a file, whose shapes are valid, are inconsistent."""
    for name in _array_names():
        array = getattr(segmentation, name)
        if array is not None and not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinite values")
    for name in ("labels", "alternatives"):
        array = getattr(segmentation, name)
        if array is not None and not 0 <= array.min() <= array.max() <= segmentation.labels.size:
            raise ValueError(
                f"{name} range from {array.min()} to {array.max()}, which exceeds the number of "
                "pixels"
            )
    if segmentation.tree is not None:
        segmentation._require_tree("load")


def _array_names() -> list[str]:
    return [item.name for item in fields(Segmentation) if item.name not in ("record", "grid")]


def _equal(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)
