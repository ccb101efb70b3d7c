"""None of our calls holds up the window, while a run on a large picture is under way."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import napari
import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_lns.viewer import layers
from napari_lns.viewer.preferences import remember
from napari_lns.viewer.run import State
from napari_lns.viewer.segment_widget import SegmentWidget

PATIENCE = 120_000  # milliseconds
LONGEST = 0.05  # seconds
OURS = ("start", "_tell", "_recut", "_show_again", "_compare")
NAPARI = [
    (Image, "__init__"),
    (Labels, "__init__"),
    (ViewerModel, "add_layer"),
    (layers, "_refresh"),  # which, as the next, does nothing but set what napari's layers show
    (layers, "show_colour_bar"),
]


class Stopwatch:
    """Times calls of ours, less what napari does within them."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {name: [] for name in OURS}
        self._inside, self._deep = 0.0, False

    def ours(self, function: Callable[..., Any]) -> Callable[..., Any]:
        taken = function.__code__.co_argcount

        @wraps(function)
        def timed(*arguments: Any) -> Any:
            begun, before = time.thread_time(), self._inside
            answer = function(*arguments[:taken])  # as Qt drops what a slot does not take
            inside = self._inside - before
            self.spent[function.__name__].append(time.thread_time() - begun - inside)
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
    for name in OURS:
        monkeypatch.setattr(SegmentWidget, name, watch.ours(getattr(SegmentWidget, name)))
    for place, name in NAPARI:
        monkeypatch.setattr(place, name, watch.naparis(getattr(place, name)))
    return watch


@pytest.mark.slow
def test_our_calls_on_the_main_thread_are_short(
    watch: Stopwatch, make_napari_viewer: Any, qtbot: Any
) -> None:
    """A run of 320 samples on 256 × 256 pixels, another cut of it, and another truth."""
    remember("segment", {})
    viewer: napari.Viewer = make_napari_viewer()
    viewer.add_image(np.random.default_rng(0).random((256, 256)), name="noise")
    viewer.add_labels(np.ones((256, 256), int), name="truth")
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget)
    call = {"model": "kanizsa-ae", "device": "cpu", "samples": 320, "batch": 16}
    widget.form.set_call(call)
    widget.start()
    qtbot.waitUntil(lambda: widget.run.state is State.IDLE, timeout=PATIENCE)
    widget.cut.groups.setValue(5)
    qtbot.waitUntil(lambda: viewer.layers["noise labels"].data.max() == 5, timeout=PATIENCE)
    widget.truth.choose(viewer.layers["truth"])
    qtbot.waitUntil(lambda: len(watch.spent["_show_again"]) == 2, timeout=PATIENCE)
    assert len(watch.spent["_tell"]) > 3
    assert all(watch.spent.values())
    assert {name: max(each) for name, each in watch.spent.items() if max(each) > LONGEST} == {}
