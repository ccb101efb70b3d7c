"""The runs in a viewer: told of, given a name of their own, removed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Layer

from napari_lns import Segmentation
from napari_lns.viewer.inspect.inspection import find_derived_layer, show_derived
from napari_lns.viewer.layers.placing import hide_other_runs, put
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.layers.runs import (
    remove_run,
    remove_selected_run,
    rename_run,
    run_name,
    summarize_run,
)
from napari_lns.viewer.own_models import AUTO

RECORD = {"segmenter": "lns", "model": {"name": "mine"}, "parameters": {"method": "exact"}}


@pytest.fixture
def found() -> Segmentation:
    labels = np.repeat([1, 2], 12).reshape(4, 6)
    return Segmentation(np.zeros((4, 6, 3)), labels, RECORD, variance=np.ones((4, 6)))


@pytest.fixture
def viewer() -> ViewerModel:
    return ViewerModel()


def run(viewer: ViewerModel, found: Segmentation, name: str = "run") -> Layer:
    return put(viewer, plan_layers({0: found}, score=0.876), name)[-1]


def names(viewer: ViewerModel) -> list[str]:
    return [layer.name for layer in viewer.layers]


def test_a_run_tells_its_method_groups_and_score(viewer, found):
    assert summarize_run(run(viewer, found)) == ("run", "lns exact, mine", "2", "0.88")


def test_what_is_not_known_is_left_empty(viewer, found):
    bare = Segmentation(found.image, found.labels)
    assert summarize_run(put(viewer, plan_layers({0: bare}), "bare")[-1]) == ("bare", "", "2", "")


def test_a_run_that_has_a_name_of_its_own_is_kept(viewer, found):
    labels = run(viewer, found)
    rename_run(viewer, labels, "mine")
    assert names(viewer) == ["mine variance", "mine labels"]
    run(viewer, found)
    assert names(viewer) == ["mine variance", "mine labels", "run variance", "run labels"]
    assert summarize_run(labels).name == "mine"


def test_what_was_made_of_a_run_takes_its_name(viewer, found):
    labels = run(viewer, found)
    near = show_derived(viewer, labels, "affinity", Image, np.ones((4, 6)))
    rename_run(viewer, labels, "mine")
    assert find_derived_layer(viewer, labels, "affinity") is near
    assert near.name == "mine affinity"


def test_a_runs_layers_are_removed_and_no_others(viewer, found):
    labels, other = run(viewer, found), run(viewer, found, "other")
    show_derived(viewer, labels, "affinity", Image, np.ones((4, 6)))
    show_derived(viewer, other, "affinity", Image, np.ones((4, 6)))
    viewer.layers["run variance"].name = "a user's"
    remove_run(viewer, labels)
    assert names(viewer) == ["a user's", "other variance", "other labels", "other affinity"]


def test_a_labels_layer_that_the_user_renamed_is_a_run_too(viewer, found):
    labels = run(viewer, found)
    labels.name = "before"
    run(viewer, found)
    assert summarize_run(labels).name == "before"
    rename_run(viewer, labels, "first")
    remove_run(viewer, labels)
    assert names(viewer) == ["run variance", "run labels"]


CALL = {"segmenter": "lns", "model": "mine", "method": "exact", "seed": 0}


def of_image(viewer: ViewerModel, found: Segmentation, call: dict) -> list[Layer]:
    """Run on the viewer's first image as the Segment widget does."""
    image = viewer.layers["image"]
    parameters = {"method": call["method"], "seed": call["seed"]}
    model = {"name": "mine" if call["model"] == AUTO else call["model"]}
    own = replace(found, record={**RECORD, "model": model, "parameters": parameters})
    made = put(viewer, plan_layers({0: own}), run_name(viewer, image, call), over=image)
    hide_other_runs(viewer, made)
    return made


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"seed": 3}, "image (seed 3)"),
        ({"method": "sampled"}, "image (sampled)"),
        ({"model": "other-ae"}, "image (other-ae)"),
        ({"model": "other-ae", "seed": 3}, "image (other-ae, seed 3)"),
        ({"model": AUTO, "seed": 3}, "image (seed 3)"),
        ({"model": AUTO}, "image"),
        ({"samples": 9}, "image"),
    ],
)
def test_a_name_says_what_sets_a_run_apart(viewer, found, changed, name):
    viewer.add_image(found.image, name="image", rgb=True)
    of_image(viewer, found, CALL)
    assert run_name(viewer, viewer.layers["image"], {**CALL, **changed}) == name


def test_the_same_run_again_replaces_its_own_layers(viewer, found):
    viewer.add_image(found.image, name="image", rgb=True)
    for seed in (0, 1, 0, 1):
        of_image(viewer, found, {**CALL, "seed": seed})
    seeded = ["image (seed 1) variance", "image (seed 1) labels"]
    assert names(viewer) == ["image", "image variance", "image labels", *seeded]


def test_a_new_run_hides_the_older_ones_of_its_image_and_is_seen_as_they_were(viewer, found):
    viewer.add_image(found.image, name="image", rgb=True)
    variance, labels = of_image(viewer, found, CALL)
    variance.visible = True
    pin = show_derived(viewer, labels, "affinity", Image, np.ones((4, 6)))
    other = run(viewer, found, "elsewhere")
    newest = of_image(viewer, found, {**CALL, "seed": 1})
    assert not any(each.visible for each in (variance, labels, pin, other))
    assert all(each.visible for each in newest)


def test_the_selected_layers_run_is_removed(viewer, found):
    viewer.add_image(found.image, name="image", rgb=True)
    variance, _ = of_image(viewer, found, CALL)
    of_image(viewer, found, {**CALL, "seed": 1})
    viewer.layers.selection.active = variance
    remove_selected_run(viewer)
    left = ["image", "image (seed 1) variance", "image (seed 1) labels"]
    assert names(viewer) == left
    viewer.layers.selection.active = viewer.layers["image"]
    remove_selected_run(viewer)
    assert names(viewer) == left
