"""napari readers for all that `napari_lns.stimuli.read` and `Segmentation.load` read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from napari_lns import stimuli
from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.saving import is_run
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.files import SUFFIXES
from napari_lns.viewer.layers import KEY, PICTURE, layers_of

__all__ = ["layer_data_of", "of_run", "reader_of"]

LayerData = tuple[Any, dict[str, Any], str]


def reader_of(path: str | list[str]) -> Callable[[str | list[str]], list[LayerData]] | None:
    """Give the reader of a path, or None for what this plugin does not read."""
    paths = [path] if isinstance(path, str) else path
    known = all(_is_known(Path(one)) for one in map(os.fspath, paths))
    return _read if known and paths else None


def layer_data_of(given: list[Stimulus], name: str) -> list[LayerData]:
    """Give an image layer and a labels layer of stimuli: one picture, or a stack (n, H, W)."""
    if len(given) == 1 or len({stimulus.shape for stimulus in given}) > 1:
        return [layer for stimulus in given for layer in _of_one(stimulus, stimulus.name or name)]
    note = {"napari_lns": {"stimuli": [stimulus.record for stimulus in given]}}
    images = np.stack([stimulus.image for stimulus in given])
    labels = np.stack([stimulus.labels for stimulus in given])
    return _pair(images, labels, name, note)


def _read(path: str | list[str]) -> list[LayerData]:
    paths = [path] if isinstance(path, str) else path
    return [layer for one in paths for layer in _read_one(Path(one))]


def _read_one(path: Path) -> list[LayerData]:
    if _is_run(path):
        return of_run(Segmentation.load(path), path.stem)
    return layer_data_of(stimuli.read(path), path.stem)


def _is_known(path: Path) -> bool:
    if path.suffix == ".zarr":
        return _is_run(path)  # a bare stack, as of a sweep, is for napari's own reader
    return path.is_dir() or path.suffix.lower() in SUFFIXES


def _is_run(path: Path) -> bool:
    """Whether a file or folder holds a saved run; stimuli in npz files have other members."""
    if path.suffix == ".zarr":
        return (path / "labels").is_dir()
    return path.suffix == ".npz" and is_run(path)


def of_run(segmentation: Segmentation, name: str) -> list[LayerData]:
    """Give the picture and the maps of a run that was saved."""
    note = {KEY: {"stimulus": segmentation.record.get("stimulus")}}
    picture = {"name": name, "metadata": note, **PICTURE}
    layers: list[LayerData] = [(segmentation.image, picture, "image")]
    for plan in layers_of({0: segmentation}):
        own = {"run": name, "shows": plan.shows, "name": f"{name} {plan.shows}"}
        note = {KEY: {**own, "found": plan.found, "record": dict(segmentation.record)}}
        options = {**plan.options, "name": f"{name} {plan.shows}", "metadata": note}
        layers.append((plan.data, options, plan.kind.__name__.lower()))
    return layers


def _of_one(stimulus: Stimulus, name: str) -> list[LayerData]:
    note = {"napari_lns": {"stimulus": stimulus.record}}
    return _pair(stimulus.image, stimulus.labels, name, note)


def _pair(images: Any, labels: Any, name: str, note: dict[str, Any]) -> list[LayerData]:
    picture = {"name": name, "metadata": note, **PICTURE}
    truth = {"name": f"{name} truth", "metadata": note, "visible": False, "opacity": 0.5}
    pictures: list[LayerData] = [(images, picture, "image")]
    return [*pictures, (labels, truth, "labels")] if labels.any() else pictures
