"""A model that a file names is not imported unless the user agrees, nor a record run as code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtWidgets import QMessageBox

from napari_lns import Segmentation, segment, stimuli
from napari_lns.viewer import own_models
from napari_lns.viewer.consent import may_run
from napari_lns.viewer.inspect import replay
from napari_lns.viewer.layers.readers import run_layer_data
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.script import make_script
from napari_lns.viewer.segment.jobs import RunContext, iter_segmentations
from napari_lns.viewer.segment.widget import SegmentWidget

CODE = "import pathlib\npathlib.Path({mark!r}).touch()\n" + (
    "from napari_lns.models import AutoEncoder\nmine = AutoEncoder()\n"
)


@pytest.fixture
def found() -> Segmentation:
    return segment(stimuli.draw("kanizsa"), "kanizsa-ae", samples=4, device="cpu")


@pytest.fixture
def crafted(found, tmp_path: Path) -> tuple[Segmentation, Path]:
    """A saved run that names a file of code, and what that code leaves behind."""
    mark, code = tmp_path / "it ran", tmp_path / "file.py"
    code.write_text(CODE.format(mark=str(mark)))
    path = tmp_path / "crafted.npz"
    replace(found, record={**found.record, "chosen": f"{code}:mine"}).save(path)
    return Segmentation.load(path), mark


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the question said, and the answer to give."""
    seen: dict = {"texts": [], "answer": QMessageBox.StandardButton.No}

    def exec_(box: QMessageBox) -> object:
        seen["texts"].append(box.text())
        return seen["answer"]

    monkeypatch.setattr(QMessageBox, "exec", exec_)
    monkeypatch.setattr(own_models, "_trusted", set())
    return seen


@pytest.mark.parametrize(
    "making", [replay.iter_noisy_outputs, replay.iter_uncertainty, replay.iter_latent_effects]
)
def test_what_a_run_is_asked_again_imports_nothing_unasked(crafted, making):
    run, mark = crafted
    with pytest.raises(ValueError, match=r"is Python code, named by a file: read .*file\.py"):
        list(making(run))
    assert not mark.exists()


def test_a_run_imports_nothing_unasked(crafted):
    run, mark = crafted
    with pytest.raises(ValueError, match="named by a file"):
        list(iter_segmentations([], {"model": run.record["chosen"]}, RunContext()))
    assert not mark.exists()


def test_the_user_is_asked_once_with_the_path_shown(qtbot, crafted, asked):
    from qtpy.QtWidgets import QWidget

    run, mark = crafted
    parent = QWidget()
    qtbot.addWidget(parent)
    model = run.record["chosen"]
    assert not may_run(parent, model)
    assert str(mark.with_name("file.py")) in asked["texts"][0]
    asked["answer"] = QMessageBox.StandardButton.Yes
    assert may_run(parent, model)
    assert may_run(parent, model)
    assert len(asked["texts"]) == 2
    assert may_run(parent, "kanizsa-ae")
    assert own_models.load_trusted_model(model).kind == "ae"
    assert mark.exists()


def test_opening_a_crafted_run_and_pressing_run_imports_nothing(
    make_napari_viewer_proxy, qtbot, crafted, asked
):
    run, mark = crafted
    viewer = make_napari_viewer_proxy()
    widget = SegmentWidget(viewer)
    qtbot.addWidget(widget)
    for data, options, kind in run_layer_data(run, "crafted"):
        getattr(viewer, f"add_{kind}")(data, **options)
    assert widget.form.model.model() == run.record["chosen"]
    widget.start()
    assert len(asked["texts"]) == 1
    assert widget.run.state is State.IDLE
    assert not mark.exists()


@pytest.mark.parametrize(
    "part",
    [
        {"cut": {"clusters": "2) or __import__('os').system('touch ran')"}},
        {"cut": {"threshold": "1) or __import__('os')"}},
        {"parameters": {"samples=4, x": 3}},
        {"stimulus": {"name": "kanizsa", "seed": 0, "parameters": {"x), __import__('os')": 0}}},
    ],
)
def test_a_script_never_holds_a_records_text_as_code(found, part):
    with pytest.raises(ValueError, match="record"):
        make_script(replace(found, record={**found.record, **part}))


def test_a_script_quotes_every_value(found):
    text = '"""\nimport os\n'
    record = {**found.record, "chosen": text, "parameters": {"fit": text}}
    script = make_script(replace(found, record=record))
    assert "\nimport os\n" not in script
    assert np.count_nonzero([repr(text) in line for line in script.splitlines()]) == 2
