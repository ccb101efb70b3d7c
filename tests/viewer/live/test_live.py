"""Segments follow a stimulus while a control moves: the newest wins, and visits are plotted."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtWidgets import QApplication

from napari_lns import stimuli
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.live.panel import LivePanel
from napari_lns.viewer.stimuli.widget import StimuliWidget

PATIENCE = 60_000  # milliseconds


@pytest.fixture
def widget(qtbot: Any) -> StimuliWidget:
    widget = StimuliWidget(ViewerModel())
    qtbot.addWidget(widget)
    widget.choose("kanizsa_figure")
    widget.segments.setChecked(True)
    whole(widget, qtbot, 1)
    return widget


def whole(widget: StimuliWidget, qtbot: Any, visits: int) -> None:
    """Wait until so many visits have their controls."""
    panel = widget.live_panel
    qtbot.waitUntil(
        lambda: len(panel.visits) == visits and all(v.control is not None for v in panel.visits),
        timeout=PATIENCE,
    )


def test_image_labels_variance_and_affinity_follow_together(
    widget: StimuliWidget, qtbot: Any
) -> None:
    viewer = widget._viewer
    shown = {
        name: viewer.layers[f"kanizsa_figure live {name}"]
        for name in ("labels", "variance", "affinity")
    }
    before = {name: layer.data.copy() for name, layer in shown.items()}
    widget.form.set_values({"support_ratio": 0.8})
    whole(widget, qtbot, 2)
    assert np.array_equal(
        viewer.layers["kanizsa_figure"].data,
        stimuli.draw("kanizsa_figure", support_ratio=0.8).image,
    )
    for name, layer in shown.items():
        assert layer in viewer.layers
        assert not np.array_equal(layer.data, before[name]), name


def test_labels_follow_a_slider_within_half_a_second_of_processor_time(
    widget: StimuliWidget, qtbot: Any
) -> None:
    seconds = []
    for count, ratio in enumerate((0.4, 0.6, 0.8), 2):
        start = time.process_time()
        widget.form.set_values({"support_ratio": ratio})
        whole(widget, qtbot, count)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.5


def test_stimuli_between_the_first_and_the_newest_are_skipped(
    widget: StimuliWidget, qtbot: Any
) -> None:
    panel, layer = widget.live_panel, widget._viewer.layers["kanizsa_figure"]
    panel.visits.clear()
    ratios = np.linspace(0.3, 0.7, 20)
    for ratio in ratios:
        panel.follow(stimuli.draw("kanizsa_figure", support_ratio=ratio), layer)
    whole(widget, qtbot, 2)
    values = [visit.parameters["support_ratio"] for visit in panel.visits]
    assert values == [ratios[0], ratios[-1]]


def test_the_plot_grows_a_point_for_each_value_and_its_control(
    widget: StimuliWidget, qtbot: Any
) -> None:
    for number, ratio in enumerate((0.7, 0.4), start=2):
        widget.form.set_values({"support_ratio": ratio})
        whole(widget, qtbot, number)
    stimulus, control, newest = widget.live_panel.plot.axes[0].lines[:3]
    first = stimuli.parameters("kanizsa_figure")["support_ratio"].default
    assert [*stimulus.get_xdata()] == sorted([first, 0.7, 0.4])
    assert [*control.get_xdata()] == sorted([first, 0.7, 0.4])
    assert [*newest.get_xdata()] == [0.4]
    assert all(a > b for a, b in zip(stimulus.get_ydata(), control.get_ydata(), strict=True))


def test_visits_are_exported_as_table_script_and_figure(
    widget: StimuliWidget, qtbot: Any, tmp_path: Path
) -> None:
    panel = widget.live_panel
    panel.save_table(tmp_path / "visits.csv")
    with (tmp_path / "visits.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert float(row["measure"]) == panel.visits[0].value
    panel.copy_script()
    compile(QApplication.clipboard().text(), "script", "exec")
    panel.plot.save(tmp_path / "visits.png")
    panel.plot.wait()
    assert (tmp_path / "visits.png").stat().st_size > 1000
    panel.clear()
    assert not panel.visits
    assert not panel.export_button.isEnabled()


def test_layers_stand_side_by_side_and_as_before_afterwards(widget: StimuliWidget) -> None:
    viewer = widget._viewer
    seen = {layer.name for layer in viewer.layers if layer.visible}
    name = "kanizsa_figure"
    assert seen == {name, *(f"{name} live {each}" for each in ("variance", "labels", "affinity"))}
    assert viewer.canvas.grid.enabled
    widget.segments.setChecked(False)
    assert not viewer.canvas.grid.enabled
    assert widget.live_panel.isHidden()


def test_a_click_chooses_the_pixel_whose_affinity_follows(
    widget: StimuliWidget, qtbot: Any
) -> None:
    panel, affinity = widget.live_panel, widget._viewer.layers["kanizsa_figure live affinity"]
    panel._inspection.clicked.emit(2, 3)
    qtbot.waitUntil(lambda: affinity.data[2, 3] > 0.999, timeout=PATIENCE)
    widget.form.set_values({"support_ratio": 0.7})
    whole(widget, qtbot, 2)
    assert affinity.data[2, 3] > 0.999


def test_affinity_stays_visible_beside_a_hidden_inspect(widget: StimuliWidget, qtbot: Any) -> None:
    viewer = widget._viewer
    inspect = InspectWidget(viewer)
    qtbot.addWidget(inspect)
    inspect.show()
    affinity = viewer.layers["kanizsa_figure live affinity"]
    inspect.inspection.choice.choose(viewer.layers["kanizsa_figure live labels"])
    inspect.pixel.hover(20, 20)
    inspect.pixel.wait()
    QApplication.processEvents()
    inspect.hide()  # as when a tab is chosen
    widget.form.set_values({"support_ratio": 0.8})
    whole(widget, qtbot, 2)
    assert affinity in viewer.layers
    assert affinity.visible


def test_a_stimulus_without_a_law_is_segmented_all_the_same(qtbot: Any) -> None:
    widget = StimuliWidget(ViewerModel())
    qtbot.addWidget(widget)
    widget.choose("kanizsa")
    widget.segments.setChecked(True)
    panel: LivePanel = widget.live_panel
    qtbot.waitUntil(lambda: "no law" in panel.text.text(), timeout=PATIENCE)
    assert "kanizsa live labels" in {layer.name for layer in widget._viewer.layers}


def test_layers_that_are_removed_in_the_middle_come_again(
    widget: StimuliWidget, qtbot: Any
) -> None:
    viewer = widget._viewer
    widget.form.set_values({"support_ratio": 0.7})
    viewer.layers.clear()
    qtbot.waitUntil(lambda: "kanizsa_figure" in {e.name for e in viewer.layers}, timeout=PATIENCE)
    widget.live_panel.wait()
    QApplication.processEvents()
