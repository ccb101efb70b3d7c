"""What a `Stimulus` holds, keeps and refuses."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from napari_lns.stimuli import Stimulus, draw

IMAGE = np.full((4, 6, 3), 0.5, np.float32)
LABELS = np.zeros((4, 6), np.int32)


def stimulus(**changes) -> Stimulus:
    fields = {"image": IMAGE, "labels": LABELS, "label_names": {0: "background"}} | changes
    return Stimulus(**fields)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": IMAGE[..., 0]}, "image has the shape (4, 6): it must be (height, width, 3)"),
        ({"image": IMAGE[:0]}, "image has the shape (0, 6, 3): it must be (height, width, 3)"),
        (
            {"image": np.broadcast_to(0.5, (10**5, 10**5, 3))},
            "the image has 100000 × 100000 pixels",
        ),
        ({"image": IMAGE * np.nan}, "image holds NaN or infinite values"),
        ({"image": IMAGE * 3}, "image has values from 1.5 to 1.5: they must lie in [0, 1]"),
        ({"labels": LABELS[1:]}, "labels have the shape (3, 6): the image's is (4, 6)"),
        ({"labels": LABELS - 1}, "labels must be whole numbers from 0 (background) on"),
        ({"labels": LABELS + 0.5}, "labels must be whole numbers from 0 (background) on"),
        ({"labels": LABELS * np.nan}, "labels must be whole numbers from 0 (background) on"),
        ({"labels": LABELS + 2.0**40}, "labels must be whole numbers from 0 (background) on"),
        ({"labels": np.full((4, 6), "a")}, "labels must be whole numbers from 0 (background) on"),
        ({"labels": LABELS + 3}, "label_names lacks a name for the labels [3]"),
        ({"parts": {"rim": LABELS[1:]}}, "part 'rim' has the shape (3, 6): the image's is (4, 6)"),
        ({"parameters": {"a": object()}}, "parameters must be JSON-compatible"),
        ({"parameters": {"a": float("nan")}}, "parameters must be JSON-compatible"),
        ({"seed": -1}, "seed is -1: it must be a whole number from 0 on"),
        ({"seed": 1.5}, "seed is 1.5: it must be a whole number from 0 on"),
        ({"seed": None}, "seed is None: it must be a whole number from 0 on"),
        ({"seed": True}, "seed is True: it must be a whole number from 0 on"),
    ],
)
def test_an_invalid_field_is_refused_by_name(changes, message) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        stimulus(**changes)


def test_it_is_frozen_and_its_arrays_too() -> None:
    one = stimulus(parts={"rim": LABELS == 0})
    with pytest.raises(FrozenInstanceError):
        one.seed = 2
    for array in (one.image, one.labels, one.parts["rim"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_what_was_given_can_change_without_changing_it() -> None:
    image = IMAGE.copy()
    one = stimulus(image=image)
    image[:] = 0
    assert one.image.min() == 0.5


def test_it_is_equal_by_value() -> None:
    assert stimulus() == stimulus()
    assert stimulus() != stimulus(seed=1)
    assert stimulus() != replace(stimulus(), parts={"rim": LABELS == 0})
    assert stimulus() != "a stimulus"


def test_numpy_values_in_parameters_become_plain() -> None:
    one = stimulus(parameters={"a": np.float64(0.5), "b": np.arange(2), "c": {"d": (1, 2)}})
    assert one.record["parameters"] == {"a": 0.5, "b": [0, 1], "c": {"d": [1, 2]}}


def test_pickling_keeps_everything() -> None:
    one = draw("kanizsa_figure", seed=3)
    assert pickle.loads(pickle.dumps(one)) == one


def test_redraw_from_json_gives_the_same_pixels() -> None:
    one = draw("contour_integration", noise=0.1, seed=5, foreground=np.float32([0.1, 0.2, 0.3]))
    assert Stimulus.from_record(json.loads(json.dumps(one.record))) == one == one.redraw()


def test_a_record_without_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="the record lacks parameters, seed"):
        Stimulus.from_record({"name": "kanizsa_figure"})


def test_a_stimulus_of_no_registry_cannot_be_redrawn() -> None:
    with pytest.raises(ValueError, match=r"there is no stimulus 'photo\.png'"):
        stimulus(name="photo.png").redraw()
