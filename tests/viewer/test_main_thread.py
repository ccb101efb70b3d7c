"""None of our calls holds up the window, while a run on a large picture is under way."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import napari
import numpy as np
import pytest
from napari.components import LayerList, ViewerModel
from napari.layers import Image, Labels

from napari_lns import Segmentation
from napari_lns.viewer.inspect import inspection
from napari_lns.viewer.inspect.line_panel import LinePanel
from napari_lns.viewer.inspect.pixel_panel import PixelPanel
from napari_lns.viewer.inspect.regions_panel import RegionsPanel
from napari_lns.viewer.inspect.runs_panel import RunsPanel
from napari_lns.viewer.inspect.scatter_panel import ScatterPanel
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.layers import placing
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.preferences import remember
from napari_lns.viewer.qt.plot import Plot
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.export_menu import ExportMenu
from napari_lns.viewer.segment.widget import SegmentWidget

PATIENCE = 120_000  # milliseconds
LONGEST = 0.05  # seconds
SIZE = 256  # pixels
RUNS = ("start", "_show_progress", "_recut", "_show_if_wanted", "_rescore")
RUNNING = [(SegmentWidget, name) for name in RUNS]
KEEPING = [(ExportMenu, name) for name in ("copy_script", "save", "export", "_on_done")]
INSPECTING = [
    (PixelPanel, "hover"),
    (PixelPanel, "_show_reading"),
    (LinePanel, "update_profile"),
    (LinePanel, "_show_profile"),
    (ScatterPanel, "_show_layout"),
    (ScatterPanel, "point_at"),
    (ScatterPanel, "pick"),
    (ScatterPanel, "_show_picked"),
    (RegionsPanel, "update_table"),
    (RegionsPanel, "_show_table"),
    (RunsPanel, "refresh"),
    (Plot, "draw"),
]
ALIVE: list[Any] = []  # PyQt holds no slot of its own: one that is gone when it is called crashes
NAPARI = [
    (Image, "__init__"),
    (Labels, "__init__"),
    (ViewerModel, "add_layer"),
    (LayerList, "insert"),
    (
        placing,
        "_update_layer",
    ),  # which, as the next, does nothing but set what napari's layers show
    (placing, "show_colour_bar"),
    (inspection, "show_colour_bar"),
]


class Stopwatch:
    """Times calls of ours, less what napari does within them."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}
        self._inside, self._deep = 0.0, False

    def slow(self) -> dict[str, float]:
        """The longest time of each call of ours that takes too long."""
        longest = {name: max(each, default=0.0) for name, each in self.spent.items()}
        return {name: seconds for name, seconds in longest.items() if seconds > LONGEST}

    def ours(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        self.spent[name] = []
        taken = function.__code__.co_argcount

        @wraps(function)
        def timed(*arguments: Any) -> Any:
            begun, before = time.thread_time(), self._inside
            answer = function(*arguments[:taken])  # as Qt drops what a slot does not take
            inside = self._inside - before
            self.spent[name].append(time.thread_time() - begun - inside)
            return answer

        return timed

    def naparis(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*arguments: Any, **keywords: Any) -> Any:
            if self._deep:
                return function(*arguments, **keywords)
            begun, self._deep = time.thread_time(), True
            try:
                return function(*arguments, **keywords)
            finally:
                self._inside += time.thread_time() - begun
                self._deep = False

        return timed


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    watch = Stopwatch()
    for place, name in (*RUNNING, *KEEPING, *INSPECTING):
        timed = watch.ours(f"{place.__name__}.{name}", getattr(place, name))
        ALIVE.append(timed)
        monkeypatch.setattr(place, name, timed)
    for place, name in NAPARI:
        monkeypatch.setattr(place, name, watch.naparis(getattr(place, name)))
    return watch


@pytest.mark.slow
def test_our_calls_on_the_main_thread_are_short(
    watch: Stopwatch, make_napari_viewer: Any, qtbot: Any, tmp_path: Path
) -> None:
    """A run of 320 samples on 256 × 256 pixels, another cut of it, another truth, all kept."""
    remember("segment", {})
    viewer: napari.Viewer = make_napari_viewer()
    viewer.add_image(np.random.default_rng(0).random((SIZE, SIZE)), name="noise")
    viewer.add_labels(np.ones((SIZE, SIZE), int), name="truth")
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget)
    call = {"model": "kanizsa-ae", "device": "cpu", "samples": 320, "batch": 16}
    widget.form.set_call(call)
    widget.start()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    widget.cut.segments.setValue(5)
    qtbot.waitUntil(lambda: viewer.layers["noise labels"].data.max() == 5, timeout=PATIENCE)
    widget.ground_truth.choose(viewer.layers["truth"])
    again = watch.spent["SegmentWidget._show_if_wanted"]
    qtbot.waitUntil(lambda: len(again) == 2, timeout=PATIENCE)
    for keep, said in (
        (widget.export_menu.copy_script, "clipboard"),
        (partial(widget.export_menu.save, tmp_path / "run.npz"), "Saved"),
        (partial(widget.export_menu.export, tmp_path / "figure.png"), "Wrote"),
    ):
        keep()
        qtbot.waitUntil(lambda said=said: said in widget.message.text(), timeout=PATIENCE)
    assert len(watch.spent["SegmentWidget._show_progress"]) > 3
    assert all(watch.spent[f"{place.__name__}.{name}"] for place, name in (*RUNNING, *KEEPING))
    assert watch.slow() == {}


