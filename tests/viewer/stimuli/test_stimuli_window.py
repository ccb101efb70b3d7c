"""The Stimuli widget draws off the main thread, live, and its controls keep their promises."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from PIL import Image
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication, QFileDialog

from napari_lns import stimuli
from napari_lns._parameters import Choice, Number, Numbers, Whole
from napari_lns.stimuli.contact_sheet import world_sheet
from napari_lns.stimuli.worlds import _registry
from napari_lns.viewer.qt.controls import ParameterForm
from napari_lns.viewer.stimuli.widget import StimuliWidget

PATIENCE = 60_000  # milliseconds


@pytest.fixture
def widget(qtbot: Any) -> StimuliWidget:
    widget = StimuliWidget(ViewerModel())
    qtbot.addWidget(widget)
    return widget


def test_a_stimulus_is_added_and_redrawn_while_a_control_moves(
    widget: StimuliWidget, qtbot: Any
) -> None:
    viewer = widget._viewer
    widget.choose("kanizsa_figure")
    widget.add()
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=PATIENCE)
    image, truth = viewer.layers
    assert np.array_equal(truth.data, stimuli.draw("kanizsa_figure").labels)
    wanted = stimuli.draw("kanizsa_figure", corners=6)
    widget.form.set_values({"corners": 6})
    qtbot.waitUntil(lambda: np.array_equal(image.data, wanted.image), timeout=PATIENCE)
    assert len(viewer.layers) == 2


def test_headings_are_shown_whole_in_a_large_font(widget: StimuliWidget, qtbot: Any) -> None:
    widget.setStyleSheet("QLabel { font-size: 20pt }")
    widget.show()
    rows = [widget.list.item(row) for row in range(widget.list.count())]
    for label, row in [(widget.list.itemWidget(row), row) for row in rows if not row.flags()]:
        assert row.sizeHint().height() >= label.sizeHint().height()


def test_headings_are_read_like_all_other_text_and_keys_pass_over_them(
    widget: StimuliWidget, qtbot: Any
) -> None:
    rows = [widget.list.item(row) for row in range(widget.list.count())]
    headings = [widget.list.itemWidget(row) for row in rows if not row.flags()]
    titles = [row.data(Qt.ItemDataRole.AccessibleTextRole) for row in rows if not row.flags()]
    assert titles == [*stimuli.groups()]
    assert [heading.text() for heading in headings] == [f"<b>{title}</b>" for title in titles]
    assert all(heading.isEnabled() for heading in headings)
    first, *_ = stimuli.groups().values()
    widget.choose(first[-1])
    qtbot.keyClick(widget.list, Qt.Key.Key_Down)
    _, (after, *_), *_ = stimuli.groups().values()
    assert widget.list.currentItem().data(Qt.ItemDataRole.UserRole) == after


def test_world_adds_a_contact_sheet_of_the_training_images(
    widget: StimuliWidget, qtbot: Any
) -> None:
    widget.choose("kanizsa_figure")
    widget.seed.setValue(2)
    widget.world_button.click()
    qtbot.waitUntil(lambda: len(widget._viewer.layers) == 1, timeout=PATIENCE)
    (layer,) = widget._viewer.layers
    assert layer.name == "world of kanizsa_figure"
    assert np.array_equal(layer.data, world_sheet("kanizsa_figure", seed=2))
    assert not widget.message.text()


def test_world_is_drawn_off_the_main_thread(widget: StimuliWidget, qtbot: Any) -> None:
    widget.choose("contour_integration")
    begin = time.thread_time()
    widget.show_world()
    assert time.thread_time() - begin < 0.05
    assert not widget._viewer.layers
    assert widget.message.text() == "Drawing training images…"
    qtbot.waitUntil(lambda: len(widget._viewer.layers) == 1, timeout=PATIENCE)


def test_a_stimulus_without_a_world_is_said_to_have_none(
    widget: StimuliWidget, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "texture_regions" in _registry.names()
    monkeypatch.delitem(_registry._worlds, "texture_regions")  # like another package's stimulus
    widget.choose("texture_regions")
    widget.world_button.click()
    qtbot.waitUntil(lambda: "there is no world" in widget.message.text(), timeout=PATIENCE)
    assert not widget._viewer.layers


def test_next_gives_a_sets_next_image(widget: StimuliWidget, qtbot: Any) -> None:
    widget.choose("kanizsa")
    widget.add()
    qtbot.waitUntil(lambda: len(widget._viewer.layers) == 2, timeout=PATIENCE)
    widget.show_next()
    values = widget.form.values()
    wanted = stimuli.draw("kanizsa", **values)
    assert values["index"] == 1
    image = widget._viewer.layers[0]
    qtbot.waitUntil(lambda: np.array_equal(image.data, wanted.image), timeout=PATIENCE)


def test_next_variant_needs_a_stimulus_that_the_seed_changes(widget: StimuliWidget) -> None:
    button = widget.next_button
    widget.choose("kanizsa_figure")
    assert not button.isEnabled()
    assert "raise Jitter" in button.toolTip()
    widget.form.set_values({"jitter": 0.5})
    assert button.isEnabled()
    assert "next seed" in button.toolTip()
    before = widget.seed.value()
    button.click()
    assert widget.seed.value() == before + 1
    widget.form.set_values({"jitter": 0.0})
    assert not button.isEnabled()
    for name in ("kanizsa", "texture_regions", "dead_leaves"):
        widget.choose(name)
        assert button.isEnabled(), name


def test_it_fits_a_narrow_dock(widget: StimuliWidget) -> None:
    assert widget.minimumSizeHint().width() <= 320
    assert widget.minimumSizeHint().height() <= 600


def test_files_and_folders_are_opened(
    make_napari_viewer_proxy: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = make_napari_viewer_proxy()
    widget = StimuliWidget(viewer)
    qtbot.addWidget(widget)
    for name in ("one", "other"):
        Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / f"{name}.png")
    one, folder = str(tmp_path / "one.png"), str(tmp_path)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([one], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: folder)
    files, folders = widget.open_button.menu().actions()
    files.trigger()
    folders.trigger()
    assert [layer.data.shape for layer in viewer.layers] == [(4, 5, 3), (2, 4, 5, 3)]
    Path(one).write_bytes(b"nothing")
    files.trigger()
    assert "one.png" in widget.message.text()


@pytest.mark.parametrize("name", stimuli.names())
def test_a_form_gives_back_every_default(name: str, qtbot: Any) -> None:
    parameters = stimuli.parameters(name)
    form = ParameterForm(parameters)
    qtbot.addWidget(form)
    values = form.values()
    for parameter in parameters.values():
        assert values[parameter.name] == pytest.approx(parameter.default)


def test_the_wheel_scrolls_the_form_and_changes_no_control(qtbot: Any) -> None:
    form = ParameterForm({"kind": Choice("kind", "a", choices=("a", "b"))})
    qtbot.addWidget(form)
    box, nowhere = form.control("kind"), QPointF(5, 5)
    turn = QWheelEvent(
        nowhere,
        nowhere,
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, turn)
    assert form.values() == {"kind": "a"}


def test_what_may_be_left_empty_is_automatic(qtbot: Any) -> None:
    form = ParameterForm(
        {
            "noise": Number("noise", None, 1e-9),
            "batch": Whole("batch", None, 2),
            "scale": Numbers("scale", None),
        }
    )
    qtbot.addWidget(form)
    assert form.values() == {"noise": None, "batch": None, "scale": None}
    form.set_values({"noise": 1e-3, "batch": 4, "scale": [1, 0.5]})
    assert form.values() == {"noise": 1e-3, "batch": 4, "scale": [1, 0.5]}
    form.control("noise").setText("much")
    assert form.values()["noise"] == "much"  # which the engine refuses in a sentence
