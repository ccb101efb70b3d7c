"""Random sessions: whatever is done to layers, widgets and viewers in the middle, nothing raises.

Each session is drawn from its seed; what pytest-qt catches in a slot fails the test.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtWidgets import QApplication

from napari_lns import stimuli
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.preferences import remember
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli.widget import StimuliWidget

SESSIONS = 20
DEEDS = 25
PATIENCE = 60_000  # milliseconds


class Session:
    """A user who does anything at any time.

    Parameters
    ----------
    viewer
        A viewer without a window: napari's own list of layers crashes in such sessions.
    seed
        Seed of all that the user does.
    """

    def __init__(self, viewer: ViewerModel, seed: int) -> None:
        self.viewer, self.random = viewer, random.Random(seed)
        self.segment, self.inspect = SegmentWidget(viewer), InspectWidget(viewer)
        self.stimuli = StimuliWidget(viewer)
        self.stimuli.choose("kanizsa_figure")
        call = {"device": "cpu", "samples": 8, "batch": 4}
        self.segment.form.set_call({**self.segment.form.call(), **call})
        add_stimulus(viewer, stimuli.draw("kanizsa"))

    def go_on(self) -> None:
        """Do something, and let some of what follows from it happen."""
        deeds: list[Callable[[], object]] = [
            self.add_image, self.add_stack, self.run, self.run, self.cancel, self.cut, self.choose,
            self.remove, self.rename, self.move, self.hide, self.replace, self.transpose, self.turn,
            self.look_in_3d, self.hover, self.pin, self.page, self.slide, self.ground_truth,
            self.select, self.live, self.vary, self.vary, self.point, self.hold, self.release,
        ]  # fmt: skip
        self.random.choice(deeds)()
        for _ in range(self.random.randrange(4)):
            QApplication.processEvents()

    def add_image(self) -> None:
        add_stimulus(self.viewer, stimuli.draw("closure", index=self.random.randrange(5)))

    def add_stack(self) -> None:
        self.viewer.add_image(np.random.default_rng(0).random((3, 16, 16)), name="stack")

    def run(self) -> None:
        if self.segment.run.state is State.IDLE:
            self.segment.start()

    def cancel(self) -> None:
        self.segment.run.cancel()

    def cut(self) -> None:
        self.segment.cut.segments.setValue(self.random.randrange(1, 9))

    def choose(self) -> None:
        if layers := self.segment.layer.layers():
            self.segment.layer.choose(self.random.choice(layers))

    def ground_truth(self) -> None:
        box = self.segment.ground_truth
        box.setCurrentIndex(self.random.randrange(box.count()))

    def select(self) -> None:
        box = self.segment.apply_to
        box.setCurrentIndex(self.random.randrange(box.count()))

    def remove(self) -> None:
        if layer := self._layer():
            self.viewer.layers.remove(layer)

    def rename(self) -> None:
        if layer := self._layer():
            layer.name = f"renamed {self.random.randrange(9)}"

    def move(self) -> None:
        if count := len(self.viewer.layers):
            self.viewer.layers.move(self.random.randrange(count), self.random.randrange(count))

    def hide(self) -> None:
        if layer := self._layer():
            layer.visible = not layer.visible

    def replace(self) -> None:
        if layer := self._layer():
            layer.data = np.zeros_like(layer.data)

    def transpose(self) -> None:
        layer = self._layer()
        if layer is not None and isinstance(layer.data, np.ndarray) and layer.data.ndim == 2:
            layer.data = layer.data[:10].T

    def turn(self) -> None:
        self.viewer.dims.transpose()

    def look_in_3d(self) -> None:
        self.viewer.dims.ndisplay = 5 - self.viewer.dims.ndisplay

    def slide(self) -> None:
        if self.viewer.dims.ndim > 2:
            self.viewer.dims.set_current_step(0, self.random.randrange(3))

    def hover(self) -> None:
        self.inspect.pixel._read_pixel(
            self.random.randrange(64), self.random.randrange(64), pin=False
        )

    def pin(self) -> None:
        self.inspect.pixel.pin(self.random.randrange(64), self.random.randrange(64))

    def page(self) -> None:
        pages = self.inspect.pages
        pages.setCurrentIndex(self.random.randrange(pages.count()))

    def live(self) -> None:
        self.stimuli.segments.toggle()

    def vary(self) -> None:
        self.stimuli.form.set_values({"support_ratio": self.random.uniform(0.2, 0.9)})

    def point(self) -> None:
        found = self.inspect.inspection.segmentation
        if found is not None and found.tree is not None:
            self.inspect.tree.point_at(self.random.randrange(-1, len(found.tree)))

    def hold(self) -> None:
        self.inspect.inspection.pixel = 5, 5
        self.inspect.lens.press()

    def release(self) -> None:
        self.inspect.lens.release()

    def _layer(self) -> Any:
        return self.random.choice(list(self.viewer.layers)) if self.viewer.layers else None


@pytest.mark.parametrize("seed", range(SESSIONS))
def test_nothing_raises_whatever_is_done(qtbot: Any, seed: int) -> None:
    remember("segment", {})
    session = Session(ViewerModel(), seed)
    for widget in (session.segment, session.inspect, session.stimuli):
        qtbot.addWidget(widget)
        widget.show()
    for _ in range(DEEDS):
        session.go_on()
    run = session.segment.run
    run.cancel()
    qtbot.waitUntil(lambda: run.state is State.IDLE, timeout=PATIENCE)
    session.segment.wait()
    session.inspect.pixel.wait()
    session.inspect.lens.wait()
    session.stimuli.live_panel.wait()
    QApplication.processEvents()
