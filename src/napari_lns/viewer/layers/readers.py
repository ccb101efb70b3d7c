"""Files as layers: what this plugin claims in napari's dialogs, and all that it can read.

napari asks which reader to use wherever two claim a file, so only what no other program writes is
claimed: runs, sweeps, tables of conditions, and images through their records. `add_files` reads
any image as a stimulus.
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
from napari_lns.viewer.layers.notes import Note, metadata_of
from napari_lns.viewer.layers.planning import PICTURE, STACK_AXES, layers_of

__all__ = ["add_files", "layer_data_of", "of_run", "reader_of"]

SWEEP = "sweep.json"
TABLES = ("conditions.csv", "annotation.csv")
BESIDE = (".png", ".jpg", ".jpeg")  # images that a record may lie beside
STIMUPY = b'"img"'  # the pixels in what stimupy exports

LayerData = tuple[Any, dict[str, Any], str]


def reader_of(path: str | list[str]) -> Callable[[str | list[str]], list[LayerData]] | None:
    """Return the reader of a path, or None for what this plugin does not claim."""
    paths = [path] if isinstance(path, str) else path
    known = all(_is_ours(Path(one)) for one in map(os.fspath, paths))
    return _read if known and paths else None


def add_files(viewer: ViewerModel, path: str | os.PathLike[str]) -> list[Layer]:
    """Add all that a file or folder holds as layers, also of images that carry no record."""
    return [viewer.add_layer(Layer.create(*layer)) for layer in _read_one(Path(path))]


def layer_data_of(given: list[Stimulus], name: str) -> list[LayerData]:
    """Return an image layer and a labels layer of stimuli: one image, or a stack (n, H, W)."""
    if len(given) == 1 or len({stimulus.shape for stimulus in given}) > 1:
        return [layer for stimulus in given for layer in _of_one(stimulus, stimulus.name or name)]
    note = Note(stimuli=tuple(stimulus.record for stimulus in given))
    images = np.stack([stimulus.image for stimulus in given])
    labels = np.stack([stimulus.labels for stimulus in given])
    return [
        (data, {**options, "axis_labels": STACK_AXES}, kind)
        for data, options, kind in _pair(images, labels, name, note)
    ]


def _read(path: str | list[str]) -> list[LayerData]:
    paths = [path] if isinstance(path, str) else path
    return [layer for one in paths for layer in _read_one(Path(one))]


def _read_one(path: Path) -> list[LayerData]:
    folder = path.parent if path.name == SWEEP else path
    if _is_sweep(folder):
        return _of_sweep(folder)
    if _is_run(path):
        return of_run(Segmentation.load(path), path.stem)
    return layer_data_of(stimuli.read(path), path.stem)


def _is_ours(path: Path) -> bool:
    if path.suffix == ".zarr":
        return _is_run(path)  # a bare stack, as of a sweep, is for napari's own reader
    if path.is_dir():
        return _is_sweep(path) or any((path / table).exists() for table in TABLES)
    suffix = path.suffix.lower()
    if suffix == ".json":
        beside = any(path.with_suffix(each).exists() for each in BESIDE)
        return beside or path.name == SWEEP or _is_stimupy(path)
    return (
        suffix == ".npz"
        or path.name in TABLES
        or (suffix in BESIDE and path.with_suffix(".json").exists())
    )


def _is_stimupy(path: Path) -> bool:
    """Return whether JSON may be stimupy's; pipes and files that are too large are not opened."""
    known = path.is_file() and path.stat().st_size <= MOST_BYTES
    return known and STIMUPY in path.read_bytes()


def _is_sweep(folder: Path) -> bool:
    return (folder / SWEEP).is_file() and (folder / "images.zarr").is_dir()


def _is_run(path: Path) -> bool:
    """Return whether a file or folder holds a saved run; npz files of stimuli do not."""
    if path.suffix == ".zarr":
        return (path / "labels").is_dir()
    return path.suffix == ".npz" and is_run(path)


def _of_sweep(folder: Path) -> list[LayerData]:
    """Return a sweep's stacks, which are read slice by slice as they are looked at."""
    from napari_lns.experiments.sweeps.store import Results  # slow to import

    results, axes = Results.open(folder), {"axis_labels": ("run", "row", "column")}
    options: list[tuple[str, dict[str, Any], str]] = [
        ("images", {**PICTURE}, "image"),
        ("variance", {"colormap": "viridis", "visible": False}, "image"),
        ("labels", {"opacity": 0.5}, "labels"),
    ]
    return [
        (results.map(name), {**own, "name": f"{folder.name} {name}", **axes}, kind)
        for name, own, kind in options
    ]


def of_run(segmentation: Segmentation, name: str) -> list[LayerData]:
    """Return the image and the maps of a run that was saved."""
    stimulus = segmentation.record.get("stimulus")
    metadata = metadata_of(Note(stimuli=(stimulus,) if stimulus else ()))
    picture = {"name": name, "metadata": metadata, **PICTURE}
    layers: list[LayerData] = [(segmentation.image, picture, "image")]
    for plan in layers_of({0: segmentation}):
        own = f"{name} {plan.shows}"
        note = Note(run=name, shows=plan.shows, name=own, results=plan.found)
        options = {**plan.options, "name": own, "metadata": metadata_of(note)}
        layers.append((plan.data, options, plan.kind.__name__.lower()))
    return layers


def _of_one(stimulus: Stimulus, name: str) -> list[LayerData]:
    return _pair(stimulus.image, stimulus.labels, name, Note(stimuli=(stimulus.record,)))


def _pair(images: Any, labels: Any, name: str, note: Note) -> list[LayerData]:
    own = metadata_of(note)
    picture = {"name": name, "metadata": own, **PICTURE}
    truth = {"name": f"{name} ground truth", "metadata": own, "visible": False, "opacity": 0.5}
    pictures: list[LayerData] = [(images, picture, "image")]
    return [*pictures, (labels, truth, "labels")] if labels.any() else pictures