@pytest.mark.slow
@pytest.mark.usefixtures("shapes_ready")
def test_what_inspect_draws_is_drawn_in_short_calls(
    watch: Stopwatch, make_napari_viewer: Any, qtbot: Any
) -> None:
    """Pixels, lines, all dots and a lasso about half of them, regions, on 256 × 256 pixels."""
    viewer: napari.Viewer = make_napari_viewer(show=True)
    random = np.random.default_rng(0)
    image = random.random((SIZE, SIZE, 3))
    found = Segmentation(
        image,
        1 + (np.indices((SIZE, SIZE)).sum(axis=0) * 8) // (2 * SIZE),
        variance=image.mean(axis=2),
        features=random.random((SIZE * SIZE, 12)),
    )
    placing.put(viewer, plan_layers({0: found}), "large")
    widget = InspectWidget(viewer)
    viewer.window.add_dock_widget(widget)

    def until(holds: Callable[[], bool]) -> None:
        qtbot.waitUntil(holds, timeout=PATIENCE)

    until(widget.pixel.isVisible)
    for place in range(10, 15):
        widget.pixel.hover(place, place)
        until(lambda: "large affinity" in viewer.layers)
    widget.show_page(widget.line)
    widget.line.draw_line()
    widget.line.shapes.add([[5, 5], [250, 250]], shape_type="line")
    until(lambda: "Sharpest edge" in widget.line.text.text())
    for end in (240, 230, 220):
        widget.line.shapes.data = [np.array([[5.0, 5.0], [float(end), 250.0]])]
        widget.line.wait()
        qtbot.wait(1)
    widget.show_page(widget.scatter)
    until(lambda: widget.scatter._background is not None)
    widget.scatter.point_at(3, 4)
    around = np.linspace(0, 2 * np.pi, 300)
    widget.scatter.pick(0.4 * np.stack([np.cos(around), np.sin(around)], axis=1))
    until(lambda: "large picked" in viewer.layers)
    widget.show_page(widget.regions)
    widget.regions.draw_regions()
    for corner in (10, 90, 170):
        square = corner + np.array([[0, 0], [0, 60], [60, 60], [60, 0]])
        widget.regions.shapes.add(square, shape_type="polygon")
    until(lambda: widget.regions.table_data is not None and len(widget.regions.table_data) == 3)
    widget.show_page(widget.runs)
    assert all(watch.spent[f"{place.__name__}.{name}"] for place, name in INSPECTING)
    assert watch.slow() == {}
