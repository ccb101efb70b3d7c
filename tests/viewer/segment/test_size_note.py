"""An image that has not the networks' size: what happens is said, shown, and can be changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Shapes

from napari_lns.viewer.segment.image_form import ImageForm
from napari_lns.viewer.segment.size_note import NO_SELECTION

PATIENCE = 60_000  # milliseconds


@pytest.fixture
def form(qtbot: Any) -> ImageForm:
    viewer = ViewerModel()
    image = np.zeros((100, 200, 3), np.float32)
    image[:, 100:] = 1
    viewer.add_image(image, rgb=True, name="wide")
    form = ImageForm(viewer)
    qtbot.addWidget(form)
    return form


def test_the_note_is_there_only_for_images_of_another_size(form: ImageForm) -> None:
    note = form.size_note
    assert not note.isHidden()
    assert note.note.text().startswith(
        "100 × 200 pixels: for networks of 64 × 64 pixels, the image is resized"
    )
    note.fit.setCurrentIndex(1)
    assert "scaled and padded" in note.note.text()
    form._viewer.add_image(np.zeros((64, 64, 3), np.float32), rgb=True, name="right")
    form.layer.choose(form._viewer.layers["right"])
    assert note.isHidden()


def test_what_the_network_receives_is_shown(form: ImageForm, qtbot: Any) -> None:
    layers = form._viewer.layers
    form.size_note.show_fitted()
    qtbot.waitUntil(lambda: "wide (resize)" in layers, timeout=PATIENCE)
    assert layers["wide (resize)"].data.shape == (64, 64, 3)
    assert np.allclose(layers["wide (resize)"].data[:, :30], 0)


def test_the_image_is_cropped_to_the_selected_rectangle(form: ImageForm) -> None:
    form.size_note.crop()
    assert form.size_note.note.text() == NO_SELECTION
    corners = [[9.5, 79.5], [9.5, 119.5], [49.5, 119.5], [49.5, 79.5]]
    form._viewer.add_layer(Shapes([corners], shape_type="rectangle"))
    form.size_note.crop()
    cropped = form._viewer.layers["wide cropped"].data
    assert cropped.shape == (40, 40, 3)
    assert cropped[:, :20].max() == 0
    assert cropped[:, 20:].min() == 1
