"""A run's layers come and go; a user's own are never touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Labels

from napari_lns import Segmentation, stimuli
from napari_lns.viewer.layers.notes import find_segmentation, read_note
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import label_features, plan_layers
from napari_lns.viewer.layers.stimulus import add_stimulus, find_ground_truth, update_stimulus


@pytest.fixture
def found() -> Segmentation:
    labels = np.ones((4, 6), np.int32)
    labels[:, 4:] = 2
    variance = np.arange(24.0).reshape(4, 6)
    return Segmentation(np.zeros((4, 6, 3)), labels, {"seed": 0}, variance=variance)


@pytest.fixture
def viewer() -> ViewerModel:
    return ViewerModel()


def names(viewer: ViewerModel) -> list[str]:
    return [layer.name for layer in viewer.layers]


def test_layers_carry_the_runs_name_record_and_result(viewer, found):
    *_, labels = put(viewer, plan_layers({0: found}), "run")
    assert names(viewer) == ["run variance", "run labels"]
    assert read_note(labels).record == {"seed": 0}
    assert find_segmentation(labels) is found
    assert list(labels.features["area"]) == [0, 16, 8]


def test_maps_show_what_their_colours_mean(viewer, found):
    variance, labels = put(viewer, plan_layers({0: found}), "run")
    assert not variance.colorbar.visible  # made when the map is first shown
    for visible in (True, False, True):
        variance.visible = visible
    assert variance.colorbar.visible
    assert variance.colorbar.size == (12, 90)
    assert not hasattr(labels, "colorbar")


def test_a_rerun_replaces_its_own_layers(viewer, found):
    before = put(viewer, plan_layers({0: found}), "run")
    other = replace(found, labels=found.labels[:, ::-1])
    after = put(viewer, plan_layers({0: other}), "run")
    assert before == after
    assert np.array_equal(after[-1].data, other.labels)


@pytest.mark.parametrize("change", ["renamed", "painted", "replaced"])
def test_a_layer_that_the_user_changed_is_kept(viewer, found, change):
    *_, labels = put(viewer, plan_layers({0: found}), "run")
    if change == "renamed":
        labels.name = "mine"
    elif change == "painted":
        labels.paint((1, 1), 2)
    else:
        labels.data = labels.data + 1
    theirs = labels.data.copy()
    put(viewer, plan_layers({0: found}), "run")
    assert np.array_equal(labels.data, theirs)
    assert len(viewer.layers) == 3


def test_maps_that_a_new_run_has_not_are_taken_away(viewer, found):
    put(viewer, plan_layers({0: found}), "run")
    put(viewer, plan_layers({0: replace(found, variance=None)}), "run")
    assert names(viewer) == ["run labels"]


def test_what_another_run_made_is_left_alone(viewer, found):
    put(viewer, plan_layers({0: found}), "one")
    put(viewer, plan_layers({0: found}), "other")
    assert len(viewer.layers) == 4


def test_removed_layers_come_back_and_reordered_ones_stay(viewer, found):
    variance, _ = put(viewer, plan_layers({0: found}), "run")
    viewer.layers.remove(variance)
    viewer.layers.move(0, 1)
    put(viewer, plan_layers({0: found}), "run")
    assert names(viewer) == ["run labels", "run variance"]


def test_a_layer_retyped_by_the_user_is_theirs(viewer, found):
    variance, _ = put(viewer, plan_layers({0: found}), "run")
    viewer.layers.remove(variance)
    viewer.add_layer(Labels(np.ones((4, 6), int), name=variance.name, metadata=variance.metadata))
    put(viewer, plan_layers({0: found}), "run")
    assert len(viewer.layers) == 3


def test_a_stacks_results_lie_at_their_places(viewer, found):
    *_, labels = put(viewer, plan_layers({2: found}, count=4), "run")
    assert labels.data.shape == (4, 4, 6)
    assert [int(each.max()) for each in labels.data] == [0, 0, 2, 0]
    assert find_segmentation(labels, 2) is found
    assert find_segmentation(labels, 0) is None


def test_maps_lie_where_their_image_lies(viewer, found):
    image = viewer.add_image(found.image, rgb=True, scale=(2, 3), translate=(5, 7))
    *_, labels = put(viewer, plan_layers({0: found}), "run", over=image)
    assert tuple(labels.scale) == (2, 3)
    assert tuple(labels.translate) == (5, 7)


def test_regions_tell_agreement_with_the_ground_truth(found):
    table = label_features(found, found.labels)
    assert list(table["agreement"]) == [0, 1, 1]
    assert table["mean variance"][1] == pytest.approx(found.variance[:, :4].mean())


def test_a_stimulus_finds_its_own_ground_truth_and_is_redrawn_in_place(viewer):
    one, other = (stimuli.draw("kanizsa", index=index) for index in (0, 1))
    image, truth = add_stimulus(viewer, one)
    add_stimulus(viewer, other)
    assert find_ground_truth(viewer, image) is truth
    assert update_stimulus(viewer, [image, truth], other)
    assert np.array_equal(image.data, other.image)
    viewer.layers.remove(truth)
    assert not update_stimulus(viewer, [image, truth], one)


def test_a_images_contrast_is_not_stretched(viewer):
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa"))
    assert tuple(image.contrast_limits) == (0, 1)


def test_far_apart_labels_take_no_memory():
    labels = np.array([[0, 300_000_000]])
    table = label_features(Segmentation(np.zeros((1, 2, 3)), labels, variance=np.ones((1, 2))))
    assert table["index"].tolist() == [0, 300_000_000]
    assert table["area"].tolist() == [1, 1]
    names = {0: "background", 300_000_000: "far"}
    added = add_stimulus(ViewerModel(), stimuli.Stimulus(np.zeros((1, 2, 3)), labels, names))
    assert added[1].features["name"].tolist() == ["background", "far"]


@pytest.mark.parametrize("segments", [8, 9, 20, 21, 100])
def test_no_two_segments_look_alike(segments):
    labels = np.arange(1, segments + 1).reshape(1, -1)
    (layer,) = put(
        ViewerModel(), plan_layers({0: Segmentation(np.zeros((1, segments, 3)), labels)}), "a"
    )
    assert len({tuple(layer.get_color(label)) for label in labels.ravel()}) == segments


def test_a_cut_into_more_segments_gets_more_colours():
    viewer = ViewerModel()
    for segments in (3, 30):
        labels = np.tile(1 + np.arange(30) % segments, (1, 1))
        found = Segmentation(np.zeros((1, 30, 3)), labels)
        (layer,) = put(viewer, plan_layers({0: found}), "a")
        assert len({tuple(layer.get_color(label)) for label in range(1, segments + 1)}) == segments
