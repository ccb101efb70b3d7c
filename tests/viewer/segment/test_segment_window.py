"""The Segment widget in real windows: runs, cuts, cancels, and survives what users do meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import napari
import numpy as np
import pytest
from napari.layers import Layer
from qtpy.QtCore import Qt, QThreadPool
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QComboBox, QLabel

from napari_lns import Segmentation, segment, stimuli
from napari_lns.viewer.layers.notes import find_segmentation
from napari_lns.viewer.layers.readers import find_reader, run_layer_data, stimuli_layer_data
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.preferences import remember
from napari_lns.viewer.qt.controls import ParameterForm
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment import jobs
from napari_lns.viewer.segment.image_form import ALL, SELECTED
from napari_lns.viewer.segment.widget import SegmentWidget

PATIENCE = 60_000  # milliseconds

Opened = tuple[napari.Viewer, SegmentWidget]


@pytest.fixture
def opened(make_napari_viewer_proxy, qtbot) -> Iterator[Opened]:
    remember("segment", {})
    viewer = make_napari_viewer_proxy()
    add_stimulus(viewer, stimuli.draw("kanizsa"))
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Segment")
    widget.form.set_call({"model": "kanizsa-ae", "device": "cpu", "samples": 40, "batch": 4})
    yield viewer, widget
    widget.run.cancel()
    finish(widget, qtbot)
    QThreadPool.globalInstance().waitForDone()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each step of a run long enough for something to happen meanwhile."""
    steps = jobs.iter_segment

    def slowly(*arguments: Any, **keywords: Any) -> Iterator[Any]:
        for step in steps(*arguments, **keywords):
            time.sleep(0.02)
            yield step

    monkeypatch.setattr(jobs, "iter_segment", slowly)


