"""Read files as layers.

napari asks the user which reader to use if two plugins claim a file. This plugin therefore claims
only its own formats: runs, sweeps, tables of conditions, and images with a record. `add_files` also
reads images without a record.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer

from napari_lns import stimuli
from napari_lns._records import MOST_BYTES
from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.saving import is_run
from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.notes import Note, make_metadata
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS, STACK_AXES, plan_layers

__all__ = ["add_files", "find_reader", "run_layer_data", "stimuli_layer_data"]

SWEEP = "sweep.json"
TABLES = ("conditions.csv", "annotation.csv")
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg")  # of images that may have a record in a JSON file
STIMUPY = b'"img"'  # the key of the pixels in files exported by stimupy

LayerData = tuple[Any, dict[str, Any], str]


def find_reader(path: str | list[str]) -> Callable[[str | list[str]], list[LayerData]] | None:
    """Return the reader of a path, or None if this plugin does not claim it."""
    paths = [path] if isinstance(path, str) else path
    is_claimed = all(_is_claimed(Path(one)) for one in map(os.fspath, paths))
    return _read_paths if is_claimed and paths else None


def add_files(viewer: ViewerModel, path: str | os.PathLike[str]) -> list[Layer]:
    """Add the content of a file or folder as layers, including images without a record."""
    return [viewer.add_layer(Layer.create(*layer)) for layer in _read_path(Path(path))]


def stimuli_layer_data(items: list[Stimulus], name: str) -> list[LayerData]:
    """Return the layer data of stimuli, as images with ground truth or as stacks (n, H, W)."""
    if len(items) == 1 or len({stimulus.shape for stimulus in items}) > 1:
        return [
            layer
            for stimulus in items
            for layer in _stimulus_layer_data(stimulus, stimulus.name or name)
        ]
    note = Note(stimuli=tuple(stimulus.record for stimulus in items))
    images = np.stack([stimulus.image for stimulus in items])
    labels = np.stack([stimulus.labels for stimulus in items])
    return [
        (data, {**options, "axis_labels": STACK_AXES}, kind)
        for data, options, kind in _image_and_labels(images, labels, name, note)
    ]


def _read_paths(path: str | list[str]) -> list[LayerData]:
    paths = [path] if isinstance(path, str) else path
    return [layer for one in paths for layer in _read_path(Path(one))]


def _read_path(path: Path) -> list[LayerData]:
    folder = path.parent if path.name == SWEEP else path
    if _is_sweep(folder):
        return _sweep_layer_data(folder)
    if _is_run(path):
        return run_layer_data(Segmentation.load(path), path.stem)
    return stimuli_layer_data(stimuli.read(path), path.stem)


def _is_claimed(path: Path) -> bool:
    if path.suffix == ".zarr":
        return _is_run(path)  # a plain stack, as in a sweep, is left to napari's reader
    if path.is_dir():
        return _is_sweep(path) or any((path / table).exists() for table in TABLES)
    suffix = path.suffix.lower()
    if suffix == ".json":
        beside = any(path.with_suffix(each).exists() for each in IMAGE_SUFFIXES)
        return beside or path.name == SWEEP or _is_stimupy(path)
    return (
        suffix == ".npz"
        or path.name in TABLES
        or (suffix in IMAGE_SUFFIXES and path.with_suffix(".json").exists())
    )


def _is_stimupy(path: Path) -> bool:
    """Return whether a JSON file may come from stimupy; pipes and large files are not opened."""
    is_readable = path.is_file() and path.stat().st_size <= MOST_BYTES
    return is_readable and STIMUPY in path.read_bytes()


def _is_sweep(folder: Path) -> bool:
    return (folder / SWEEP).is_file() and (folder / "images.zarr").is_dir()


def _is_run(path: Path) -> bool:
    """Return whether a file or folder holds a saved run, unlike npz files of stimuli."""
    if path.suffix == ".zarr":
        return (path / "labels").is_dir()
    return path.suffix == ".npz" and is_run(path)


def _sweep_layer_data(folder: Path) -> list[LayerData]:
    """Return the stacks of a sweep, whose slices are read when they are displayed."""
    from napari_lns.experiments.sweeps.store import Results  # slow to import

    results, axes = Results.open(folder), {"axis_labels": ("run", "row", "column")}
    options: list[tuple[str, dict[str, Any], str]] = [
        ("images", {**IMAGE_OPTIONS}, "image"),
        ("variance", {"colormap": "viridis", "visible": False}, "image"),
        ("labels", {"opacity": 0.5}, "labels"),
    ]
    return [
        (results.map(name), {**style, "name": f"{folder.name} {name}", **axes}, kind)
        for name, style, kind in options
    ]


def run_layer_data(segmentation: Segmentation, name: str) -> list[LayerData]:
    """Return the image and the maps of a saved run."""
    stimulus = segmentation.record.get("stimulus")
    metadata = make_metadata(Note(stimuli=(stimulus,) if stimulus else ()))
    image_options = {"name": name, "metadata": metadata, **IMAGE_OPTIONS}
    layers: list[LayerData] = [(segmentation.image, image_options, "image")]
    for plan in plan_layers({0: segmentation}):
        layer_name = f"{name} {plan.content}"
        note = Note(run=name, content=plan.content, name=layer_name, results=plan.results)
        options = {**plan.options, "name": layer_name, "metadata": make_metadata(note)}
        layers.append((plan.data, options, plan.kind.__name__.lower()))
    return layers


def _stimulus_layer_data(stimulus: Stimulus, name: str) -> list[LayerData]:
    return _image_and_labels(
        stimulus.image, stimulus.labels, name, Note(stimuli=(stimulus.record,))
    )


def _image_and_labels(images: Any, labels: Any, name: str, note: Note) -> list[LayerData]:
    metadata = make_metadata(note)
    image_options = {"name": name, "metadata": metadata, **IMAGE_OPTIONS}
    label_options = {
        "name": f"{name} ground truth",
        "metadata": metadata,
        "visible": False,
        "opacity": 0.5,
    }
    image_data: list[LayerData] = [(images, image_options, "image")]
    return [*image_data, (labels, label_options, "labels")] if labels.any() else image_data
