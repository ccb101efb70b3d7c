"""The *Pixel* page of Inspect: affinity and local segment of the pixel under the mouse or a pin."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from napari.layers import Image, Labels, Layer, Points
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget
from superqt import QLabeledSlider

from napari_lns.analysis.affinity import Probe, Reading, describe
from napari_lns.viewer.inspect.inspection import Inspection, find_derived_layer
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.layers.hidden_maps import HiddenMaps
from napari_lns.viewer.qt.controls import add_row, button, form_layout

__all__ = ["PixelPanel"]

HINT = "Move the mouse over the image; click, or press K, to pin a pixel."
AFFINITY_TIP = (
    "Show which pixels covary with this one: cosine, -1 to 1.\nH on the canvas: hide or show"
)
NO_FEATURES = "This method stores no pixel features: there is no affinity to show."
AFFINITY_OPTIONS: dict[str, Any] = {
    "colormap": "cividis",
    "contrast_limits": (0.0, 1.0),
    "interpolation2d": "nearest",
}
LOCAL_SEGMENT_OPTIONS: dict[str, Any] = {
    "colormap": DirectLabelColormap(color_dict={None: "transparent", 1: "#d55e00"}),
    "opacity": 0.6,
}
PIN_OPTIONS: dict[str, Any] = {"symbol": "cross", "size": 3, "face_color": "#d55e00"}


class PixelPanel(Panel):
    """A page that shows the affinity of the pixel under the mouse, or of a pinned pixel.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    """

    title = "Pi&xel"
    tip = "The pixel under the mouse"
    place = 1

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        self._probe: Probe | None = None
        self.pinned_reading: Reading | None = None
        self._is_pinning = False  # a pixel is being pinned: ignore the mouse until then
        self._was_map_visible = False  # before the page was hidden
        self._map: weakref.ref[Layer] | None = None  # drawn since the page was shown
        self._other_maps = HiddenMaps(inspection.viewer)
        self._reader = self.background_call(self._show_reading)
        self._build()
        inspection.changed.connect(self._refresh)
        inspection.hovered.connect(self.hover)
        inspection.clicked.connect(self._on_clicked)
        self._refresh()

    def controls(self) -> dict[str, QWidget]:
        """Return the controls whose values are saved between sessions."""
        return {"affinity": self.affinity, "grow": self.grow, "reach": self.reach}

    def keys(self) -> dict[str, Callable[[], object]]:
        """Return the key that pins a pixel."""
        return {"K": self._pin_here}

    def hover(self, row: int, column: int) -> None:
        """Read a pixel; while another is pinned, only compare the two."""
        if not self._is_pinning and self.isVisible():
            self._read_pixel(row, column, pin=False)

    def pin(self, row: int, column: int) -> None:
        """Pin a pixel, so that its map stays while the mouse moves; unpin it if it is pinned."""
        if self.pinned_reading is not None and (
            self.pinned_reading.row,
            self.pinned_reading.column,
        ) == (row, column):
            self.unpin()
        else:
            self.pinned_reading = None
            self._read_pixel(row, column, pin=True)

    def unpin(self) -> None:
        """Remove the pin, so that the map follows the mouse again."""
        self.pinned_reading, self._is_pinning = None, False
        self.unpin_button.setEnabled(False)
        layer = self._inspection.layer
        pin = None if layer is None else find_derived_layer(self._inspection.viewer, layer, "pin")
        if pin is not None:
            self._inspection.viewer.layers.remove(pin)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Show the map of the pinned pixel again."""
        super().showEvent(event)
        self._read_pin()

    def hideEvent(self, event: Any) -> None:
        """Hide the map with its page, and show the other maps again."""
        super().hideEvent(event)
        if not event.spontaneous():  # as when the window is minimised
            self._was_map_visible = False
            self._hide_map()
            self._map = None
            self._other_maps.restore()

    def wait(self) -> None:
        """Block until the newest pixel has been read; events then show it."""
        self._reader.wait()

    def _build(self) -> None:
        self.text.setMinimumHeight(6 * self.text.fontMetrics().lineSpacing())
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.affinity = QCheckBox("&Affinity map")
        self.affinity.setToolTip(AFFINITY_TIP)
        self.affinity.setChecked(True)
        self.grow = QCheckBox("Se&gment grown from the pixel")
        self.grow.setToolTip(
            "Show the region where random walks from the pixel stay: its local segment"
        )
        self.reach = QLabeledSlider(Qt.Orientation.Horizontal)
        self.reach.setRange(2, 200)
        self.reach.setValue(20)
        self.unpin_button = button(
            "&Unpin",
            "Let the map follow the mouse again, as K on the canvas at the pin does",
            self.unpin,
        )
        self.unpin_button.setEnabled(False)
        layout = QVBoxLayout(self)
        for widget in (self.text, self.affinity, self.grow):
            layout.addWidget(widget)
        form = form_layout()
        add_row(
            form,
            "R&each",
            self.reach,
            "Mean length of the random walks, in steps: longer walks reach farther",
        )
        layout.addLayout(form)
        layout.addWidget(self.unpin_button)
        layout.addStretch()
        self.grow.toggled.connect(self._on_option_toggled)
        self.affinity.toggled.connect(self._on_option_toggled)
        self.reach.valueChanged.connect(self._read_pin)

    def _refresh(self) -> None:
        segmentation = self._inspection.segmentation
        self._probe = None if segmentation is None else Probe(segmentation)
        features = segmentation is not None and segmentation.features is not None
        for control in (self.affinity, self.grow, self.reach):
            control.setEnabled(features)
        hint = HINT if features else f"{HINT}\n{NO_FEATURES}"
        self.text.setText(self._inspection.why_no_result() if segmentation is None else hint)
        self._is_pinning = False
        if self.isVisible():
            self._read_pin()
        else:
            self._hide_map()  # it would cover the new result

    def _hide_map(self) -> None:
        layer = None if self._map is None else self._map()
        if layer is not None and layer.visible:
            self._was_map_visible, layer.visible = True, False

    def _on_option_toggled(self, *_: object) -> None:
        """Remove the maps that are switched off."""
        if not self.affinity.isChecked():
            self._inspection.remove("affinity")
            self._other_maps.restore()
        if not self.grow.isChecked():
            self._inspection.remove("local segment")
        self._read_pin()

    def _pin_here(self) -> None:
        """Pin or unpin the pixel under the mouse."""
        if self._inspection.pixel is not None and self._inspection.segmentation is not None:
            self.pin(*self._inspection.pixel)

    def _on_clicked(self, row: int, column: int) -> None:
        if self.isVisible():
            self.pin(row, column)

    def _read_pin(self) -> None:
        if self.pinned_reading is not None:
            self._read_pixel(self.pinned_reading.row, self.pinned_reading.column, pin=True)

    def _read_pixel(self, row: int, column: int, *, pin: bool) -> None:
        probe, segmentation = self._probe, self._inspection.segmentation
        if probe is None or segmentation is None:
            return
        height, width = segmentation.labels.shape
        if row < height and column < width:
            live = pin or self.pinned_reading is None
            grow = 1 / self.reach.value() if live and self.grow.isChecked() else None
            affinity = pin or (live and self.affinity.isChecked())
            self._is_pinning = pin
            self._reader.call(
                lambda: (probe, probe.read(row, column, affinity=affinity, restart=grow), pin)
            )

    def _show_reading(self, result: tuple[Probe, Reading, bool]) -> None:
        probe, reading, pin = result
        if probe is not self._probe:
            return
        if pin:
            self.pinned_reading, self._is_pinning = reading, False
            self.unpin_button.setEnabled(True)
            self._inspection.show("pin", Points, [[reading.row, reading.column]], **PIN_OPTIONS)
        self.text.setText(describe(reading, None if pin else self.pinned_reading))
        if reading.affinity is not None and self.affinity.isChecked():
            self._show_affinity(reading.affinity)
        if reading.group is not None:
            self._inspection.show(
                "local segment", Labels, reading.group.astype("uint8"), **LOCAL_SEGMENT_OPTIONS
            )

    def _show_affinity(self, affinity: NDArray[np.float32]) -> None:
        layer = self._inspection.show("affinity", Image, affinity, **AFFINITY_OPTIONS)
        if layer is not None:
            self._map = weakref.ref(layer)
            layer.visible, self._was_map_visible = layer.visible or self._was_map_visible, False
            if layer.visible:
                self._other_maps.hide_all_but(layer)
