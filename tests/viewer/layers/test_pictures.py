"""What can be segmented, and the sentence for what cannot."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_lns import Segmentation, Stimulus, stimuli
from napari_lns.viewer.layers.images import (
    has_alpha,
    image_sources,
    is_source_image,
    why_not_segmentable,
)
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.layers.stimulus import add_stimulus

WRONG = {
    "Add an image first": None,
    "is not an image": Labels(np.ones((4, 4), int)),
    "multiscale": Image([np.zeros((8, 8)), np.zeros((4, 4))], multiscale=True),
    "has 4 axes": Image(np.zeros((2, 2, 4, 4))),
    "one pixel": Image(np.zeros((1, 1))),
    "crop it": Image(da.zeros((9000, 9000), dtype=np.uint8), contrast_limits=(0, 255)),
}


@pytest.mark.parametrize("told", WRONG)
def test_a_wrong_layer_is_reported(told):
    sentence = why_not_segmentable(WRONG[told])
    assert told in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (np.zeros((4, 4, 3)), 1),
        (np.zeros((4, 5), np.uint16), 1),
        (np.zeros((2, 4, 5), bool), 2),
        (da.zeros((3, 4, 5, 3), dtype=np.float32), 3),
    ],
    ids=["colour", "16 bits", "stack of masks", "lazy stack"],
)
def test_images_and_stacks_are_taken(data, count):
    layer = Image(data, contrast_limits=(0, 1), rgb=data.shape[-1] == 3)
    assert not why_not_segmentable(layer)
    pictures = [given.read() for given in image_sources(layer)]
    assert len(pictures) == count
    assert all(
        picture.shape[:2] == (4, data.shape[-2 if layer.rgb else -1]) for picture in pictures
    )


def test_a_stacks_one_slice_can_be_taken():
    layer = Image(np.stack([np.zeros((4, 4)), np.ones((4, 4))]))
    (given,) = image_sources(layer, 1)
    assert (given.index, given.count) == (1, 2)
    assert given.read().all()


def test_sixteen_bits_become_zero_to_one():
    layer = Image(np.array([[0, 65535]], np.uint16))
    assert image_sources(layer)[0].read().tolist() == [[0, 1]]


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_values_outside_zero_to_one_are_scaled_as_they_are_seen(dtype):
    layer = Image(np.array([[-100, 0, 100, 300]], dtype), contrast_limits=(0, 200))
    assert not why_not_segmentable(layer)
    assert image_sources(layer)[0].read().tolist() == [[0, 0, 0.5, 1]]
    inside = Image(np.array([[0, 0.5]], np.float32), contrast_limits=(0, 0.5))
    assert image_sources(inside)[0].read().tolist() == [[0, 0.5]]


@pytest.mark.parametrize("full", [np.uint8(255), np.float32(1), np.uint16(65535)])
def test_what_is_transparent_shows_the_background(full):
    colours = np.zeros((1, 2, 4), full.dtype)
    colours[0, 1] = full  # one pixel is transparent, the other white
    layer = Image(colours, rgb=True)
    assert has_alpha(layer)
    assert not why_not_segmentable(layer)
    for grey in (0.0, 0.5, 1.0):
        image = image_sources(layer, background=grey)[0].read()
        assert image[0, :, 0].tolist() == [grey, 1]


def test_a_stimulus_is_known_by_its_record_until_its_pixels_change():
    image, _ = add_stimulus(ViewerModel(), stimuli.draw("kanizsa"))
    assert isinstance(image_sources(image)[0].read(), Stimulus)
    image.data = 1 - image.data
    assert isinstance(image_sources(image)[0].read(), np.ndarray)


def test_maps_of_runs_are_no_images():
    viewer = ViewerModel()
    found = Segmentation(np.zeros((4, 4, 3)), np.ones((4, 4)), variance=np.ones((4, 4)))
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa"))
    put(viewer, plan_layers({0: found}), "run")
    assert [layer for layer in viewer.layers if is_source_image(layer)] == [image]
