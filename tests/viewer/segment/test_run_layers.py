"""The labels of a run come at once and its hidden maps later, whatever users do meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import QObject
from qtpy.QtWidgets import QApplication

from napari_lns import Segmentation
from napari_lns.viewer.layers.notes import read_note
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.layers.runs import remove_run, rename_run
from napari_lns.viewer.segment.run_layers import RunLayers

PATIENCE = 60_000  # milliseconds
MAPS = ["reconstruction", "error", "variance"]
RESULT = Segmentation(
    np.zeros((6, 6, 3), np.float32),
    np.ones((6, 6), int),
    variance=np.eye(6),
    reconstruction=np.full((6, 6, 3), 0.5, np.float32),
)


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    viewer.add_image(RESULT.image, name="image", rgb=True)
    return viewer


def names(viewer: ViewerModel) -> list[str]:
    return [layer.name for layer in viewer.layers]


def put(layers: RunLayers, viewer: ViewerModel, name: str) -> Layer:
    """Put a run of its own into the viewer, and return what is there of it at once."""
    return layers.put(plan_layers({0: replace(RESULT)}), name, viewer.layers["image"])[-1]


def test_labels_come_at_once_and_hidden_maps_below_them_later(
    viewer: ViewerModel, qtbot: Any
) -> None:
    layers = RunLayers(viewer)
    labels = put(layers, viewer, "run")
    assert names(viewer) == ["image", "run labels"]
    qtbot.waitUntil(lambda: len(viewer.layers) == 5, timeout=PATIENCE)
    assert names(viewer) == ["image", *(f"run {name}" for name in MAPS), "run labels"]
    assert all(read_note(layer).results is read_note(labels).results for layer in viewer.layers[1:])


def test_maps_that_come_later_leave_the_selection(viewer: ViewerModel, qtbot: Any) -> None:
    layers = RunLayers(viewer)
    put(layers, viewer, "run")
    heard: list[object] = []
    viewer.layers.selection.active = viewer.layers["image"]
    viewer.layers.selection.events.changed.connect(heard.append)
    layers.put_all()
    assert viewer.layers.selection.active is viewer.layers["image"]
    assert len(viewer.layers) == 5
    assert heard == []


def test_maps_of_a_removed_run_do_not_come(viewer: ViewerModel, qtbot: Any) -> None:
    layers = RunLayers(viewer)
    remove_run(viewer, put(layers, viewer, "run"))
    layers.put_all()
    assert names(viewer) == ["image"]


def test_maps_of_a_renamed_run_come_under_its_new_name(viewer: ViewerModel, qtbot: Any) -> None:
    layers = RunLayers(viewer)
    labels = put(layers, viewer, "run")
    rename_run(viewer, labels, "mine")
    layers.put_all()
    assert names(viewer) == ["image", *(f"mine {name}" for name in MAPS), "mine labels"]
    remove_run(viewer, labels)
    assert names(viewer) == ["image"]


def test_two_runs_in_a_row_both_get_their_maps(viewer: ViewerModel, qtbot: Any) -> None:
    layers = RunLayers(viewer)
    put(layers, viewer, "one")
    put(layers, viewer, "two")
    layers.put_all()
    groups = [f"{run} {name}" for run in ("one", "two") for name in (*MAPS, "labels")]
    assert names(viewer) == ["image", *groups]


def test_the_same_run_again_gets_its_maps_once_with_the_newest_pixels(
    viewer: ViewerModel, qtbot: Any
) -> None:
    layers, image = RunLayers(viewer), viewer.layers["image"]
    put(layers, viewer, "run")
    layers.put(plan_layers({0: replace(RESULT, variance=2 * np.eye(6))}), "run", image)
    layers.put_all()
    assert names(viewer) == ["image", *(f"run {name}" for name in MAPS), "run labels"]
    assert viewer.layers["run variance"].data.max() == 2


def test_a_map_that_another_run_shows_comes_at_once(viewer: ViewerModel, qtbot: Any) -> None:
    layers = RunLayers(viewer)
    put(layers, viewer, "one")
    layers.put_all()
    viewer.layers["one variance"].visible = True
    put(layers, viewer, "two")
    assert names(viewer)[-2:] == ["two variance", "two labels"]


def test_nothing_comes_after_the_widget_is_deleted(viewer: ViewerModel, qtbot: Any) -> None:
    owner = QObject()
    put(RunLayers(viewer, owner), viewer, "run")
    with qtbot.waitSignal(owner.destroyed, timeout=PATIENCE):
        owner.deleteLater()
    QApplication.processEvents()
    assert names(viewer) == ["image", "run labels"]


def test_a_window_closes_before_the_maps_have_come(make_napari_viewer: Any, qtbot: Any) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.add_image(RESULT.image, name="image", rgb=True)
    layers = RunLayers(viewer)
    put(layers, viewer, "run")
    viewer.close()
    layers.put_all()
    assert names(viewer) == []


def test_maps_come_into_a_real_window_and_its_layer_list(
    make_napari_viewer: Any, qtbot: Any
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.add_image(RESULT.image, name="image", rgb=True)
    layers = RunLayers(viewer)
    labels = put(layers, viewer, "run")
    layers.put_soon()
    qtbot.waitUntil(lambda: len(viewer.layers) == 5, timeout=PATIENCE)
    assert names(viewer) == ["image", *(f"run {name}" for name in MAPS), "run labels"]
    assert viewer.layers.selection.active is labels
    (row,) = viewer.window._qt_viewer.layers.selectedIndexes()
    assert row.data() == "run labels"
