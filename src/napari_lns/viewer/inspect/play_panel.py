"""Inspect's page on the network: noisy outputs, latent units, uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtWidgets import QLabel, QProgressBar, QVBoxLayout

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.agreement import may_run
from napari_lns.viewer.inspect.inspected import Inspected
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.inspect.play import (
    jacobian_columns,
    noisy_outputs,
    uncertainty,
    why_not_again,
)
from napari_lns.viewer.layers.planning import PICTURE
from napari_lns.viewer.own_models import chosen_model
from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.run import Run, RunProgress, State, Step

__all__ = ["PlayPanel"]

Making = Callable[[Segmentation], Iterator[Step]]
SHARE: dict[str, Any] = {"colormap": "cividis", "contrast_limits": (0.0, 1.0)}
OUTPUTS = (
    "The noisy reconstructions, one after another. Play them with the slider below the canvas: "
    "pixels that change together form a segment."
)
LOADING = "Loading the network…"
UNITS = (
    "How the image changes with each unit of the latent layer, one unit at each step of the "
    "slider. Grey: no change."
)
WAVERS = (
    "Where labels are unsure: the share of 20 repeated runs in which a pixel has another label. "
    "Takes as long as 20 runs."
)
LENS = (
    "Hold W over the image: noisy outputs play about the mouse, amplified. Turn the wheel "
    "meanwhile: the image moves along the latent axis to which this pixel responds most."
)


class PlayPanel(Panel):
    """Shows what the network made of the image.

    Parameters
    ----------
    inspected
        What is looked at.
    """

    title = "N&oise"
    tip = "Noise movie, latent units, uncertainty"
    place = 6

    def __init__(self, inspected: Inspected) -> None:
        super().__init__(inspected)
        self._making, self._said_why = "", ""
        self._about: Segmentation | None = None
        self.run = Run(self)
        self.run.progressed.connect(self._show_progress)
        self.run.failed.connect(self._say_error)
        self.run.state_changed.connect(self._look)
        self.destroyed.connect(self.run.close)
        self._build()
        inspected.changed.connect(self._look)
        self._look()

    def make(self, shows: str, making: Making) -> None:
        """Make something of the result off the main thread, and show it."""
        found = self._inspected.segmentation
        if found is None or self.run.state is not State.IDLE or why_not_again(found):
            return
        if may_run(self, chosen_model(found.record)):
            self._making, self._about = shows, found
            self.text.clear()
            self.run.start(partial(making, found))

    def _build(self) -> None:
        making: list[tuple[str, str, str, Making]] = [
            ("Noi&se movie", OUTPUTS, "noisy outputs", noisy_outputs),
            ("&Latent units", UNITS, "latent units", jacobian_columns),
            ("&Uncertainty", WAVERS, "uncertainty", uncertainty),
        ]
        self.buttons = [
            button(text, tip, partial(self.make, shows, maker))
            for text, tip, shows, maker in making
        ]
        self._tips = [tip for _, tip, _, _ in making]
        self.cancel_button = button("&Cancel", "Cancel", self.run.cancel)
        self.progress = QProgressBar()
        layout = QVBoxLayout(self)
        for each, tip in zip(self.buttons, self._tips, strict=True):
            layout.addWidget(each)
            layout.addWidget(_explanation(tip))
        layout.addWidget(_explanation(LENS))
        for widget in (self.progress, self.cancel_button, self.text):
            layout.addWidget(widget)
        layout.addStretch()

    def _look(self, *_: object) -> None:
        found, busy = self._inspected.segmentation, self.run.state is not State.IDLE
        why = self._inspected.why_none().rstrip(".") if found is None else why_not_again(found)
        for each, tip in zip(self.buttons, self._tips, strict=True):
            each.setEnabled(not why and not busy)
            each.setToolTip(why or tip)
        if why or self.text.text() == self._said_why:
            self.text.setText(f"{why}." if why else "")
        self._said_why = self.text.text() if why else ""
        self.progress.setVisible(busy)
        self.cancel_button.setVisible(busy)
        self.cancel_button.setEnabled(self.run.state is State.RUNNING)
        self.cancel_button.setText(State.CANCELLING.value if busy else "")
        if self.run.state is State.RUNNING:
            self.cancel_button.setText(State.RUNNING.value)
            self.progress.setMaximum(1)
            self.progress.setValue(0)
            self.progress.setFormat(LOADING)

    def _show_progress(self, progress: RunProgress) -> None:
        self.progress.setMaximum(progress.total)
        self.progress.setFormat("%p %")
        self.progress.setValue(progress.done)
        if progress.result is not None and self._about is self._inspected.segmentation:
            if progress.result.ndim == 4:
                self._show_stack(progress.result)
            else:
                self._inspected.show(self._making, Image, progress.result, **SHARE)

    def _show_stack(self, images: NDArray[np.float32]) -> None:
        place = self._inspected.stack_place()
        if len(place["scale"]) == 4:
            images = images[:, np.newaxis]
        self._inspected.show(self._making, Image, images, **PICTURE, **place)


def _explanation(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setContentsMargins(2, 0, 2, 8)
    return label
