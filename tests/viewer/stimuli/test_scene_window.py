"""The Scene section makes scenes of layers and files, edits them, and hands them to training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Labels, Shapes

from napari_lns.stimuli import Scene
from napari_lns.stimuli.scene import Ellipse, Line
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli import scene_section
from napari_lns.viewer.stimuli.scene_section import SceneSection
from napari_lns.viewer.stimuli.scene_shapes import scene_from_shapes
from napari_lns.viewer.stimuli.widget import StimuliWidget
from napari_lns.viewer.train import form as train_form
from napari_lns.viewer.train.widget import TrainWidget

SCENES = Path(__file__).parents[3] / "sample_data" / "scenes"
PATIENCE = 120_000  # milliseconds


def shapes() -> Shapes:
    """A disc, a line, and a triangle of the background's colour over the disc."""
    layer = Shapes(name="drawn")
    layer.add_ellipses([[50, 50], [20, 20]], face_color=[0.1, 0.1, 0.1, 1])  # middle and radii
    layer.add_lines([[80, 10], [80, 90]], edge_color=[1, 0, 0, 1], edge_width=4)
    layer.add_polygons([[50, 50], [90, 30], [90, 70]], face_color=[0.5, 0.5, 0.5, 1])
    return layer


@pytest.fixture
def section(qtbot: Any) -> SceneSection:
    section = SceneSection(ViewerModel())
    qtbot.addWidget(section)
    return section


@pytest.fixture
def shown(section: SceneSection, qtbot: Any) -> SceneSection:
    section.open(str(SCENES / "kanizsa_triangle.json"))
    qtbot.waitUntil(lambda: len(section._viewer.layers) == 2, timeout=PATIENCE)
    return section


def test_shapes_are_surfaces_in_depth_order_with_their_colours_and_ties() -> None:
    scene = scene_from_shapes(shapes(), (100, 100))
    disc, line, triangle = scene.surfaces
    assert isinstance(disc.shape, Ellipse)
    assert (disc.shape.width, disc.shape.x) == (pytest.approx(0.4), pytest.approx(0.005))
    assert isinstance(line.shape, Line)
    assert line.shape.width == pytest.approx(0.04)
    assert (line.colour, line.vary.colour) == ((1.0, 0.0, 0.0), "any")
    assert triangle.colour_of == "background"
    assert [ambiguity.kind for ambiguity in scene.ambiguities] == ["illusory"]


