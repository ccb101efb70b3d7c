"""Validation of saved segmentations: the record, and the shapes and types of the arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from napari_lns._levels import Level
from napari_lns._records import Finite, Name, Values, Whole
from napari_lns._size import MOST_PIXELS, WIDEST_BORDER, WIDEST_MIN_WIDTH

__all__ = ["FORMAT", "VERSION", "ArraySpec", "Notes", "check_specs"]

FORMAT = "napari-lns segmentation"
VERSION = 1

ArraySpec = tuple[tuple[int, ...], np.dtype[Any]]
Side = Annotated[int, Field(ge=1, le=MOST_PIXELS)]


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", ser_json_inf_nan="constants")


class _Model(_Open):
    name: Name
    kind: Name = ""
    hash: Name = ""
    axes_power: Finite = 0.0


class _Stimulus(_Open):
    """Record of a stimulus, or the shape and hash of an image array."""

    name: Name = ""
    parameters: Values = {}
    seed: Whole = 0


class _Cut(_Open):
    clusters: Annotated[int, Field(ge=1, le=MOST_PIXELS)] | None = None
    threshold: Finite | None = None


class _Used(_Open):
    device: Name = ""
    sigma: Finite | None = None
    border_width: Annotated[int, Field(ge=0, le=WIDEST_BORDER)] = 0
    min_width: Annotated[int, Field(ge=0, le=WIDEST_MIN_WIDTH)] = 0


class _Fit(_Open):
    """How well the image fits the network."""

    model_config = ConfigDict(use_enum_values=True)

    level: Level
    unexplained: Finite | None = None
    sentence: Name


class _Record(_Open):
    """How a segmentation was made; segmenters of other packages may add fields."""

    segmenter: Name = ""
    chosen: Name | None = None
    stimulus: _Stimulus | None = None
    model: _Model | None = None
    parameters: Values = {}
    cut: _Cut | None = None
    used: _Used = _Used()
    seconds: dict[Name, Finite] = {}
    fit: _Fit | None = None
    warnings: list[Name] = []
    made: Name = ""
    versions: dict[Name, Name] = {}


class Notes(_Open):
    """A saved segmentation without its arrays."""

    format: Literal["napari-lns segmentation"]
    version: Literal[1]
    checksums: dict[Name, Annotated[int, Field(ge=0, lt=2**32)]]
    grid: tuple[Side, Side]
    record: _Record

    @property
    def plain_record(self) -> dict[str, Any]:
        """The record as it was saved."""
        record: dict[str, JsonValue] = self.record.model_dump(exclude_unset=True)
        return record


def check_specs(specs: Mapping[str, ArraySpec], grid: tuple[int, int]) -> None:
    """Raise ValueError unless arrays have the names, shapes and types of a segmentation.

    Parameters
    ----------
    specs
        Shape and type of each array by name.
    grid
        Height and width of the grid of pixels that was clustered.
    """
    for name in ("image", "labels"):
        if name not in specs:
            raise ValueError(f"it has no {name}")
    height, width, *_ = (*specs["labels"][0], 0, 0)
    pixels = grid[0] * grid[1]
    expected: dict[str, tuple[int | None, ...]] = {
        "image": (height, width, 3),
        "labels": (height, width),
        "variance": (height, width),
        "reconstruction": (height, width, 3),
        "features": (pixels, None),
        "tree": (pixels - 1, 4),
        "outputs": (None, *grid, 3),
        "alternatives": (None, height, width),
    }
    if not 1 <= height * width <= MOST_PIXELS or pixels > MOST_PIXELS:
        raise ValueError(f"it has {height} × {width} pixels, or a grid of {grid}")
    for name, (shape, kind) in specs.items():
        if name not in expected:
            raise ValueError(f"it contains {name!r}, which is not part of a segmentation")
        if len(shape) != len(expected[name]) or any(
            side is not None and side != found
            for side, found in zip(expected[name], shape, strict=True)
        ):
            raise ValueError(
                f"{name} has the shape {shape}: for this image it must be {expected[name]}"
            )
        if kind.kind not in ("iu" if name in ("labels", "alternatives") else "f"):
            raise ValueError(f"{name} has the type {kind}")
