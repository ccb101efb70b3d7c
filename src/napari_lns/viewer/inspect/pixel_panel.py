"""Inspect's page on pixels: a live map of affinity at the mouse, the group grown there, a pin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from napari.layers import Image, Labels, Layer, Points
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget
from superqt import QLabeledSlider

from napari_lns.analysis.affinity import Probe, Reading, describe
from napari_lns.viewer.inspect.inspected import Inspected, own_layer
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.layers.hidden_maps import HiddenMaps
from napari_lns.viewer.qt.controls import add_row, button, form_layout

__all__ = ["PixelPanel"]

HINT = "Move the mouse over the image; click, or press K, to pin a pixel."
LIKE = "Show which pixels covary with this one: cosine, -1 to 1.\nH on the canvas: hide and show"
NO_FEATURES = "This method keeps no features of pixels: there is no affinity to show."
AFFINITY: dict[str, Any] = {
    "colormap": "cividis",
    "contrast_limits": (0.0, 1.0),
    "interpolation2d": "nearest",
}
GROWN: dict[str, Any] = {
    "colormap": DirectLabelColormap(color_dict={None: "transparent", 1: "#d55e00"}),
    "opacity": 0.6,
}
PIN: dict[str, Any] = {"symbol": "cross", "size": 3, "face_color": "#d55e00"}


class PixelPanel(Panel):
    """Reads the pixel under the mouse, or the one that was clicked.

    Parameters
    ----------
    inspected
        What is looked at.
    """

    title = "Pi&xel"
    tip = "The pixel under the mouse"
    place = 1

    def __init__(self, inspected: Inspected) -> None:
        super().__init__(inspected)
        self._probe: Probe | None = None
        self.pinned: Reading | None = None
        self._pinning = False  # a pixel is on its way to be pinned: nothing may overtake it
        self._away = False  # the map was hidden with the page
        self._maps = HiddenMaps(inspected.viewer)
        self._latest = self.answering(self._answer)
        self._build()
        inspected.changed.connect(self._look)
        inspected.hovered.connect(self.hover)
        inspected.clicked.connect(self._click)
        self._look()

    def controls(self) -> dict[str, QWidget]:
        """Return what is kept from one session to the next."""
        return {"affinity": self.affinity, "grow": self.grow, "reach": self.reach}

    def keys(self) -> dict[str, Callable[[], object]]:
        """Return the key that pins."""
        return {"K": self._pin_here}

    def hover(self, row: int, column: int) -> None:
        """Read a pixel; while one is pinned, only what the pin and it have in common."""
        if not self._pinning and self.isVisible():
            self._ask(row, column, pin=False)

    def pin(self, row: int, column: int) -> None:
        """Keep a pixel's map while the mouse moves on; the same pixel again lets it go."""
        if self.pinned is not None and (self.pinned.row, self.pinned.column) == (row, column):
            self.unpin()
        else:
            self.pinned = None
            self._ask(row, column, pin=True)

    def unpin(self) -> None:
        """Let the map follow the mouse again."""
        self.pinned, self._pinning = None, False
        self.unpin_button.setEnabled(False)
        layer = self._inspected.layer
        shown = None if layer is None else own_layer(self._inspected.viewer, layer, "pin")
        if shown is not None:
            self._inspected.viewer.layers.remove(shown)

    def showEvent(self, event: Any) -> None:
        """Show the pinned pixel's map again."""
        super().showEvent(event)
        self._again()

    def hideEvent(self, event: Any) -> None:
        """Hide the map with its page, and show the other maps again."""
        super().hideEvent(event)
        if not event.spontaneous():  # as when the window is minimised
            shown = self._map()
            self._away = shown is not None and shown.visible
            if shown is not None:
                shown.visible = False
            self._maps.restore()

    def wait(self) -> None:
        """Block until the newest pixel has been read; it is shown when events are processed."""
        self._latest.wait()

    def _build(self) -> None:
        self.text.setMinimumHeight(6 * self.text.fontMetrics().lineSpacing())
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.affinity = QCheckBox("&Affinity map")
        self.affinity.setToolTip(LIKE)
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
            "Let the map follow the mouse again; K on the canvas at the pin does so, too",
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
        self.grow.toggled.connect(self._switch)
        self.affinity.toggled.connect(self._switch)
        self.reach.valueChanged.connect(self._again)

    def _look(self) -> None:
        found = self._inspected.segmentation
        self._probe = None if found is None else Probe(found)
        features = found is not None and found.features is not None
        for control in (self.affinity, self.grow, self.reach):
            control.setEnabled(features)
        hint = HINT if features else f"{HINT}\n{NO_FEATURES}"
        self.text.setText(self._inspected.why_none() if found is None else hint)
        self._pinning = False
        if self.pinned is not None:
            self._again()

    def _map(self) -> Layer | None:
        layer = self._inspected.layer
        return None if layer is None else own_layer(self._inspected.viewer, layer, "affinity")

    def _switch(self, *_: object) -> None:
        """Take away what is not asked for any more."""
        if not self.affinity.isChecked():
            self._inspected.take_away("affinity")
            self._maps.restore()
        if not self.grow.isChecked():
            self._inspected.take_away("local segment")
        self._again()

    def _pin_here(self) -> None:
        """Pin the pixel under the mouse, or let it go."""
        if self._inspected.pixel is not None and self._inspected.segmentation is not None:
            self.pin(*self._inspected.pixel)

    def _click(self, row: int, column: int) -> None:
        if self.isVisible():
            self.pin(row, column)

    def _again(self) -> None:
        if self.pinned is not None:
            self._ask(self.pinned.row, self.pinned.column, pin=True)

    def _ask(self, row: int, column: int, *, pin: bool) -> None:
        probe, found = self._probe, self._inspected.segmentation
        if probe is None or found is None:
            return
        height, width = found.labels.shape
        if row < height and column < width:
            live = pin or self.pinned is None
            grow = 1 / self.reach.value() if live and self.grow.isChecked() else None
            affinity = pin or (live and self.affinity.isChecked())
            self._pinning = pin
            self._latest.call(
                lambda: (probe, probe.read(row, column, affinity=affinity, restart=grow), pin)
            )

    def _answer(self, answer: tuple[Probe, Reading, bool]) -> None:
        probe, reading, pin = answer
        if probe is not self._probe:
            return
        if pin:
            self.pinned, self._pinning = reading, False
            self.unpin_button.setEnabled(True)
            self._inspected.show("pin", Points, [[reading.row, reading.column]], **PIN)
        self.text.setText(describe(reading, None if pin else self.pinned))
        if reading.affinity is not None and self.affinity.isChecked():
            self._show(reading.affinity)
        if reading.group is not None:
            self._inspected.show("local segment", Labels, reading.group.astype("uint8"), **GROWN)

    def _show(self, affinity: NDArray[np.float32]) -> None:
        layer = self._inspected.show("affinity", Image, affinity, **AFFINITY)
        if layer is not None:
            layer.visible, self._away = layer.visible or self._away, False
            if layer.visible:
                self._maps.hide_all_but(layer)