def test_shapes_that_cannot_be_surfaces_are_refused() -> None:
    with pytest.raises(ValueError, match="'empty' has no shapes: draw some"):
        scene_from_shapes(Shapes(name="empty"))
    clear = Shapes([[[0, 0], [0, 9], [9, 9]]], shape_type="polygon", face_color=[0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"shape 1 \(polygon\) is transparent"):
        scene_from_shapes(clear)
    bow = Shapes([[[0, 0], [9, 9], [0, 9], [9, 0]]], shape_type="polygon", face_color="black")
    with pytest.raises(ValueError, match="crosses itself"):
        scene_from_shapes(bow)


def test_without_a_scene_the_next_step_is_an_example(section: SceneSection, qtbot: Any) -> None:
    assert section.editor.isHidden()  # no list without surfaces
    assert not section.example.isHidden()
    section.example.click()
    qtbot.waitUntil(lambda: len(section._viewer.layers) == 2, timeout=PATIENCE)
    assert [section.list.item(row).text() for row in range(2)] == ["disc", "bar"]
    assert not section.editor.isHidden()
    assert section.example.isHidden()
    assert section.about.text() == "Ambiguous: occluded."


def test_a_scene_is_made_of_the_selected_layer(section: SceneSection, qtbot: Any) -> None:
    viewer = section._viewer
    section.set_from_shapes()
    assert section.message.text() == "Add a Shapes layer and select it in the layer list."
    viewer.add_layer(shapes())
    section.set_from_shapes()
    assert section.list.count() == 3
    drawn = Scene.load(SCENES / "bar_behind_disc.json").draw()
    viewer.add_image(drawn.image, rgb=True)
    viewer.add_layer(Labels(drawn.labels))
    section.hull.setChecked(True)
    section.set_from_labels()
    assert [surface.name for surface in section.scene.surfaces] == ["label 1", "label 2"]
    section.wait()


def test_a_scene_is_shown_with_its_ground_truth_and_follows_its_controls(
    shown: SceneSection, qtbot: Any
) -> None:
    image, truth = shown._viewer.layers
    assert set(np.unique(truth.data)) == {0, 1, 2}
    assert shown.list.item(0).text() == "triangle"
    assert "illusory" in shown.about.text()
    shown.form.colour_of.setCurrentIndex(0)  # its own colour: black
    shown.form._emit_changed()
    qtbot.waitUntil(lambda: image.data[36, 32].max() < 0.1, timeout=PATIENCE)
    assert len(shown._viewer.layers) == 2
    assert shown.scene.surfaces[-1].colour_of == ""


def test_a_surface_is_renamed_and_moved_and_ties_follow(shown: SceneSection) -> None:
    shown.list.item(3).setText("first")
    assert shown.scene.surfaces[0].name == "first"
    assert shown.scene.surfaces[1].colour_of == "first"
    shown.list.setCurrentRow(0)
    shown.move_surface(nearer=False)
    assert [surface.name for surface in shown.scene.surfaces][-2:] == ["triangle", "disc 3"]
    shown.list.item(0).setText("first")
    assert "two surfaces have the name 'first'" in shown.message.text()
    assert shown.scene.surfaces[-1].name == "disc 3"
    shown.wait()


def test_a_tie_in_a_circle_is_said_and_nothing_changes(shown: SceneSection) -> None:
    shown.list.setCurrentRow(3)  # disc 1, whose colour the others have
    shown.form.colour_of.setCurrentIndex(shown.form.colour_of.findData("disc 2"))
    shown.form._emit_changed()
    assert "tied in a circle" in shown.message.text()
    assert shown.scene == Scene.load(SCENES / "kanizsa_triangle.json")
    shown.wait()


def test_nine_scenes_are_shown_and_the_scene_is_saved(
    shown: SceneSection, qtbot: Any, tmp_path: Path
) -> None:
    shown.show_world()
    name = "world of kanizsa_triangle"
    qtbot.waitUntil(lambda: name in shown._viewer.layers, timeout=PATIENCE)
    assert shown._viewer.layers[name].data.shape == (3 * 68 + 4, 3 * 68 + 4, 3)
    shown.save(str(tmp_path / "mine.json"))
    assert Scene.load(tmp_path / "mine.json") == shown.scene
    shown.open(str(tmp_path / "nowhere.svg"))
    assert "check the path" in shown.message.text()


def test_a_scenes_world_is_trained_on_and_used_in_segment_meanwhile(
    make_napari_viewer_proxy: Callable[[], Any],
    qtbot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (scene_section, train_form):
        monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr("napari_lns.models.finishing.IMAGES", 16)
    monkeypatch.setattr("napari_lns.viewer.train.training.SCORED_IMAGES", 1)
    monkeypatch.setattr("napari_lns.viewer.train.training.CALIBRATION_IMAGES", 1)
    monkeypatch.setattr("napari_lns.models.training.scenes.MOST_STEPS", 100)
    monkeypatch.setattr("napari_lns.models.training.scenes.FEWEST_STEPS", 100)
    viewer = make_napari_viewer_proxy()
    widget, trainer, segment = StimuliWidget(viewer), TrainWidget(viewer), SegmentWidget(viewer)
    for each in (widget, trainer, segment):
        viewer.window.add_dock_widget(each)
    assert widget.minimumSizeHint().width() <= 320
    widget.scene.open(str(SCENES / "two_sheets.json"))
    widget.scene.train()
    assert trainer.run.state is State.RUNNING
    said: list[str] = []
    trainer.run.progressed.connect(lambda _: said.append(trainer.message.text()))
    qtbot.waitUntil(trainer.use_button.isEnabled, timeout=PATIENCE)
    trainer.use_button.click()
    qtbot.waitUntil(lambda: "two_sheets" in str(segment.form.model.model()), timeout=PATIENCE)
    qtbot.waitUntil(lambda: trainer.run.state is State.IDLE, timeout=PATIENCE)
    assert any("100 steps of 32 images take about" in text for text in said)
    assert "above the control's" in trainer.score.text()
    assert (tmp_path / "runs" / "two_sheets" / "two_sheets.safetensors").exists()
