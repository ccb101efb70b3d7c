"""Tables of regions: area, variance, affinities and agreement with the ground truth."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._files import write_atomically
from napari_lns.analysis.affinity import directions
from napari_lns.analysis.scores import best_overlap
from napari_lns.segmentation import Segmentation

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["region_table", "segment_masks", "write_table"]

Mask = NDArray[np.bool_]


def region_table(
    segmentation: Segmentation, masks: Mapping[str, Mask], truth: NDArray[Any] | None = None
) -> pd.DataFrame:
    """Return a table of regions.

    Parameters
    ----------
    segmentation
        The result.
    masks
        The regions by name, each (H, W).
    truth
        Ground truth (H, W), for the agreement: best intersection over union with any true segment.

    Returns
    -------
    pandas.DataFrame
        One row for each region: area in pixels, mean variance, agreement, mean affinity between
        pixels within it and to pixels of each other region. Unavailable columns are left out.

    Examples
    --------
    >>> result = Segmentation(np.zeros((1, 2, 3)), np.ones((1, 2)), features=np.eye(2))
    >>> region_table(result, segment_masks(result)).to_dict("records")
    [{'region': 'segment 1', 'area': 2, 'affinity within': 0.0}]
    """
    import pandas as pd  # slow to import, and not needed to open a widget

    table = pd.DataFrame({"region": list(masks), "area": [int(m.sum()) for m in masks.values()]})
    if segmentation.variance is not None:
        table["mean variance"] = [_mean(segmentation.variance[mask]) for mask in masks.values()]
    if truth is not None and truth.shape == segmentation.labels.shape:
        table["agreement"] = [best_overlap(mask, truth) for mask in masks.values()]
    if segmentation.features is not None and masks:
        affinity = _affinities(segmentation, list(masks.values()))
        table["affinity within"] = np.diag(affinity)
        for name, column in zip(masks, affinity.T, strict=True):
            if len(masks) > 1:
                between = [
                    value if other != name else np.nan
                    for other, value in zip(masks, column, strict=True)
                ]
                table[f"affinity to {name}"] = between
    return table


def segment_masks(segmentation: Segmentation) -> dict[str, Mask]:
    """Return the segments as masks by name.

    Examples
    --------
    >>> list(segment_masks(Segmentation(np.zeros((1, 2, 3)), np.array([[1, 2]]))))
    ['segment 1', 'segment 2']
    """
    numbers = np.unique(segmentation.labels)
    return {f"segment {number}": segmentation.labels == number for number in numbers}


def write_table(table: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table atomically as CSV.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> result = Segmentation(np.zeros((1, 2, 3)), np.ones((1, 2)))
    >>> with TemporaryDirectory() as folder:
    ...     write_table(region_table(result, segment_masks(result)), f"{folder}/regions.csv")
    """
    with write_atomically(path) as beside:
        table.to_csv(beside, index=False)


def _affinities(segmentation: Segmentation, masks: list[Mask]) -> NDArray[np.float64]:
    """Return the mean affinity of distinct pixels for each pair of regions."""
    sums, own, sizes = [], [], []
    for mask in masks:
        unit = directions(segmentation, *np.nonzero(mask))
        assert unit is not None
        sums.append(unit.sum(axis=0, dtype=np.float64))
        own.append(float(np.square(unit, dtype=np.float64).sum()))
        sizes.append(len(unit))
    total, size = np.stack(sums), np.array(sizes, np.float64)
    products = total @ total.T - np.diag(own)
    pairs = np.outer(size, size) - np.diag(size)
    mean: NDArray[np.float64] = np.full(products.shape, np.nan)
    np.divide(products, pairs, out=mean, where=pairs > 0)
    return mean


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else float("nan")
