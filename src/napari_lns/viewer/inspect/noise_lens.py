"""`NoiseLens`: while a key is held, noisy outputs play about the mouse; the wheel moves along."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtCore import QObject, QTimer, Signal

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.inspect.inspected import Inspected
from napari_lns.viewer.inspect.lens import Lens, lens_of
from napari_lns.viewer.inspect.play import why_not_again
from napari_lns.viewer.layers.planning import PICTURE
from napari_lns.viewer.qt.background import Latest

__all__ = ["NoiseLens"]

LAYER = "noise lens"
PREPARING = "Preparing the noise lens…"
FRAME = 80  # milliseconds
FURTHEST = 20  # steps of the wheel to either side


class NoiseLens(QObject):
    """Shows what the network's noise does about the pixel under the mouse.

    Parameters
    ----------
    inspected
        What is looked at.
    parent
        The widget that owns it.
    """

    told = Signal(str)

    def __init__(self, inspected: Inspected, parent: QObject) -> None:
        super().__init__(parent)
        self._inspected = inspected
        self._lens: tuple[Segmentation, Lens] | None = None
        self._held, self._number, self._steps = False, 0, 0
        self._at: tuple[int, int] | None = None
        self._before: tuple[bool, Any] = (True, None)
        self._making = Latest(self)
        self._making.answered.connect(self._made)
        self._showing = Latest(self)
        self._showing.answered.connect(self._show)
        for latest in (self._making, self._showing):
            latest.failed.connect(lambda error: self.told.emit(str(error)))
            self.destroyed.connect(latest.close)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._next)
        inspected.hovered.connect(self._move)

    def press(self) -> None:
        """Begin: the key is held."""
        found = self._inspected.segmentation
        if self._held or found is None:
            return
        why = why_not_again(found)
        if why:
            self.told.emit(f"{why}.")
            return
        viewer = self._inspected.viewer
        self._held, self._steps = True, 0
        self._before = (viewer.scene.camera.mouse_zoom, viewer)
        viewer.scene.camera.mouse_zoom = False  # the wheel is the lens's
        viewer.mouse_wheel_callbacks.append(self._turn)
        if self._lens is None or self._lens[0] is not found:
            self.told.emit(PREPARING)
            self._making.call(lambda: (found, lens_of(found)))
        else:
            self._timer.start()

    def release(self) -> None:
        """End: all is as before."""
        if not self._held:
            return
        self._held = False
        self._timer.stop()
        self._showing.drop()
        zoom, viewer = self._before
        viewer.scene.camera.mouse_zoom = zoom
        if self._turn in viewer.mouse_wheel_callbacks:
            viewer.mouse_wheel_callbacks.remove(self._turn)
        self._inspected.take_away(LAYER)
        self.told.emit("")

    def wait(self) -> None:
        """Block until the newest image is made; it is shown when events are processed."""
        self._making.wait()
        self._showing.wait()

    def _made(self, answer: tuple[Segmentation, Lens]) -> None:
        self._lens = answer
        self.told.emit(f"Noisy outputs, changes × {answer[1].gain:.0f}")
        if self._held and answer[0] is self._inspected.segmentation:
            self._timer.start()

    def _move(self, row: int, column: int) -> None:
        """Go back to the film: another pixel has another axis."""
        if (row, column) != self._at:
            self._at, self._steps = (row, column), 0

    def _turn(self, _: Any, event: Any) -> None:
        self._steps += 1 if event.delta[1] > 0 else -1
        self._steps = max(-FURTHEST, min(FURTHEST, self._steps))
        pixel = self._inspected.pixel
        if self._lens is not None and pixel is not None:
            lens, steps = self._lens[1], self._steps
            self._showing.call(lambda: lens.along(*pixel, steps))
            self.told.emit(f"{steps:+d} steps along the latent axis of pixel {pixel}")

    def _next(self) -> None:
        """Show the film's next frame, unless the wheel has turned away from it."""
        pixel, lens = self._inspected.pixel, self._lens
        if lens is None or lens[0] is not self._inspected.segmentation:
            self.release()
        elif pixel is not None and not self._steps:
            self._number += 1
            self._show(lens[1].film(self._number, *pixel))

    def _show(self, image: Any) -> None:
        if self._held:
            viewer = self._inspected.viewer
            layer = self._inspected.show(LAYER, Image, image, **PICTURE)
            if layer is not None and layer is not viewer.layers[-1]:
                viewer.layers.move(viewer.layers.index(layer), len(viewer.layers))
            viewer.scene.camera.mouse_zoom = False  # a new layer sets it anew
