"""The dendrogram: what it draws, what it is pointed at, and the cut that follows its line."""

from __future__ import annotations

from typing import Any

import napari
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backend_bases import MouseEvent
from scipy.cluster.hierarchy import linkage

from napari_lns import Segmentation
from napari_lns.segmentation.clustering.tree import cut_at
from napari_lns.viewer.inspect.dendrogram import labels_below, lay_out_tree, merged_regions
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import plan_layers

PATIENCE = 60_000  # milliseconds
SIDE = 8


def result(seed: int = 0) -> Segmentation:
    features = np.random.default_rng(seed).random((SIDE * SIDE, 3)).astype(np.float32)
    labels = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) // 32 + 1
    image = np.zeros((SIDE, SIDE, 3), np.float32)
    return Segmentation(image, labels, features=features, tree=linkage(features, "ward"))


@given(st.integers(0, 50), st.integers(1, 70))
def test_each_merge_is_drawn_at_its_height_over_its_two_parts(seed: int, merges: int) -> None:
    tree = result(seed).tree
    assert tree is not None
    drawn = lay_out_tree(tree, merges)
    assert len(drawn.rows) == min(merges, len(tree))
    assert np.allclose(drawn.paths[:, 1:3, 1], drawn.heights[:, None])
    tops = {tuple(path[1:3].mean(axis=0)) for path in drawn.paths}
    feet = [tuple(path[place]) for path in drawn.paths for place in (0, 3)]
    assert sum(foot in tops for foot in feet) == len(drawn.rows) - 1  # all but the last are parts
    grounds = [x for x, y in feet if y == 0]
    assert sorted(grounds) == list(range(len(drawn.rows) + 1))


@given(st.integers(0, 20), st.integers(1, SIDE * SIDE - 1))
def test_a_merge_joins_two_regions_of_its_size(seed: int, number: int) -> None:
    found = result(seed)
    assert found.tree is not None
    row = number - 1
    regions = merged_regions(found, row)
    assert (regions > 0).sum() == found.tree[row, 3]
    assert (regions == 1).sum() >= (regions == 2).sum() > 0
    below = cut_at(found.tree, found.tree[row, 2]).reshape(SIDE, SIDE)
    assert len(np.unique(below[regions > 0])) == 1


@given(st.floats(0, 1))
def test_merges_below_a_cut_take_the_segment_of_their_pixels(share: float) -> None:
    found = result()
    assert found.tree is not None
    drawn = lay_out_tree(found.tree)
    labels = labels_below(found.tree, drawn, share)
    segments = found.ultrametric(share * found.tree[-1, 2])
    assert ((labels == 0) == (drawn.heights > share)).all()
    for row, label in zip(drawn.rows, labels, strict=True):
        if label:
            assert set(segments[merged_regions(found, int(row)) > 0]) == {label}


def test_a_tree_of_one_merge_is_drawn() -> None:
    drawn = lay_out_tree(np.array([[0, 1, 0.0, 2]]))
    assert drawn.paths.tolist() == [[[0, 0], [0, 0], [1, 0], [1, 0]]]


@pytest.fixture
def opened(make_napari_viewer_proxy: Any, qtbot: Any) -> tuple[Any, InspectWidget]:
    viewer = make_napari_viewer_proxy(show=True)
    found = result()
    image = viewer.add_image(found.image, rgb=True, name="image")
    put(viewer, plan_layers({0: found}), "image", over=image)
    widget = InspectWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Inspect")
    widget.show_page(widget.tree)
    widget.show()
    qtbot.waitUntil(lambda: widget.tree._shown_dendrogram is not None, timeout=PATIENCE)
    widget.tree.plot.draw()
    return viewer, widget


def send(widget: InspectWidget, kind: str, x: float, y: float, button: int | None = None) -> None:
    """Send the plot a mouse event at a place in its axes."""
    plot = widget.tree.plot
    at = plot.axes[0].transData.transform((x, y))
    plot.callbacks.process(kind, MouseEvent(kind, plot, *at, button))


def test_opening_the_page_draws_the_tree_and_adds_no_layer(
    opened: tuple[napari.Viewer, InspectWidget],
) -> None:
    viewer, widget = opened
    assert len(widget.tree.plot.axes[0].collections[0].get_segments()) == 30
    assert not {"image segments at height", "image merge"} & {e.name for e in viewer.layers}


def test_pointing_at_a_merge_lights_up_its_regions(
    opened: tuple[napari.Viewer, InspectWidget], qtbot: Any
) -> None:
    viewer, widget = opened
    drawn = lay_out_tree(widget.inspection.segmentation.tree)
    (left, height), (right, _) = drawn.paths[-1, 1:3]
    send(widget, "motion_notify_event", (left + right) / 2, 100 * height)
    qtbot.waitUntil(lambda: "image merge" in {e.name for e in viewer.layers}, timeout=PATIENCE)
    wanted = merged_regions(widget.inspection.segmentation, int(drawn.rows[-1]))
    assert np.array_equal(viewer.layers["image merge"].data, wanted)
    widget.show_page(widget.pixel)
    assert "image merge" not in {e.name for e in viewer.layers}


def test_dragging_the_cut_line_moves_the_slider_and_the_segments(
    opened: tuple[napari.Viewer, InspectWidget], qtbot: Any
) -> None:
    viewer, widget = opened
    found = widget.inspection.segmentation
    send(widget, "button_press_event", 3, 20, 1)
    for height in (40, 60.0):
        send(widget, "motion_notify_event", 3, height, 1)
    send(widget, "button_release_event", 3, 60, 1)
    send(widget, "motion_notify_event", 3, 10)
    assert widget.tree.height_slider.value() == pytest.approx(60, abs=0.1)
    wanted = found.ultrametric(widget.tree.height_slider.value() / 100 * found.tree[-1, 2])
    name = "image segments at height"
    qtbot.waitUntil(
        lambda: (
            name in {e.name for e in viewer.layers}
            and np.array_equal(viewer.layers[name].data, wanted)
        ),
        timeout=PATIENCE,
    )
    assert widget.tree.plot.axes[0].lines[0].get_ydata()[0] == pytest.approx(60, abs=0.1)
