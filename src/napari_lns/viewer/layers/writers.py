"""Write a run with napari: as npz, as PNG labels with a JSON record, or as a figure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from napari_lns._files import write_atomically
from napari_lns.analysis.figure import write_figure
from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.notes import read_note

__all__ = ["save_figure", "save_labels", "save_run"]

LayerData = tuple[Any, dict[str, Any], str]


def save_labels(path: str, data: object, attributes: dict[str, Any]) -> list[str]:
    """Write labels as an 8-bit or 16-bit PNG, and their record as JSON next to it."""
    labels = np.asarray(data)
    if labels.ndim != 2:
        raise ValueError(
            f"labels have {labels.ndim} axes: a PNG holds (height, width); save as npz"
        )
    if labels.min() < 0 or labels.max() > np.iinfo(np.uint16).max:
        raise ValueError(f"labels reach {labels.max()}: a PNG holds 0 to 65535; save as npz")
    small = labels.max() <= np.iinfo(np.uint8).max
    target = Path(path)
    with write_atomically(target) as beside:
        Image.fromarray(labels.astype(np.uint8 if small else np.uint16)).save(beside, "PNG")
    record = read_note(attributes).record
    if record is None:
        return [str(target)]
    sidecar = target.with_suffix(".json")
    with write_atomically(sidecar) as beside:
        beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return [str(target), str(sidecar)]


def save_run(path: str, layers: Sequence[LayerData]) -> list[str]:
    """Write the runs that layers show as npz, one file per run and image of a stack."""
    return [_save_result(result, file) for file, result in _numbered_results(path, layers)]


def save_figure(path: str, layers: Sequence[LayerData]) -> list[str]:
    """Write the runs that layers show as figures (PDF, SVG), one per run and image of a stack."""
    return [_draw_result(result, file) for file, result in _numbered_results(path, layers)]


def _save_result(result: Segmentation, file: str) -> str:
    result.save(file)
    return file


def _draw_result(result: Segmentation, file: str) -> str:
    write_figure(result, file)
    return file


def _numbered_results(path: str, layers: Sequence[LayerData]) -> list[tuple[str, Segmentation]]:
    """Return the results of runs with their files, which are numbered by run and by image."""
    runs: dict[int, Mapping[int, Segmentation]] = {}
    stacks = set()
    for data, attributes, _ in layers:
        results = read_note(attributes).results
        if results:
            runs[id(results)] = results
            if len(results) > 1 or np.ndim(data) - bool(attributes.get("rgb")) > 2:
                stacks.add(id(results))
    if not runs:
        raise ValueError("none of these layers was made by a run: choose a layer that Segment made")
    target = Path(path)
    files = []
    for number, (key, results) in enumerate(runs.items(), start=1):
        stem = f"{target.stem}-{number}" if len(runs) > 1 else target.stem
        for index, result in sorted(results.items()):
            name = f"{stem}-{index:03}" if key in stacks else stem
            files.append((str(target.with_name(f"{name}{target.suffix}")), result))
    return files
