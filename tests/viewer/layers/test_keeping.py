"""Scripts, figures, files: what can be taken away gives the same result again."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.image
import numpy as np
import pytest
from napari.components import ViewerModel

from napari_lns import Segmentation, segment, stimuli
from napari_lns.analysis.figure import make_caption, write_figure
from napari_lns.experiments.sweeps import Plan
from napari_lns.experiments.sweeps.store import prepare_folder
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.layers.readers import add_files, find_reader
from napari_lns.viewer.layers.stimulus import add_image_layer
from napari_lns.viewer.layers.writers import save_figure, save_labels, save_run
from napari_lns.viewer.script import make_script


@pytest.fixture(scope="module")
def found() -> Segmentation:
    return segment(stimuli.draw("kanizsa"), "kanizsa-ae", samples=20, seed=3, device="cpu")


@pytest.fixture
def viewer(found) -> ViewerModel:
    viewer = ViewerModel()
    put(viewer, plan_layers({0: found}), "run", over=add_image_layer(viewer, found, "run"))
    return viewer


def repeated(script: str) -> Segmentation:
    """Run all of a script but what needs a window."""
    names: dict = {"__name__": "script"}
    exec(script.split("viewer = ")[0], names)
    return names["result"]


def test_a_script_repeats_a_run_on_a_stimulus(found, viewer):
    assert np.array_equal(repeated(make_script(found, viewer)).labels, found.labels)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_script_holds_a_image_that_is_no_stimulus(kind):
    image = np.random.default_rng(0).random((12, 10, 3)).astype(np.float32)
    image = (image * 255).astype(np.uint8) if kind is np.uint8 else image
    found = segment(image, "kanizsa-ae", samples=4, device="cpu")
    again = repeated(make_script(found))
    assert np.array_equal(again.image, found.image)
    assert np.array_equal(again.labels, found.labels)


def test_a_script_repeats_a_cut(found):
    labels = found.cut(5)
    cut = replace(found, labels=labels, record={**found.record, "cut": {"clusters": 5}})
    assert np.array_equal(repeated(make_script(cut)).labels, labels)


def test_a_script_names_a_model_whose_axes_are_as_trained():
    plain = segment(stimuli.draw("kanizsa"), "kanizsa-ae:as-trained", method="exact", device="cpu")
    script = make_script(plain)
    assert "'kanizsa-ae:as-trained'" in script
    assert "load_model" not in script
    assert np.array_equal(repeated(script).labels, plain.labels)


def test_a_result_without_record_gives_no_script():
    with pytest.raises(ValueError, match="no record"):
        make_script(Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2))))


def test_figures_are_written_in_every_format(found, tmp_path):
    for suffix in (".png", ".pdf", ".svg"):
        write_figure(found, tmp_path / f"figure{suffix}")
    assert matplotlib.image.imread(tmp_path / "figure.png").shape[1] > 1500
    assert b"kanizsa-ae" in (tmp_path / "figure.svg").read_bytes()
    with pytest.raises(ValueError, match="must end in"):
        write_figure(found, tmp_path / "figure.doc")


def test_a_caption_tells_what_matters(found):
    assert make_caption(found.record).startswith("lns; model kanizsa-ae; σ ")
    assert "seed 3" in make_caption(found.record)


def test_a_run_is_written_and_read_back_as_layers(found, viewer, tmp_path):
    path = str(tmp_path / "run.npz")
    save_run(path, [layer.as_layer_data_tuple() for layer in viewer.layers])
    assert Segmentation.load(path) == found
    layers = find_reader(path)(path)
    assert [kind for *_, kind in layers][-1] == "labels"
    assert np.array_equal(layers[-1][0], found.labels)


def test_labels_are_written_with_their_record(viewer, tmp_path):
    layer = viewer.layers["run labels"]
    png, note = save_labels(str(tmp_path / "labels.png"), *layer.as_layer_data_tuple()[:2])
    assert np.array_equal((matplotlib.image.imread(png) * 255).round(), layer.data)
    assert "kanizsa-ae" in (tmp_path / "labels.json").read_text()
    assert note.endswith(".json")


def test_a_figure_needs_a_layer_of_a_run(tmp_path):
    with pytest.raises(ValueError, match="none of these layers was made by a run"):
        save_figure(str(tmp_path / "figure.pdf"), [(np.zeros((2, 2)), {}, "image")])


def test_stimuli_are_read_and_other_files_left_to_others(tmp_path):
    path = str(tmp_path / "square.npz")
    stimuli.write([stimuli.draw("kanizsa", index=index) for index in range(3)], path)
    (image, _, _), (labels, _, _) = find_reader(path)(path)
    assert image.shape == (3, 64, 64, 3)
    assert labels.shape == (3, 64, 64)
    assert find_reader("notes.docx") is None


def test_only_what_no_other_program_writes_is_claimed(tmp_path):
    names = ("plain.png", "plain.tif", "stack.tif", "photo.jpg", "points.csv", "map.json")
    for name in names:
        (tmp_path / name).write_bytes(b"{}")
        assert find_reader(str(tmp_path / name)) is None
    assert find_reader(str(tmp_path)) is None
    stimuli.write(stimuli.draw("kanizsa"), tmp_path / "ours.png")
    stimuli.write(stimuli.draw("kanizsa"), tmp_path / "conditions")
    for name in ("ours.png", "ours.json", "conditions", "conditions/conditions.csv"):
        (_, _, kind), (_, _, other) = find_reader(str(tmp_path / name))(str(tmp_path / name))
        assert (kind, other) == ("image", "labels")


def test_a_image_without_record_is_added_when_it_is_chosen(tmp_path):
    matplotlib.image.imsave(tmp_path / "plain.png", np.zeros((4, 5)), cmap="gray")
    viewer = ViewerModel()
    (image,) = add_files(viewer, tmp_path / "plain.png")
    assert image.data.shape == (4, 5, 3)


def test_a_sweep_is_opened_by_its_folder_or_its_plan(tmp_path):
    plan = Plan("kanizsa_figure", {"support_ratio": [0.2, 0.6]}, ["kanizsa-ae"])
    prepare_folder(plan, tmp_path / "ratios")
    for path in (tmp_path / "ratios", tmp_path / "ratios" / "sweep.json"):
        layers = find_reader(str(path))(str(path))
        assert [kind for *_, kind in layers] == ["image", "image", "labels"]
        assert {len(data) for data, *_ in layers} == {2}


def test_every_image_of_a_stack_is_saved(found, tmp_path):
    viewer = ViewerModel()
    put(viewer, plan_layers({0: found, 2: found}, count=3), "stack")
    data = [viewer.layers["stack variance"].as_layer_data_tuple()]
    written = save_run(str(tmp_path / "run.npz"), data)
    assert written == [str(tmp_path / f"run-{index:03}.npz") for index in (0, 2)]
    assert all(Segmentation.load(file) == found for file in written)
    assert len(save_figure(str(tmp_path / "figure.svg"), data)) == 2


def test_every_run_of_all_layers_is_saved(found, viewer, tmp_path):
    other = replace(found, labels=found.cut(5))
    put(viewer, plan_layers({0: other}), "other", over=viewer.layers["run"])
    put(viewer, plan_layers({0: found, 2: other}, count=3), "stack")
    viewer.add_points([[3, 4]], name="pin")
    data = [layer.as_layer_data_tuple() for layer in viewer.layers]
    names = ["run-1.npz", "run-2.npz", "run-3-000.npz", "run-3-002.npz"]
    written = save_run(str(tmp_path / "run.npz"), data)
    assert written == [str(tmp_path / name) for name in names]
    assert [Segmentation.load(file) for file in written] == [found, other, found, other]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"segmenter": "lns"}, "no record of how it was made"),
        ({"segmenter": "nowhere", "parameters": {}}, "nowhere"),
        ({"segmenter": "lns", "parameters": {}, "cut": {}}, "cut has threshold None"),
        ({"segmenter": "lns", "parameters": {}, "cut": {"clusters": None}}, "cut has clusters"),
    ],
)
def test_a_record_that_lacks_something_gives_no_script(found, record, told):
    with pytest.raises(ValueError, match=told):
        make_script(replace(found, record=record))


@pytest.mark.parametrize("lost", ["name", "seed", "parameters"])
def test_a_script_holds_the_image_of_a_stimulus_whose_record_lacks_something(found, lost):
    stimulus = {key: value for key, value in found.record["stimulus"].items() if key != lost}
    again = repeated(make_script(replace(found, record={**found.record, "stimulus": stimulus})))
    assert np.array_equal(again.labels, found.labels)