def finish(widget: SegmentWidget, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    widget.run_layers.put_all()


def run(widget: SegmentWidget, qtbot: Any) -> None:
    widget.run_button.click()
    assert widget.run.state is State.RUNNING
    finish(widget, qtbot)


def has_labels(viewer: napari.Viewer) -> bool:
    return any(layer.name.endswith(" labels") for layer in viewer.layers)


def shown(widget: SegmentWidget, qtbot: Any, what: Callable[[], bool]) -> None:
    qtbot.waitUntil(what, timeout=PATIENCE)


def test_a_session_runs_cuts_and_groups_anew(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    labels = viewer.layers["kanizsa labels"]
    wanted = segment(stimuli.draw("kanizsa"), "kanizsa-ae", samples=40, device="cpu", batch=4)
    assert np.array_equal(labels.data, wanted.labels)
    assert widget.score.text().startswith("ARI 0.")
    widget.cut.segments.setValue(5)
    shown(widget, qtbot, lambda: labels.data.max() == 5)
    assert np.array_equal(labels.data, wanted.cut(5))
    widget.cut.cut_height.setValue(100)
    shown(widget, qtbot, lambda: labels.data.max() == 1)
    widget.form.set_call({**widget.form.call(), "clusterer": "kmeans"})
    assert widget.run.state is State.RUNNING
    finish(widget, qtbot)
    assert not widget.cut.cut_height.isEnabled()
    assert "no merge tree" in widget.cut.cut_height.toolTip()
    assert "kanizsa boundaries" not in viewer.layers  # those of the tree that is gone
    assert len(viewer.layers) == 6


def test_nothing_is_said_about_a_run_whose_layers_are_all_gone(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    viewer.layers.remove("kanizsa ground truth")
    assert widget.score.text().startswith("ARI 0.")
    viewer.layers.clear()
    assert widget.score.text() == ""
    assert not widget.fit.isVisibleTo(widget)
    viewer.dims.events.current_step()  # as a new stack's slider does
    assert widget.score.text() == ""


@pytest.mark.usefixtures("slow")
def test_results_come_while_it_goes_and_cancel_keeps_the_last(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    widget.form.set_call({**widget.form.call(), "samples": 4000})
    widget.run_button.click()
    shown(widget, qtbot, lambda: has_labels(viewer))
    assert widget.progress.isVisibleTo(widget)
    assert "left" in widget.progress.format()
    kept = viewer.layers["kanizsa labels"].data.copy()
    begun = time.monotonic()
    widget.run_button.click()
    assert time.monotonic() - begun < 0.5
    assert widget.run_button.text() == "Cancelling…"
    assert not widget.run_button.isEnabled()
    finish(widget, qtbot)
    assert time.monotonic() - begun < 5
    assert np.array_equal(viewer.layers["kanizsa labels"].data, kept)
    assert widget.run_button.text() == "&Run"
    assert widget.run_button.isEnabled()


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("what", ["removed", "renamed", "reordered", "replaced", "resized"])
def test_layers_may_change_while_it_runs(opened: Opened, qtbot: Any, what: str) -> None:
    viewer, widget = opened
    image = viewer.layers["kanizsa"]
    widget.form.set_call({"model": "kanizsa-ae", "device": "cpu", "samples": 400, "batch": 4})
    widget.run_button.click()
    shown(widget, qtbot, lambda: has_labels(viewer))
    if what == "removed":
        viewer.layers.clear()
    elif what == "renamed":
        image.name = "another name"
    elif what == "reordered":
        viewer.layers.move(0, 3)
    elif what == "replaced":
        image.data = np.zeros_like(image.data)
    else:
        image.data = np.zeros((10, 12, 3))
    finish(widget, qtbot)
    assert viewer.layers["kanizsa labels"].data.shape == (64, 64)
    assert widget.results[0].record["used"]["clusters"] == 3


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("what", ["widget", "viewer"])
def test_widget_and_viewer_may_be_closed_while_it_runs(
    make_napari_viewer_proxy: Any, qtbot: Any, what: str
) -> None:
    viewer = make_napari_viewer_proxy()
    add_stimulus(viewer, stimuli.draw("kanizsa"))
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget)
    widget.form.set_call({"model": "kanizsa-ae", "device": "cpu", "samples": 4000, "batch": 4})
    widget.start()
    shown(widget, qtbot, lambda: has_labels(viewer))
    if what == "widget":
        viewer.window.remove_dock_widget(widget)
        widget.deleteLater()
    else:
        viewer.close()
    threads = QThreadPool.globalInstance()
    qtbot.waitUntil(lambda: threads.activeThreadCount() == 0, timeout=PATIENCE)


@pytest.mark.usefixtures("slow")
def test_two_viewers_run_at_once(opened: Opened, make_napari_viewer_proxy, qtbot) -> None:
    first, one = opened
    second = make_napari_viewer_proxy()
    add_stimulus(second, stimuli.draw("kanizsa", index=1))
    other = SegmentWidget(second)
    second.window.add_dock_widget(other)
    other.form.set_call(one.form.call())
    one.start()
    other.start()
    finish(one, qtbot)
    finish(other, qtbot)
    assert has_labels(first)
    assert has_labels(second)


def test_a_whole_stack_and_several_layers_are_taken(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    images = [stimuli.draw("kanizsa", index=index).image for index in range(2)]
    stack = viewer.add_image(np.stack(images), rgb=True, name="stack")
    widget.layer.choose(stack)
    widget.apply_to.setCurrentText(ALL)
    run(widget, qtbot)
    assert viewer.layers["stack labels"].data.shape == (2, 64, 64)
    assert all(each.max() == 3 for each in viewer.layers["stack labels"].data)
    widget.apply_to.setCurrentText(SELECTED)
    viewer.layers.selection = {viewer.layers["kanizsa"], stack}
    run(widget, qtbot)
    assert len(widget.results) == 3
    assert viewer.layers["kanizsa labels"].data.shape == (64, 64)


def test_one_slice_after_another_fills_a_stack(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    images = [stimuli.draw("kanizsa", index=index).image for index in range(2)]
    widget.layer.choose(viewer.add_image(np.stack(images), rgb=True, name="stack"))
    for place in range(2):
        viewer.dims.set_current_step(0, place)
        run(widget, qtbot)
    labels = viewer.layers["stack labels"]
    first = labels.data[0].copy()
    assert [int(each.max()) for each in labels.data] == [3, 3]
    widget.cut.segments.setValue(5)
    shown(widget, qtbot, lambda: labels.data[1].max() == 5)
    assert np.array_equal(labels.data[0], first)
    assert find_segmentation(labels, 0) is not None


def test_no_selected_layer_is_reported(opened: Opened) -> None:
    viewer, widget = opened
    widget.apply_to.setCurrentText(SELECTED)
    viewer.layers.selection = {viewer.layers["kanizsa ground truth"]}
    assert "Select image layers" in widget.run_button.toolTip()
    assert not widget.run_button.isEnabled()
    viewer.layers.selection = {viewer.layers["kanizsa"]}
    assert widget.run_button.isEnabled()


def test_no_model_is_reported(opened: Opened) -> None:
    _, widget = opened
    widget.form.model.findChild(QComboBox).clear()
    assert "Choose a model first" in widget.run_button.toolTip()
    assert not widget.run_button.isEnabled()


def test_a_layer_that_has_become_a_wrong_one_is_reported_when_run(opened: Opened) -> None:
    viewer, widget = opened
    viewer.layers["kanizsa"].data = np.zeros((1, 1, 3))
    widget.run_button.click()
    assert widget.run.state is State.IDLE
    assert "one pixel" in widget.message.text()


def test_a_method_that_needs_no_model_asks_for_none(opened: Opened) -> None:
    _, widget = opened
    widget.form.set_call({**widget.form.call(), "segmenter": "dwc", "source": "vit"})
    assert not widget.form.model.isEnabled()
    assert widget.form.call()["model"] is None
    widget.form.set_call({**widget.form.call(), "source": "lns"})
    assert widget.form.model.isEnabled()
    assert widget.form.call()["model"] == "kanizsa-ae"


def test_a_factor_for_each_unit_is_typed_as_several_numbers(opened: Opened) -> None:
    _, widget = opened
    (form,) = (each for each in widget.findChildren(ParameterForm) if "unit_scale" in each.values())
    form.control("unit_scale").setText("1, 0.5 0")
    given = widget.form.parameters()["unit_scale"]
    assert given == [1.0, 0.5, 0.0]
    widget.form.method.parameters["unit_scale"].check(given)


def test_a_run_that_is_opened_is_taken_over(opened: Opened, qtbot: Any, tmp_path: Path) -> None:
    """Cut again, exported, and written as a script, as if it had been found here."""
    viewer, widget = opened
    call = {"samples": 12, "seed": 9, "clusters": 4, "device": "cpu"}
    segment(stimuli.draw("kanizsa"), "closure-ae", **call).save(tmp_path / "mine.npz")
    for layer in find_reader(str(tmp_path / "mine.npz"))(str(tmp_path / "mine.npz")):
        viewer.add_layer(Layer.create(*layer))
    shown(widget, qtbot, lambda: bool(widget.results))
    assert widget.layer.currentText() == "mine"
    own = widget.call()
    assert {name: own[name] for name in call} == call
    assert own["model"] == "closure-ae"
    labels, count = viewer.layers["mine labels"], len(viewer.layers)
    widget.cut.segments.setValue(6)
    shown(widget, qtbot, lambda: labels.data.max() == 6)
    assert len(viewer.layers) == count
    widget.export_menu.export(tmp_path / "figure.png")
    shown(widget, qtbot, lambda: "Wrote" in widget.message.text())
    widget.export_menu.copy_script()
    shown(widget, qtbot, lambda: "clipboard" in widget.message.text())
    assert "result.cut(6)" in QApplication.clipboard().text()
    widget.export_menu.save(tmp_path / "nowhere" / "run.npz")
    shown(widget, qtbot, lambda: "nowhere" in widget.message.text())


def test_the_suggested_model_follows_the_stimulus_and_another_stays(
    make_napari_viewer_proxy: Any, qtbot: Any
) -> None:
    remember("segment", {})
    viewer = make_napari_viewer_proxy()
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Segment")
    box = widget.form.model.findChild(QComboBox)
    for name in ("closure", "kanizsa"):
        image, _ = add_stimulus(viewer, stimuli.draw(name))
        widget.layer.choose(image)
        assert widget.call()["model"].startswith(name)
        assert box.currentText() == f"Suggested ({widget.call()['model']})"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    chosen = widget.call()["model"]
    widget.layer.choose(viewer.layers["closure"])
    assert widget.call()["model"] == chosen
    QTest.keyClick(box, Qt.Key.Key_Home)
    assert widget.call()["model"].startswith("closure")


def test_layers_that_the_user_cleared_do_not_come_back(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    widget.start()
    finish(widget, qtbot)
    viewer.layers.clear()
    widget.wait()
    QApplication.processEvents()  # what was asked for while they went is answered now
    assert not viewer.layers


def test_a_run_that_was_opened_before_the_widget_is_taken_over(
    make_napari_viewer_proxy: Any, qtbot: Any
) -> None:
    viewer = make_napari_viewer_proxy()
    found = Segmentation(np.zeros((4, 4, 3)), np.ones((4, 4)))
    for layer in run_layer_data(found, "mine"):
        viewer.add_layer(Layer.create(*layer))
    widget = SegmentWidget(viewer)
    qtbot.addWidget(widget)
    shown(widget, qtbot, lambda: widget.results == [found])
    viewer.layers["mine"].name = "renamed"
    viewer.layers.clear()


def test_wrong_layers_are_reported_and_the_button_says_why(opened: Opened) -> None:
    viewer, widget = opened
    viewer.layers.clear()
    assert "Add an image first" in widget.message.text()
    assert not widget.run_button.isEnabled()
    assert widget.run_button.toolTip() == widget.message.text()
    viewer.add_image(np.zeros((2, 2, 4, 5)), name="four")
    assert "has 4 axes" in widget.message.text()
    viewer.add_image(np.zeros((4, 4)), name="good")
    widget.layer.choose(viewer.layers["good"])
    assert widget.run_button.isEnabled()


def test_what_a_run_refuses_is_reported(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    image = viewer.add_image(np.full((8, 8), np.nan), contrast_limits=(0, 1), name="nan")
    widget.layer.choose(image)
    run(widget, qtbot)
    assert "NaN" in widget.message.text()
    assert widget.run_button.isEnabled()


def test_a_broken_model_file_is_reported(opened: Opened, qtbot: Any, tmp_path: Any) -> None:
    _, widget = opened
    file = tmp_path / "broken.safetensors"
    file.write_bytes(b"nothing")
    widget.form.model.choose(str(file))
    run(widget, qtbot)
    assert "broken.safetensors" in widget.message.text()


def test_every_control_tells_what_it_is_and_has_a_key(opened: Opened) -> None:
    _, widget = opened
    buddies = [label.buddy() for label in widget.findChildren(QLabel) if label.buddy()]
    assert all(buddy.toolTip() for buddy in buddies)
    assert len(buddies) > 15
    assert widget.minimumSizeHint().width() <= 320
    assert widget.minimumSizeHint().height() <= 500


def test_it_opens_as_it_was_left(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    widget.form.set_call({**widget.form.call(), "seed": 7, "samples": 12, "method": "exact"})
    widget.cut.set_clusters("auto")
    remember("segment", {"call": widget.call(), "take": ALL})
    again = SegmentWidget(viewer)
    qtbot.addWidget(again)
    widget.form.model.choose(again.form.model.model())
    assert again.call() == widget.call()
    assert again.apply_to.currentText() == ALL


def test_a_model_that_was_chosen_once_is_not_chosen_for_ever(opened: Opened, qtbot: Any) -> None:
    """Another image may need another network."""
    viewer, widget = opened
    widget.form.model.choose("kanizsa-vae")
    remember("segment", widget._state())
    other, _ = add_stimulus(viewer, stimuli.draw("closure"))
    again = SegmentWidget(viewer)
    qtbot.addWidget(again)
    again.layer.choose(other)
    assert again.call()["model"].startswith("closure")


def test_the_layer_box_forgets_layers_that_are_gone(opened: Opened) -> None:
    viewer, widget = opened
    viewer.layers["kanizsa"].name = "renamed"
    assert widget.layer.currentText() == "renamed"
    viewer.layers.remove("renamed")
    assert widget.layer.layer() is None


def test_an_answer_about_images_that_were_left_is_dropped(opened: Opened, qtbot: Any) -> None:
    """New segments are asked for, and before they come another image is run."""
    viewer, widget = opened
    run(widget, qtbot)
    other = viewer.add_image(stimuli.draw("kanizsa", index=1).image, rgb=True, name="other")
    widget.cut.segments.setValue(5)
    widget.layer.choose(other)
    widget.run_button.click()
    finish(widget, qtbot)
    assert viewer.layers["other labels"].data.max() == 5
    widget.cut.segments.setValue(4)
    shown(widget, qtbot, lambda: viewer.layers["other labels"].data.max() == 4)


def test_runs_are_opened_one_upon_another(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    results = []
    for name in ("first", "second"):
        found = Segmentation(np.zeros((4, 4, 3)), np.ones((4, 4)))
        results.append(found)
        for layer in run_layer_data(found, name):
            viewer.add_layer(Layer.create(*layer))
    shown(widget, qtbot, lambda: widget.results == results[1:])


def test_the_first_run_is_scored_though_its_widget_was_there_before(
    make_napari_viewer_proxy: Any, qtbot: Any
) -> None:
    viewer = make_napari_viewer_proxy()
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Segment")
    add_stimulus(viewer, stimuli.draw("kanizsa"))
    assert widget.ground_truth.currentText() == "kanizsa ground truth"
    widget.form.set_call({"model": "kanizsa-ae", "device": "cpu", "samples": 8})
    run(widget, qtbot)
    assert widget.score.text().startswith("ARI")


def test_layers_that_come_change_nothing_that_the_user_chose(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    widget.ground_truth.setCurrentIndex(0)
    widget.ground_truth.activated.emit(0)  # as a mouse does
    shown(widget, qtbot, lambda: not widget.score.text())
    viewer.layers.remove("kanizsa variance")
    widget.message.setText("Wrote something.")
    viewer.add_image(np.zeros((4, 4)), name="another")
    viewer.layers["another"].name = "renamed"
    widget.wait()
    QApplication.processEvents()
    assert widget.ground_truth.layer() is None
    assert widget.message.text() == "Wrote something."
    assert "kanizsa variance" not in viewer.layers


@pytest.fixture
def stack(opened: Opened) -> Layer:
    """Three images with their ground truth, as a sample adds them; the first axis is named."""
    viewer, widget = opened
    drawn = [stimuli.draw("kanizsa", index=index) for index in range(3)]
    layers = [viewer.add_layer(Layer.create(*each)) for each in stimuli_layer_data(drawn, "stack")]
    widget.layer.choose(layers[0])
    widget.form.set_call({**widget.form.call(), "method": "exact"})
    return layers[0]


def test_a_stacks_slider_has_a_name_and_each_image_its_score(
    opened: Opened, stack: Layer, qtbot: Any
) -> None:
    viewer, widget = opened
    assert viewer.dims.axis_labels[0] == "image"
    viewer.dims.set_current_step(0, 1)
    run(widget, qtbot)
    assert widget.score.text().endswith("(image 1)")
    viewer.dims.set_current_step(0, 2)
    assert widget.score.text() == ""
    widget.apply_to.setCurrentText(ALL)
    run(widget, qtbot)
    assert "(image 2), mean ARI" in widget.score.text()
    viewer.dims.set_current_step(0, 0)
    assert "(image 0), mean ARI" in widget.score.text()


def test_the_image_that_is_shown_is_run_though_the_viewer_has_more_axes(
    opened: Opened, stack: Layer, qtbot: Any
) -> None:
    viewer, widget = opened
    viewer.add_image(np.zeros((5, 3, 64, 64)), name="four axes")
    widget.layer.choose(stack)
    viewer.dims.set_current_step((0, 1), (4, 2))
    run(widget, qtbot)
    (picture,) = widget._results
    assert picture.index == 2


def test_maps_of_a_stack_are_scaled_by_the_images_that_have_a_result(
    opened: Opened, stack: Layer, qtbot: Any
) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    variance = viewer.layers["stack variance"]
    own = float(np.quantile(widget.results[0].variance, 0.995))
    assert variance.contrast_limits == pytest.approx([0, own])


def test_a_widget_that_is_opened_again_resumes_its_run(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    viewer.layers["kanizsa variance"].name = "mine now"
    again = SegmentWidget(viewer)
    qtbot.addWidget(again)
    shown(again, qtbot, lambda: bool(again.results))
    assert again.results == widget.results
    assert again.call()["samples"] == 40
    again.cut.segments.setValue(6)
    shown(again, qtbot, lambda: viewer.layers["kanizsa labels"].data.max() == 6)


def test_labels_of_earlier_runs_do_not_show_beneath_new_ones(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    viewer.layers["kanizsa labels"].name = "first"
    run(widget, qtbot)
    assert not viewer.layers["first"].visible
    assert viewer.layers["kanizsa labels"].visible


def test_escape_cancels_from_any_control(opened: Opened, slow: None, qtbot: Any) -> None:
    viewer, widget = opened
    widget.window().show()
    widget.form.set_call({**widget.form.call(), "samples": 4000})
    widget.run_button.click()
    shown(widget, qtbot, lambda: has_labels(viewer))
    assert "Escape" in widget.run_button.toolTip()
    widget.form.seed.setFocus()
    qtbot.keyClick(widget.form.seed, Qt.Key.Key_Escape)
    assert widget.run.state is not State.RUNNING


def test_buttons_stay_in_place_whatever_is_said(opened: Opened) -> None:
    _, widget = opened
    widget.window().show()
    QApplication.processEvents()
    before = widget.run_button.geometry(), widget.export_menu.geometry()
    widget.message.setText("A long message. " * 100)
    widget.score.setText("ARI 0.5")
    QApplication.processEvents()
    assert (widget.run_button.geometry(), widget.export_menu.geometry()) == before


def test_an_image_with_transparent_parts_asks_for_a_background(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    assert not widget.images.background.isVisibleTo(widget)
    image = np.zeros((16, 16, 4))
    image[4:12, 4:12] = 1
    widget.layer.choose(viewer.add_image(image, rgb=True, name="clear"))
    assert widget.images.background.isVisibleTo(widget)
    widget.images.background.setCurrentText("grey")
    run(widget, qtbot)
    assert widget.results[0].image[0, 0] == pytest.approx(0.5)


def test_the_height_of_the_cut_follows_the_number_of_segments(opened: Opened, qtbot: Any) -> None:
    viewer, widget = opened
    run(widget, qtbot)
    (found,) = widget.results
    for count in (2, 6):
        widget.cut.segments.setValue(count)
        shown(
            widget, qtbot, lambda count=count: viewer.layers["kanizsa labels"].data.max() == count
        )
        height = widget.cut.cut_height.value() / 100 * found.tree[-1, 2]
        assert found.ultrametric(height).max() == count


def test_the_number_of_segments_is_that_of_the_ground_truth_until_it_is_changed(
    make_napari_viewer_proxy: Any, qtbot: Any
) -> None:
    viewer = make_napari_viewer_proxy()
    remember("segment", {})
    lattice = stimuli.draw("dot_lattice")
    add_stimulus(viewer, lattice)
    widget = SegmentWidget(viewer)
    qtbot.addWidget(widget)
    assert widget.cut.clusters() == len(np.unique(lattice.labels))
    widget.cut.segments.setValue(5)
    viewer.add_points()  # the choice is refreshed, and not changed
    assert widget.cut.clusters() == 5
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa_figure"))
    widget.layer.choose(image)
    assert widget.cut.clusters() == 3
    viewer.add_image(np.zeros((64, 64, 3), np.float32), rgb=True)
    assert widget.cut.clusters() == 3
