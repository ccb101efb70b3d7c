"""The *Noise* page of Inspect: noisy outputs, effects of latent units and label uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtWidgets import QLabel, QProgressBar, QVBoxLayout

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.consent import may_run
from napari_lns.viewer.inspect.inspection import Inspection
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.inspect.replay import (
    iter_latent_effects,
    iter_noisy_outputs,
    iter_uncertainty,
    why_not_rerun,
)
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.own_models import chosen_model
from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.run import Run, RunProgress, State, Step

__all__ = ["NoisePanel"]

IterSteps = Callable[[Segmentation], Iterator[Step]]
UNCERTAINTY_OPTIONS: dict[str, Any] = {"colormap": "cividis", "contrast_limits": (0.0, 1.0)}
OUTPUTS_TIP = (
    "The noisy reconstructions, one after another. Play them with the slider below the "
    "canvas: pixels that covary form a segment."
)
LOADING = "Loading the network…"
UNITS_TIP = (
    "How the image changes with each unit of the latent layer, one unit at each step of the "
    "slider. Grey: no change."
)
UNCERTAINTY_TIP = (
    "Label uncertainty: the share of 20 repeated runs in which a pixel has another label. "
    "Takes as long as 20 runs."
)
LENS_TIP = (
    "Hold W over the image to play amplified noisy outputs around the mouse. Turn the wheel "
    "at the same time to move the image along the latent axis to which this pixel responds "
    "most."
)


class NoisePanel(Panel):
    """A page that shows outputs of the network for the inspected image.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    """

    title = "N&oise"
    tip = "Noise movie, latent units, uncertainty"
    place = 6

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        self._content, self._shown_reason = "", ""
        self._subject: Segmentation | None = None
        self.run = Run(self)
        self.run.progressed.connect(self._show_progress)
        self.run.failed.connect(self._show_error)
        self.run.state_changed.connect(self._refresh)
        self.destroyed.connect(self.run.close)
        self._build()
        inspection.changed.connect(self._refresh)
        self._refresh()

    def start(self, content: str, iter_steps: IterSteps) -> None:
        """Compute maps of the result off the main thread, and show them."""
        segmentation = self._inspection.segmentation
        if segmentation is None or self.run.state is not State.IDLE or why_not_rerun(segmentation):
            return
        if may_run(self, chosen_model(segmentation.record)):
            self._content, self._subject = content, segmentation
            self.text.clear()
            self.run.start(partial(iter_steps, segmentation))

    def _build(self) -> None:
        iter_steps: list[tuple[str, str, str, IterSteps]] = [
            ("Noi&se movie", OUTPUTS_TIP, "noisy outputs", iter_noisy_outputs),
            ("&Latent units", UNITS_TIP, "latent units", iter_latent_effects),
            ("&Uncertainty", UNCERTAINTY_TIP, "uncertainty", iter_uncertainty),
        ]
        self.buttons = [
            button(text, tip, partial(self.start, content, iter_steps))
            for text, tip, content, iter_steps in iter_steps
        ]
        self._tips = [tip for _, tip, _, _ in iter_steps]
        self.cancel_button = button("&Cancel", "Cancel", self.run.cancel)
        self.progress = QProgressBar()
        layout = QVBoxLayout(self)
        for each, tip in zip(self.buttons, self._tips, strict=True):
            layout.addWidget(each)
            layout.addWidget(_explanation(tip))
        layout.addWidget(_explanation(LENS_TIP))
        for widget in (self.progress, self.cancel_button, self.text):
            layout.addWidget(widget)
        layout.addStretch()

    def _refresh(self, *_: object) -> None:
        segmentation, busy = self._inspection.segmentation, self.run.state is not State.IDLE
        why = (
            self._inspection.why_no_result().rstrip(".")
            if segmentation is None
            else why_not_rerun(segmentation)
        )
        for each, tip in zip(self.buttons, self._tips, strict=True):
            each.setEnabled(not why and not busy)
            each.setToolTip(why or tip)
        if why or self.text.text() == self._shown_reason:
            self.text.setText(f"{why}." if why else "")
        self._shown_reason = self.text.text() if why else ""
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
        if progress.result is not None and self._subject is self._inspection.segmentation:
            if progress.result.ndim == 4:
                self._show_stack(progress.result)
            else:
                self._inspection.show(self._content, Image, progress.result, **UNCERTAINTY_OPTIONS)

    def _show_stack(self, images: NDArray[np.float32]) -> None:
        place = self._inspection.stack_placement()
        if len(place["scale"]) == 4:
            images = images[:, np.newaxis]
        self._inspection.show(self._content, Image, images, **IMAGE_OPTIONS, **place)


def _explanation(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setContentsMargins(2, 0, 2, 8)
    return label
