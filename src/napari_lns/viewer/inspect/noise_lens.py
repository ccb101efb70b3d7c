"""Play noisy outputs around the mouse while a key is held; the wheel moves along a latent axis."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtCore import QObject, QTimer, Signal

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.inspect.inspection import Inspection
from napari_lns.viewer.inspect.lens import Lens, make_lens
from napari_lns.viewer.inspect.replay import why_not_rerun
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.qt.background import LatestCall

__all__ = ["NoiseLens"]

LAYER = "noise lens"
PREPARING = "Preparing the noise lens…"
FRAME_INTERVAL = 80  # milliseconds
MAX_STEPS = 20  # steps of the wheel to either side


class NoiseLens(QObject):
    """Show the effect of latent noise around the pixel under the mouse.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    parent
        The widget that owns it.
    """

    message_changed = Signal(str)

    def __init__(self, inspection: Inspection, parent: QObject) -> None:
        super().__init__(parent)
        self._inspection = inspection
        self._lens: tuple[Segmentation, Lens] | None = None
        self._is_pressed, self._frame, self._steps = False, 0, 0
        self._pixel: tuple[int, int] | None = None
        self._saved_zoom: tuple[bool, Any] = (True, None)
        self._lens_worker = LatestCall(self)
        self._lens_worker.finished.connect(self._on_lens_made)
        self._image_worker = LatestCall(self)
        self._image_worker.finished.connect(self._show)
        for latest in (self._lens_worker, self._image_worker):
            latest.failed.connect(lambda error: self.message_changed.emit(str(error)))
            self.destroyed.connect(latest.close)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_INTERVAL)
        self._timer.timeout.connect(self._show_next_frame)
        inspection.hovered.connect(self._on_hovered)

    def press(self) -> None:
        """Start the lens when its key is pressed."""
        segmentation = self._inspection.segmentation
        if self._is_pressed or segmentation is None:
            return
        why = why_not_rerun(segmentation)
        if why:
            self.message_changed.emit(f"{why}.")
            return
        viewer = self._inspection.viewer
        self._is_pressed, self._steps = True, 0
        self._saved_zoom = (viewer.scene.camera.mouse_zoom, viewer)
        viewer.scene.camera.mouse_zoom = False  # the lens uses the wheel
        viewer.mouse_wheel_callbacks.append(self._on_wheel)
        if self._lens is None or self._lens[0] is not segmentation:
            self.message_changed.emit(PREPARING)
            self._lens_worker.call(lambda: (segmentation, make_lens(segmentation)))
        else:
            self._timer.start()

    def release(self) -> None:
        """Stop the lens when its key is released, and restore the view."""
        if not self._is_pressed:
            return
        self._is_pressed = False
        self._timer.stop()
        self._image_worker.drop()
        zoom, viewer = self._saved_zoom
        viewer.scene.camera.mouse_zoom = zoom
        if self._on_wheel in viewer.mouse_wheel_callbacks:
            viewer.mouse_wheel_callbacks.remove(self._on_wheel)
        self._inspection.remove(LAYER)
        self.message_changed.emit("")

    def wait(self) -> None:
        """Block until the newest image has been computed; events then show it."""
        self._lens_worker.wait()
        self._image_worker.wait()

    def _on_lens_made(self, result: tuple[Segmentation, Lens]) -> None:
        self._lens = result
        if self._is_pressed and result[0] is self._inspection.segmentation:
            self.message_changed.emit(f"Noisy outputs, changes × {result[1].gain:.0f}")
            self._timer.start()

    def _on_hovered(self, row: int, column: int) -> None:
        """Return to the noisy outputs, because another pixel has another latent axis."""
        if (row, column) != self._pixel:
            self._pixel, self._steps = (row, column), 0
        if not self._is_pressed:
            self.message_changed.emit("")  # why there is no lens has been read

    def _on_wheel(self, _: Any, event: Any) -> None:
        self._steps += 1 if event.delta[1] > 0 else -1
        self._steps = max(-MAX_STEPS, min(MAX_STEPS, self._steps))
        pixel = self._inspection.pixel
        if self._lens is not None and pixel is not None:
            lens, steps = self._lens[1], self._steps
            self._image_worker.call(lambda: lens.image_along_axis(*pixel, steps))
            self.message_changed.emit(f"{steps:+d} steps along the latent axis of pixel {pixel}")

    def _show_next_frame(self) -> None:
        """Show the next noisy output, unless the wheel has moved along the latent axis."""
        pixel, lens = self._inspection.pixel, self._lens
        if lens is None or lens[0] is not self._inspection.segmentation:
            self.release()
        elif pixel is not None and not self._steps:
            self._frame += 1
            self._show(lens[1].noisy_disc(self._frame, *pixel))

    def _show(self, image: object) -> None:
        if self._is_pressed:
            viewer = self._inspection.viewer
            layer = self._inspection.show(LAYER, Image, image, **IMAGE_OPTIONS)
            if layer is not None and layer is not viewer.layers[-1]:
                viewer.layers.move(viewer.layers.index(layer), len(viewer.layers))
            viewer.scene.camera.mouse_zoom = False  # a new layer resets it
