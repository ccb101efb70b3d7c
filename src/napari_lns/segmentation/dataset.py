"""Conversion of a segmentation to an xarray dataset with named dimensions."""

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
    """An object with a record and the maps of a segmentation."""

    @property
    def record(self) -> Mapping[str, Any]: ...


def as_dataset(segmentation: HasRecord) -> Any:
    """Return the maps of a segmentation as an `xarray.Dataset`.

    Parameters
    ----------
    segmentation
        The result; features, tree and noisy outputs are not included.

    Returns
    -------
    xarray.Dataset
        The attribute ``record`` holds the record as JSON, because netCDF has no nested attributes.
    """
    xarray = extra_module("xarray", "xarray")
    maps = {name: getattr(segmentation, name) for name in MAPS}
    variables = {name: (MAPS[name], array) for name, array in maps.items() if array is not None}
    attributes = {"record": json.dumps(dict(segmentation.record)), "title": repr(segmentation)}
    return xarray.Dataset(variables, {"channel": ["red", "green", "blue"]}, attributes)
