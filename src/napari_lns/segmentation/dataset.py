"""A segmentation as an xarray dataset: named dimensions, and the record as attributes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from napari_lns._extras import extra_module

__all__ = ["as_dataset"]

MAPS = {
    "image": ("row", "column", "channel"),
    "labels": ("row", "column"),
    "variance": ("row", "column"),
    "reconstruction": ("row", "column", "channel"),
    "error": ("row", "column"),
    "alternatives": ("repeat", "row", "column"),
}


class HasRecord(Protocol):
    """What has a record, and the maps of a segmentation."""

    @property
    def record(self) -> Mapping[str, Any]: ...


def as_dataset(segmentation: HasRecord) -> Any:
    """Return the maps of a segmentation as an `xarray.Dataset`.

    Parameters
    ----------
    segmentation
        The result; features, tree and noisy outputs stay where they are.

    Returns
    -------
    xarray.Dataset
        Its attribute ``record`` is the record as JSON: netCDF holds no nested attributes.
    """
    xarray = extra_module("xarray", "xarray")
    maps = {name: getattr(segmentation, name) for name in MAPS}
    variables = {name: (MAPS[name], array) for name, array in maps.items() if array is not None}
    attributes = {"record": json.dumps(dict(segmentation.record)), "title": repr(segmentation)}
    return xarray.Dataset(variables, {"channel": ["red", "green", "blue"]}, attributes)
