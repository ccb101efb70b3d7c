"""Scripts, figures, files: what can be taken away gives the same result again."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.image
import numpy as np
import pytest
from napari.components import ViewerModel

from napari_lns import Segmentation, segment, stimuli
from napari_lns.viewer.figure import caption_of, write_figure
from napari_lns.viewer.layers import add_picture, layers_of, put
from napari_lns.viewer.readers import reader_of
from napari_lns.viewer.script import script_of
from napari_lns.viewer.writers import save_figure, save_labels, save_run


@pytest.fixture(scope="module")
def found() -> Segmentation:
    return segment(stimuli.draw("kanizsa"), "kanizsa-ae", samples=20, seed=3, device="cpu")


@pytest.fixture
def viewer(found) -> ViewerModel:
    viewer = ViewerModel()
    put(viewer, layers_of({0: found}), "run", over=add_picture(viewer, found, "run"))
    return viewer


def repeated(script: str) -> Segmentation:
    """Run all of a script but what needs a window."""
    names: dict = {"__name__": "script"}
    exec(script.split("viewer = ")[0], names)
    return names["found"]


def test_a_script_repeats_a_run_on_a_stimulus(found, viewer):
    assert np.array_equal(repeated(script_of(found, viewer)).labels, found.labels)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_script_holds_a_picture_that_is_no_stimulus(kind):
    image = np.random.default_rng(0).random((12, 10, 3)).astype(np.float32)
    image = (image * 255).astype(np.uint8) if kind is np.uint8 else image
    found = segment(image, "kanizsa-ae", samples=4, device="cpu")
    again = repeated(script_of(found))
    assert np.array_equal(again.image, found.image)
    assert np.array_equal(again.labels, found.labels)


def test_a_script_repeats_a_cut(found):
    labels = found.cut(5)
    cut = replace(found, labels=labels, record={**found.record, "cut": {"clusters": 5}})
    assert np.array_equal(repeated(script_of(cut)).labels, labels)


def test_a_script_names_a_model_whose_axes_are_as_trained():
    plain = segment(stimuli.draw("kanizsa"), "kanizsa-ae:as-trained", method="exact", device="cpu")
    script = script_of(plain)
    assert "'kanizsa-ae:as-trained'" in script
    assert "loaded" not in script
    assert np.array_equal(repeated(script).labels, plain.labels)


def test_a_result_without_record_gives_no_script():
    with pytest.raises(ValueError, match="no record"):
        script_of(Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2))))


def test_figures_are_written_in_every_format(found, tmp_path):
    for suffix in (".png", ".pdf", ".svg"):
        write_figure(found, tmp_path / f"figure{suffix}")
    assert matplotlib.image.imread(tmp_path / "figure.png").shape[1] > 1500
    assert b"kanizsa-ae" in (tmp_path / "figure.svg").read_bytes()
    with pytest.raises(ValueError, match="must end in"):
        write_figure(found, tmp_path / "figure.doc")


def test_a_caption_tells_what_matters(found):
    assert caption_of(found.record).startswith("lns; model kanizsa-ae; σ ")
    assert "seed 3" in caption_of(found.record)


def test_a_run_is_written_and_read_back_as_layers(found, viewer, tmp_path):
    path = str(tmp_path / "run.npz")
    save_run(path, [layer.as_layer_data_tuple() for layer in viewer.layers])
    assert Segmentation.load(path) == found
    layers = reader_of(path)(path)
    assert [kind for *_, kind in layers][-1] == "labels"
    assert np.array_equal(layers[-1][0], found.labels)


def test_labels_are_written_with_their_record(viewer, tmp_path):
    layer = viewer.layers["run labels"]
    png, note = save_labels(str(tmp_path / "labels.png"), *layer.as_layer_data_tuple()[:2])
    assert np.array_equal((matplotlib.image.imread(png) * 255).round(), layer.data)
    assert "kanizsa-ae" in (tmp_path / "labels.json").read_text()
    assert note.endswith(".json")


def test_a_figure_needs_a_layer_of_a_run(tmp_path):
    with pytest.raises(ValueError, match="no layer here was made by a run"):
        save_figure(str(tmp_path / "figure.pdf"), [(np.zeros((2, 2)), {}, "image")])


def test_stimuli_are_read_and_other_files_left_to_others(tmp_path):
    path = str(tmp_path / "square.npz")
    stimuli.write([stimuli.draw("kanizsa", index=index) for index in range(3)], path)
    (image, _, _), (labels, _, _) = reader_of(path)(path)
    assert image.shape == (3, 64, 64, 3)
    assert labels.shape == (3, 64, 64)
    assert reader_of("notes.docx") is None
