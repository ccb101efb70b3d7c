"""What Inspect reads, as functions: pixels, lines, regions, outputs, runs side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels, Points, Shapes

from napari_lns import Segmentation, segment, stimuli
from napari_lns.analysis.affinity import Probe, describe
from napari_lns.analysis.hierarchy import merge_partners
from napari_lns.analysis.profiles import profile
from napari_lns.analysis.regions import region_table, segment_masks, write_table
from napari_lns.viewer.inspect.compare import Comparison
from napari_lns.viewer.inspect.inspection import (
    find_derived_layer,
    find_run_name,
    pixel_at,
    show_derived,
)
from napari_lns.viewer.inspect.regions import shape_masks
from napari_lns.viewer.inspect.replay import (
    iter_latent_effects,
    iter_noisy_outputs,
    iter_uncertainty,
    why_not_rerun,
)
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import plan_layers


@pytest.fixture(scope="module")
def found() -> Segmentation:
    stimulus = stimuli.draw("kanizsa")
    return segment(stimulus, "kanizsa-ae", samples=20, device="cpu")


@pytest.fixture
def bare() -> Segmentation:
    """A result without variance, features and tree."""
    return Segmentation(np.zeros((4, 6, 3)), np.repeat([1, 2], 12).reshape(4, 6))


def shown(viewer: ViewerModel, result: Segmentation, name: str = "run") -> Any:
    return put(viewer, plan_layers({0: result}), name)[-1]


def test_a_pixel_is_read_as_the_segmentation_has_it(found: Segmentation) -> None:
    reading = Probe(found).read(20, 30, restart=0.05)
    assert reading.label == found.labels[20, 30]
    assert found.variance is not None
    assert reading.variance == found.variance[20, 30]
    assert np.array_equal(reading.affinity, found.affinity(20, 30))
    assert reading.group is not None
    assert reading.group[20, 30]


def test_partners_are_those_that_coarser_cuts_join(found: Segmentation) -> None:
    (near, low), (far, high) = merge_partners(found, 1)
    assert {near, far} == {2, 3}
    assert low <= high == 1
    assert found.tree is not None
    joined = found.ultrametric(low * found.tree[-1, 2])
    one, other = (joined[found.labels == label][0] for label in (1, near))
    assert one == other


def test_what_a_result_lacks_is_left_out(bare: Segmentation) -> None:
    reading = Probe(bare).read(0, 0, restart=0.05)
    assert (reading.variance, reading.affinity, reading.group) == (None, None, None)
    assert describe(reading) == "Row 0, column 0: segment 1"
    line = profile(bare, [[0, 0], [3, 0]])
    assert (line.variance, line.to_start, line.to_next) == (None, None, None)
    assert list(region_table(bare, segment_masks(bare))) == ["region", "area"]


def test_the_affinity_to_the_pin_is_reported(found: Segmentation) -> None:
    probe = Probe(found)
    words = describe(probe.read(3, 4, affinity=False), probe.read(20, 30))
    assert f"{found.affinity(20, 30)[3, 4]:.2f}" in words


def test_a_profile_goes_pixel_by_pixel_and_leaves_out_what_is_outside(found: Segmentation) -> None:
    line = profile(found, [[10, -5], [10, 20], [15, 20]])
    assert line.rows[0] == 10
    assert line.columns[0] == 0
    assert (line.rows[-1], line.columns[-1]) == (15, 20)
    assert np.array_equal(line.variance, found.variance[line.rows, line.columns])
    assert line.to_start is not None
    assert line.to_next is not None
    np.testing.assert_allclose(
        line.to_start, found.affinity(10, 0)[line.rows, line.columns], atol=1e-5
    )
    np.testing.assert_allclose(line.to_next[3], found.affinity(10, 3)[10, 4], atol=1e-5)
    assert len(profile(found, [[-9, -9], [-5, -5]]).rows) == 0


def test_mean_affinities_are_those_of_all_pairs(found: Segmentation) -> None:
    masks = {name: np.zeros((64, 64), bool) for name in "ab"}
    masks["a"][5:8, 5:8], masks["b"][30:32, 30:34] = True, True
    table = region_table(found, masks).set_index("region")
    of_a = np.stack([found.affinity(r, c) for r, c in np.argwhere(masks["a"])])
    within = (of_a[:, masks["a"]].sum() - np.trace(of_a[:, masks["a"]])) / 72
    assert table.loc["a", "affinity within"] == pytest.approx(within, abs=1e-5)
    between = of_a[:, masks["b"]].mean()
    assert table.loc["a", "affinity to b"] == pytest.approx(between, abs=1e-5)
    assert table.loc["b", "affinity to a"] == pytest.approx(between, abs=1e-5)
    assert table.loc["a", "area"] == 9


def test_groups_agree_with_themselves_and_the_table_comes_back(found: Segmentation, tmp_path: Any):
    table = region_table(found, segment_masks(found), found.labels)
    assert (table["agreement"] == 1).all()
    assert table["area"].sum() == 64 * 64
    write_table(table, tmp_path / "regions.csv")
    again = pd.read_csv(tmp_path / "regions.csv")
    pd.testing.assert_frame_equal(again, table)


def test_drawn_shapes_are_masks_and_lines_are_not(found: Segmentation) -> None:
    shapes = Shapes()
    shapes.add([[10, 10], [10, 20], [20, 20], [20, 10]], shape_type="rectangle")
    shapes.add([[0, 0], [5, 5]], shape_type="line")
    masks = shape_masks(shapes, shown(ViewerModel(), found))
    assert list(masks) == ["shape 1"]
    assert masks["shape 1"].shape == (64, 64)
    assert masks["shape 1"][15, 15]


def test_outputs_are_made_again_as_they_were(found: Segmentation) -> None:
    outputs = [*iter_noisy_outputs(found)][-1].result()
    assert outputs.shape == (20, 64, 64, 3)
    np.testing.assert_allclose(outputs.var(0).mean(-1), found.variance, rtol=0.1, atol=1e-6)


def test_each_latent_unit_moves_the_image(found: Segmentation) -> None:
    steps = [*iter_latent_effects(found)]
    columns = steps[-1].result()
    assert steps[-1].done == steps[-1].total
    assert columns.shape[1:] == (64, 64, 3)
    assert np.abs(columns - 0.5).max() == pytest.approx(0.5)


def test_uncertainty_is_that_of_a_run_with_repeats(found: Segmentation) -> None:
    share = [*iter_uncertainty(found, repeats=2)][-1].result()
    stimulus = stimuli.draw("kanizsa")
    repeated = segment(stimulus, "kanizsa-ae", samples=20, device="cpu", repeats=2)
    assert share.max() > 0
    assert np.array_equal(share, repeated.uncertainty)


def test_what_cannot_be_run_again_says_why(found: Segmentation, bare: Segmentation) -> None:
    assert why_not_rerun(found) == ""
    assert "Latent Noise" in why_not_rerun(bare)
    assert "press Run" in why_not_rerun(None)


def test_pixels_are_found_where_the_layer_lies(found: Segmentation) -> None:
    layer = shown(ViewerModel(), found)
    layer.scale, layer.translate = (2, 2), (10, 0)
    assert pixel_at(layer, (10, 0)) == (0, 0)
    assert pixel_at(layer, (136.9, 20)) == (63, 10)
    assert pixel_at(layer, (8, 0)) is None


def test_own_layers_are_used_again_unless_they_were_renamed(found: Segmentation) -> None:
    viewer = ViewerModel()
    layer = shown(viewer, found)
    viewer.layers.selection = {layer}
    first = show_derived(viewer, layer, "affinity", Image, np.zeros((64, 64)))
    assert show_derived(viewer, layer, "affinity", Image, np.ones((64, 64))) is first
    assert viewer.layers.selection == {layer}
    pin = show_derived(viewer, layer, "pin", Points, np.zeros((1, 2)))
    picked = show_derived(viewer, layer, "picked", Labels, np.ones((64, 64), int))
    assert list(viewer.layers)[-3:] == [picked, first, pin]
    first.name = "mine"
    assert show_derived(viewer, layer, "affinity", Image, np.ones((64, 64))) is not first
    assert find_derived_layer(viewer, layer, "affinity").name == "run affinity"


def test_runs_stand_side_by_side_and_all_is_as_before(found: Segmentation) -> None:
    viewer = ViewerModel()
    runs = [shown(viewer, found, name) for name in ("one", "two")]
    before = {layer.name: layer.visible for layer in viewer.layers}
    comparison = Comparison(viewer, runs)
    grid = viewer.canvas.grid
    assert grid.enabled
    assert [grid.position(index, viewer.layers) for index in range(4)] == [
        (0, 0), (0, 0), (0, 1), (0, 1),
    ]  # fmt: skip
    comparison.follow(12, 34)
    for layer in runs:
        beside = viewer.layers[f"{find_run_name(layer)} affinity beside"]
        assert np.array_equal(beside.data, found.affinity(12, 34))
        assert viewer.layers[f"{find_run_name(layer)} cursor"].data.tolist() == [[12, 34]]
    comparison.close()
    assert {layer.name: layer.visible for layer in viewer.layers} == before
    assert not grid.enabled


def test_a_control_is_compared_as_large_as_its_stimulus(found: Segmentation) -> None:
    viewer = ViewerModel()
    runs = [shown(viewer, found, name) for name in ("one", "two")]
    comparison = Comparison(viewer, runs)
    zoom = viewer.scene.camera.zoom
    comparison.close()
    for layer in viewer.layers:
        layer.translate = (0, 70) if layer.name.startswith("two") else (0, 0)
    comparison = Comparison(viewer, runs)
    assert viewer.scene.camera.zoom == pytest.approx(zoom)
    for name in ("one", "two"):
        assert viewer.layers[f"{name} affinity beside"].translate.tolist() == [0, 0]
    comparison.close()
    assert not viewer.mouse_move_callbacks
