"""Run with control: a stimulus beside its control, the law's measure of each, and the fit."""

from __future__ import annotations

import numpy as np
import pytest

from napari_lns import stimuli
from napari_lns._levels import Level
from napari_lns.viewer.layers.notes import read_note
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.control_layers import add_control, read_stimulus, show_with_control
from napari_lns.viewer.segment.fit_label import warning
from napari_lns.viewer.segment.widget import SegmentWidget


@pytest.fixture
def viewer():
    from napari.components import ViewerModel

    return ViewerModel()


def test_the_control_lies_beside_its_stimulus_and_is_replaced_by_the_next(viewer):
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa_figure"))
    given = show_with_control(viewer, image)
    assert [each.parameters["inducers"] for each in given.values()] == ["facing", "turned"]
    control = viewer.layers["kanizsa_figure control"]
    assert control.translate[1] > image.data.shape[1]
    show_with_control(viewer, image)
    assert len(viewer.layers) == 4


def test_a_new_control_comes_into_view(viewer):
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa_figure"))
    before = viewer.scene.camera.center[-1]
    show_with_control(viewer, image)
    assert viewer.scene.camera.center[-1] > before + 20  # between the two
    viewer.scene.camera.center = (0, 1, 2)
    show_with_control(viewer, image)
    assert viewer.scene.camera.center == (0, 1, 2)  # one that is only drawn again leaves the view


def test_an_image_without_control_is_refused_with_what_to_do(viewer):
    photo = viewer.add_image(np.zeros((8, 8, 3)), rgb=True, name="photo")
    with pytest.raises(
        ValueError, match="“photo” is not a stimulus: only a stimulus has a control"
    ):
        show_with_control(viewer, photo)
    with pytest.raises(ValueError, match="There is no image"):
        show_with_control(viewer, None)
    leaves, _ = add_stimulus(viewer, stimuli.draw("dead_leaves"))
    with pytest.raises(ValueError, match="'dead_leaves' has no control: these stimuli have one"):
        show_with_control(viewer, leaves)
    assert [layer.name for layer in viewer.layers if "control" in layer.name] == []


def test_a_stimulus_whose_pixels_were_changed_is_refused(viewer):
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa_figure"))
    image.data = np.zeros_like(image.data)
    with pytest.raises(ValueError, match="are not those of its stimulus"):
        read_stimulus(image)


def test_layers_of_a_control_keep_its_record(viewer):
    image, _ = add_stimulus(viewer, stimuli.draw("closure"))
    control = stimuli.draw("closure", **stimuli.control("closure"))
    layer = add_control(viewer, image, control)
    assert read_note(layer).stimuli == (control.record,)


def test_the_warning_is_of_the_worst_level_and_counts_the_others():
    fits, doubtful = (
        {"fit": {"level": level, "sentence": f"it is {level}"}} for level in ("fits", "doubtful")
    )
    assert warning([fits]) == ""
    assert warning([]) == ""
    assert warning([fits, doubtful, doubtful]) == "Doubtful: it is doubtful (and 1 more)."


def test_a_run_with_control_shows_both_with_measures_and_without_a_warning(
    make_napari_viewer_proxy, qtbot
):
    viewer = make_napari_viewer_proxy()
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa_figure"))
    widget = SegmentWidget(viewer)
    qtbot.addWidget(widget)
    widget.layer.choose(image)
    widget.form.set_call({"model": "kanizsa-figure", "method": "exact"})
    widget.control_button.click()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=60_000)
    stimulus, control = widget.results
    assert {"kanizsa_figure labels", "kanizsa_figure control labels"} <= {
        layer.name for layer in viewer.layers
    }
    words = widget.score.text()
    assert words.startswith("ARI 0.9")
    assert "measure 0." in words
    assert "control " in words
    assert widget.fit.text() == Level.FITS
    assert widget.message.text() == ""
    assert stimulus.record["stimulus"] != control.record["stimulus"]


def test_an_image_out_of_distribution_is_warned_of_in_its_colour(make_napari_viewer_proxy, qtbot):
    viewer = make_napari_viewer_proxy()
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa_figure"))
    widget = SegmentWidget(viewer)
    qtbot.addWidget(widget)
    widget.layer.choose(image)
    widget.form.set_call({"model": "occluded-bar", "method": "exact"})
    widget.run_button.click()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=60_000)
    assert widget.fit.text() == Level.OUT
    assert Level.OUT.colour in widget.fit.styleSheet()
    assert widget.message.text().startswith("Out of distribution: the reconstruction leaves")


def test_a_control_that_does_not_exist_is_explained_and_nothing_is_lost(
    make_napari_viewer_proxy, qtbot
):
    viewer = make_napari_viewer_proxy()
    add_stimulus(viewer, stimuli.draw("dead_leaves"))
    widget = SegmentWidget(viewer)
    qtbot.addWidget(widget)
    widget.control_button.click()
    assert "'dead_leaves' has no control" in widget.message.text()
    assert widget.run.state is State.IDLE
    assert len(viewer.layers) == 2
