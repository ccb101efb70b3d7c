"""The form for one surface of a scene: its labels, its colour, and how it varies in training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QDoubleSpinBox, QLineEdit, QWidget

from napari_lns.viewer.qt.controls import Choice, add_row, form_layout
from napari_lns.viewer.qt.editors import ColourButton

if TYPE_CHECKING:  # slow to import, and not needed to open the widget
    from napari_lns.stimuli.scene import Scene, Surface

__all__ = ["SurfaceForm"]

BY_RULE = -0.01  # value of the presence for the rules of the scene
OWN_COLOUR = "its own"


class SurfaceForm(QWidget):
    """A form for one surface, for a narrow dock."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._is_filling = False
        self.label, self.object = QLineEdit(), QLineEdit()
        self.colour = ColourButton((0.0, 0.0, 0.0))
        self.colour_of = Choice()
        self.vary_colour = Choice([("lightness", "grey"), ("colour", "any"), ("nothing", "fixed")])
        self.place, self.zoom = _number_box(0, 0.5, 0.005, 3), _number_box(0, 0.5, 0.01, 2)
        self.rotation = _number_box(0, 180, 1, 1)
        self.presence = _number_box(BY_RULE, 1, 0.05, 2)
        self.presence.setSpecialValueText("by rule")
        form = form_layout(self)
        rows: tuple[tuple[str, QWidget, str], ...] = (
            ("Label", self.label, "Label in the ground truth; surfaces may share a label"),
            ("Object", self.object, "Surfaces of one object move together"),
            ("Colour", self.colour, "Its colour, unless it is tied to another colour"),
            ("Colour of", self.colour_of, "The surface or background to whose colour it is tied"),
            ("Varies: colour", self.vary_colour, "How the colour varies between training images"),
            ("Place ±", self.place, "Maximum shift, as a share of the image's side"),
            ("Size ±", self.zoom, "Maximum change of size, as a share of the size"),
            ("Rotation ±", self.rotation, "Maximum rotation in either direction, in degrees"),
            ("Presence", self.presence, "Share of training images that contain the surface"),
        )
        for text, control, tip in rows:
            add_row(form, text, control, tip)
        for line in (self.label, self.object):
            line.editingFinished.connect(self._emit_changed)
        for choice in (self.colour_of, self.vary_colour):
            choice.activated.connect(self._emit_changed)
        for number in (self.place, self.zoom, self.rotation, self.presence):
            number.valueChanged.connect(self._emit_changed)
        self.colour.changed.connect(self._emit_changed)

    def fill(self, scene: Scene, index: int) -> None:
        """Show the values of a surface of a scene."""
        from napari_lns.stimuli.scene.surface import BACKGROUND

        surface = scene.surfaces[index]
        self._is_filling = True
        self.label.setText(surface.label)
        self.object.setText(surface.object)
        self.colour.set_value(surface.colour)
        self.colour_of.clear()
        self.colour_of.addItem(OWN_COLOUR, "")
        self.colour_of.addItem("the background", BACKGROUND)
        for other in scene.surfaces:
            if other is not surface:
                self.colour_of.addItem(other.name, other.name)
        self.colour_of.setCurrentIndex(max(0, self.colour_of.findData(surface.colour_of)))
        vary = surface.vary
        self.vary_colour.setCurrentIndex(self.vary_colour.findData(vary.colour))
        self.place.setValue(vary.place)
        self.zoom.setValue(vary.size)
        self.rotation.setValue(vary.rotation)
        self.presence.setValue(BY_RULE if vary.presence is None else vary.presence)
        self._is_filling = False

    def apply_to(self, surface: Surface) -> Surface:
        """Return a surface with the values of the controls."""
        from napari_lns.stimuli.scene import Vary

        red, green, blue = self.colour.value()[:3]
        vary = Vary(
            self.place.value(),
            self.zoom.value(),
            self.rotation.value(),
            self.vary_colour.currentData(),
            None if self.presence.value() < 0 else self.presence.value(),
        )
        return replace(
            surface,
            label=self.label.text().strip(),
            object=self.object.text().strip(),
            colour=(red, green, blue),
            colour_of=self.colour_of.currentData() or "",
            vary=vary,
        )

    def _emit_changed(self, *_: object) -> None:
        if not self._is_filling:
            self.changed.emit()


def _number_box(low: float, high: float, step: float, decimals: int) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setKeyboardTracking(False)
    return box
